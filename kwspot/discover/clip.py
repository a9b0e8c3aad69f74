"""A clip as discovery sees it: unit frames to compare, and contours that tell where words end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.audio import digest, load
from kwspot.discover.contour import RATE, Contour
from kwspot.features.cepstra import RootCepstra
from kwspot.features.heard import Heard
from kwspot.features.normalise import unit
from kwspot.recording import Recording, source_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.audio import Source
    from kwspot.features import FrontEnd

F32 = npt.NDArray[np.float32]

_ANALYSIS = RootCepstra()
_SLOW = RootCepstra(reach=7)  # slopes over 150 ms
_FULL_SCALE = np.float32(32768)
_SHARP = 0.1  # seconds: frames that see more around them do not tell where words end
_SPEECH = 0.15  # share of the way from quiet to loud where speech begins


class Track(NamedTuple):
    """Unit frames to compare, shape (n, e), and seconds per frame."""

    compared: F32
    period: float


@dataclass(frozen=True, eq=False)
class Clip:
    """One clip, analysed.

    Attributes
    ----------
    recording : Recording
        Its name and its features, which a keyword is learned from.
    frames : ndarray, shape (n, d), float32
        The features centred, at unit length: the front end's, or root cepstra if those of the front
        end see so much around them that they do not tell where a word ends.
    compared : ndarray, shape (n, e), float32
        The same with slower slopes, if the features are root cepstra: less noise, but neighbouring
        sounds leak in.
    period : float
        Seconds per frame.
    identity : Track, optional
        What the front end hears if the frames are not its own: it tells which word it is.
    contour : Contour
        Loudness and spectral change, 100 a second.
    seconds : float
        Length.
    content : bytes
        Digest of the samples: equal for copies.
    """

    recording: Recording
    frames: F32
    compared: F32
    period: float
    identity: Track | None
    contour: Contour
    seconds: float
    content: bytes

    @property
    def name(self) -> str:
        """The path as it was given, or what stands for it."""
        return self.recording.name

    @classmethod
    def listen(cls, source: Source, name: str, front_end: FrontEnd) -> Clip:
        """Read a clip and analyse it.

        Parameters
        ----------
        source : path, bytes, binary file object or tuple (samples, rate)
            The clip.
        name : str
            What to call it.
        front_end : FrontEnd
            What makes the frames.

        Raises
        ------
        AudioError
            If it cannot be read, is silent, or shorter than a few frames.

        Notes
        -----
        O(n). The contours always come from the root cepstra's own analysis, at their rate.
        """
        blurred = front_end.context > _SHARP
        sharp = _ANALYSIS if blurred else front_end
        x = load(source, rate=sharp.rate)
        powers, frames, compared = _analyse(_rounded(x), source, sharp)
        samples = partial(_loud, source, front_end)
        own = Heard.by(front_end, samples()) if blurred else Heard.alone(frames)
        recording = Recording.of(own, name, digest(source), front_end, samples)
        contour = Contour.of(powers, _ANALYSIS.of_powers)
        return cls(
            recording=recording,
            frames=_thinned(_centred(frames, contour, sharp.period), sharp.period),
            compared=_thinned(_centred(compared, contour, sharp.period), sharp.period),
            period=_thinned_period(sharp.period),
            identity=Track(_centred(own.frames, contour, front_end.period), front_end.period)
            if blurred
            else None,
            contour=contour,
            seconds=len(x) / sharp.rate,
            content=sha256(x.tobytes()).digest(),
        )


def listen(
    sources: Sequence[Source],
    front_end: FrontEnd,
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Clip]:
    """Read clips and analyse them, in order.

    Parameters
    ----------
    sources : sequence of path, bytes, binary file object or tuple (samples, rate)
        The clips.
    front_end : FrontEnd
        What makes the frames.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of Clip

    Raises
    ------
    AudioError
        If one cannot be read, is silent, or shorter than a few frames.

    Notes
    -----
    O(n) for n samples.

    Examples
    --------
    >>> from kwspot.features import front_end
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> [clip.name for clip in listen([(noise, 16000), (noise[:9000], 16000)], front_end("mel"))]
    ['clip 1', 'clip 2']
    """
    clips = []
    for number, source in enumerate(sources, 1):
        clips.append(Clip.listen(source, source_name(source, number), front_end))
        if progress is not None:
            progress(number / len(sources))
    return clips


def _rounded(x: F32) -> F32:
    """Centre samples and round them to 16 bits of the loudest: offsets and levels leave no trace.

    Bands that hold nothing, as above half the rate that a clip came with, would otherwise hold
    rounding errors, which a root makes loud.
    """
    x = x - np.float32(x.mean(dtype=np.float64))
    step = np.float32(np.abs(x).max() / 32767)
    return np.round(x / step) if step > 0 else x


def _analyse(x: F32, source: Source, front_end: FrontEnd) -> tuple[F32, F32, F32]:
    """Return band powers, 100 a second, the front end's frames, and those that are compared."""
    if front_end == _ANALYSIS:
        powers = _ANALYSIS.powers(x)
        if not len(powers):
            return powers, _ANALYSIS(x), _ANALYSIS(x)
        cepstra = _ANALYSIS.of_powers(powers)
        frames = _ANALYSIS.with_slopes(cepstra)
        slow = _SLOW.with_slopes(cepstra)[:, _SLOW.coefficients :]
        return powers, frames, np.concatenate([frames, slow], axis=1)
    same = front_end.rate == _ANALYSIS.rate
    frames = front_end(x)
    return (
        _ANALYSIS.powers(x if same else _rounded(load(source, rate=_ANALYSIS.rate))),
        frames,
        frames,
    )


def _loud(source: Source, front_end: FrontEnd) -> F32:
    """Return the samples of a recording, as loud as can be."""
    return _rounded(load(source, rate=front_end.rate)) / _FULL_SCALE


def _centred(frames: F32, contour: Contour, period: float) -> F32:
    """Take the mean of speech out of frames, shape (n, d), and make them unit length."""
    middle = ((np.arange(len(frames)) + 0.5) * period * RATE).astype(np.int64)
    speech = contour.speech(_SPEECH)[np.minimum(middle, len(contour.loudness) - 1)]
    return unit(frames - frames[speech].mean(axis=0) if speech.any() else frames)


def _thinned(frames: F32, period: float) -> F32:
    """Average pairs of frames that come faster than discovery needs them, back to unit length."""
    if _thinned_period(period) == period:
        return frames
    n = len(frames) // 2 * 2
    return unit(frames[0:n:2] + frames[1:n:2])


def _thinned_period(period: float) -> float:
    return 2 * period if period < 0.75 * _ANALYSIS.period else period
