"""Read recordings as a stream: decode, check, mix to mono, resample."""

from __future__ import annotations

import hashlib
import math
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio.decoders import F32, DamageError, Recording, decode, full_scale
from kwspot.audio.source import Source, on_disk
from kwspot.errors import AudioError, DoubtfulResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RATE = 16000

_RATES = (1_000, 10_000_000)  # Hz; outside, a header is damaged or a number is no rate
_LOUDEST = 1e12  # full scale is 1; beyond this float32 overflows when filtered and squared
_PIECE = 1 << 16  # frames of an array that are converted at once
_SLACK = 0.1  # seconds that a header may promise too much: encoders pad


def _warn(doubt: str) -> None:
    warnings.warn(doubt, DoubtfulResult, stacklevel=2)


def load(source: Source, *, rate: float = RATE) -> F32:
    """Read a whole recording as mono samples at one rate.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        An audio or video file of any kind that libsndfile or, with the extra ``av``, FFmpeg
        reads: told by its content, whatever its name. A file object is read from where it
        stands and put back there if it can seek. Or samples, shape (n,) or (n, channels), with
        their rate in Hz: floats are taken as they are, integers of 8, 16 or 32 bits are scaled
        so that full scale is 1 (the middle of unsigned ones is 0).
    rate : float
        Rate wanted, Hz.

    Returns
    -------
    ndarray, shape (n,), float32
        The mean of the channels; full scale is 1, but nothing is clipped or levelled.

    Raises
    ------
    AudioError
        If there is no such file, it cannot be read, holds no samples, samples that are not
        finite, or has a rate outside 1 kHz to 10 MHz.
    MissingExtra
        If only PyAV reads this kind of file, and it is not installed.
    TypeError, ValueError
        If the source is no source, or samples have a wrong shape or type.

    Warns
    -----
    DoubtfulResult
        If the file is damaged, and what could be decoded is returned.

    Notes
    -----
    O(n) time and memory. Resampling is soxr's "HQ" (linear phase, aligned in time). How a
    damaged file shows depends on its kind: a WAV or OGG file cut short just ends there.

    Examples
    --------
    >>> import numpy as np
    >>> stereo = np.array([[16384, 0], [-32768, 0]], np.int16)
    >>> load((stereo, 16000))
    array([ 0.25, -0.5 ], dtype=float32)
    """
    return np.concatenate(list(_stream(source, _checked_rate(rate))))


def blocks(source: Source, *, rate: float = RATE, seconds: float = 10.0) -> Iterator[F32]:
    """Read a recording piece by piece, as mono samples at one rate.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `load` takes it.
    rate : float
        Rate wanted, Hz.
    seconds : float
        Length of each piece but the last, which may be shorter. s

    Returns
    -------
    iterator of ndarray, shape (n,), float32
        Joined, they equal what `load` gives, bit for bit.

    Raises
    ------
    AudioError, MissingExtra, TypeError, ValueError
        As `load` does, but when the fault is met: earlier pieces may have been given by then.

    Notes
    -----
    O(n) time for n samples, memory for one piece however long the recording. Bytes, file
    objects and pipes are first copied to a temporary file.

    Examples
    --------
    >>> import numpy as np
    >>> [len(piece) for piece in blocks((np.zeros(40000), 16000), seconds=1)]
    [16000, 16000, 8000]
    """
    rate = _checked_rate(rate)
    size = round(seconds * rate) if math.isfinite(seconds) else 0
    if size < 1:
        msg = f"seconds must be finite and hold a sample at least, got {seconds!r}"
        raise ValueError(msg)
    return _pieces(_stream(source, rate), size)


@contextmanager
def streamed(
    source: Source, *, rate: float = RATE, doubt: Callable[[str], None] = _warn
) -> Iterator[tuple[float, Iterator[F32]]]:
    """Open a recording that is then read piece by piece.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `load` takes it.
    rate : float
        Rate wanted, Hz.
    doubt : callable
        Told what is wrong with a damaged recording of which a part can be read; by default it
        warns.

    Yields
    ------
    rate : float
        Rate of the recording itself, Hz.
    pieces : iterator of ndarray, shape (n,), float32
        Mono samples at the rate wanted, of any n but 0. Joined, they equal what `load` gives.

    Raises
    ------
    AudioError, MissingExtra, TypeError, ValueError
        As `load` does, some when the pieces are read.

    Notes
    -----
    O(n) time for n samples, memory for one piece.

    Examples
    --------
    >>> import numpy as np
    >>> with streamed((np.zeros(4000), 8000)) as (own_rate, pieces):
    ...     own_rate, sum(map(len, pieces))
    (8000.0, 8000)
    """
    with opened(source) as recording:
        pieces = _resampled(_mono(recording, doubt), recording.rate, _checked_rate(rate))
        yield recording.rate, _filled(pieces, recording.name)


def duration(source: Source) -> float:
    """Tell how long a recording is.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `load` takes it.

    Returns
    -------
    float
        Length in seconds: what the header says, or counted where it says nothing.

    Raises
    ------
    AudioError, MissingExtra, TypeError, ValueError
        As `load` does.

    Notes
    -----
    O(1) for most kinds; O(n) where no header tells (AAC, Matroska, some MP3 files).

    Examples
    --------
    >>> import numpy as np
    >>> duration((np.zeros(4000), 8000))
    0.5
    """
    with opened(source) as recording:
        if recording.seconds is not None:
            return recording.seconds
        return sum(len(piece) for piece in _mono(recording)) / recording.rate


