"""Outlines beside a plain recurrence, and marks beside plain sums."""

from itertools import pairwise

import naive_quantise as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.archive import segments
from kwspot.archive.outline import Marked, Outline
from kwspot.kernels import bolt_near
from kwspot.kernels.bolt_search import ID_BITS
from kwspot.kernels.outline import FIRST, ONE, SHUT, STEPS
from kwspot.quantise.luts import query_tables

SEED = st.integers(0, 2**32 - 1)
MODEL = segments.model("cepstra")


@settings(deadline=None, max_examples=40)
@given(SEED, st.sampled_from([8, 16]), st.integers(1, 300), st.booleans())
def test_what_is_near_to_any_query_is_marked(seed, n_bytes, pairs, masked):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (64 * pairs, n_bytes), dtype=np.uint8)
    tables = rng.integers(0, rng.choice([8, 60, 256]), (3, 2 * n_bytes, 16), dtype=np.uint8)
    n_rows = len(codes) - int(rng.integers(0, 64))
    allowed = rng.random(n_rows) < 0.3 if masked else np.ones(n_rows, bool)
    least = np.min([naive.sums(codes[:n_rows], one) for one in tables], axis=0)
    bound = int(rng.choice([0, np.quantile(least, 0.1), 0xFFFF]))
    marks = np.empty(-(-n_rows // 64), np.uint64)
    bolt_near.mark_near(
        naive.block(codes), tables.reshape(3, -1), bound, np.empty(128, np.uint64),
        allowed if masked else np.empty(0, bool), n_rows, marks, (0,) * (n_bytes // 8),
    )  # fmt: skip
    found = np.unpackbits(marks.astype("<u8").view(np.uint8), bitorder="little")
    np.testing.assert_array_equal(found[:n_rows] > 0, (least <= bound) & allowed)
    assert not found[n_rows:].any()


def ends(outline, rows):
    """Mean cost of the best path of each template that ends at each row of codes, (n, t)."""
    one = min(1024, SHUT // (2 * (max(2, *outline.count) + STEPS)))
    books = MODEL.bolt.books
    tables = query_tables(outline.vectors, books.centroids, books.starts, "cosine")
    tables += ((1 - outline.vectors @ books.mean) / tables.shape[1])[:, None, None]
    picked = naive.nibbles(rows)
    local = np.sum([np.rint(one * tables[:, c])[:, code] for c, code in enumerate(picked.T)], 0)
    local = np.maximum(local.astype(int), 0)  # (segments, rows)
    found = np.full((len(rows), len(outline.count)), np.inf)
    for t, (a, b) in enumerate(pairwise([0, *np.cumsum(outline.count)])):
        total = np.full((b - a, len(rows) + 1), SHUT)
        for row in range(len(rows)):
            for at in range(b - a):
                cost = int(local[a + at, row])
                ways = [total[at - k, row] + k * cost for k in range(1, min(STEPS, at) + 1)]
                begin = 2 * cost + cost // 2 + round(one * at / 2) if at <= 2 else SHUT
                total[at, row + 1] = min(begin, SHUT, *ways)
        for at in range(max(0, b - a - 2), b - a):
            share = np.float32(1 / (one * (at + FIRST)))
            found[:, t] = np.minimum(found[:, t], np.float32(total[at, 1:]) * share)
    return found


def expected(outline, codes, runs):
    """Where the mean of the three best templates has a valley, and how deep it is."""
    found = {}
    for begin, end in runs:
        cost = np.pad(ends(outline, codes[begin:end]), ((1, 1), (0, 0)), constant_values=np.inf)
        near = np.sort(np.minimum(np.minimum(cost[:-2], cost[1:-1]), cost[2:]), axis=1)
        mean = [np.inf, *near[:, :3].mean(axis=1), np.inf]
        for x in range(1, len(mean) - 1):
            if mean[x] < mean[x - 1] and mean[x] <= mean[x + 1]:
                found[begin + x - 1] = mean[x]
    return found


@pytest.mark.parametrize("lengths", [[30, 24, 41, 33], [14], [7, 25]])
def test_outlines_are_warped_as_by_the_plain_recurrence(lengths):
    rng = np.random.default_rng(len(lengths))
    templates = [rng.normal(size=(length, 26)).astype(np.float32) for length in lengths]
    outline = Outline.of(templates, MODEL, 10)
    counts = np.array([90, 0, 150, 17])
    codes = rng.integers(0, 256, (320, 8), dtype=np.uint8)
    marked = np.zeros(320, bool)
    marked[[3, 9, 60, 61, 95, 239, 256]] = True  # of every row one is marked
    marks = np.packbits(marked, bitorder="little").view(np.uint64)
    where = Marked(marks, counts, counts, 1, 4, 9)
    runs = [(0, 19), (56, 71), (91, 105), (235, 240), (252, 257)]
    wanted = expected(outline, codes, runs)
    keys = outline.find(MODEL, naive.block(codes), where, 1000)
    found = {key & ((1 << ID_BITS) - 1): (key >> ID_BITS) / ONE for key in keys.tolist()}
    assert found == pytest.approx({row: min(cost, 4) for row, cost in wanted.items()}, abs=2 / ONE)
    few = outline.find(MODEL, naive.block(codes), where, 3)
    assert sorted(few.tolist()) == sorted(keys.tolist())[:3]
