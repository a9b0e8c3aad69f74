"""Turn files into samples: libsndfile first, and PyAV for what only it can read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kwspot.errors import AudioError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack
    from pathlib import Path

F32: TypeAlias = npt.NDArray[np.float32]

# Frames read at once: so many that threads which decode seldom wait for the interpreter's lock.
BLOCK = 1 << 14

# Frames read at once from where that failed. A read that fails gives nothing at all, so a damaged
# file loses up to this many; a FLAC file of the usual block length loses none that can be decoded.
_CAREFUL = 4096

# What only PyAV reads, by the first bytes: a name may lie. libsndfile must not even try these, as
# it finds "MP3" in an m4a file called .mp3.
_CONTAINERS = {
    rb".{4}(ftyp|moov|mdat|wide|free|skip)": "MPEG-4 or QuickTime",
    rb"\x1aE\xdf\xa3": "Matroska or WebM",
    rb"\xff[\xf0\xf1\xf8\xf9]|ADIF": "AAC",
    rb"0&\xb2u\x8ef\xcf\x11": "Windows Media",
    rb"RIFF.{4}AVI ": "AVI",
    rb"FLV\x01": "Flash video",
    rb"#!AMR": "AMR",
    rb"wvpk": "WavPack",
    rb"MAC ": "Monkey's Audio",
    rb"TTA1": "True Audio",
    rb"\x0bw": "AC-3",
    rb"\x7f\xfe\x80\x01": "DTS",
    rb"\x00\x00\x01\xba": "MPEG video",
    rb"(.{4})?G.{187}(.{4})?G": "MPEG transport stream",
}
# Families that both read; where libsndfile gives up, PyAV may know the codec inside.
_SHARED = rb"RIFF|RF64|FORM|OggS|fLaC|caff|ID3|\xff[\xe2-\xff]"

_CONVERT = "record it anew, or convert it to WAV or FLAC: ffmpeg -i FILE out.wav"


class DamageError(Exception):
    """Decoding stopped before the end; what came until then is good."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples on their way in: `chunks` yields float32 arrays of shape (frames, channels).

    `rate` is in Hz; `seconds` is the length that the header promises, None where it does not.
    """

    name: str
    rate: float
    seconds: float | None
    chunks: Iterator[F32]


def decode(path: Path, name: str, stack: ExitStack) -> Recording:
    """Open the file at `path`, called `name` in messages, until `stack` closes. O(1) memory."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise AudioError(f"{name} is empty (0 bytes)", hint="record or copy it again")
    container = _container(head)
    reasons = []
    if container is None:
        try:
            return _with_soundfile(path, name, head, stack)
        except DamageError as damage:
            reasons.append(str(damage))
    if container or re.match(_SHARED, head):
        try:
            return _with_av(path, name, stack)
        except ImportError:
            if container:
                raise MissingExtra(f"reading {name} ({container})", "av") from None
        except DamageError as damage:
            reasons.append(str(damage))
    raise AudioError(
        f"{name} is not audio that can be read: it {_look(head, container, reasons[0])}",
        hint=_CONVERT,
    )


def full_scale(samples: npt.NDArray[Any]) -> F32:
    """Convert samples of any shape and type to float32; integers so that full scale is 1. O(n)."""
    kind, size = samples.dtype.kind, samples.dtype.itemsize
    if kind == "f":
        with np.errstate(all="ignore"):  # what float32 cannot hold is refused later, as infinite
            return samples.astype(np.float32)
    if kind not in "iu" or size > 4:
        msg = (
            f"samples must be floats, or integers of 8, 16 or 32 bits, got {samples.dtype}; "
            "64-bit integers have no agreed full scale"
        )
        raise TypeError(msg)
    half = 2.0 ** (8 * size - 1)
    shift = half if kind == "u" else 0.0
    return ((samples.astype(np.float64) - shift) / half).astype(np.float32)


def _container(head: bytes) -> str | None:
    """Name the container that only PyAV reads, or None."""
    for pattern, name in _CONTAINERS.items():
        if re.match(pattern, head, re.DOTALL):
            return name
    return None


def _look(head: bytes, container: str | None, reason: str) -> str:
    """Say what a file that cannot be read looks like."""
    if container:
        return f"begins as {container}, but {reason}"
    if re.match(_SHARED, head):
        return f"begins as audio, but {reason}"
    if head.isascii() and b"\0" not in head:
        return "holds text"
    return f"begins with the bytes {head[:8].hex(' ')}, which no known format does"