def digest(source: Source) -> str:
    """Compute a fingerprint of a recording, to tell later where something came from.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `load` takes it.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits: of the bytes of a file, or of samples as little-endian
        float32, frame by frame, not of their rate.

    Raises
    ------
    AudioError, TypeError, ValueError
        If the file cannot be opened, or the source is no source; it need not be audio.

    Notes
    -----
    O(n) time, O(1) memory.

    Examples
    --------
    >>> digest(b"")[:8]
    'e3b0c442'
    """
    if isinstance(source, tuple):
        hasher = hashlib.sha256()
        for frames in _from_array(source).chunks:
            hasher.update(frames.astype("<f4").tobytes())
        return hasher.hexdigest()
    with on_disk(source) as (path, _), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked_rate(rate: float) -> float:
    """Refuse a rate that was asked for and makes no sense."""
    low, high = _RATES
    if not low <= rate <= high:
        msg = f"rate must lie in {low} to {high} Hz, got {rate!r}"
        raise ValueError(msg)
    return rate


@contextmanager
def opened(source: Source) -> Iterator[Recording]:
    """Open any source."""
    with ExitStack() as stack:
        if isinstance(source, tuple):
            recording = _from_array(source)
        else:
            recording = decode(*stack.enter_context(on_disk(source)), stack)
        low, high = _RATES
        if not low <= recording.rate <= high:
            raise AudioError(
                f"{recording.name}: a rate of {recording.rate:g} Hz, and {low} to {high} is needed",
                hint="check the rate given, or record the file anew if its header is damaged",
            )
        yield recording


def _from_array(source: tuple[object, float]) -> Recording:
    """Take samples and their rate as a recording."""
    if len(source) != 2 or np.ndim(source[1]) != 0:
        raise ValueError("a tuple must be (samples, rate), in this order and nothing else")
    samples, rate = np.asarray(source[0]), float(source[1])
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and 0 < len(samples) < samples.shape[1]):
        msg = f"samples must have the shape (n,) or (n, channels), got {samples.shape}"
        raise ValueError(msg)
    full_scale(samples[:0])  # refuses a wrong type before the first piece is asked for
    frames = samples.reshape(len(samples), -1) if samples.size else samples.reshape(0, 1)
    chunks = (full_scale(frames[at : at + _PIECE]) for at in range(0, len(frames), _PIECE))
    seconds = len(frames) / rate if rate > 0 else None
    return Recording("the samples given", rate, seconds, chunks)


def _stream(source: Source, rate: float) -> Iterator[F32]:
    """Yield mono samples at `rate`, in pieces of any length but not empty."""
    with streamed(source, rate=rate) as (_, pieces):
        yield from pieces


def _filled(pieces: Iterator[F32], name: str) -> Iterator[F32]:
    """Pass on what is not empty, or say that nothing came."""
    empty = True
    for piece in pieces:
        if len(piece):
            empty = False
            yield piece
    if empty:
        raise AudioError(f"{name} holds no samples", hint="record it again, or leave it out")


def _mono(recording: Recording, doubt: Callable[[str], None] = _warn) -> Iterator[F32]:
    """Mix each chunk to mono, and say what is wrong with a recording."""
    done = 0
    try:
        for frames in recording.chunks:
            if not np.abs(frames).max(initial=0) < _LOUDEST:  # NaN compares as False
                raise _not_finite(recording, frames, done)
            done += len(frames)
            one = frames.shape[1] == 1
            yield frames[:, 0] if one else frames.mean(axis=1, dtype=np.float64).astype(np.float32)
    except DamageError as damage:
        doubt(_damage(recording.name, done / recording.rate, str(damage)))
        return
    missing = (recording.seconds or 0) - done / recording.rate
    if missing > _SLACK:
        reason = f"the header promises {recording.seconds:.2f} s"
        doubt(_damage(recording.name, done / recording.rate, reason))


def _damage(name: str, seconds: float, reason: str) -> str:
    """Say that only part of a recording was read, or raise if nothing was."""
    if not seconds:
        raise AudioError(
            f"{name} is damaged, nothing of it can be decoded: {reason}",
            hint="copy or record it again",
        )
    return f"{name} is damaged: only the first {seconds:.2f} s could be read ({reason})"


def _not_finite(recording: Recording, frames: F32, done: int) -> AudioError:
    """Say where the first sample that is no number stands, and how many there are in all."""
    bad = ~(np.abs(frames) < _LOUDEST)
    second = (done + int(np.argmax(bad.any(axis=1)))) / recording.rate
    count = int(bad.sum())
    try:
        for later in recording.chunks:
            count += int((~(np.abs(later) < _LOUDEST)).sum())
    except DamageError:
        pass  # the count is of what can be read
    return AudioError(
        f"{recording.name}: {count} sample(s) are NaN or infinite, the first at {second:.3f} s",
        hint="export the recording again; integer formats such as 16-bit WAV cannot hold these",
    )


def _resampled(pieces: Iterator[F32], have: float, want: float) -> Iterator[F32]:
    """Resample a stream; joined, it equals resampling the whole."""
    if have == want:
        yield from pieces
        return
    import soxr

    stream = soxr.ResampleStream(have, want, 1, dtype="float32")
    for piece in pieces:
        yield stream.resample_chunk(piece)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def _pieces(stream: Iterator[F32], size: int) -> Iterator[F32]:
    """Cut a stream into pieces of `size` samples; the last may be shorter."""
    kept: list[F32] = []
    room = size
    for piece in stream:
        while len(piece) >= room:
            yield np.concatenate([*kept, piece[:room]])
            piece, kept, room = piece[room:], [], size
        if len(piece):
            kept.append(piece)
            room -= len(piece)
    if kept:
        yield np.concatenate(kept)
