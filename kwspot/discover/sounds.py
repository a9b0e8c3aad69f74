"""Long clips: frames in which what these clips say again and again differs least."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.discover.units import centred
from kwspot.features.normalise import unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.discover.units import Units

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

_ASKED, _BLOCK = 2000, 256  # units that the nearest one of another clip is sought for, and at once
_SHRINKAGE = 0.1  # of how they differ, towards all directions alike
_HEARD = 300  # frames that tell how common a sound is
_FEW = 20  # one in so many of these is near a frame


class Sounds(NamedTuple):
    """The frames of a clip, for its units to be compared by.

    Attributes
    ----------
    frames : ndarray, shape (n, d), float32
        At unit length.
    common : ndarray, shape (n,), float32
        How near each is to those frames of all clips that are nearest, 0 for a typical one.
    """

    frames: F32
    common: F32

    @property
    def asking(self) -> F32:
        """What is to be multiplied with what others answer, shape (n, d + 2)."""
        own = np.stack([-self.common / 2, np.ones_like(self.common)], axis=1)
        return np.concatenate([self.frames, own], axis=1)

    @property
    def answering(self) -> F32:
        """The same for the others: the product is the cosine, less the mean of `common` of both."""
        own = np.stack([np.ones_like(self.common), -self.common / 2], axis=1)
        return np.concatenate([self.frames, own], axis=1)


def sharpened(clips: Sequence[Clip], units: Sequence[Units]) -> list[Sounds]:
    """Return frames that differ little where a word is said anew, and much between words.

    Parameters
    ----------
    clips : sequence of Clip
        K clips.
    units : sequence of Units
        Of each clip.

    Returns
    -------
    list of Sounds
        Of each clip, with as many frames.

    Notes
    -----
    Units of two clips whose vectors are nearest are mostly the same word, or sounds that are as
    good as the same: how these differ is how this voice, in these rooms, varies. The frames are
    whitened by that. O(n) for n frames; O(n) memory.
    Source: A. O. Hatch, S. Kajarekar and A. Stolcke, "Within-class covariance normalization for
    SVM-based speaker recognition", Interspeech 2006 (here on frames, with classes found in the
    clips themselves); how common a sound is counts as in `kwspot.discover.links.costs`.
    """
    whiten = whitening(_differences(units, clips[0].frames.shape[1]))
    frames = [unit(clip.frames @ whiten) for clip in clips]
    every = np.concatenate(frames)
    heard = every[:: -(-len(every) // _HEARD)]
    common = [_nearness(part, heard) for part in frames]
    typical = np.float32(np.concatenate(common).mean(dtype=np.float64))
    return [Sounds(part, near - typical) for part, near in zip(frames, common, strict=True)]


def whitening(differences: F32) -> F32:
    """Return what makes differences, shape (n, d), alike in all directions, shape (d, d).

    Examples
    --------
    >>> whitening(np.array([[2, 0], [0, 0.2]], np.float32)).astype(float).round(1).tolist()
    [[0.7, 0.0], [0.0, 2.9]]
    """
    spread = differences.T.astype(np.float64) @ differences / len(differences)
    level = max(float(np.trace(spread)) / len(spread), 1e-9)
    values, axes = np.linalg.eigh(spread + _SHRINKAGE * level * np.eye(len(spread)))
    whiten: F32 = ((axes * values**-0.5) @ axes.T).astype(np.float32)
    return whiten


def _differences(units: Sequence[Units], dimensions: int) -> F32:
    """Return how the bins of units and those most like them differ, shape (n, dimensions)."""
    vectors = np.concatenate([part.vectors for part in units])
    owner = np.repeat(np.arange(len(units)), [len(part) for part in units])
    asked = np.linspace(0, len(vectors) - 1, min(len(vectors), _ASKED)).astype(np.int64)
    nearest = np.concatenate(list(_nearest(centred(vectors), owner, asked)))
    differences: F32 = vectors[asked] - vectors[nearest]
    return differences.reshape(-1, dimensions)


def _nearest(vectors: F32, owner: I64, asked: I64) -> Iterator[I64]:
    """Yield the vectors of other clips that are nearest to those asked for, some at a time."""
    for begin in range(0, len(asked), _BLOCK):
        some = asked[begin : begin + _BLOCK]
        product = vectors[some] @ vectors.T
        product[owner[some][:, None] == owner] = -np.inf
        yield product.argmax(axis=1)


def _nearness(frames: F32, heard: F32) -> F32:
    """Return the mean cosine of each frame with those of others that are nearest, shape (n,)."""
    count = -(-len(heard) // _FEW)
    near = np.empty(len(frames), np.float32)
    for begin in range(0, len(frames), _BLOCK):
        cosine = frames[begin : begin + _BLOCK] @ heard.T
        near[begin : begin + _BLOCK] = np.partition(cosine, -count, axis=1)[:, -count:].mean(axis=1)
    return near
