"""Code fixed inputs with Sprintz and FIRE and digest the results: equal on all processors."""

import hashlib

import numpy as np

from kwspot import sprintz
from kwspot.kernels.sprintz_low import is_low

DTYPES = ("uint8", "int16")


def digests(low=DTYPES):
    """List a line a result; in the low layout, columns of the types `low` alone are coded."""
    rng = np.random.default_rng(5)
    lines = []
    for dtype in DTYPES:
        for columns in (1, 2, 3, 5, 17, 40, 70, 130):
            x = np.cumsum(rng.integers(-3, 4, (90, columns)), axis=0).astype(dtype)
            x[:, ::3] += rng.integers(0, 99, (90, len(range(0, columns, 3)))).astype(dtype)
            x[40:60] = x[40]
            coded = dtype in low or not is_low(columns, x.itemsize)
            for kind, data in (*forecast(x), *(streams(x) if coded else ())):
                lines.append(f"{kind} {dtype} {columns}: {hashlib.sha1(data).hexdigest()}")
    return lines


def forecast(x):
    """Yield what does without the stream's layout, having gone there and back."""
    errors = sprintz.Fire().fit_transform(x)
    np.testing.assert_array_equal(sprintz.Fire().inverse(errors), x)
    yield "FIRE", errors
    data = sprintz.compress(x, mode="archive")
    np.testing.assert_array_equal(sprintz.decompress(data), x)
    yield "archive", data


def streams(x):
    """Yield the stream of each predictor, having decoded it."""
    for predictor in ("delta", "fire"):
        stream = sprintz.encode(x, predictor=predictor)
        shape = {"rows": len(x), "columns": x.shape[1], "dtype": x.dtype, "predictor": predictor}
        np.testing.assert_array_equal(sprintz.decode(stream, **shape), x)
        yield predictor, stream
