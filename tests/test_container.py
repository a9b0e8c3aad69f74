import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from kwspot.errors import ModelError, OutputError
from kwspot.quantise import BoltIndex
from kwspot.quantise.container import StoredArrays, write

KINDS = ["f2", "f4", "f8", "i8", "u1", "u4"]
ARRAYS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.lists(st.integers(0, 40), max_size=3)), max_size=4
)


def made(specification):
    rng = np.random.default_rng(0)
    return {
        f"a{i}": rng.integers(0, 200, shape).astype(kind)
        for i, (kind, shape) in enumerate(specification)
    }


@settings(deadline=None, max_examples=40)
@given(ARRAYS, st.dictionaries(st.text(max_size=5), st.integers()))
def test_what_is_written_is_read(tmp_path_factory, specification, told):
    path = tmp_path_factory.mktemp("a") / "x"
    arrays = made(specification)
    write(path, "demo/1", told, arrays)
    stored = StoredArrays(path, "demo/1")
    assert stored.settings == told
    others = safetensors.numpy.load_file(path)
    for name, array in arrays.items():
        for found in (stored.array(name), others[name]):
            np.testing.assert_array_equal(found, array)
            assert found.dtype == array.dtype
    assert set(others) == {*arrays, "checksums", "seal"}
    assert [file.name for file in path.parent.iterdir()] == ["x"]


@given(st.lists(st.integers(0, 999), max_size=9))
def test_rows_are_read_alone(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("a") / "x"
    x = np.random.default_rng(0).normal(size=(1000, 17)).astype(np.float32)
    write(path, "demo/1", {}, {"before": np.zeros(100, np.uint8), "x": x})
    stored = StoredArrays(path, "demo/1")
    np.testing.assert_array_equal(stored.rows("x", np.array(numbers, np.int64)), x[numbers])
    assert len(numbers) > 0 or not stored._checked.any()


def test_rows_larger_than_a_piece_are_checked_whole(tmp_path):
    x = np.arange(6 * 20_000, dtype=np.float32).reshape(6, -1)
    write(tmp_path / "x", "demo/1", {}, {"x": x})
    stored = StoredArrays(tmp_path / "x", "demo/1")
    stored.rows("x", np.array([2]))
    first, last = 2 * 80_000 // 16384, (3 * 80_000 - 1) // 16384
    assert stored._checked[first : last + 1].all()
    assert not stored._checked[:first].any()


def small_index():
    x = np.random.default_rng(0).normal(size=(70, 5)).astype(np.float32)
    return x, BoltIndex(rerank=70).fit(x).add(x)


def answers(path, x):
    index = BoltIndex.load(path)
    estimate = index.estimate(x[:2])
    return [*index.search(x, 70), estimate.low, estimate.high, index.scan(x[:2])]


def test_every_flipped_byte_is_noticed(tmp_path):
    x, index = small_index()
    index.save(tmp_path / "x")
    raw = (tmp_path / "x").read_bytes()
    for at in range(len(raw)):
        damaged = bytearray(raw)
        damaged[at] ^= 1 << at % 8
        (tmp_path / "y").write_bytes(damaged)
        with pytest.raises(ModelError):
            answers(tmp_path / "y", x)


def test_every_truncation_is_noticed(tmp_path):
    x, index = small_index()
    index.save(tmp_path / "x")
    raw = (tmp_path / "x").read_bytes()
    for length in [*range(0, len(raw), 37), len(raw) - 1]:
        (tmp_path / "y").write_bytes(raw[:length])
        with pytest.raises(ModelError):
            answers(tmp_path / "y", x)


def test_rows_that_are_not_asked_for_are_not_read(tmp_path):
    x = np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32)
    BoltIndex(rerank=1).fit(x).add(x).save(tmp_path / "x")
    raw = bytearray((tmp_path / "x").read_bytes())
    at = raw.index(x[1500].tobytes())
    raw[at] ^= 1
    (tmp_path / "x").write_bytes(raw)
    index = BoltIndex.load(tmp_path / "x")
    assert index.search(x[10:11], 1)[1] == 10
    with pytest.raises(ModelError, match="damaged near byte"):
        index.search(x[1500:1501], 1)


@pytest.mark.parametrize(
    ("settings", "arrays"),
    [
        ({"n_rows": 10**9}, {}),
        ({"n_rows": -1}, {}),
        ({"n_rows": "70"}, {}),
        ({"n_bytes": 16}, {}),
        ({"n_bytes": [8]}, {}),
        ({"metric": "l1"}, {}),
        ({"rotate": True}, {}),
        ({"gains": [1.0]}, {}),
        ({"gains": None}, {}),
        ({"gains": [0.0, 1.0]}, {}),
        ({}, {"codes": None}),
        ({}, {"codes": np.zeros((1, 2, 8, 32), np.uint8)}),
        ({}, {"vectors": np.zeros((70, 4), np.float32)}),
        ({}, {"centroids": np.zeros((4, 16), np.float32)}),
        ({}, {"centroids": np.zeros((5, 16), np.float64)}),
        ({}, {"mean": np.zeros((5, 1), np.float32)}),
        ({}, {"mean": np.full(5, np.nan, np.float32)}),
    ],
)
def test_files_that_contradict_themselves_are_refused(tmp_path, settings, arrays):
    """Whole files with good checksums, but not from `BoltIndex.save`."""
    _, index = small_index()
    index.save(tmp_path / "x")
    stored = StoredArrays(tmp_path / "x", "kwspot.bolt/1")
    names = ["codes", "radii", "vectors", "mean", "centroids"]
    changed = {name: stored.array(name) for name in names} | arrays
    kept = {name: array for name, array in changed.items() if array is not None}
    write(tmp_path / "y", "kwspot.bolt/1", stored.settings | settings, kept)
    with pytest.raises(ModelError):
        BoltIndex.load(tmp_path / "y")


def test_other_files_are_refused(tmp_path):
    write(tmp_path / "x", "other/1", {}, {})
    with pytest.raises(ModelError, match=r"is other/1, but kwspot\.bolt/1 is needed"):
        BoltIndex.load(tmp_path / "x")
    for name, content in [("empty", b""), ("text", b"hello" * 99), ("huge", b"\xff" * 999)]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError) as caught:
            BoltIndex.load(tmp_path / name)
        assert caught.value.hint
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(ModelError):
            BoltIndex.load(place)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    _, index = small_index()
    index.save(tmp_path / "x")
    before = (tmp_path / "x").read_bytes()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OutputError, match="full"):
        index.save(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["x"]
    with pytest.raises(OutputError):
        index.save(tmp_path / "missing" / "x")


@pytest.mark.parametrize("metric", ["l2", "dot", "cosine"])
@pytest.mark.parametrize("rerank", [0, 20])
def test_a_loaded_index_is_the_same_and_grows(tmp_path, metric, rerank):
    x = np.random.default_rng(0).normal(size=(333, 7)).astype(np.float32)
    index = BoltIndex(metric, n_bytes=16, rerank=rerank, rotate=True).fit(x).add(x[:300])
    index.save(tmp_path / "x")
    loaded = BoltIndex.load(tmp_path / "x")
    for step in range(2):
        assert len(loaded) == len(index)
        for a, b in zip(index.search(x, 9), loaded.search(x, 9), strict=True):
            np.testing.assert_array_equal(a, b)
        if step == 0:
            index.add(x[300:])
            loaded.add(x[300:])
    loaded.save(tmp_path / "x")  # over the file it was mapped from
    np.testing.assert_array_equal(BoltIndex.load(tmp_path / "x").scan(x), index.scan(x))
