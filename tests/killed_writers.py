"""Kill writers of an archive at random moments, and see what is left.

    python tests/killed_writers.py 200 --seed 1

Prints one line of JSON. A process of its own, because it forks: its kernels are warm then.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from archives import SHARD_BYTES, build, contents, corpus

from kwspot.archive import Archive, check


def writer(url, folder):
    """Start a process that indexes."""
    child = os.fork()
    if child:
        return child
    try:
        Archive.open(url).add(folder, shard_bytes=SHARD_BYTES)
    finally:
        os._exit(0)


def kill(child, seconds):
    """Kill a process after a time; tell whether that was before its end."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--folder", help="where archives are made; by default the usual one")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        told = survive(Path(folder), arguments.kills, arguments.writers, rng)
    print(json.dumps(told))


def survive(folder, kills, writers, rng):
    """Build archives with writers that are killed, and one without."""
    audio = corpus(folder / "audio")
    build(folder / "warm", audio)
    started = time.perf_counter()
    built = build(folder / "whole", audio)
    longest = time.perf_counter() - started
    whole = contents(built.url)
    rounds = killed = partial = different = unsound = 0
    while killed < kills:
        url = folder / f"{rounds}"
        Archive.create(url, front_end="cepstra")
        children = [writer(url, audio) for _ in range(writers)]
        killed += kill(children[0], rng.uniform(0, longest))
        for child in children[1:]:
            os.waitpid(child, 0)
        partial += 0 < len(Archive.open(url)) < len(list(audio.iterdir()))
        Archive.open(url).add(audio, shard_bytes=SHARD_BYTES)
        different += contents(url) != whole
        unsound += bool(check(url).findings)
        rounds += 1
    return {
        "rounds": rounds,
        "killed": killed,
        "partial": partial,
        "different": different,
        "unsound": unsound,
    }


if __name__ == "__main__":
    main()
