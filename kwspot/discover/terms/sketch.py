"""Segments of any length as vectors of one length, close where segments sound alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from kwspot.discover.terms.corpus import Corpus

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_BINS, _WAVES = 12, 5  # a segment is summed up in bins, and these in the first cosines
_WIDTH = 64  # numbers of a sketch
_WHITENING = 0.1  # power of the variance that each number is divided by
_SAMPLE = 20_000  # segments that the axes are learned from
_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class Sketches:
    """Unit vectors of segments, and of the same segments played backwards.

    Attributes
    ----------
    forward : ndarray, shape (s, w), float32
        One per segment.
    mirror : ndarray, shape (w, w), float32
        ``forward @ mirror``, at unit length, are about the sketches of the reversed sounds.
    decoys : ndarray, shape (s // 2 + 1,), int64
        The half that is least like itself played backwards, ascending: a steady sound is the same
        both ways, and what it finds backwards is no chance.
    """

    forward: F32
    mirror: F32
    decoys: I64

    def backward(self, vectors: F32) -> F32:
        """Return the sketches of sounds, shape (n, w), played backwards."""
        return unit(vectors @ self.mirror)


def sketches(corpus: Corpus, rng: np.random.Generator) -> Sketches:
    """Sum up all segments of a corpus.

    Notes
    -----
    The means of a segment's frames in twelve bins go through a cosine transform over time, of
    which five waves are kept, and then onto the main axes that a sample of the corpus has.
    Played backwards, odd waves change their sign, and so do slopes. O(s).
    """
    total = np.zeros((len(corpus.frames) + 1, corpus.frames.shape[1]))
    np.cumsum(corpus.frames, axis=0, dtype=np.float64, out=total[1:])
    n = len(corpus)
    chosen = rng.choice(n, _SAMPLE, replace=False) if n > _SAMPLE else np.arange(n)
    sample = _waves(corpus, total, chosen)
    variance, axes = np.linalg.eigh(sample.T @ sample / len(sample))
    width = min(_WIDTH, int((variance > 1e-9 * variance[-1]).sum()))
    scale = np.maximum(variance[-width:], 1e-12) ** _WHITENING
    onto = (axes[:, -width:] / scale).astype(np.float32)
    back = (axes[:, -width:] * scale).astype(np.float32)
    forward = np.empty((n, width), np.float32)
    for at in range(0, n, _BLOCK):
        some = np.arange(at, min(n, at + _BLOCK))
        forward[some] = unit(_waves(corpus, total, some) @ onto)
    flip = np.outer((-1.0) ** np.arange(_WAVES), reversal(corpus)).ravel().astype(np.float32)
    mirror = np.ascontiguousarray(back.T @ (flip[:, None] * onto))
    symmetry = np.einsum("sw,sw->s", forward, unit(forward @ mirror))
    decoys = np.sort(np.argsort(symmetry, kind="stable")[: n // 2 + 1])
    return Sketches(forward, mirror, decoys)


def unit(vectors: F32) -> F32:
    """Bring rows, shape (n, w), to unit length; zeros stay."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(norms, 1e-9), np.float32)


def reversal(corpus: Corpus) -> F32:
    """Return the signs that frames get when the sound is played backwards: slopes turn round."""
    half = np.ones(corpus.frames.shape[1] // 2, np.float32)
    return np.concatenate([half, -half])


def _waves(corpus: Corpus, total: F64, chosen: I64) -> F32:
    """Return the first cosines of segments, shape (n, waves * d)."""
    from kwspot.kernels.terms import segment_waves

    d = total.shape[1]
    basis = np.cos(np.pi * np.outer(np.arange(_WAVES), np.arange(_BINS) + 0.5) / _BINS)
    waves = np.empty((len(chosen), _WAVES * d), np.float32)
    segment_waves(total, corpus.first[chosen], corpus.last[chosen], basis, np.empty((3, d)), waves)
    return waves
