"""Recordings for the tests: real speech, files of every kind, and files that may not be read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

SPEECH = Path(__file__).parents[2] / "shared" / "speech"


def speech(name="continuous/lj/LJ001-0009.flac", seconds=None):
    """Give the samples, float32, and the rate of a recording of speech; skip where it is absent."""
    path = SPEECH / name
    if not path.exists():
        pytest.skip(f"needs the recordings in {SPEECH}, which are not part of the project")
    samples, rate = soundfile.read(path, dtype="float32")
    return samples[: None if seconds is None else round(seconds * rate)], rate


def chirp(seconds=1.0, rate=16000):
    """Give a sweep from 100 Hz to 3 kHz at half of full scale, for where content is no matter."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * (100 * time + (3000 - 100) * time**2 / (2 * seconds))
    return (0.5 * np.sin(phase)).astype(np.float32)


def encode(path, codec, samples, rate, *, options=None):
    """Write mono or stereo samples with FFmpeg, at their own rate or, for Opus, at 48 kHz."""
    layout = "mono" if samples.ndim == 1 else "stereo"
    rate_out = 48000 if codec == "libopus" else rate
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate_out, layout=layout)
        stream.bit_rate = 64000
        pcm = np.round(samples * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        resampler = av.AudioResampler(stream.format, layout, rate_out, stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


@contextmanager
def as_nobody(path):
    """Make a path unreadable, for root by becoming somebody else for a while."""
    if not hasattr(os, "geteuid"):
        pytest.skip("needs POSIX permissions")
    is_root = os.geteuid() == 0
    modes = {place: place.stat().st_mode for place in (path, *path.absolute().parents)}
    closed = [place for place, mode in modes.items() if is_root and not mode & 0o001]
    for folder in closed:  # pytest keeps its folders to one user
        folder.chmod(modes[folder] | 0o055)
    path.chmod(0)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for place in {path, *closed}:
            place.chmod(modes[place])
