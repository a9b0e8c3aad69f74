"""Compare the discovery of the shared word with rivals and with an exhaustive search.

python benchmarks/discovery_rivals.py [--seed 901] [--seconds 5,20,60] [--json out]

One speaker, the word among others. STUMPY is told how long the word is; the matrix profiles of 12
cepstra are added up. The exhaustive search warps every window of every clip onto every other and
gives nothing up, see `exhaustive`: it takes the square of the length, and is the ceiling. Systems
take turns, task by task, on one thread; CPU time is the median. Of the `--tasks` of each length
slow systems get the first `--few`, and F1 on these tells how far they are ahead or behind.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from pathlib import Path
from unittest.mock import patch

# CPU time is what is compared: threads that wait for one another would count twice.
for name in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from discovery import RATE, SPEECH, task_maker
from exhaustive import best_windows

from kwspot.discover import Bounds, consensus, discover
from kwspot.features import front_end

FRONT_END = "cepstra"
BOUNDS = 0.15, 1.5  # seconds that a word may last, as for kwspot
PERIOD = 0.02  # seconds a frame of the rivals: pairs of MFCC frames
WORD = 0.72  # seconds that a digit and the pause after it take, to make clips of a given length


def ours(clips, _):
    return _once_per_clip(discover([(x, RATE) for x in clips], front_end=FRONT_END))


def ours_extract(clips, _):
    found = discover([(x, RATE) for x in clips], method="extract", front_end=FRONT_END)
    return _once_per_clip(found)


def exhaustive_dtw(clips, _):
    """Do as kwspot does, but with the best of all windows instead of the segments it looks at."""
    bounds = Bounds(*BOUNDS)
    with patch.object(consensus, "shortlist", lambda heard, *_: best_windows(heard, bounds)):
        return ours(clips, _)


def _once_per_clip(found):
    return [(i, place.start, place.end) for i, place in enumerate(found)]


def ostinato(clips, seconds):
    """Find the window whose nearest neighbours in all other clips are nearest."""
    import stumpy

    width = round(seconds / PERIOD)
    series = [_cepstra(x) for x in clips]
    best = (np.inf, 0, 0)
    for i, one in enumerate(series):
        radius = sum(
            stumpy.stump(a, width, b, ignore_trivial=False)[:, 0].astype(float)
            for j, other in enumerate(series)
            if j != i
            for a, b in zip(one, other, strict=True)
        )
        best = min(best, (radius.min(), i, int(radius.argmin())))
    _, i, at = best
    spans = []
    for j, other in enumerate(series):
        pairs = zip(series[i][:, at : at + width], other, strict=True)
        start = int(sum(stumpy.mass(query.copy(), column) for query, column in pairs).argmin())
        spans.append((j, start * PERIOD, (start + width) * PERIOD))
    return spans


def mmotifs(clips, seconds):
    """Find the motif of all dimensions in the joined clips, as often as there are clips."""
    import stumpy

    width = round(seconds / PERIOD)
    series = [_cepstra(x) for x in clips]
    joined = np.concatenate(series, axis=1)
    profile, indices = stumpy.mstump(joined, width)
    last = len(joined) - 1
    _, found, _, _ = stumpy.mmotifs(
        joined, profile, indices, k=last, max_matches=len(clips), cutoffs=np.inf
    )
    stops = np.cumsum([one.shape[1] for one in series])
    spans = []
    for start in (int(t) for t in found[0] if t >= 0):
        clip = min(int(np.searchsorted(stops, start + width / 2, side="right")), len(clips) - 1)
        begin = (start - stops[clip] + series[clip].shape[1]) * PERIOD
        spans.append((clip, begin, begin + width * PERIOD))
    return spans


def _cepstra(x):
    return np.ascontiguousarray(front_end("mfcc")(x)[::2, 1:].T, np.float64)


SYSTEMS = {  # what finds the word, and whether it is slow
    "kwspot": (ours, False),
    "kwspot extract": (ours_extract, False),
    "STUMPY ostinato": (ostinato, True),
    "STUMPY mmotifs": (mmotifs, True),
    "exhaustive DTW": (exhaustive_dtw, True),
}


def make(maker, seconds, count, seed):
    """Yield tasks whose clips are about as long as that."""
    takes = maker.corpus(SPEECH / "fsdd")
    rng = np.random.default_rng(seed)
    others = max(1, round((seconds - 1) / WORD) - 1)
    for _ in range(count):
        yield maker.discover_task(takes, rng, "words", "one", distractors=others)[1]


def compare(maker, seconds, count, few, seed):
    """Run all systems over the tasks, in turns; return a row of results for each."""
    rows = {name: [] for name in SYSTEMS}
    times = {name: [] for name in SYSTEMS}
    for number, clips in enumerate(make(maker, seconds, count, seed)):
        truth = [_row(i, *span) for i, (_, spans) in enumerate(clips) for span in spans]
        length = float(np.mean([row["end"] - row["start"] for row in truth]))
        for name, (find, is_slow) in SYSTEMS.items():
            if is_slow and number >= few:
                continue
            before = time.process_time()
            found = find([x for x, _ in clips], length)
            times[name].append(time.process_time() - before)
            rows[name].append(maker.score([_row(*span) for span in found], truth))
    return {
        name: {
            **{key: float(value) for key, value in maker.summary(rows[name]).items()},
            "F50 on the few": float(maker.summary(rows[name][:few])["F50"]),
            "cpu": float(np.median(times[name])),
        }
        for name in SYSTEMS
    }


def _row(clip, start, end):
    return {"clip": clip, "start": start, "end": end}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=901)
    parser.add_argument("--seconds", default="5,20,60")
    parser.add_argument("--tasks", default="40,20,10")
    parser.add_argument("--few", default="40,20,4")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    maker = task_maker()
    for seconds in (5, 20):  # compile, import
        clips = next(make(maker, seconds, 1, 0))
        for find, is_slow in SYSTEMS.values():
            if seconds == 5 or not is_slow:
                find([x for x, _ in clips], 0.4)
    results = {"seed": options.seed}
    print(f"{'seconds':>7} {'system':16} tasks   F25   F50   IoU  F50 on the few    CPU s  x ours")
    lists = (map(int, text.split(",")) for text in (options.seconds, options.tasks, options.few))
    for seconds, count, few in zip(*lists, strict=True):
        results[f"{seconds} s"] = table = compare(maker, seconds, count, few, options.seed)
        for name, row in table.items():
            print(
                f"{seconds:7} {name:16} {row['tasks']:5.0f} {row['F25']:5.3f} {row['F50']:5.3f} "
                f"{row['iou']:5.3f} {row['F50 on the few']:15.3f} {row['cpu']:8.3f} "
                f"{row['cpu'] / table['kwspot']['cpu']:7.1f}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
