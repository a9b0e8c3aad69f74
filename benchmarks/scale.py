"""Many hands: the same archive and the same hits from one process, threads and a Dask cluster.

python benchmarks/scale.py [--files 40] [--minutes 3] [--hours 20] [--workers 4] [--repeat 3]

Speech is indexed by each kind of hands in turn; a simulated archive of --hours is scanned and
searched for ten keywords. A round before warms all up: kernels are compiled, the cluster's workers
are there. Of each the best round counts, as other work on the machine can only make it longer.
Workers of the cluster keep the memory that they free, as `docs/howto/cluster.md` advises.

Seconds are those of the clock: it is them that more hands save, but only where they find idle
cores. A system that gives each session the same share of a busy machine, as Linux does by default,
gives two hands of one session no more than one, so these are telling only if the load, which is
noted, is near 0. What holds on a busy machine too is counted in CPU seconds:

    CPU s       all hands, less what the processes of a cluster take while they wait (`idle`, s/s)
    alone       those of the thread that divides the work and joins the results, beside no other
    on 2 cores  CPU s of one process / (alone + (CPU s - alone) / (2 - idle)): times as fast as one
                process if both cores are idle; where threads wait for each other, that is not in it

Then the cost of 100,000 hours, by the figures of this machine:

    core-hours to index = hours / (hours indexed per core-second) / 3600
    bytes               = hours * bytes per hour
    seconds of a scan   = hours * seconds of scan per hour and core / cores

A search by codes hardly grows with the hours: `benchmarks/search.py` tells what it takes.

Needs the recordings in ../shared.
"""

from __future__ import annotations

import argparse
import json
import logging
import operator
import os
import sys
import tempfile
import time
from pathlib import Path

import dask
import numpy as np
import simulated
import soundfile
from archive import RATE, speech
from corpora import require
from distributed import Client, LocalCluster

from kwspot.archive import Archive
from kwspot.scale import cluster
from kwspot.workers import threads

LARGE = 100_000  # hours
_REST = 5  # seconds in which it is measured what a cluster takes that does nothing
WORK = ("index", "scan", "search")
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": 1 << 27, "MALLOC_MMAP_THRESHOLD_": 1 << 25}
WORKERS = {  # as docs/howto/cluster.md says to start them
    "distributed.nanny.pre-spawn-environ": KEEP_MEMORY,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "200ms",
}


def corpus(folder, files, minutes):
    """Write recordings as FLAC: sentences in an order of their own."""
    rng = np.random.default_rng(1)
    folder.mkdir()
    for number in range(files):
        x = speech(round(60 * minutes), rng)
        soundfile.write(folder / f"{number:04}.flac", x, RATE, subtype="PCM_16")
    return folder


class Hands:
    """Who works, and how long."""

    def __init__(self, run, client=None):
        self._run, self._client = run, client
        self._tasks = self.idle = 0.0

    def run(self, function, tasks):
        """Hand on tasks; until the next result this thread waits, or does the task itself."""
        results = iter(self._run(function, tasks))
        while True:
            before = time.thread_time()
            try:
                result = next(results)
            except StopIteration:
                return
            finally:
                self._tasks += time.thread_time() - before
            yield result

    def rest(self, seconds):
        """Measure what the processes take while there is nothing to do."""
        cpu, clock = self._cpu(), time.perf_counter()
        time.sleep(seconds)
        self.idle = (self._cpu() - cpu) / (time.perf_counter() - clock)

    def timed(self, work):
        """Return seconds by the clock, of CPU, and of CPU of this thread alone; and the result."""
        self._tasks, alone, cpu, clock = 0.0, time.thread_time(), self._cpu(), time.perf_counter()
        result = work(self.run)
        clock = time.perf_counter() - clock
        used = self._cpu() - cpu - self.idle * clock
        return (clock, used, time.thread_time() - alone - self._tasks), result

    def _cpu(self):
        there = self._client.run(time.process_time).values() if self._client else ()
        return time.process_time() + sum(there)


