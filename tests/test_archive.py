"""What an archive holds, and how it is read."""

import json
import shutil
from itertools import pairwise

import numpy as np
import pytest
from archives import build, corpus
from hypothesis import given
from hypothesis import strategies as st

import kwspot
from kwspot.archive import Archive
from kwspot.archive.indexing import MOST, Item, batches
from kwspot.archive.packing import Packing, packing
from kwspot.archive.states import STRIDE
from kwspot.audio import load
from kwspot.errors import ArchiveError, AudioError, DoubtfulResult
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Give a folder of recordings."""
    return corpus(tmp_path_factory.mktemp("audio"))


@pytest.fixture(scope="module")
def archive(audio, tmp_path_factory):
    """Give an archive of them."""
    return build(tmp_path_factory.mktemp("archive") / "a", audio)


def test_what_was_indexed_is_there_when_it_is_opened_again(archive, audio):
    again = kwspot.Archive.open(archive.url)
    assert len(again) == len(list(audio.iterdir()))
    assert list(again) == list(archive)
    assert [entry.path for entry in again] == sorted(map(str, audio.iterdir()))
    assert {entry.state for entry in again} == {"whole"}
    first = next(iter(again))
    assert again[first.id] == again[first.path] == first
    assert first.seconds == len(load(first.path)) / 16000
    assert first.rate == 8000


def test_features_are_those_of_the_recording_but_for_rounding(archive):
    for entry in archive:
        exact = front_end("cepstra")(load(entry.path))
        stored = archive.features(entry)
        assert len(stored) == entry.frames
        assert np.abs(stored - exact).max() <= 0.5 / 24 + 1e-6
        np.testing.assert_array_equal(archive.features(entry.path, 0.5, 0.71), stored[25:36])
        np.testing.assert_array_equal(archive.features(entry, 1, 99), stored[50:])
    assert archive.features(entry, 99).shape == (0, 26)


def test_zarr_reads_an_archive(archive):
    zarr = pytest.importorskip("zarr")
    group = zarr.open(archive.url, mode="r")
    assert group.attrs["kwspot"]["front_end"] == "cepstra"
    for shard in archive.shards:
        arrays = group["shards"][shard.id]
        assert set(arrays.array_keys()) == set(shard.arrays)
        for name in shard.arrays:
            np.testing.assert_array_equal(arrays[name][:], archive.rows(shard.id, name)[:])
        listed = arrays.attrs["content"]["recordings"]["path"]
        assert listed == [entry.path for entry in shard.entries]


def test_frames_anywhere_are_normalised_as_the_spotter_does(tmp_path, samples):
    paths = samples["learn"] * 4
    x = np.concatenate([load(path) for path in paths])
    import soundfile

    soundfile.write(tmp_path / "long.wav", x, 16000)
    archive = build(tmp_path / "a", tmp_path / "long.wav", *samples["find"])
    entry = archive[tmp_path / "long.wav"]
    assert entry.frames > STRIDE
    prior = np.linspace(-1, 1, 26, dtype=np.float32)
    ear, frames = archive.front_end, archive.features(entry)
    running = RunningNormaliser(prior, period=ear.period, homogeneous=True)
    whole = running.feed(frames, ear.loudness(frames))
    for first, last in ((0, 5), (STRIDE - 3, STRIDE + 3), (STRIDE, STRIDE + 1), (40, entry.frames)):
        np.testing.assert_array_equal(
            archive.normalised(entry, prior, first, last), whole[first:last]
        )


def test_sound_is_read_from_where_it_was(archive, audio, tmp_path):
    entry = next(iter(archive))
    samples, rate = archive.audio(entry, 0.5, 0.75)
    assert (samples.shape, rate) == ((2000, 1), 8000)
    np.testing.assert_array_equal(archive.audio(entry.id)[0][4000:6000], samples)
    moved = tmp_path / "moved.wav"
    shutil.copy(entry.path, moved)
    archive = build(tmp_path / "a", moved)
    moved.write_bytes(moved.read_bytes() + b"\0")
    with pytest.warns(DoubtfulResult, match="changed since"):
        archive.audio(moved)
    moved.unlink()
    with pytest.raises(AudioError, match="does not exist"):
        archive.audio(moved)


def test_the_catalogue_is_a_table_where_one_wants_it(archive):
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame, table = archive.catalogue.to_pandas(), archive.catalogue.to_arrow()
    assert isinstance(frame, pandas.DataFrame)
    assert isinstance(table, pyarrow.Table)
    assert list(frame.path) == table["path"].to_pylist() == [entry.path for entry in archive]
    assert frame.seconds.sum() == pytest.approx(sum(entry.seconds for entry in archive))
    assert list(frame.id) == [entry.id for entry in archive]


@pytest.mark.parametrize("name", ["cepstra", "mel", "mfcc", "speech"])
def test_every_front_end_is_packed_well(name, samples):
    ear = front_end(name)
    scale = packing(ear)
    frames = np.concatenate([ear(load(path)) for path in samples["learn"] + samples["find"]])
    back = scale.unpack(scale.pack(frames))
    spread = frames.std(axis=0)
    assert (np.abs(back - frames).max(axis=0) <= 0.5 * scale.step + 1e-6 * spread).all()
    assert (scale.step < 0.25 * spread)[: len(spread) // 2].all()  # no sound is in the upper bands
    silence = ear(np.zeros(16000, np.float32))
    stored = ear.loudness(scale.unpack(scale.pack(silence)))
    np.testing.assert_allclose(stored, ear.loudness(silence), rtol=0.01, atol=0)  # 0 stays 0


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(1, 5))
def test_packing_equals_the_naive_one(seed, n, d):
    rng = np.random.default_rng(seed)
    frames = rng.normal(scale=30, size=(n, d)).astype(np.float32)
    scale = Packing(*rng.uniform(0.1, 1, (2, d)).astype(np.float32))
    naive = np.clip(np.round((frames - scale.zero) / scale.step), -127, 127)
    packed = scale.pack(frames)
    np.testing.assert_array_equal(packed, naive)
    np.testing.assert_array_equal(scale.unpack(packed), packed * scale.step + scale.zero)


@given(st.lists(st.integers(0, 1000), max_size=50), st.integers(1, 2000))
def test_batches_keep_order_and_room(sizes, room):
    items = [Item(str(number), size, 0) for number, size in enumerate(sizes)]
    found = batches(items, room)
    assert [item for batch in found for item in batch] == items
    for batch in found:
        assert len(batch) == 1 or sum(item.size for item in batch) <= room
    for one, other in pairwise(found):
        assert sum(item.size for item in one) + other[0].size > room


def test_a_shard_holds_so_many_recordings_at_most():
    assert [len(one) for one in batches([Item("a", 0, 0)] * (2 * MOST + 1), 9)] == [MOST, MOST, 1]


def test_what_is_no_archive_is_refused(tmp_path, archive):
    with pytest.raises(ArchiveError, match="there is no archive"):
        Archive.open(tmp_path / "absent")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveError, match="there is no archive"):
        Archive.open(tmp_path / "file")
    with pytest.raises(ArchiveError, match="not empty"):
        Archive.create(tmp_path, front_end="cepstra")
    with pytest.raises(ArchiveError, match="front end cepstra, not mel"):
        Archive.create(archive.url, front_end="mel")
    assert len(Archive.create(archive.url, front_end="cepstra")) == len(archive)
    (tmp_path / "zarr.json").write_text('{"attributes": {}}')
    with pytest.raises(ArchiveError, match="no archive of kwspot"):
        Archive.open(tmp_path)
    about = json.dumps({"kwspot": {"format": "kwspot.archive/2", "front_end": "mel"}})
    (tmp_path / "zarr.json").write_text(f'{{"attributes": {about}}}')
    with pytest.raises(ArchiveError, match="has the format"):
        Archive.open(tmp_path)
    with pytest.raises(ArchiveError, match="is not in the archive"):
        archive.features("absent.wav")


def test_a_front_end_without_a_scale_is_refused(tmp_path):
    class Own:
        name, dimensions = "own", 2

    with pytest.raises(ArchiveError, match="'own' cannot be archived"):
        packing(Own())
