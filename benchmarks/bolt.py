"""Bolt beside faiss (PQ4 fast scan, flat) and NumPy: scans, search, encoding, recall.

``python -m benchmarks.bolt`` from the project's root; ``--scans`` measures the scans only.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import bars
from benchmarks import quantise_common as common
from kwspot.speed import contenders, cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

N = 1 << 20
K = 10


def scans() -> tuple[list[str], dict[str, object]]:
    """Scan a million random codes of 8, 16 and 32 bytes; faiss beside those of 8."""
    figures: dict[str, object] = {}
    lines, held = [], {}
    for n_bytes in (8, 16, 32):
        runs = contenders.bolt_scans(N, n_bytes)
        if n_bytes == 8:
            runs["faiss"] = faiss_scan(n_bytes)
        taken = cpu_seconds(runs, 30, warm=True)
        speed = {name: N / took / 1e9 for name, took in taken.items()}
        figures[f"scan_{n_bytes}_bytes"] = speed
        lines.append(
            f"scan, {n_bytes:2} bytes: uint8 {speed['saturating']:5.2f}, exact uint16 "
            f"{speed['exact']:5.2f} G codes/s; memcpy of the codes {speed['memcpy']:5.2f}"
        )
        if n_bytes == 8:
            for name, mine in (("uint8", speed["saturating"]), ("exact", speed["exact"])):
                held[f"Bolt scan, {name}"] = (mine, speed["memcpy"])
                held[f"Bolt scan, {name}, beside faiss"] = (mine, speed["faiss"])
    told, kept = bars.judged(held)
    return lines + told, figures | {"scan_bars": kept["bars"]}


def faiss_scan(n_bytes: int) -> Callable[[], object]:
    """Search as many random rows with faiss PQ4 fast scan, one query."""
    import faiss

    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((N, 2 * n_bytes), np.float32)
    index = faiss.IndexPQFastScan(rows.shape[1], 2 * n_bytes, 4)
    index.train(rows[:4096])
    index.add(rows)
    return partial(index.search, rows[:1], K)


def speech_search() -> tuple[list[str], dict[str, object]]:
    """Search a million vectors like speech windows, and check recall on the real ones."""
    import faiss

    from kwspot.quantise import BoltIndex

    faiss.omp_set_num_threads(1)
    stored, others = common.windows()
    rng = np.random.default_rng(0)
    picked = rng.choice(len(others), 64, replace=False)
    q, r = np.linalg.qr(rng.normal(size=(64, 64)))
    turn = (q * np.sign(np.diag(r))).astype(np.float32)
    stored, queries = stored @ turn, others[picked] @ turn
    copies = -(-N // len(stored))
    noise = np.float32(0.05 * stored.std())
    many = np.concatenate(
        [stored + noise * rng.standard_normal(stored.shape, np.float32) for _ in range(copies)]
    )[:N]
    lines, figures = [f"{len(stored)} windows of speech; {N} with noisy copies"], {}
    for n_bytes in (8, 16):
        ours = BoltIndex(n_bytes=n_bytes).fit(stored).add(many)
        theirs = faiss.IndexPQFastScan(64, 2 * n_bytes, 4)
        theirs.train(stored)
        theirs.add(many)
        flat = faiss.IndexFlatL2(64)
        flat.add(many)
        truth = flat.search(queries, K)[1]
        norms = np.einsum("ij,ij->i", many, many)

        def brute(many=many, norms=norms):
            np.argpartition(norms - 2 * (many @ queries[0]), K)[:K]

        taken = cpu_seconds(
            {
                "bolt, 1 query": partial(one_by_one, ours, queries[:16]),
                "faiss PQ4, 1 query": partial(one_by_one, theirs, queries[:16]),
                "bolt, 64 queries": partial(ours.search, queries, K),
                "faiss PQ4, 64 queries": partial(theirs.search, queries, K),
            },
            15,
            warm=True,
        )
        exact = {
            "faiss flat, 1 query": partial(flat.search, queries[:1], K),
            "numpy, 1 query": brute,
        }
        taken |= cpu_seconds(exact, 5)  # apart: they read 268 MB and leave the caches empty
        count = {"bolt, 1 query": 16, "faiss PQ4, 1 query": 16}
        count |= {"bolt, 64 queries": 64, "faiss PQ4, 64 queries": 64}
        each = {name: took / count.get(name, 1) * 1e3 for name, took in taken.items()}
        recall = {
            "bolt": overlap(ours.search(queries, K)[1], truth),
            "faiss PQ4": overlap(theirs.search(queries, K)[1], truth),
        }
        one = each["faiss PQ4, 1 query"] / each["bolt, 1 query"]
        batch = each["faiss PQ4, 64 queries"] / each["bolt, 64 queries"]
        lines += [f"{n_bytes} bytes, {name}: {value:.3f} ms" for name, value in each.items()]
        lines.append(
            f"{n_bytes} bytes: {one:.2f}x faiss PQ4 (1 query), {batch:.2f}x (64); recall@10 "
            f"by codes alone {recall['bolt']:.3f} against {recall['faiss PQ4']:.3f}"
        )
        held = {}
        for count in ("1 query", "64 queries"):  # in queries a millisecond
            mine, theirs_too = (1 / each[f"{name}, {count}"] for name in ("bolt", "faiss PQ4"))
            held[f"Bolt search, {n_bytes} bytes, {count}"] = (mine, theirs_too)
        told, kept = bars.judged(held)
        lines += told
        figures[f"search_{n_bytes}_bars"] = kept["bars"]
        figures[f"search_{n_bytes}_bytes"] = {"ms": each, "recall": recall, "ratio": [one, batch]}
    more, recalls = recall_after_reranking(stored, others @ turn)
    return lines + more, figures | recalls


def recall_after_reranking(
    stored: np.ndarray, others: np.ndarray
) -> tuple[list[str], dict[str, object]]:
    """Find the ten nearest real windows, 100 candidates compared exactly.

    Queries are windows of the same recordings, as in a search for what recurs in an archive, and
    windows of other minutes, which is harder.
    """
    from kwspot.quantise import BoltIndex

    rng = np.random.default_rng(1)
    squares = (stored**2).sum(axis=1)
    sets = {
        name: rows[rng.choice(len(rows), 300, replace=False)]
        for name, rows in (("same", stored), ("other", others))
    }
    truth = {
        name: np.stack([np.argsort(squares - 2 * stored @ one)[:K] for one in queries])
        for name, queries in sets.items()
    }
    lines, figures = [], {}
    for n_bytes in (8, 16, 32):
        index = BoltIndex(n_bytes=n_bytes, rerank=100).fit(stored).add(stored)
        found = {
            name: overlap(index.search(queries, K)[1], truth[name])
            for name, queries in sets.items()
        }
        figures[f"recall_{n_bytes}_bytes"] = found
        lines.append(
            f"recall@10, {n_bytes} bytes, 100 re-ranked: windows of the same recordings "
            f"{found['same']:.4f}, of other minutes {found['other']:.4f}"
        )
    return lines, figures


def one_by_one(index: object, queries: np.ndarray) -> None:
    for query in queries:
        index.search(query[None], K)  # type: ignore[attr-defined]


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    pairs = zip(found, truth, strict=True)
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in pairs]))


def encoding() -> tuple[list[str], dict[str, object]]:
    """Encode rows of 128 columns with 16 codebooks."""
    import faiss

    from kwspot.quantise.codebooks import Codebooks

    rng = np.random.default_rng(0)
    x = rng.standard_normal((16384, 128), np.float32)
    books = Codebooks.learn(x, 16, rotate=False, rng=rng)
    theirs = faiss.ProductQuantizer(128, 16, 4)
    theirs.train(x)
    few = x[:2048]
    taken = cpu_seconds(
        {"bolt": lambda: books.encode(x), "faiss": lambda: theirs.compute_codes(few)}
    )
    speed = {"bolt": x.nbytes / taken["bolt"] / 1e9, "faiss": few.nbytes / taken["faiss"] / 1e9}
    line = (
        f"encode: {speed['bolt']:.2f} GB/s of float32, faiss {speed['faiss']:.2f}: "
        f"{speed['bolt'] / speed['faiss']:.1f}x"
    )
    told, kept = bars.judged({"Bolt encode": (speed["bolt"], speed["faiss"])})
    return [line, *told], {"encode_GBps": speed, "encode_bars": kept["bars"]}


def main() -> None:
    lines, figures = scans()
    if "--scans" not in sys.argv:
        for level in common.FORCED:
            printed = common.at_level(level, "--scans").splitlines()
            lines.append(f"{level}: {printed[1].strip()}")
        for part in (encoding, speech_search):
            more, found = part()
            lines += more
            figures |= found
    common.report("Bolt", lines, figures)


if __name__ == "__main__":
    common.one_thread()
    main()