def _with_soundfile(path: Path, name: str, head: bytes, stack: ExitStack) -> Recording:
    """Open a file with libsndfile."""
    import soundfile

    # soundfile itself cannot encode a name that is not Unicode, which POSIX allows.
    place = os.fsencode(path) if os.name == "posix" else path

    def opened() -> Any:
        file = stack.enter_context(soundfile.SoundFile(place))
        # soundfile seeks after each read. For MP3 that restarts the decoder without the bits it
        # keeps from earlier frames, so the samples change (by 0.04 in a VBR file) and libmpg123
        # complains.
        file.seekable = lambda: False
        return file

    try:
        file = opened()
    except soundfile.SoundFileError as error:
        raise DamageError(_sndfile_reason(error)) from error
    # libsndfile takes .gsm, .vox, .au and .snd files without a known header for headerless ones;
    # of these only GSM frames can be told from anything else.
    if file.format == "RAW" and not (file.subtype == "GSM610" and head[0] >> 4 == 0xD):
        raise DamageError("it has no header")
    known = 0 < file.frames < 1 << 48  # libsndfile says 2**63 - 1 for "unknown"
    seconds = file.frames / file.samplerate if known and file.samplerate else None
    return Recording(name, file.samplerate, seconds, _sndfile_chunks(file, opened))


def _sndfile_chunks(file: Any, again: Callable[[], Any]) -> Iterator[F32]:
    """Read a SoundFile to its end, or to where it is damaged; `again` opens it once more."""
    import soundfile

    done = 0
    try:
        while len(frames := file.read(BLOCK, dtype="float32", always_2d=True)):
            yield frames
            done += len(frames)
    except soundfile.SoundFileError:
        yield from _sndfile_rest(again(), done)


def _sndfile_rest(file: Any, done: int) -> Iterator[F32]:
    """Read what follows the first `done` frames of a damaged SoundFile."""
    import soundfile

    at = 0
    try:
        while len(frames := file.read(_CAREFUL, dtype="float32", always_2d=True)):
            at += len(frames)
            if at > done:
                yield frames[max(0, len(frames) - (at - done)) :]
    except soundfile.SoundFileError as error:
        raise DamageError(_sndfile_reason(error)) from error


def _sndfile_reason(error: Any) -> str:
    """Give libsndfile's words for an error; a few of its errors have none."""
    words = getattr(error, "error_string", "").removeprefix("Error : ").rstrip(".")
    return f"libsndfile says: {words}" if words else "libsndfile cannot decode it"


def _with_av(path: Path, name: str, stack: ExitStack) -> Recording:
    """Open a file with PyAV."""
    import av

    try:
        # The prefix and the list keep FFmpeg from taking a name, or what a file refers to, for
        # an address on the network.
        container = stack.enter_context(
            av.open(
                f"file:{path}", metadata_errors="ignore", options={"protocol_whitelist": "file"}
            )
        )
        if not container.streams.audio:
            raise DamageError("has no audio track")
        track = container.streams.audio[0]
        frames = container.decode(track)
        first = next(frames, None)
    except (av.FFmpegError, ValueError) as error:
        raise DamageError(_av_reason(error)) from error
    if first is None:
        raise DamageError("has no audio in its audio track")
    # Only the index of an MP4 file is exact; elsewhere FFmpeg guesses from the bit rate, or
    # gives the length of the video. The rate of a frame is right where the header's is not (SBR).
    seconds = None
    if "mp4" in container.format.name and track.duration and track.time_base:
        seconds = float(track.duration * track.time_base)
    return Recording(name, first.rate, seconds, _av_chunks(first, frames))


def _av_chunks(first: Any, rest: Iterator[Any]) -> Iterator[F32]:
    """Decode to the end of a track."""
    import av

    frame = first
    try:
        while frame is not None:
            if frame.rate != first.rate:
                raise DamageError(f"its rate changes from {first.rate} to {frame.rate} Hz")
            samples = full_scale(frame.to_ndarray())
            channels = frame.layout.nb_channels
            yield samples.T if frame.format.is_planar else samples.reshape(-1, channels)
            frame = next(rest, None)
    except (av.FFmpegError, ValueError) as error:
        raise DamageError(_av_reason(error)) from error


def _av_reason(error: Exception) -> str:
    """Give FFmpeg's words for an error."""
    return f"FFmpeg says: {getattr(error, 'strerror', None) or error}"
