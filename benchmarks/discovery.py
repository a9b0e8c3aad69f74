"""How well is the shared word found? Ours, STUMPY's ostinato and an energy gate, side by side.

python benchmarks/discovery.py [--seeds 901] [--tasks 60] [--sets words-one,asterisk] [--json out]

Needs the recordings and the task maker in ../shared; `pip install 'kwspot[bench]'` for STUMPY.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import sys
import time
import warnings
from collections import Counter, defaultdict
from functools import partial
from pathlib import Path

import numpy as np
from repeated import repeated_task

from kwspot.audio import load
from kwspot.discover import discover
from kwspot.features import front_end

SHARED = Path(__file__).parents[2] / "shared"
SPEECH = SHARED / "speech"
RATE = 16000
FRONT_END = "auto"
SETS = {  # corpus, level, speakers, further arguments of the task maker
    "paper-one": ("fsdd", "paper", "one", {}),
    "words-one": ("fsdd", "words", "one", {}),
    "fluent-one": ("fsdd", "fluent", "one", {}),
    "paper-mixed": ("fsdd", "paper", "mixed", {}),
    "words-mixed": ("fsdd", "words", "mixed", {}),
    "fluent-mixed": ("fsdd", "fluent", "mixed", {}),
    "words-one-10dB": ("fsdd", "words", "one", {"snr_db": 10.0}),
    "words-one-0dB": ("fsdd", "words", "one", {"snr_db": 0.0}),
    "words-one-16": ("fsdd", "words", "one", {"distractors": 16}),
    "arabic-one": ("arabic", "words", "one", {}),
    "arabic-mixed": ("arabic", "words", "mixed", {}),
    "words-one-three": ("fsdd", "words", "one", {"times": 3}),  # all occurrences are asked for
    "words-mixed-three": ("fsdd", "words", "mixed", {"times": 3}),
}
LACKING = ("words-one-absent", "words-mixed-absent", "fluent-one-absent")  # one clip of five
NATURAL = ("asterisk", "lj")
FUNCTION_WORDS = (
    "a all an and are as at be by for from has have if in is it no not of on or that the there "
    "this to was when which will with you your"
)


def task_maker():
    """Load ../shared/bench/tasks.py."""
    path = SHARED / "bench" / "tasks.py"
    if not path.exists() or not SPEECH.exists():
        sys.exit(f"this benchmark needs {path} and {SPEECH}, which are not part of the project")
    spec = importlib.util.spec_from_file_location("tasks", path)
    module = sys.modules["tasks"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spoken_tasks(maker, name, count, seed):
    """Yield tasks of isolated words: clips as (samples, spans)."""
    corpus, level, speakers, more = SETS[name]
    if corpus == "fsdd":
        takes = maker.corpus(SPEECH / "fsdd")
    else:
        takes = [u for u in maker.corpus(SPEECH) if f"words/{corpus}/" in u.path.as_posix()]
    rng = np.random.default_rng(seed)
    make = partial(repeated_task, maker) if "times" in more else maker.discover_task
    for _ in range(count):
        yield make(takes, rng, level, speakers, **more)[1]


def lacking_tasks(maker, name, count, seed):
    """Yield tasks of isolated words in which one clip, drawn by chance, has lost the word."""
    rng = np.random.default_rng([seed, 1])
    for clips in spoken_tasks(maker, name.removesuffix("-absent"), count, seed):
        k = int(rng.integers(len(clips)))
        x, spans = clips[k]
        keep = np.ones(len(x), bool)
        for start, end in spans:
            keep[int(start * RATE) : int(end * RATE)] = False
        yield [*clips[:k], (x[keep], []), *clips[k + 1 :]]


def natural_tasks(corpus, count, seed):
    """Yield five files that share one content word and no other in more than two of them."""
    files, function_words = defaultdict(list), set(FUNCTION_WORDS.split())
    with (SPEECH / "words.csv").open(encoding="utf8") as file:
        for row in csv.DictReader(file):
            if f"/{corpus}/" in row["path"]:
                span = row["word"], float(row["start"]), float(row["end"])
                files[row["path"]].append(span)
    holders = defaultdict(list)
    for path, words in files.items():
        for word in {w for w, _, _ in words} - function_words:
            if all(end - start >= 0.3 for w, start, end in words if w == word):
                holders[word].append(path)
    able = sorted(word for word, paths in holders.items() if len(paths) >= 5)
    rng, seen = np.random.default_rng(seed), set()
    for _ in range(2000):
        word = able[rng.integers(len(able))]
        paths = tuple(sorted(rng.choice(holders[word], 5, replace=False)))
        others = Counter(w for p in paths for w in {w for w, _, _ in files[p]} - function_words)
        del others[word]
        if (word, paths) in seen or max(others.values(), default=0) > 2:
            continue
        seen.add((word, paths))
        yield [
            (load(SPEECH / p), [(start, end) for w, start, end in files[p] if w == word])
            for p in paths
        ]
        if len(seen) == count:
            return


def ours(clips):
    """Ask kwspot: spans, the confidence, and which clips are said to hold the word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = discover([(x, RATE) for x in clips], front_end=FRONT_END)
    spans = [(place.start, place.end) for place in found]
    return spans, found.confidence, [place.present for place in found]


