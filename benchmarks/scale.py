"""Many hands: the same archive and the same hits from one process, threads and a Dask cluster.

python benchmarks/scale.py [--hours 2] [--workers 4] [--repeat 3] [--cores 2]

Seconds are those of the clock, the median of interleaved runs: it is them that more hands save.
Then the cost of 100,000 hours, by the figures of this machine:

    core-hours to index = hours / (hours indexed per core-second) / 3600
    bytes               = hours * bytes per hour
    seconds of a scan   = hours * seconds of scan per hour and core / cores

A search by codes hardly grows with so few hours: `benchmarks/search.py` tells what it takes.

Needs the recordings in ../shared.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from archive import RATE, speech
from distributed import LocalCluster

import kwspot
from kwspot.archive import Archive
from kwspot.cli.demo import samples
from kwspot.scale import cluster
from kwspot.workers import threads

PART = 600  # seconds of a recording
LARGE = 100_000  # hours


def corpus(folder, hours):
    """Write recordings of ten minutes, as FLAC."""
    rng = np.random.default_rng(1)
    x = speech(PART, rng)
    folder.mkdir()
    for number in range(round(hours * 3600 / PART)):
        turned = np.roll(x, int(rng.integers(len(x))))
        soundfile.write(folder / f"{number:04}.flac", turned, RATE, subtype="PCM_16")
    return folder


def indexed(folder, audio, run):
    """Index, and return the clock's seconds and the archive."""
    archive = Archive.create(folder, front_end="cepstra")
    started = time.perf_counter()
    archive.add(audio, run=run, shard_bytes=16 << 20)
    return time.perf_counter() - started, archive


def keyword():
    """Learn the word of the sample recordings."""
    with samples() as (_, recordings):
        clips = [one.path for one in recordings if one.role == "learn"]
        return kwspot.learn(clips, name="word", front_end="cepstra")


def compare(folder, audio, runs, repeat):
    """Index and search by each kind of hands, in turn; return seconds, and whether all agree."""
    took = {name: {"index": [], "scan": [], "search": []} for name in runs}
    word, answers = keyword(), set()
    for turn in range(repeat + 1):  # the first warms all up
        for name, run in runs.items():
            seconds, archive = indexed(folder / f"{name}-{turn}", audio, run)
            told = {"index": seconds}
            for what in ("scan", "search"):
                started = time.perf_counter()
                hits = getattr(archive, what)([word], run=run)
                told[what] = time.perf_counter() - started
                answers.add((what, tuple(hit[1:] for hit in map(_fields, hits))))
            shards = tuple(shard.id for shard in archive.shards)
            answers.add(("index", shards))
            if turn:
                for what, value in told.items():
                    took[name][what].append(value)
    medians = {
        name: {what: statistics.median(values) for what, values in kinds.items()}
        for name, kinds in took.items()
    }
    size = sum(stored.length for shard in archive.shards for stored in shard.arrays.values())
    return medians, len(answers) == 3, size


def _fields(hit):
    return (hit.archive, hit.recording, hit.keyword, hit.start, hit.end, hit.score)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        LocalCluster(
            n_workers=arguments.workers,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as local,
        cluster(local.scheduler_address) as workers,
    ):
        audio = corpus(Path(place) / "audio", arguments.hours)
        runs = {
            "one": threads(1),
            "threads": threads(arguments.cores),
            "cluster": workers,
        }
        took, agree, size = compare(Path(place), audio, runs, arguments.repeat)
    print(f"{'':10} {'index s':>9} {'scan s':>9} {'search s':>9}   times as fast")
    for name, kinds in took.items():
        ratios = " ".join(f"{took['one'][what] / value:8.2f}" for what, value in kinds.items())
        print(f"{name:10} " + " ".join(f"{value:9.3f}" for value in kinds.values()) + f" {ratios}")
    print("all results are the same" if agree else "RESULTS DIFFER")
    scale = LARGE / arguments.hours
    model = {
        "hours": LARGE,
        "index core-hours": took["one"]["index"] * scale / 3600,
        "terabytes": size * scale / 1e12,
        "scan seconds on 100 cores": took["one"]["scan"] * scale / 100,
    }
    for name, value in model.items():
        print(f"{name:30} {value:12.2f}")
    if arguments.json:
        told = {"seconds": took, "agree": agree, "model": model}
        arguments.json.write_text(json.dumps(told, indent=1))
    sys.exit(not agree)


if __name__ == "__main__":
    main()
