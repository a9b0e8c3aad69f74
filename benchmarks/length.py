"""Find a word that long clips say once: how often that succeeds, and what it costs.

python benchmarks/length.py [--seeds 901] [--tasks 20] [--rows 5s,20s,1min,4min,10min] [--json]

Five clips of one speaker, dense with other digits, each of which is in three clips at most. F1 at
IoU .25 and .5; the share of clips whose word is among the segments that the exact stage compares,
and that of tasks where it is in all; CPU seconds of `discover`, and its growth; greatest memory.
Needs the recordings and the task maker in ../shared.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import resource
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import soundfile
from corpora import SPEECH, generator, require, write

from kwspot.discover import Bounds, discover, listen
from kwspot.discover.segments import Segments
from kwspot.discover.shortlist import shortlist
from kwspot.features import front_end

RATE = 16000
BOUNDS = Bounds(0.15, 1.5)
ROWS = {"5s": 4, "20s": 26, "1min": 80, "4min": 320, "10min": 800}  # other words in a clip


def pink(n, rng):
    """Make pink noise as the task maker does, but with a fast length of the transform."""
    size = 1 << (n - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(n), size)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum)[:n]
    return (noise / (np.sqrt(np.mean(noise**2)) + 1e-9)).astype(np.float32)


def tasks(row, seed, count):
    """Yield tasks: clips as (samples, spans)."""
    maker = generator()
    maker._pink = pink
    maker.Utterance.load = functools.lru_cache(None)(maker.Utterance.load)
    takes = maker.corpus(SPEECH / "fsdd")
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield maker.discover_task(takes, rng, distractors=ROWS[row])[1]


def work(paths):
    """Discover, in a process that does nothing else: spans, kept spans, CPU seconds, memory."""
    warnings.simplefilter("ignore")
    before = time.process_time()
    found = discover(paths)
    seconds = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    listened = listen(paths, front_end("cepstra"))
    segments = [Segments.between_boundaries(clip.contour, BOUNDS) for clip in listened]
    kept = shortlist(listened, segments, lambda _: None)
    spans = [(part.start / 100, part.end / 100) for part in kept]
    return [(place.start, place.end) for place in found], spans, seconds, peak


def overlap(start, end, span):
    """Give intersection over union with a span."""
    shared = np.minimum(end, span[1]) - np.maximum(start, span[0])
    return np.maximum(shared, 0) / (np.maximum(end, span[1]) - np.minimum(start, span[0]))


def measure(row, seeds, count, folder):
    """Give the figures of a row."""
    maker, rows = generator(), []
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for clips in (clips for seed in seeds for clips in tasks(row, seed, count)):
            paths = [folder / f"{k}.wav" for k in range(len(clips))]
            if not rows:
                write_all([(x[: 6 * RATE], None) for x, _ in clips], paths)
                pool.apply(work, (paths,))  # compile or load
            write_all(clips, paths)
            found, kept, seconds, peak = pool.apply(work, (paths,))
            answer = [{"clip": k, "start": a, "end": b} for k, (a, b) in enumerate(found)]
            truth = [
                {"clip": k, "start": a, "end": b} for k, (_, s) in enumerate(clips) for a, b in s
            ]
            hits = [
                bool((overlap(*spans, s[0]) >= 0.5).any())
                for spans, (_, s) in zip(kept, clips, strict=True)
            ]
            length = sum(len(x) for x, _ in clips) / RATE / len(clips)
            rows.append((maker.score(answer, truth), hits, length, seconds, peak))
            print(f"{row} {len(rows)}: {rows[-1][0]['hit50']} of 5, {seconds:.2f} s", flush=True)
    scores, hits, length, seconds, peak = zip(*rows, strict=True)
    return maker.summary(scores) | {
        "recall": float(np.mean(hits)),
        "recall of all five": float(np.mean(np.all(hits, axis=1))),
        "seconds of a clip": float(np.mean(length)),
        "CPU s": float(np.median(seconds)),
        "peak GB": max(peak),
    }


def write_all(clips, paths):
    """Write clips as 16-bit WAV files."""
    for (x, _), path in zip(clips, paths, strict=True):
        soundfile.write(path, x, RATE, subtype="PCM_16")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="901")
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--json", action="store_true", help="write results/length.json")
    options = parser.parse_args()
    require()
    seeds, results = [int(seed) for seed in options.seeds.split(",")], {}
    for row in options.rows.split(","):
        with tempfile.TemporaryDirectory() as folder:
            results[row] = measure(row, seeds, options.tasks, Path(folder))
    print("clips     F25   F50  recall  all five   CPU s  peak GB")
    for row, r in results.items():
        print(
            f"{row:7} {r['F25']:5.3f} {r['F50']:5.3f}  {r['recall']:6.3f}  "
            f"{r['recall of all five']:8.3f}  {r['CPU s']:6.2f}  {r['peak GB']:7.2f}"
        )
    last = list(results.values())[-3:]
    if len(last) == 3:
        axes = (np.log([r[key] for r in last]) for key in ("seconds of a clip", "CPU s"))
        results["exponent"] = float(np.polyfit(*axes, 1)[0])
        print(f"exponent of the CPU time over the last three: {results['exponent']:.2f}")
    if options.json:
        write("length", results)


if __name__ == "__main__":
    main()
