import naive_quantise as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.kernels import maddness as encoding
from kwspot.kernels import maddness_scan as scanning
from kwspot.quantise import Maddness
from kwspot.quantise.prototypes import ByteTables, refine
from kwspot.quantise.trees import best_cut, learn_trees

SEED = st.integers(0, 2**32 - 1)
FEW = settings(deadline=None, max_examples=30)


def low_rank(n, d, seed=0, rank=6):
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(rank, d))
    return (rng.normal(size=(n, rank)) @ mixing + 0.1 * rng.normal(size=(n, d))).astype(np.float32)


@FEW
@given(SEED, st.sampled_from([4, 16, 64]), st.integers(1, 3), st.integers(1, 80), st.booleans())
def test_encoders_equal_the_naive_descent(seed, n_codebooks, n_tiles, width, extremes):
    rng = np.random.default_rng(seed)
    x = rng.integers(-128, 128, (64 * n_tiles, width)).astype(np.int8)
    if extremes:
        x[rng.random(x.shape) < 0.3] = rng.choice([-128, 127])
    columns = rng.integers(0, width, (n_codebooks, 4))
    thresholds = rng.integers(-128, 128, (n_codebooks, 15)).astype(np.int8)
    want = naive.pack(naive.descend(x, columns, thresholds))
    flat, codes = (
        columns.ravel().astype(np.uint64),
        np.empty((2 * n_tiles, n_codebooks // 2, 32), "u1"),
    )

    tables = np.zeros((n_codebooks, 4, 16), np.int8)
    for level in range(4):
        tables[:, level, : 2**level] = thresholds[:, 2**level - 1 : 2 ** (level + 1) - 1]
    tiles = np.zeros((n_tiles, width, 64), np.int8)
    encoding.fill_tiles(x, np.arange(width, dtype=np.uint64), tiles)
    encoding.encode_tiles(tiles, flat, tables, codes)
    np.testing.assert_array_equal(naive.unblock(codes, n_codebooks // 2), want)

    floats = np.zeros((n_codebooks, 16), np.float32)
    floats[:, :15] = thresholds
    tile = np.zeros((4 * n_codebooks, 64), np.float32)
    assert not encoding.encode_floats(x.astype(np.float32), flat, floats, tile, codes)
    np.testing.assert_array_equal(naive.unblock(codes, n_codebooks // 2), want)


@FEW
@given(SEED, st.sampled_from([4, 16, 64]), st.integers(1, 40), st.integers(1, 5))
def test_scans_equal_the_naive_sums(seed, n_codebooks, n_tiles, n_outputs):
    rng = np.random.default_rng(seed)
    low = rng.choice([0, 128, 254])
    tables = rng.integers(low, 256, (n_outputs, n_codebooks, 16), dtype=np.uint8)
    codes = rng.integers(0, 256, (2 * n_tiles, n_codebooks // 2, 32), dtype=np.uint8)
    step, offset = rng.normal(size=(2, n_outputs)).astype(np.float32)
    plain = naive.unblock(codes, n_codebooks // 2)
    indices, books = np.empty(16 * 64 * n_codebooks, np.uint8), (0,) * n_codebooks
    for scan, twin in [
        (scanning.scan_exact, naive.sums),
        (scanning.scan_averaged, naive.averaged_sums),
    ]:
        want = np.stack([twin(plain, table) for table in tables])
        sums = np.empty((n_outputs, 64 * n_tiles), np.uint16)
        scan(codes, tables, step, offset, indices, sums, books)
        np.testing.assert_array_equal(sums, want)
        scaled = np.empty(sums.shape, np.float32)
        scan(codes, tables, step, offset, indices, scaled, books)
        same = want.astype(np.float32) * step[:, None] + offset[:, None]
        np.testing.assert_array_equal(scaled, same)


@FEW
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=30), SEED)
def test_the_best_cut_is_the_best_of_all_cuts(values, seed):
    x = np.array(values, np.int8)
    rows = np.random.default_rng(seed).normal(size=(len(x), 3))

    def loss(limit):
        sides = [rows[x <= limit], rows[x > limit]]
        return sum(((side - side.mean(axis=0)) ** 2).sum() for side in sides if len(side))

    found, threshold = best_cut(x, rows)
    assert threshold.dtype == np.int8
    np.testing.assert_allclose(found, loss(threshold), atol=1e-9)
    assert found <= min(loss(limit) for limit in range(-21, 21)) + 1e-9


@pytest.mark.parametrize("width", [1, 3, 16, 40])
def test_more_codebooks_than_columns_refine_the_same_columns(width):
    x = low_rank(600, width)
    errors = []
    for n_codebooks in (4, 64):
        trees, start = learn_trees(x, n_codebooks)
        codes = np.stack([tree.codes(x) for tree in trees], axis=1)
        prototypes = refine(codes, x, start)
        meant = sum(prototypes[c][codes[:, c]] for c in range(n_codebooks))
        errors.append(np.linalg.norm(x - meant) / np.linalg.norm(x))
    assert errors[1] < errors[0]


def test_ridge_regression_solves_its_system():
    x = low_rank(300, 12).astype(np.float64)
    trees, start = learn_trees(x.astype(np.float32), 4)
    codes = np.stack([tree.codes(x) for tree in trees], axis=1)
    hot = np.zeros((300, 64))
    np.put_along_axis(hot, codes + np.arange(4) * 16, 1, axis=1)
    first = start.reshape(64, 12)
    want = first + np.linalg.solve(hot.T @ hot + np.eye(64), hot.T @ (x - hot @ first))
    np.testing.assert_allclose(refine(codes, x, start).reshape(64, 12), want, atol=1e-9)


def test_byte_tables_are_within_half_a_step():
    rng = np.random.default_rng(0)
    prototypes, b = rng.normal(size=(4, 16, 9)), rng.normal(size=(9, 5))
    tables = ByteTables.of(prototypes, b)
    products = np.moveaxis(prototypes @ b, 2, 0)
    meant = tables.entries * tables.step[:, None, None] + products.min(axis=2, keepdims=True)
    assert (np.abs(meant - products) <= tables.step[:, None, None] * 0.5001).all()
    assert tables.entries.flags.c_contiguous


@pytest.mark.parametrize("kind", [np.float32, np.int8])
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("n", [1, 63, 64, 65, 1500])
def test_products_are_close(kind, exact, n):
    scale = 10 if kind == np.int8 else 1
    train, new = (
        (low_rank(size, 48, seed) * scale).astype(kind) for size, seed in ((2000, 1), (n, 2))
    )
    b = np.random.default_rng(3).normal(size=(48, 7))
    op = Maddness(32, exact=exact).fit(train, b)
    assert op.shape == (48, 7)
    assert 0 < op.error < 0.35
    want = new.astype(np.float64) @ b
    for found in (op.matmul(new), op @ new, new @ op):
        assert found.shape == (n, 7)
        assert found.dtype == np.float32
    assert np.linalg.norm(found - want) < 0.6 * np.linalg.norm(want)


def test_more_codebooks_are_more_exact():
    a, b = low_rank(3000, 64), np.random.default_rng(0).normal(size=(64, 5))
    errors = [Maddness(n).fit(a, b).error for n in (4, 16, 64)]
    assert errors[2] < errors[1] < errors[0]


def test_the_error_estimate_is_honest():
    a, b = low_rank(4000, 64), np.random.default_rng(0).normal(size=(64, 5))
    op = Maddness(16).fit(a[:2000], b)
    want = a[2000:].astype(np.float64) @ b
    real = np.linalg.norm(op @ a[2000:] - want) / np.linalg.norm(want)
    np.testing.assert_allclose(op.error, real, rtol=0.15)


def test_the_linear_operator_is_the_transpose():
    a, b = low_rank(500, 20), np.random.default_rng(0).normal(size=(20, 4))
    op = Maddness(8).fit(a, b)
    view = op.linear_operator()
    np.testing.assert_array_equal(view @ a[:5].T, op.matmul(a[:5]).T)
    np.testing.assert_array_equal(view.matvec(a[0]), op.matmul(a[:1])[0])


def test_results_do_not_depend_on_memory_layout():
    a, b = low_rank(200, 20), np.random.default_rng(0).normal(size=(20, 4))
    op = Maddness(8).fit(a, b)
    want = op.matmul(a)
    for other in (np.asfortranarray(a), a.astype(np.float64), np.repeat(a, 2, axis=0)[::2]):
        np.testing.assert_array_equal(op.matmul(other), want)


def test_constant_rows_give_constant_products():
    a, b = np.full((100, 8), 3, np.float32), np.ones((8, 2))
    op = Maddness(4).fit(a, b)
    np.testing.assert_allclose(op @ a, 24, rtol=1e-5)
    assert op.matmul(np.empty((0, 8))).shape == (0, 2)


def test_mistakes_are_told():
    a, b = low_rank(100, 8), np.ones((8, 2))
    op, small = Maddness(4).fit(a, b), Maddness(4).fit(a.astype(np.int8), b)
    for call, message in [
        (lambda: Maddness(5), "n_codebooks must be"),
        (lambda: Maddness(4) @ a, "not fitted"),
        (lambda: Maddness(4).fit(a, b[:5]), "b must have 8 rows"),
        (lambda: Maddness(4).fit(a * np.nan, b), "NaN"),
        (lambda: op @ a[:, :5], "must have shape"),
        (lambda: op @ a[0], "must have shape"),
        (lambda: op @ (a * np.nan), "NaN"),
        (lambda: small @ a, "int8 rows"),
        (lambda: op.scan(np.zeros((3, 2, 32), np.uint8)), "codes must be"),
        (lambda: op.scan(np.zeros((2, 2, 32), np.int8)), "codes must be"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