def ours_every(clips):
    """Ask kwspot for all occurrences: the spans of each clip."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = discover([(x, RATE) for x in clips], every=True, front_end=FRONT_END)
    spans = defaultdict(list)
    for place in found:
        if place.present:
            spans[place.clip].append((place.start, place.end))
    return [spans[f"clip {number}"] for number in range(1, len(clips) + 1)], found.confidence, None


def energy_gate(clips):
    """Answer with the longest loud run of each clip."""
    spans = []
    for x in clips:
        energy = np.convolve(
            np.square(x[: len(x) // 160 * 160]).reshape(-1, 160).mean(1), [0.2] * 5
        )
        loud = np.log(energy[2:-2] + 1e-12)
        low, high = np.quantile(loud, [0.05, 0.95])
        on = np.concatenate([[0], loud > low + 0.4 * (high - low), [0]])
        starts, ends = np.flatnonzero(np.diff(on) == 1), np.flatnonzero(np.diff(on) == -1)
        run = (ends - starts).argmax()
        spans.append((starts[run] / 100, ends[run] / 100))
    return spans, None, None


def ostinato(clips):
    """Ask STUMPY for the consensus motif of 0.4 s, over 13 cepstra of 20 ms frames."""
    import stumpy

    frames = [front_end("mfcc")(x)[::2].T.astype(np.float64) for x in clips]
    m = 20
    best = None
    for k in range(1, 13):
        radius, which, at = stumpy.ostinato([f[k].copy() for f in frames], m)
        if best is None or radius < best[0]:
            best = radius, which, at
    _, which, at = best
    spans = []
    for f in frames:
        distance = sum(
            np.square(stumpy.mass(frames[which][k, at : at + m].copy(), f[k].copy()))
            for k in range(1, 13)
        )
        i = int(distance.argmin())
        spans.append((i * 0.02, (i + m) * 0.02))
    return spans, None, None


def measure(maker, tasks, method):
    """Run a method over tasks; return its scores, CPU seconds, confidences and successes.

    Clips without the word do not count in the scores, but whether they, and only they, are named.
    """
    rows, seconds, sure, named, wronged = [], [], [], [], []
    for clips in tasks:
        before = time.process_time()
        spans, confidence, present = method([x for x, _ in clips])
        seconds.append(time.process_time() - before)
        holds = [bool(t) for _, t in clips]
        found = [
            {"clip": i, "start": a, "end": b}
            for i, some in enumerate(spans)  # one span of a clip, or a list of them
            for a, b in np.reshape(some, (-1, 2)).tolist()
            if holds[i]
        ]
        truth = [{"clip": i, "start": a, "end": b} for i, (_, t) in enumerate(clips) for a, b in t]
        rows.append(maker.score(found, truth))
        sure.append((confidence, rows[-1]["hit50"] / max(len(found), 1)))
        if present is not None:
            named += [not here for here, held in zip(present, holds, strict=True) if not held]
            wronged.append(
                any(held and not here for here, held in zip(present, holds, strict=True))
            )
    result = maker.summary(rows) | {"cpu": round(float(np.median(seconds)), 4)}
    if sure[0][0] is not None:
        result["confidence"] = sure
        if wronged:
            result["wrongly called absent"] = round(float(np.mean(wronged)), 4)
    if named:
        result["absent named"] = round(float(np.mean(named)), 4)
    return result


def calibration_error(pairs, bins=10):
    """Return the expected calibration error of (confidence, share right) pairs."""
    sure, right = np.array(pairs).T
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[which == b].sum() - right[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(sure))


def main():
    global FRONT_END
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="901")
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--rival-tasks", type=int, default=20, help="tasks that rivals get")
    parser.add_argument("--sets", default=",".join([*SETS, *LACKING, *NATURAL]))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--front-end", default=FRONT_END)
    options = parser.parse_args()
    FRONT_END = options.front_end
    maker = task_maker()
    rivals = {"gate": energy_gate}
    if importlib.util.find_spec("stumpy"):
        rivals["ostinato"] = ostinato
        ostinato([x for x, _ in next(spoken_tasks(maker, "paper-one", 1, 0))])  # compile
    results, pairs = {}, []
    print(
        f"{'set':18} {'method':9} tasks   F25   P50   R50   F50   IoU  CPU s  absent named, wrongly"
    )
    ours([x for x, _ in next(spoken_tasks(maker, "words-one", 1, 0))])  # compile or load
    for name in options.sets.split(","):
        tasks = []
        for seed in map(int, options.seeds.split(",")):
            if name in NATURAL:
                tasks += natural_tasks(name, options.tasks, seed)
            else:
                make = lacking_tasks if name in LACKING else spoken_tasks
                tasks += make(maker, name, options.tasks, seed)
        asked = ours_every if name.endswith("-three") else ours
        few = tasks[: options.rival_tasks]
        for label, method in {"kwspot": asked, **(rivals if few else {})}.items():
            some = tasks if label == "kwspot" else few
            result = measure(maker, some, method)
            pairs += result.pop("confidence", [])
            results[f"{name}/{label}"] = result
            print(
                f"{name:18} {label:9} {result['tasks']:5} {result['F25']:5.3f} "
                f"{result['P50']:5.3f} {result['R50']:5.3f} {result['F50']:5.3f} "
                f"{result['iou']:5.3f} {result['cpu']:6.3f}  "
                f"{result.get('absent named', '')} {result.get('wrongly called absent', '')}",
                flush=True,
            )
    results["calibration error"] = calibration_error(pairs)
    print(f"expected calibration error of the confidence: {results['calibration error']:.3f}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
