"""Products and variances of every window of a series, a block at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

F64 = npt.NDArray[np.float64]

_LONG = 512  # from here on a Fourier transform is cheaper than a matrix product (measured)
_BLOCK = 1 << 19  # numbers in a block of windows: a few MB, which stay in the cache


def window_products(
    x: npt.NDArray[Any], patterns: npt.NDArray[Any]
) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
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
    products : ndarray, shape (windows, p), of the same type
        ``products[i, k]`` is the sum of window i times pattern k.

    Notes
    -----
    O(n m p) for m <= 512, else O(n p log m). A block at a time, so the memory does not grow with n.

    Examples
    --------
    >>> [(where, products)] = window_products(np.arange(4.0), np.array([[1.0, 1.0]]))
    >>> where, products.ravel().tolist()
    (slice(0, 3, None), [1.0, 3.0, 5.0])
    """
    if patterns.shape[1] > _LONG:
        yield from _by_transform(x, patterns)
    else:
        yield from _by_matrix(x, patterns)


def _by_matrix(
    x: npt.NDArray[Any], patterns: npt.NDArray[Any]
) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
    width = patterns.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(x, width)
    step = max(1, _BLOCK // max(patterns.shape))
    for start in range(0, len(windows), step):
        block = np.ascontiguousarray(windows[start : start + step])
        yield slice(start, start + len(block)), block @ patterns.T


def _by_transform(
    x: npt.NDArray[Any], patterns: npt.NDArray[Any]
) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
    """Overlap-save: of each transform only the windows that do not wrap around are kept."""
    width = patterns.shape[1]
    size = 1 << (4 * width - 1).bit_length()
    spectra = np.conj(np.fft.rfft(patterns, size))
    for start in range(0, len(x) - width + 1, size - width + 1):
        stop = min(start + size - width + 1, len(x) - width + 1)
        part = np.fft.rfft(x[start : stop + width - 1], size)
        yield slice(start, stop), np.fft.irfft(spectra * part, size)[:, : stop - start].T


def window_variances(x: npt.NDArray[Any], width: int) -> F64:
    """Return the variance of every window, shape (n - width + 1,), of a series, shape (n,).

    O(n), by running sums; the series should have a mean near 0.

    Examples
    --------
    >>> window_variances(np.array([0.0, 2.0, 2.0]), 2).tolist()
    [1.0, 0.0]
    """
    sums = np.zeros((2, len(x) + 1))
    np.cumsum(x, dtype=np.float64, out=sums[0, 1:])
    np.cumsum(np.square(x, dtype=np.float64), out=sums[1, 1:])
    mean, power = (sums[:, width:] - sums[:, :-width]) / width
    variances: F64 = np.maximum(power - mean**2, 0)
    return variances