def compare(folder, audio, hands, repeat, hours):
    """Index, scan and search by each kind of hands; return the best times, and if all agree."""
    took = {name: {what: [] for what in WORK} for name in hands}
    answers, rng = {what: set() for what in WORK}, np.random.default_rng(1)
    material = simulated.Material(rng)
    large = simulated.simulate(folder / "large", hours, material, rng, each=4)
    words = material.keywords
    for some in hands.values():
        some.rest(_REST)
    for turn in range(repeat + 1):  # the first warms all up
        for name, some in hands.items():
            archive = Archive.create(folder / f"{name}-{turn}", front_end="cepstra")
            works = {
                "index": lambda run, archive=archive: _shards(archive, audio, run),
                "scan": lambda run: _hits(large.scan(words, run=run)),
                "search": lambda run: _hits(large.search(words, run=run)),
            }
            for what, work in works.items():
                seconds, answer = some.timed(work)
                answers[what].add(answer)
                if turn:
                    took[name][what].append(seconds)
    best = {
        name: {
            what: (min(rows)[0], *min((row[1:] for row in rows), key=operator.itemgetter(0)))
            for what, rows in kinds.items()
        }
        for name, kinds in took.items()
    }
    size = sum(stored.length for shard in archive.shards for stored in shard.arrays.values())
    return best, all(len(found) == 1 for found in answers.values()), size


def _shards(archive, audio, run):
    archive.add(audio, run=run, shard_bytes=16 << 20)
    return tuple((shard.id, *sorted(shard.arrays.items())) for shard in archive.shards)


def _hits(hits):
    return tuple((hit.recording, hit.keyword, hit.start, hit.end, hit.score) for hit in hits)


def table(best, hands, cores):
    """Return what is told of each kind of hands and work."""
    told = {}
    for name, kinds in best.items():
        width, idle = (1, 0.0) if name == "one" else (cores, hands[name].idle)
        for what, (clock, cpu, alone) in kinds.items():
            one = best["one"][what]
            told[f"{name}, {what}"] = {
                "seconds": clock,
                "times as fast": one[0] / clock,
                "CPU s": cpu,
                "alone": alone,
                f"on {cores} cores": one[1] / (alone + (cpu - alone) / (width - idle)),
            }
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--hours", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    require()
    hours, load = arguments.files * arguments.minutes / 60, [os.getloadavg()[0]]
    dask.config.set(WORKERS)
    with (
        tempfile.TemporaryDirectory() as place,
        LocalCluster(
            n_workers=arguments.workers,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as local,
        cluster(local.scheduler_address) as workers,
        Client(local.scheduler_address, set_as_default=False) as client,
    ):
        audio = corpus(Path(place) / "audio", arguments.files, arguments.minutes)
        hands = {
            "one": Hands(threads(1)),
            "threads": Hands(threads(arguments.cores)),
            "cluster": Hands(workers, client),
        }
        best, agree, size = compare(Path(place), audio, hands, arguments.repeat, arguments.hours)
    load.append(os.getloadavg()[0])
    told = table(best, hands, arguments.cores)
    for name, row in told.items():
        print(f"{name:16}", *(f"{key} {value:.3f}" for key, value in row.items()), sep="  ")
    print("all results are the same" if agree else "RESULTS DIFFER")
    scale = LARGE / hours
    model = {
        "hours": LARGE,
        "index core-hours": best["one"]["index"][1] * scale / 3600,
        "terabytes": size * scale / 1e12,
        "seconds of a scan for ten keywords on 100 cores": best["one"]["scan"][1]
        / arguments.hours
        * LARGE
        / 100,
    }
    for name, value in model.items():
        print(f"{name:48} {value:12.2f}")
    if arguments.json:
        fields = {
            "benchmark": "scale",
            "hours": hours,
            "hours scanned": arguments.hours,
            "load": load,
        }
        fields |= {"workers": arguments.workers, "idle": hands["cluster"].idle, "hands": told}
        fields |= {"agree": agree, "model": model}
        arguments.json.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
    sys.exit(not agree)


if __name__ == "__main__":
    main()
