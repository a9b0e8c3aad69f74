"""Run every quantiser kernel on fixed inputs and digest the results: equal on all processors."""

import hashlib

import numpy as np

from kwspot.kernels import maddness_scan
from kwspot.quantise import BoltIndex, Int8Bank, Maddness
from kwspot.quantise.kmeans import kmeans16


def rows(n, d, seed):
    """Make rows of which no result depends on the order of a BLAS sum."""
    rng = np.random.default_rng(seed)
    return (rng.integers(-99, 100, (n, d)) + 300 * rng.integers(0, 3, (n, 1))).astype(np.float32)


def results():
    """Yield the name and the arrays of each part."""
    x = rows(300, 11, 0)
    yield "k-means", [kmeans16(x, rng=np.random.default_rng(0))]
    index = BoltIndex(rerank=20).fit(x).add(x)
    sums = [index.scan(x[:2]), index.scan(x[:2], exact=False)]
    yield "Bolt", [index._rows.codes, index._rows.radii, *sums, *index.search(x, 3)]
    bank = Int8Bank(rows(5 * 3, 11, 1).reshape(5, 3, 11), x)
    yield "bank", [bank.scores(x)]
    for kind, n_codebooks, out_kind in ((np.float32, 4, np.float32), (np.int8, 16, np.uint16)):
        small = (x / 8).astype(kind)
        codes = Maddness(n_codebooks).fit(small, np.eye(11, 6)).encode(small)
        yield f"MADDNESS {np.dtype(kind)}", [codes, *scans(codes, n_codebooks, out_kind)]


def scans(codes, n_codebooks, kind):
    """Scan codes with tables that no regression has touched."""
    rng = np.random.default_rng(5)
    tables = rng.integers(0, 256, (3, n_codebooks, 16), dtype=np.uint8)
    step, offset = rng.normal(size=(2, 3)).astype(np.float32)
    scratch, books = np.empty(16 * 64 * n_codebooks, np.uint8), (0,) * n_codebooks
    for scan in (maddness_scan.scan_exact, maddness_scan.scan_averaged):
        out = np.empty((3, 32 * len(codes)), kind)
        scan(codes, tables, step, offset, scratch, out, books)
        yield out[:, :300]


def digests():
    """List a line a part."""
    lines = []
    for name, arrays in results():
        digest = hashlib.sha256()
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        lines.append(f"{name}: {digest.hexdigest()}")
    return lines
