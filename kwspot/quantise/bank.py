"""Exact int8 products: a bank of templates against every frame, and which kind of bank is best."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .inputs import as_rows

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]

_BLOCK, _TOGETHER = 64, 4  # as in kernels.bank
_TAIL = 1e-4  # share of sample values beyond each end of the byte range
_LARGEST = 126  # of a template's numbers: rounding along time may add 1
_LONGEST = (2**31 - 1) // (255 * 127)  # products whose sum fits 32 bits


class Int8Bank:
    """Score templates of one or many frames at every place of a recording, in bytes.

    Parameters
    ----------
    templates : array_like, shape (k, t, d) or (k, d), float
        What to look for; of one frame each if two-dimensional.
    sample : array_like, shape (n, d), float
        Frames like those to come: they set the range of the bytes, one for each feature. Values
        outside it are clipped.

    Raises
    ------
    ValueError
        If a shape does not fit, a value is not finite, or t * d exceeds 66311, where sums could
        leave 32 bits.

    Notes
    -----
    A score is the sum over the template's frames of their dot products with the frames from
    there on. Frames become unsigned bytes with an offset and scale for each feature, templates
    signed bytes with a scale each; the products of bytes are summed exactly, so scores are equal
    bit for bit on all processors.

    Examples
    --------
    >>> frames = np.random.default_rng(0).normal(size=(200, 13))
    >>> bank = Int8Bank(frames[None, 50:60], frames)
    >>> int(bank.scores(frames).argmax()), bank.error < 0.02
    (50, True)
    """

    def __init__(self, templates: npt.ArrayLike, sample: npt.ArrayLike) -> None:
        frames = as_rows(sample, "sample")
        self._shape, weights = _as_templates(templates, frames.shape[1])
        low, high = np.quantile(frames, [_TAIL, 1 - _TAIL], axis=0)
        span = np.where(high > low, high - low, 1.0)
        self._low = low.astype(np.float32)
        self._gain = (255 / span).astype(np.float32)
        scaled = weights / self._gain.astype(np.float64)
        largest = np.abs(scaled).max(axis=(1, 2))
        self._step = np.where(largest > 0, largest, 1) / _LARGEST
        rounded = _round_along_time(scaled / self._step[:, None, None])
        self._packed = _pack(rounded)
        middle = frames.mean(axis=0, dtype=np.float64)  # where a template's rounding does no harm
        lost = weights.sum(axis=1) - (rounded * self._step[:, None, None]).sum(axis=1) * self._gain
        kept = weights.sum(axis=1) - lost
        self._offset = lost @ middle + kept @ self._low.astype(np.float64)
        self._error = self._measure(frames, weights)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Templates, frames a template, features a frame: (k, t, d)."""
        return self._shape

    @property
    def error(self) -> float:
        """Relative error of the scores on the sample: ``|int8 - exact| / |exact|``.

        Frobenius norms over at most 4096 places; NaN if the sample is shorter than a template.
        """
        return self._error

    def scores(self, frames: npt.ArrayLike) -> F32:
        """Score every template at every place where it fits.

        Parameters
        ----------
        frames : array_like, shape (n, d), float
            A recording.

        Returns
        -------
        ndarray, shape (max(n - t + 1, 0), k), float32
            Template by template in memory (Fortran order).

        Raises
        ------
        ValueError
            If d differs or a value is NaN. Infinities are clipped.

        Notes
        -----
        O(n k t d) byte products, 64 an instruction where the CPU can.

        Examples
        --------
        >>> frames = np.random.default_rng(0).normal(size=(20, 4))
        >>> Int8Bank(frames[:6].reshape(2, 3, 4), frames).scores(frames).shape
        (18, 2)
        """
        from kwspot.kernels.bank import quantise_frames, score

        n_templates, length, width = self._shape
        raw = np.asarray(frames)
        if raw.ndim != 2 or raw.shape[1] != width or raw.dtype.kind not in "fiu":
            msg = f"frames must have shape (n, {width}) and real numbers, got {raw.shape}"
            raise ValueError(msg)
        x = np.ascontiguousarray(raw, np.float32)
        places = max(len(x) - length + 1, 0)
        padded = -(-places // _BLOCK) * _BLOCK
        row = np.zeros(self._packed.shape[2] * 4, np.uint8)
        columns = np.zeros((len(row) // 4, max(padded + length, len(x)) + _BLOCK), np.uint32)
        if quantise_frames(x, self._low, self._gain, row, row.view(np.uint32), columns):
            raise ValueError("frames hold NaN")
        out = np.empty((len(self._packed) * _TOGETHER, padded), np.float32)
        score(columns, self._packed, *self._scales(), length, out)
        return out[:n_templates, :places].T

    def _scales(self) -> tuple[F32, F32]:
        step, offset = np.zeros((2, len(self._packed) * _TOGETHER), np.float32)
        step[: len(self._step)], offset[: len(self._offset)] = self._step, self._offset
        return step, offset

    def _measure(self, frames: F32, weights: F64) -> float:
        length = self._shape[1]
        some = frames[: 4096 + length - 1].astype(np.float64)
        if len(some) < length:
            return float("nan")
        exact = exact_scores(some, weights)
        size = float(np.linalg.norm(exact))
        lost = float(np.linalg.norm(self.scores(some) - exact))
        return lost / size if size else lost


def exact_scores(frames: npt.NDArray[Any], templates: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Score templates, shape (k, t, d), at every place by one matrix product of copied windows.

    The best way in NumPy: shape (n - t + 1, k), of the type of the inputs.

    Examples
    --------
    >>> exact_scores(np.array([[1.0], [2], [3]]), np.array([[[1.0], [10]]])).ravel().tolist()
    [21.0, 32.0]
    """
    n_templates, length, _ = templates.shape
    windows = np.lib.stride_tricks.sliding_window_view(frames, length, axis=0)
    flat = np.ascontiguousarray(windows.transpose(0, 2, 1)).reshape(len(windows), -1)
    scores: npt.NDArray[Any] = flat @ templates.reshape(n_templates, -1).T
    return scores


def _as_templates(templates: npt.ArrayLike, width: int) -> tuple[tuple[int, int, int], F64]:
    raw = np.asarray(templates)
    if raw.ndim == 2:
        raw = raw[:, None]
    if raw.ndim != 3 or raw.shape[2] != width or 0 in raw.shape:
        msg = f"templates must have shape (k, t, {width}) or (k, {width}), got {raw.shape}"
        raise ValueError(msg)
    if raw.shape[1] * width > _LONGEST:
        msg = f"t * d must be at most {_LONGEST}, got {raw.shape[1] * width}"
        raise ValueError(msg)
    weights = as_rows(raw.reshape(-1, width), "templates").astype(np.float64).reshape(raw.shape)
    return (raw.shape[0], raw.shape[1], width), weights


def _round_along_time(weights: F64) -> npt.NDArray[np.int8]:
    """Round running sums, so that each frame makes up for the rounding of the one before.

    Frames change little from one to the next, so most of the rounding cancels: an eighth of the
    error of rounding each number by itself, on speech.
    """
    sums = np.rint(np.cumsum(weights, axis=1))
    return np.diff(sums, axis=1, prepend=0).astype(np.int8)


def _pack(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Lay templates out in groups of 4 with 4 features a word: (g, t, w, 4, 4)."""
    n_templates, length, width = weights.shape
    groups, words = -(-n_templates // _TOGETHER), -(-width // 4)
    whole = np.zeros((groups * _TOGETHER, length, words * 4), np.int8)
    whole[:n_templates, :, :width] = weights
    split = whole.reshape(groups, _TOGETHER, length, words, 4)
    return np.ascontiguousarray(split.transpose(0, 2, 3, 1, 4))
