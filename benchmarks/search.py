"""Search of archives: how fast it is, how much it finds, and how both grow.

python benchmarks/search.py [--hours 10,100,1000,10000] [--distinct 100] [--each 4] [--only grow]

grow     Search of simulated archives, one keyword of up to five examples, warm: seconds by the
         clock, with as many threads as there are cores, and of CPU, the median of five keywords;
         resident memory that is no page of a file; what is searched, in GB. Archives longer than
         --distinct hours hold those several times: their features are the same bytes of the disk,
         but the codes, all of which are searched, are written out. The exponents are those of
         seconds and of CPU seconds.
scan     Exhaustive scan of the longest that is not repeated: hours of archive per second of CPU,
         for one keyword and ten; beside STUMPY's mass summed over features. What of the scan's best
         20 and 100 search finds; each word is said --each times an hour, where it is said less
         often, the best 100 are other words for the most part, and fewer of them are found.
words    Real speech: mean average precision of ten words of continuous/ by one example of each from
         another sentence, beside subsequence warping of every frame.
vectors  Codes of segments beside faiss, over the same vectors: ms for five queries, MB, and how
         many of the nearest 1000 are found.

Needs the recordings in ../shared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import simulated
from corpora import SPEECH, require

from kwspot.archive import Archive, segments
from kwspot.archive.hits import Found, best
from kwspot.archive.places import Wanted
from kwspot.features.normalise import RunningNormaliser
from kwspot.match.agreement import stream_cost

TOP, MEDIAN = 100, 5
CORES = os.cpu_count() or 1


def timed(work):
    """Return the clock's seconds, CPU seconds, and the result of a call."""
    clock, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - clock, time.process_time() - cpu, result


