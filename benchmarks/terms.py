"""What is said again and again: whether words are found, and how the time grows.

python benchmarks/terms.py [--minutes 4,15,60] [--json out]

Words of sentences (telephone prompts, read English), syllables of a finch, and the time and memory
that up to an hour of speech takes on two threads. Needs the recordings in ../shared.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import soundfile
import soxr

import kwspot
from kwspot.audio import load
from kwspot.discover import term_metrics as metrics

SPEECH = Path(__file__).parents[2] / "shared" / "speech"
RATE = 16000
FUNCTION_WORDS = (
    "a all an and are as at be by for from has have if in is it no not of on or that the there "
    "this to was when which will with you your"
)
SETS = {  # folder, options
    "asterisk": ("/asterisk/", {}),
    "lj": ("/lj/", {}),
    "finch": ("bio/", {"min_duration": 0.025, "max_duration": 0.125, "nested": False}),
}
COMMON, PURE, COMPLETE = 4, 0.8, 0.5  # occurrences, purity, and share of them in a term


def truth(folder):
    """Return what is said in the recordings of a folder: path to (start, end, word)."""
    said = {}
    with (SPEECH / "words.csv").open(encoding="utf8") as file:
        for row in csv.DictReader(file):
            if folder in row["path"]:
                span = float(row["start"]), float(row["end"]), row["word"]
                said.setdefault(str(SPEECH / row["path"]), []).append(span)
    return dict(sorted(said.items()))


def words_found(terms, said):
    """Return for each common content word the best term that is purely it: (rank, count, share)."""
    counts = Counter(word for spans in said.values() for *_, word in spans)
    wanted = [w for w, n in counts.most_common() if n >= COMMON and w not in FUNCTION_WORDS.split()]
    best = dict.fromkeys(wanted)
    for rank, term in enumerate(terms, 1):
        word, share = metrics.purity(term, said)
        hits = round(share * len(term))
        if word in best and share >= PURE and (best[word] is None or hits > best[word][1]):
            best[word] = rank, hits, hits / counts[word]
    return best


def clustering(terms, labels):
    """Score terms as a clustering of all labelled units, each missed one a cluster of its own.

    F1 of the pairs of units that stand together, and BCubed (Amigo et al., "A comparison of
    extrinsic clustering evaluation metrics", Information Retrieval 12, 2009).
    """
    truth = {(name, *unit): unit[2] for name, units in labels.items() for unit in units}
    cluster = {unit: -number for number, unit in enumerate(truth, 1)}
    for number, term in enumerate(terms):
        for place in term:
            overlap = {
                unit: overlap_over_union(place, unit) for unit in truth if unit[0] == place.clip
            }
            best = max(overlap, key=overlap.get)
            if overlap[best] >= 0.5 and cluster[best] < 0:
                cluster[best] = number
    together = Counter((cluster[unit], truth[unit]) for unit in truth)
    found, true = Counter(cluster.values()), Counter(truth.values())
    pairs = metrics.Score(
        sum(n * (n - 1) for n in together.values()) / sum(n * (n - 1) for n in found.values()),
        sum(n * (n - 1) for n in together.values()) / sum(n * (n - 1) for n in true.values()),
    )
    bcubed = metrics.Score(
        sum(n * n / found[number] for (number, _), n in together.items()) / len(truth),
        sum(n * n / true[label] for (_, label), n in together.items()) / len(truth),
    )
    return {"pairs": pairs, "BCubed": bcubed}


def overlap_over_union(place, unit):
    """Return the intersection over union of a place and a unit (recording, start, end, label)."""
    shared = min(place.end, unit[2]) - max(place.start, unit[1])
    return shared / (max(place.end, unit[2]) - min(place.start, unit[1]))


def measure(name):
    """Search one set, and return its figures."""
    folder, options = SETS[name]
    said = truth(folder)
    terms = kwspot.discover_terms(list(said), **options)
    units = said if name == "finch" else metrics.letters(said)
    figures = {
        "terms": len(terms),
        "coverage": metrics.coverage(terms, units),
        "NED": metrics.edit_distance(terms, units),
        "grouping": metrics.grouping(terms, units),
        "boundary": metrics.boundary(terms, said, units),
        "token": metrics.token(terms, said, units),
        "type": metrics.type_(terms, said, units),
    }
    if name == "finch":
        figures["labelling"] = metrics.labelling(terms, said)
        figures |= clustering(terms, said)
    figures = {
        key: {**value._asdict(), "f1": value.f1} if isinstance(value, metrics.Score) else value
        for key, value in figures.items()
    }
    if name != "finch":
        best = words_found(terms, said)
        figures["words"] = best
        figures["pure"] = sum(b is not None for b in best.values()) / len(best)
        complete = [b for b in best.values() if b is not None and b[2] >= COMPLETE]
        figures["pure and half of them"] = len(complete) / len(best)
    return figures


def an_hour(folder, minutes):
    """Write so many minutes of speech in files of a minute: all there is, at several speeds."""
    paths = [p for p in sorted(SPEECH.rglob("*.*")) if p.suffix in {".flac", ".wav"}]
    paths = [p for p in paths if "bio" not in p.parts and "esc10" not in p.parts]
    rng = np.random.default_rng(901)
    written, waiting, length = 0, [], 0
    while written < minutes:
        speed = rng.uniform(0.9, 1.1)
        for i in rng.permutation(len(paths)):
            x = load(paths[i])
            x = soxr.resample(x * (0.1 / (x.std() + 1e-9)), RATE * speed, RATE)
            waiting.append(x)
            length += len(x)
            if length >= 60 * RATE:
                joined = np.concatenate(waiting)
                soundfile.write(folder / f"{written:03}.wav", joined[: 60 * RATE], RATE)
                waiting, length, written = [joined[60 * RATE :]], length - 60 * RATE, written + 1
                if written == minutes:
                    break


CHILD = """
import resource, sys, time
import kwspot
kwspot.discover_terms([sys.argv[1]])
before, began = time.process_time(), time.perf_counter()
terms = kwspot.discover_terms(sys.argv[2:], jobs=2)
print(time.process_time() - before, time.perf_counter() - began,
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(terms), terms.seconds)
"""


def growth(minutes):
    """Search more and more speech, each in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        an_hour(Path(name), max(minutes))
        files = sorted(map(str, Path(name).iterdir()))
        for count in minutes:
            done = subprocess.run(
                [sys.executable, "-c", CHILD, files[0], *files[:count]],
                capture_output=True,
                text=True,
                check=True,
            )
            cpu, wall, memory, terms, _ = map(float, done.stdout.split())
            rows.append(
                {"minutes": count, "cpu": cpu, "wall": wall, "MB": memory, "terms": int(terms)}
            )
            print(f"{count:7} {cpu:8.1f} {wall:8.1f} {memory:7.0f} {int(terms):6}", flush=True)
    logs = np.log([[row["minutes"], row["cpu"]] for row in rows])
    exponent = float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]) if len(rows) > 1 else None
    return {"rows": rows, "exponent": exponent}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--minutes", default="4,15,60", help="'' for none")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not SPEECH.is_dir():
        sys.exit(f"this benchmark needs {SPEECH}, which is not part of the project")
    results = {}
    print(f"{'set':9} terms  cover   NED  group  bound  token   type    s")
    for name in filter(None, options.sets.split(",")):
        before = time.process_time()
        result = results[name] = measure(name)
        scores = [result[key]["f1"] for key in ("grouping", "boundary", "token", "type")]
        figures = "  ".join(f"{x:5.3f}" for x in (result["coverage"], result["NED"], *scores))
        print(f"{name:9} {result['terms']:5}  {figures} {time.process_time() - before:4.1f}")
    for name, result in results.items():
        if "labelling" in result:
            told = (f"{key} {result[key]['f1']:.3f}" for key in ("labelling", "pairs", "BCubed"))
            print(f"\n{name}: F1 as a clustering, by three measures: {', '.join(told)}")
            continue
        print(f"\n{name}: pure terms for {result['pure']:.2f} of the common content words,")
        print(f"holding half of their occurrences for {result['pure and half of them']:.2f}")
        for word, best in result["words"].items():
            told = "-" if best is None else f"term {best[0]}: {best[1]} times, {best[2]:.2f} of all"
            print(f"  {word:12} {told}")
    if options.minutes:
        print("\nminutes    CPU s   wall s      MB  terms")
        results["growth"] = growth([int(n) for n in options.minutes.split(",")])
        print(f"exponent of the CPU time: {results['growth']['exponent']}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
