"""Measure whether EXTRACT finds the word, and how fast, beside STUMPY and the plain-Python twin.

python benchmarks/extract.py --seed 901 --tasks 60 --json extract.json
python benchmarks/extract.py --scaling
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import warnings
from pathlib import Path

# CPU time is what is compared: threads that wait for one another would count twice.
for name in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from kwspot.discover.extract import extract, locate
from kwspot.features import front_end

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SHORTEST, LONGEST = 0.3, 0.6  # seconds; about N/32 to N/16 of the joined series
WINDOW = 0.4  # seconds, for the rivals, which take one length
SETS = ("paper-one", "words-one", "paper-mixed", "words-mixed")


def ours_per_clip(clips):
    end = front_end("cepstra")
    found = locate([end(x) for x in clips], SHORTEST / end.period, LONGEST / end.period)
    return [(i, a * end.period, b * end.period) for i, (a, b, _) in enumerate(found)]


def ours_on_series(clips):
    return _on_series(
        clips, lambda series, low, high: [(a, b) for a, b, _ in extract(series, low, high)]
    )


def naive_on_series(clips):
    sys.path.insert(0, str(ROOT / "tests"))
    naive = importlib.import_module("naive_extract")
    return _on_series(
        clips, lambda series, low, high: naive.extract(series, int(low), int(high))[0]
    )


def stumpy_mmotifs(clips):
    import stumpy

    def search(series, *_):
        width = round(WINDOW / front_end("mfcc").period)
        columns = np.ascontiguousarray(series.T, np.float64)
        profile, indices = stumpy.mstump(columns, width)
        _, found, _, _ = stumpy.mmotifs(
            columns, profile, indices, k=columns.shape[0] - 1, max_matches=5, cutoffs=np.inf
        )
        return [(int(t), int(t) + width) for t in found[0] if t >= 0]

    return _on_series(clips, search)


def stumpy_ostinato(clips):
    """Find the window whose nearest neighbours in all other clips are nearest, over all columns."""
    import stumpy

    end = front_end("mfcc")
    width = round(WINDOW / end.period)
    columns = [np.ascontiguousarray(end(x).T, np.float64) for x in clips]
    best = (np.inf, 0, 0)
    for i, one in enumerate(columns):
        radius = sum(
            stumpy.stump(a, width, b, ignore_trivial=False)[:, 0].astype(float)
            for j, other in enumerate(columns)
            if j != i
            for a, b in zip(one, other, strict=True)
        )
        best = min(best, (radius.min(), i, int(radius.argmin())))
    _, i, t = best
    spans = []
    for j, other in enumerate(columns):
        pairs = zip(columns[i][:, t : t + width], other, strict=True)
        start = int(sum(stumpy.mass(query, column) for query, column in pairs).argmin())
        spans.append((j, start * end.period, (start + width) * end.period))
    return spans


def _on_series(clips, search):
    """Join the MFCC of the clips and tell which clip each span lies in."""
    end = front_end("mfcc")
    frames = [end(x) for x in clips]
    stops = np.cumsum([len(part) for part in frames])
    spans = search(np.concatenate(frames), SHORTEST / end.period, LONGEST / end.period)
    out = []
    for a, b in spans:
        clip = min(int(np.searchsorted(stops, (a + b) / 2, side="right")), len(frames) - 1)
        first = int(stops[clip]) - len(frames[clip])
        out.append((clip, (a - first) * end.period, (b - first) * end.period))
    return out


SYSTEMS = {
    "kwspot extract, one per clip": ours_per_clip,
    "kwspot extract, on the joined series": ours_on_series,
    "STUMPY ostinato, 13 MFCC": stumpy_ostinato,
    "STUMPY mmotifs, 13 MFCC": stumpy_mmotifs,
    "naive twin (plain Python)": naive_on_series,
}


def compare(corpus, seed, count, naive_tasks):
    """Score all systems on the same tasks; CPU seconds a task, features included."""
    sys.path.insert(0, str(SHARED / "bench"))
    tasks = importlib.import_module("tasks")
    takes = tasks.corpus(corpus)
    rows = []
    for name in SETS:
        level, speakers = name.split("-")
        rng = np.random.default_rng(seed)
        made = [tasks.discover_task(takes, rng, level, speakers)[1] for _ in range(count)]
        for system, find in SYSTEMS.items():
            slow = system.startswith("naive")
            some = made[: naive_tasks if name == "paper-one" else 0] if slow else made
            if not some:
                continue
            find([x for x, _ in some[0]])  # compile, import
            scores, seconds = [], []
            for clips in some:
                start = time.process_time()
                found = find([x for x, _ in clips])
                seconds.append(time.process_time() - start)
                truth = [_row(i, *span) for i, (_, spans) in enumerate(clips) for span in spans]
                scores.append(tasks.score([_row(*span) for span in found], truth))
            summary = {key: float(value) for key, value in tasks.summary(scores).items()}
            rows.append(
                {"set": name, "system": system, "cpu": float(np.median(seconds)), **summary}
            )
            print(
                f"{name:12} {system:38} F25 {summary['F25']:.3f} F50 {summary['F50']:.3f} "
                f"IoU {summary['iou']:.3f}  CPU {rows[-1]['cpu']:7.3f} s  ({len(some)} tasks)",
                flush=True,
            )
    return rows


def _row(clip, start, end):
    return {"clip": clip, "start": start, "end": end}


def scaling():
    """Measure the CPU time of series of 13 columns, fixed lengths, and its exponent."""
    rows = []
    extract(_series(2000), 40, 64)  # compile
    for n in (12_500, 25_000, 50_000, 100_000):
        series = _series(n)
        times = []
        for _ in range(3):
            start = time.process_time()
            found = extract(series, 40, 64)
            times.append(time.process_time() - start)
        rows.append({"n": n, "cpu": min(times), "instances": len(found)})
        print(f"13 x {n:6d}: {min(times):6.2f} s CPU, {len(found)} of 19 instances", flush=True)
    logs = np.log([[row["n"], row["cpu"]] for row in rows])
    exponent = float(np.polyfit(*logs.T, 1)[0])
    print(f"exponent {exponent:.3f}")
    return {"exponent": exponent, "rows": rows}


def _series(n):
    """Return noisy walks with 19 instances of a pattern of 60 samples."""
    rng = np.random.default_rng(0)
    series = rng.normal(size=(n, 13)).cumsum(axis=0) * 0.3 + rng.normal(size=(n, 13))
    series -= np.stack([np.convolve(c, np.ones(200) / 200, "same") for c in series.T], axis=1)
    pattern = np.random.default_rng(9).normal(size=(60, 13)).cumsum(axis=0)
    for start in range(n // 20, n - 61, n // 20):
        series[start : start + 60] += pattern
    return series


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=SHARED / "speech" / "fsdd")
    parser.add_argument("--seed", type=int, default=901)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--naive", type=int, default=2, help="tasks for the slow twin")
    parser.add_argument("--scaling", action="store_true", help="only the scaling")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    result = {"seed": options.seed}
    if not options.scaling:
        result["tasks"] = compare(options.corpus, options.seed, options.tasks, options.naive)
    result["scaling"] = scaling()
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
