"""Products and variances of every window of a series, a block at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

F64 = npt.NDArray[np.float64]
Reals = npt.NDArray[Any]  # float32 or float64

_LONG = 256  # from here on a Fourier transform is cheaper (measured)
_BLOCK = 1 << 18  # products at a time: a megabyte or two, which stays in the cache


def window_products(x: Reals, patterns: Reals) -> Iterator[tuple[slice, Reals]]:
    """Multiply every window of a series with every pattern.

    Parameters
    ----------
    x : ndarray, shape (n,), float32 or float64
        The series.
    patterns : ndarray, shape (p, m), of the same type
        Patterns as long as the windows.

    Yields
    ------
    block : slice
        Starts of some windows; together the blocks cover 0 ... n - m in order.
    products : ndarray, shape (p, windows), of the same type
        ``products[k, i]`` is the sum of window i times pattern k.

    Notes
    -----
    O(n m p) for m <= 256, else O(n p log m). A block at a time, so the memory does not grow with n.
    Not a matrix product: BLAS threads, which spin, cost more than they bring at these sizes.

    Examples
    --------
    >>> [(where, products)] = window_products(np.arange(4.0), np.array([[1.0, 1.0]]))
    >>> where, products.tolist()
    (slice(0, 3, None), [[1.0, 3.0, 5.0]])
    """
    if patterns.shape[1] > _LONG:
        yield from _by_transform(x, patterns)
    else:
        yield from _by_sums(x, patterns)


def _by_sums(x: Reals, patterns: Reals) -> Iterator[tuple[slice, Reals]]:
    from kwspot.kernels.extract import correlate

    several, width = patterns.shape
    count = len(x) - width + 1
    if width % 4:
        patterns = np.pad(patterns, ((0, 0), (0, -width % 4)))
        x = np.pad(x, (0, -width % 4))
    step = min(count, max(1024, _BLOCK // several))
    products = np.empty((several, step), x.dtype)
    for start in range(0, count, step):
        stop = min(start + step, count)
        part = np.empty((several, stop - start), x.dtype) if stop - start < step else products
        correlate(x[start : stop + patterns.shape[1] - 1], patterns, part)
        yield slice(start, stop), part


def _by_transform(x: Reals, patterns: Reals) -> Iterator[tuple[slice, Reals]]:
    """Overlap-save: of each transform only the windows that do not wrap around are kept."""
    width = patterns.shape[1]
    size = 1 << (4 * width - 1).bit_length()
    spectra = np.conj(np.fft.rfft(patterns, size))
    for start in range(0, len(x) - width + 1, size - width + 1):
        stop = min(start + size - width + 1, len(x) - width + 1)
        part = np.fft.rfft(x[start : stop + width - 1], size)
        yield slice(start, stop), np.fft.irfft(spectra * part, size)[:, : stop - start]


def window_variances(x: F64, width: int) -> F64:
    """Return the variance of every window, shape (d, n - width + 1), of d series, shape (d, n).

    O(d n), by running sums; each series should have a mean near 0.

    Examples
    --------
    >>> window_variances(np.array([[0.0, 2.0, 2.0]]), 2).tolist()
    [[1.0, 0.0]]
    """
    from kwspot.kernels.extract import variances

    out = np.empty((len(x), x.shape[1] - width + 1))
    variances(x, width, out)
    return out