def resident():
    """Return the resident memory that is no page of a file, in GB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("RssAnon:")[2].split()[0]) / 1e6


def grow(folder, sizes, distinct, simulate):
    """Search archives of so many hours; return the figures, and the last that is not repeated."""
    told, figures, base = {}, [], None
    for hours in sizes:
        if hours <= distinct or base is None or len(base.shards) < distinct:
            if base is not None:
                shutil.rmtree(base.url)
            base = simulate(folder / f"{hours}", min(hours, distinct))
        archive = base
        if hours > distinct:
            archive = simulated.repeat(base, folder / f"x{hours}", hours // distinct)
        runs = []
        for keyword in simulate.keywords["material"].keywords[:MEDIAN]:
            archive.search([keyword], top=TOP, jobs=CORES)
            runs.append(timed(lambda k=keyword, a=archive: a.search([k], top=TOP, jobs=CORES))[:2])
        clock, cpu = np.median(runs, axis=0).tolist()
        figures.append((clock, cpu))
        told[f"{hours} h"] = {
            "seconds": clock,
            "CPU s": cpu,
            "GB resident": resident(),
            "GB of codes": sum(
                stored.length for pack in archive.packs.every for _, stored in pack.arrays
            )
            / 1e9,
        }
        print(told, flush=True)
        if hours > distinct:
            shutil.rmtree(archive.url)
    if len(sizes) > 1:
        clock, cpu = (
            np.polyfit(np.log(sizes), np.log(row), 1)[0] for row in zip(*figures, strict=True)
        )
        told["exponent"] = {"seconds": float(clock), "CPU s": float(cpu)}
    return told, base


def scan(archive, keywords):
    """Scan an archive for one keyword and for all, and compare search with it."""
    hours = sum(entry.seconds for entry in archive) / 3600
    archive.scan(keywords[:1], top=1, wanted=Wanted(("/000000-0.wav",)))
    _, one, _ = timed(lambda: archive.scan(keywords[:1], top=TOP))
    _, ten, every = timed(lambda: archive.scan(keywords, top=TOP))
    some = archive.search(keywords, top=TOP)
    shares = {20: [], TOP: []}
    for keyword in keywords:
        truth = [hit for hit in every if hit.keyword == keyword.name]
        found = [hit for hit in some if hit.keyword == keyword.name]
        known = [any(_same(hit, other) for other in found) for hit in truth]
        for rank, kept in shares.items():
            kept.append(float(np.mean(known[:rank])))
    return {
        "hours": hours,
        "hours per CPU s, 1 keyword": hours / one,
        f"hours per CPU s, {len(keywords)} keywords": hours / ten,
        "the same, STUMPY mass, 1 example": _stumpy(archive, keywords[0].stream_templates()[0]),
        **{f"recall@{rank}": float(np.mean(kept)) for rank, kept in shares.items()},
    }


def _same(a, b):
    shared = min(a.end, b.end) - max(a.start, b.start)
    return a.recording == b.recording and shared > 0.5 * min(a.end - a.start, b.end - b.start)


def _stumpy(archive, template):
    """Sum distance profiles over the features of six recordings; return hours per CPU second."""
    import stumpy

    entries = list(archive)[:6]
    series = [archive.features(entry).astype(np.float64) for entry in entries]
    wide = template.astype(np.float64)
    stumpy.mass(wide[:, 0], series[0][:, 0])
    _, cpu, _ = timed(
        lambda: [
            sum(stumpy.mass(wide[:, i], x[:, i]) ** 2 for i in range(x.shape[1])) for x in series
        ]
    )
    return sum(entry.seconds for entry in entries) / 3600 / cpu


def words(folder, rng):
    """Find every occurrence of ten words in real speech by one example of each."""
    archive = Archive.create(folder / "words", front_end="cepstra")
    archive.add(SPEECH / "continuous")
    found, features = simulated.occurrences(), simulated.sentences("continuous")
    told = {}
    for word in simulated.common(found, simulated.WORDS):
        places = found[word]
        example = places[rng.integers(len(places))]
        keyword = simulated.keyword(word, [example], features)
        truth = [place for place in places if place[0] != example[0]]
        hits = archive.search([keyword], top=1000)
        ranked = [(hit.recording, hit.start, hit.end) for hit in hits]
        warped = [
            (one.recording, one.start * 0.02, one.end * 0.02) for one in _warped(archive, keyword)
        ]
        told[word] = {
            "search": _precision(ranked, truth, example[0]),
            "every frame": _precision(warped, truth, example[0]),
        }
    mean = {way: float(np.mean([row[way] for row in told.values()])) for way in told[word]}
    return {**told, "mean": mean}


def _warped(archive, keyword):
    """Warp every frame of every recording."""
    found = []
    for entry in archive:
        frames = archive.normalised(entry, keyword.prior, 0, entry.frames)
        cost, start = stream_cost(keyword.stream_templates(), frames)
        found += [
            Found(float(cost[j]), entry.path, j + 1, int(start[j]), 0, archive.url)
            for j in np.flatnonzero(np.isfinite(cost)).tolist()
        ]
    return best(found, 1000)


def _precision(ranked, truth, left_out):
    """Return the average precision; a hit counts if its middle lies in a word not yet found."""
    left, right, total, seen = list(truth), 0, 0.0, 0
    for recording, start, end in ranked:
        path = Path(recording).relative_to(SPEECH.resolve()).as_posix()
        if path == left_out:
            continue
        seen += 1
        middle = (start + end) / 2
        same = [one for one in left if one[0] == path and one[1] <= middle <= one[2]]
        if same:
            left.remove(same[0])
            right += 1
            total += right / seen
    return total / len(truth)


def vectors(archive, keyword, nearest=1000):
    """Search the vectors of segments by their codes, by faiss's, and without any."""
    import faiss

    faiss.omp_set_num_threads(1)
    model, length = segments.model("cepstra"), 20
    prior, ear = model.prior, simulated.EAR
    parts = []
    for entry in list(archive)[:60]:
        frames = archive.features(entry)
        running = RunningNormaliser(prior, period=ear.period, homogeneous=ear.homogeneous)
        total = segments.running_total(running.feed(frames, ear.loudness(frames)))
        count = int(segments.counts(np.array([len(frames)]), length, "cepstra")[0])
        whole = np.full(count, len(frames))
        parts.append(
            model.embed(total, *segments.spans(whole, np.arange(count), length, "cepstra"))
        )
    x = np.concatenate(parts)
    templates = keyword.stream_templates()
    queries = np.concatenate(
        [
            model.embed(segments.running_total(t), np.array([0]), np.array([len(t)]))
            for t in templates
        ]
    )
    flat = faiss.IndexFlatIP(x.shape[1])
    flat.add(x)
    _, flat_cpu, (_, truth) = timed(lambda: flat.search(queries, nearest))
    fast = faiss.IndexPQFastScan(x.shape[1], 16, 4, faiss.METRIC_INNER_PRODUCT)
    fast.train(x[:: max(1, len(x) // 50_000)])
    fast.add(x)
    fast.search(queries, nearest)
    _, fast_cpu, (_, theirs) = timed(lambda: fast.search(queries, nearest))
    codes = segments.layout([{length: _by_row(model, x)}])[length].reshape(-1)
    tables = model.bolt.byte_tables(queries).entries.reshape(len(queries), -1)
    _coded(codes, tables, len(x), nearest)
    _, our_cpu, ours = timed(lambda: _coded(codes, tables, len(x), nearest))
    return {
        "segments": {"value": len(x)},
        "faiss flat": {"ms": 1e3 * flat_cpu, "MB": x.nbytes / 1e6, "recall": 1.0},
        "faiss IndexPQFastScan, 8 bytes": {
            "ms": 1e3 * fast_cpu,
            "MB": len(x) * 8 / 1e6,
            "recall": _shared(theirs, truth),
        },
        "kwspot, 8 bytes": {
            "ms": 1e3 * our_cpu,
            "MB": codes.nbytes / 1e6,
            "recall": _shared(ours, truth),
        },
    }


def _by_row(model, x):
    blocks = model.bolt.books.encode(x)
    return blocks.transpose(0, 2, 1).reshape(-1, blocks.shape[1])[: len(x)]


def _coded(codes, tables, rows, count):
    from kwspot.kernels.bolt_search import ID_BITS, search

    keys = np.full((len(tables), count), np.iinfo(np.int64).max)
    groups = (0,) * (tables.shape[1] // 256)
    search(codes, tables, keys, np.empty(128, np.uint64), np.empty(0, np.bool_), rows, groups)
    return keys & ((1 << ID_BITS) - 1)


def _shared(found, truth):
    return float(np.mean([np.isin(b, a).mean() for a, b in zip(found, truth, strict=True)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", default="10,100,1000,10000")
    parser.add_argument("--distinct", type=int, default=100)
    parser.add_argument("--each", type=float, default=4, help="how often an hour a word is said")
    parser.add_argument("--only", default="grow,scan,words,vectors")
    parser.add_argument("--seed", type=int, default=901)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    require()
    rng = np.random.default_rng(arguments.seed)
    parts, told = arguments.only.split(","), {"benchmark": "search", "seed": arguments.seed}
    with tempfile.TemporaryDirectory() as name:
        folder, material = Path(name), simulated.Material(rng)
        sizes = [int(part) for part in arguments.hours.split(",")]
        sizes = sizes if "grow" in parts else sizes[:1]
        simulate = partial(simulated.simulate, material=material, rng=rng, each=arguments.each)
        told["grow"], archive = grow(folder, sizes, arguments.distinct, simulate)
        if "scan" in parts:
            told["scan"] = scan(archive, material.keywords)
        if "words" in parts:
            told["words"] = words(folder, rng)
        if "vectors" in parts:
            told["vectors"] = vectors(archive, material.keywords[0])
    for part in ("grow", "scan", "words", "vectors"):
        for what, value in told.get(part, {}).items():
            cells = value.items() if isinstance(value, dict) else [("", value)]
            print(f"{part:8}{what:34}", *(f"{key} {cell:.4g}" for key, cell in cells), sep="  ")
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
