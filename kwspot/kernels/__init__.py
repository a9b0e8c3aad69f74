"""The compiled loops: the only place that imports numba. Nothing here knows the rest of kwspot.

The caller checks shapes and dtypes and allocates; a kernel loops over scalars and writes its last
arguments. Each has a slow, obvious twin in the tests.
"""

import sys


def _import_numba() -> None:
    """Import numba without scipy.linalg, which takes a quarter of a second.

    numba imports it only to see whether BLAS is there. No kernel here needs BLAS; elsewhere in the
    process numba goes on without in `np.correlate`, and asks anew for all else.
    """
    asked = "scipy.linalg.cython_blas"
    if asked in sys.modules:
        return
    sys.modules[asked] = None  # type: ignore[assignment]
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[asked]


_import_numba()
