"""Learn the codes of archived segments from speech for development.

``python -m benchmarks.segments FRONT_END...`` from the project's root writes
``kwspot/archive/segments-FRONT_END.kwt``. Every second recording of each folder is left out, so
that recall can be measured on speech that was not learned from.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.quantise_common import ROOT, SPEECH
from kwspot.archive import segments
from kwspot.audio import load
from kwspot.features import front_end as front_end_named
from kwspot.features.normalise import Centre, RunningNormaliser, unit
from kwspot.quantise.model import BoltModel
from kwspot.tensorfile import write

FOLDERS = ("continuous", "words", "background/libri", "fsdd")
WIDTH, N_BYTES = 48, 8
SAMPLE = 30_000  # segments learned from
JOINED = 20  # short recordings that make one


def recordings(folder):
    """Return every second recording of a folder as samples, short ones joined."""
    paths = sorted(path for ending in ("flac", "wav") for path in folder.rglob(f"*.{ending}"))[::2]
    whole, waiting = [], []
    for path in paths:
        waiting.append(load(path, rate=16000))
        if sum(map(len, waiting)) > 16000 * JOINED:
            whole.append(np.concatenate(waiting))
            waiting = []
    return whole + ([np.concatenate(waiting)] if waiting else [])


def learn(name):
    """Learn prior, axes and codebooks for a front end, and write them."""
    ear, rng = front_end_named(name), np.random.default_rng(0)
    heard = [ear(x) for folder in FOLDERS for x in recordings(SPEECH / folder)]
    centres = [Centre.of(x, ear.loudness(x), homogeneous=ear.homogeneous) for x in heard]
    prior = np.mean([centre.mean for centre in centres], axis=0).astype(np.float32)
    frames = np.concatenate([_normalised(ear, prior, x) for x in heard])
    lengths = [round(seconds / ear.period) for seconds in segments.SECONDS]
    first = rng.integers(0, len(frames) - max(lengths), SAMPLE)
    total = segments.running_total(frames)
    waves = unit(segments.courses(total, first, first + rng.choice(lengths, SAMPLE)))
    _, axes = np.linalg.eigh(waves.T @ waves)
    axes = np.ascontiguousarray(axes[:, -WIDTH:])
    bolt = BoltModel.learn(unit(waves @ axes), "cosine", N_BYTES, rotate=True, rng=rng)
    arrays = {
        "prior": prior,
        "axes": bolt.books.project(axes),
        "mean": bolt.books.mean,
        "centroids": bolt.books.centroids,
    }
    settings = {"n_bytes": N_BYTES, "gain": bolt.gain, "near_gain": bolt.near_gain}
    path = ROOT / "kwspot" / "archive" / f"segments-{name}.kwt"
    write(path, segments.FORMAT, arrays, {key: str(value) for key, value in settings.items()})
    print(f"{path.name}: {path.stat().st_size} bytes, from {len(frames) * ear.period:.0f} s")


def _normalised(ear, prior, frames):
    running = RunningNormaliser(prior, period=ear.period, homogeneous=ear.homogeneous)
    return running.feed(frames, ear.loudness(frames))


if __name__ == "__main__":
    for front_end in sys.argv[1:] or ["cepstra"]:
        learn(front_end)
