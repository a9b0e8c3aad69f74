"""A word by itself, how it would sound from other vocal tracts, and what of it is compared."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.features.cepstra import RootCepstra
from kwspot.features.mel import moved_bands
from kwspot.features.mfcc import cosine_basis
from kwspot.features.normalise import unit

if TYPE_CHECKING:
    from collections.abc import Callable

F32 = npt.NDArray[np.float32]

# So many frames of a front end become one: its neighbours, which see nearly the same, gain nothing.
_THINNED = {"speech": 2}
# Frequencies are stretched by these factors, and each costs what it departs from 1 times that.
_STRETCHES = (0.88, 0.94, 1.06, 1.12)
_DOUBT = 0.4
# A frame with its neighbours is one with those so many frames before and after it: 2 to 4 do.
_NEIGHBOURS = 3


class Voice(NamedTuple):
    """Unit frames of a word, shape (n, d), and what it costs to take it for this voice's."""

    frames: F32
    doubt: float = 0.0


class Utterance(NamedTuple):
    """Unit frames of one word, shape (m, d), those of its sketch, (k, e), and as heard otherwise.

    If the front end has a sketch, and if it `kwspot.features.hearing.HearsOtherwise`.
    """

    frames: F32
    sketch: F32 | None = None
    otherwise: tuple[F32, ...] = ()


def cut_out(frames: F32, front_end: str = "") -> F32:
    """Normalise the frames, shape (n, d), of one word by themselves, to unit length."""
    few = _THINNED.get(front_end, 1)
    if few > 1 and len(frames) >= few:
        frames = frames[: len(frames) // few * few].reshape(-1, few, frames.shape[1]).mean(axis=1)
    return unit(frames - frames.mean(axis=0))


def voices(word: F32, front_end: str) -> list[Voice]:
    """Return a word, unit frames of shape (n, d), in its own voice first, then in others.

    Notes
    -----
    Only root cepstra need it: the speech embedding has learned what voices share. Stretching the
    frequencies of a spectrum is linear in the cepstra of its smooth envelope, so what was stored
    can be stretched as well as what is heard.
    Source: Eide and Gish, "A parametric approach to vocal tract length normalization", ICASSP 1996;
    here the cheapest of a few stretches counts, for each pair of words anew.

    Examples
    --------
    >>> word = unit(np.random.default_rng(0).normal(size=(9, 26)).astype(np.float32))
    >>> [round(voice.doubt, 3) for voice in voices(word, "cepstra")], len(voices(word, "mel"))
    ([0.0, 0.048, 0.024, 0.024, 0.048], 1)
    """
    own = Voice(word)
    if front_end != RootCepstra.name:
        return [own]
    return [own, *(Voice(unit(word @ matrix), doubt) for matrix, doubt in _stretches())]


def aspects(front_end: str) -> tuple[Callable[[F32], F32], ...]:
    """Return what makes, of a word's unit frames, shape (n, d), those of each of its aspects.

    Notes
    -----
    Of root cepstra: the spectrum, its slopes, and both with their neighbours. Which of these tells
    two words apart differs from speaker to speaker, so that words are warped by each alone and the
    mean of the costs is taken. Other front ends have one aspect, the frames as they are.

    Examples
    --------
    >>> word = unit(np.random.default_rng(0).normal(size=(9, 26)).astype(np.float32))
    >>> [aspect(word).shape for aspect in aspects("cepstra")]
    [(9, 13), (9, 13), (9, 78)]
    >>> [aspect(word).shape for aspect in aspects("mel")]
    [(9, 26)]
    """
    return (_spectrum, _slopes, _beside) if front_end == RootCepstra.name else (whole,)


def whole(word: F32) -> F32:
    """Return a word, frames of shape (n, d), as it is: the one aspect that every word has."""
    return word


def _spectrum(word: F32) -> F32:
    return unit(word[:, : RootCepstra.coefficients])


def _slopes(word: F32) -> F32:
    return unit(word[:, RootCepstra.coefficients :])


def _beside(word: F32) -> F32:
    """Put each frame between those that stand some way before and after it."""
    at = np.arange(len(word))
    before, after = np.maximum(at - _NEIGHBOURS, 0), np.minimum(at + _NEIGHBOURS, at[-1])
    return unit(np.concatenate([word[before], word, word[after]], axis=1))


@cache
def _stretches() -> list[tuple[F32, float]]:
    """Return a matrix for frames, shape (d, d), and a doubt for each factor."""
    return [(_stretch(factor), _DOUBT * abs(factor - 1)) for factor in _STRETCHES]


def _stretch(factor: float) -> F32:
    """Return the matrix, shape (d, d), that multiplies the frequencies of frames by a factor."""
    config = RootCepstra()
    k, moved = config.coefficients, moved_bands(config.powers, factor)
    basis = cosine_basis(config.powers.bands, k).astype(np.float64)
    lifter = np.arange(1, k + 1) ** config.lifter
    static = (np.linalg.pinv(basis) / lifter[:, None]) @ moved.T @ (basis * lifter)
    return np.kron(np.eye(2), static).astype(np.float32)
