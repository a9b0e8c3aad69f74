"""The archive: how fast and how small it is, how it grows, and what it bears.

python benchmarks/archive.py [--only speed,clips,growth,further,many,kills] [--kills 200]
                            [--hours 1,10,100]

speed   One hour of real speech as FLAC at 16 kHz: CPU seconds to index it, as multiples of real
        time; bytes stored; reading its features back beside computing them.
clips   2000 recordings of 3 s.
growth  Index time at so many hours (recordings of ten minutes), and its exponent.
further Index time of ten hours more, where an archive holds so many already; their features are
        real, joined anew, and ten hours of them repeated. Beside it, how long it takes to see that
        nothing is new; and the exponent of the sum of such runs, from none to so many hours, where
        between two sizes their time is taken to grow as the logarithm.
many    100,000 recordings of 3 s, their features resampled: how long it takes to open and list.
kills   Writers killed at random moments, alone and beside another; what is left is completed and
        compared with an archive that was never interrupted.

Needs the recordings in ../shared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import simulated
import soundfile
from corpora import SPEECH, require

from kwspot.archive import Archive
from kwspot.archive.indexing import write_shard
from kwspot.archive.packing import packing
from kwspot.archive.shard import Entry
from kwspot.audio import load
from kwspot.features import front_end

RATE, HOUR = 16000, 3600
EAR = front_end("cepstra")


@cache
def sentences():
    """Read real sentences."""
    paths = sorted((SPEECH / "continuous" / "lj").glob("*.flac"))
    paths += sorted((SPEECH / "background" / "libri").glob("*.flac"))
    return [load(path) for path in paths]


def speech(seconds, rng):
    """Return real speech, sentences in random order."""
    parts, length = [], 0
    while length < seconds * RATE:
        parts.append(sentences()[rng.integers(len(sentences()))])
        length += len(parts[-1])
    return np.concatenate(parts)[: seconds * RATE]


def cpu(work):
    """Return the CPU seconds of a call, and what it returned."""
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def least(work, times):
    """Return the least CPU seconds of several calls."""
    return min(cpu(work)[0] for _ in range(times))


def warmed(folder, audio):
    """Make an empty archive, after everything was compiled."""
    Archive.create(folder / "warm", front_end="cepstra").add(audio)
    return Archive.create(folder / "archive", front_end="cepstra")


def measure_speed(folder, rng):
    """Index one hour in one file."""
    path = folder / "hour.flac"
    soundfile.write(path, speech(HOUR, rng), RATE, subtype="PCM_16")
    archive = warmed(folder, sorted((SPEECH / "continuous" / "lj").glob("*.flac"))[:1])
    took, report = cpu(lambda: archive.add(path))
    x = load(path)
    decode, compute = least(lambda: load(path), 3), least(lambda: EAR(x), 3)
    read = least(lambda: archive.features(path), 9)
    arrays = {}
    for shard in archive.shards:
        for name, stored in shard.arrays.items():
            kind = name.partition("-")[0]
            arrays[kind] = arrays.get(kind, 0) + stored.length / 1e6
    return {
        "times real time": HOUR / took,
        "CPU s per hour": took,
        "of these, decoding": decode,
        "of these, features": compute,
        "MB per hour": report.bytes / 1e6,
        **{f"MB of {kind}": size for kind, size in arrays.items()},
        "ms to read features": read * 1e3,
        "computing / reading": (decode + compute) / read,
        "the same without decoding": compute / read,
    }


def measure_clips(folder, rng, count=2000):
    """Index many short files."""
    x = speech(600, rng)
    (folder / "clips").mkdir()
    for number in range(count):
        first = int(rng.integers(len(x) - 3 * RATE))
        soundfile.write(folder / "clips" / f"{number}.flac", x[first : first + 3 * RATE], RATE)
    archive = warmed(folder, folder / "clips" / "0.flac")
    took, report = cpu(lambda: archive.add(folder / "clips"))
    disk = sum(path.stat().st_size for path in Path(archive.url).rglob("*") if path.is_file())
    return {
        "times real time": report.seconds / took,
        "ms per clip": took / count * 1e3,
        "MB per hour, all files": disk / report.seconds * HOUR / 1e6,
    }


def spoken(folder, hours, rng):
    """Write hours of speech: one file of ten minutes under many names."""
    folder.mkdir()
    soundfile.write(folder / "0.flac", speech(600, rng), RATE, subtype="PCM_16")
    for number in range(1, 6 * hours):
        os.link(folder / "0.flac", folder / f"{number}.flac")
    return folder


def measure_growth(folder, rng, sizes):
    """Index more and more recordings of ten minutes; one file under many names."""
    seconds = []
    for hours in sizes:
        audio = spoken(folder / f"{hours}", hours, rng)
        warmed(folder / f"warm-{hours}", audio / "0.flac")
        archive = Archive.create(folder / f"archive-{hours}", front_end="cepstra")
        took, _ = cpu(lambda archive=archive, audio=audio: archive.add(audio))
        again, _ = cpu(lambda archive=archive, audio=audio: archive.add(audio))
        seconds.append(took)
        yield f"{hours} h, CPU s", took
        yield f"{hours} h again, unchanged", again
    yield "exponent", exponent(sizes, seconds)


def exponent(sizes, seconds):
    """Return the power of the size with which time grows."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measure_further(folder, rng, sizes=(10, 100, 1000, 10_000), more=10):
    """Index some hours more where an archive holds many."""
    audio, seconds = spoken(folder / "audio", more, rng), []
    base = simulated.simulate(folder / "base", sizes[0], simulated.Material(rng), rng, each=4)
    warmed(folder / "warm", audio / "0.flac")
    for hours in sizes:
        archive = simulated.repeat(base, folder / f"{hours}", hours // sizes[0], searched=False)
        took, _ = cpu(lambda url=archive.url: Archive.open(url).add(audio))
        again, _ = cpu(lambda url=archive.url: Archive.open(url).add(audio))
        seconds.append(took)
        yield f"{more} h after {hours} h, CPU s", took
        yield f"the same {more} h again, of {hours + more} h", again
        shutil.rmtree(archive.url)
    before = np.log(np.maximum(np.arange(0, sizes[-1], more), sizes[0]))
    total = np.cumsum(np.interp(before, np.log(sizes), seconds))
    yield "exponent of their sum", exponent(sizes, total[np.array(sizes) // more - 1])


def measure_many(folder, rng, count=100_000):
    """Open an archive of very many recordings; their features are parts of real ones."""
    scale = packing(EAR)
    packed = scale.pack(EAR(speech(600, rng)))
    archive = Archive.create(folder / "archive", front_end="cepstra")
    for batch in range(0, count, 1000):
        firsts = rng.integers(len(packed) - 150, size=min(1000, count - batch))
        entries = [
            Entry(
                f"/r/{batch + i:06d}.flac",
                f"{batch + i:064x}",
                96044,
                1,
                16000.0,
                3.0,
                150,
                "whole",
            )
            for i in range(len(firsts))
        ]
        write_shard(archive.store, entries, [packed[at : at + 150] for at in firsts], EAR)
    cold, _ = cpu(lambda: Archive.open(archive.url))
    again = Archive.open(archive.url)
    merge, _ = cpu(again.catalogue.merge)
    opened, again = cpu(lambda: Archive.open(archive.url))
    listed, entries = cpu(lambda: list(again))
    return {
        "recordings": len(entries),
        "CPU s to open": opened,
        "the same without catalogue.json": cold,
        "CPU s to write catalogue.json": merge,
        "CPU s to list": listed,
    }


def measure_kills(count):
    """Kill writers, in a process of its own."""
    script = Path(__file__).parents[1] / "tests" / "killed_writers.py"
    told = {}
    for writers, kills in ((1, count), (2, count // 4)):
        command = [sys.executable, str(script), str(kills), "--writers", str(writers)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told |= {f"{writers} writer(s), {key}": n for key, n in json.loads(done.stdout).items()}
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="speed,clips,growth,further,many,kills")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--hours", default="1,10,100", help="of `growth`")
    parser.add_argument("--seed", type=int, default=901)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    require()
    told, told_to = {}, sys.stderr if arguments.json else sys.stdout
    for name in arguments.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(arguments.seed)
            if name == "kills":
                rows = measure_kills(arguments.kills).items()
            elif name == "growth":
                hours = [int(part) for part in arguments.hours.split(",")]
                rows = measure_growth(Path(folder), rng, hours)
            elif name == "further":
                rows = measure_further(Path(folder), rng)
            else:
                rows = globals()[f"measure_{name}"](Path(folder), rng).items()
            told[name] = {}
            for what, value in rows:
                told[name][what] = value
                print(f"{name:8}{what:36}{value:12.4g}", flush=True, file=told_to)
    if arguments.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
