"""Files: modes, chunks, reading some rows, damage, golden files, numcodecs and zarr."""

import json
import subprocess
import sys
from pathlib import Path

import naive_sprintz
import numcodecs
import numpy as np
import pytest
import zarr
from golden.make_sprintz import COLUMNS, DTYPES, FORMS, values
from hypothesis import given, settings
from hypothesis import strategies as st
from numcodecs.registry import register_codec
from test_sprintz import matrices
from zarr.registry import register_codec as register_zarr

from kwspot import sprintz
from kwspot.errors import CodecError, KwspotError, MissingExtra
from kwspot.integrations import numcodecs as with_numcodecs
from kwspot.integrations import zarr as with_zarr
from kwspot.kernels import nibbles as nibbles_kernel
from kwspot.sprintz import archive, scratch
from kwspot.sprintz.gathering import gather

GOLDEN = Path(__file__).parent / "golden"
MODES = ("delta", "fire", "archive")


@settings(max_examples=100, deadline=None)
@given(matrices(rows=st.integers(0, 200)), st.sampled_from(MODES), st.data())
def test_files_come_back_whole_and_in_parts(x, mode, data):
    chunk_rows = data.draw(st.none() | st.integers(1, 250))
    if chunk_rows is not None and len(x) // chunk_rows > 60:
        chunk_rows = 7
    packed = sprintz.compress(x, mode=mode, chunk_rows=chunk_rows)
    np.testing.assert_array_equal(sprintz.decompress(packed), x)
    start, stop = data.draw(st.integers(-210, 210)), data.draw(st.integers(-210, 210))
    reader = sprintz.Reader(packed)
    assert (reader.shape, reader.dtype, len(reader)) == (x.shape, x.dtype, len(x))
    np.testing.assert_array_equal(reader[start:stop], x[start:stop])
    out = np.empty_like(x)
    assert sprintz.decompress(packed, out) is out
    np.testing.assert_array_equal(out, x)


def test_the_archive_mode_is_the_smallest_on_noisy_bands():
    rng = np.random.default_rng(3)
    level = np.cumsum(rng.normal(0, 1, (3000, 1)), axis=0) % 90
    x = (60 + level + rng.normal(0, 3, (3000, 40))).astype(np.uint8)
    sizes = {mode: len(sprintz.compress(x, mode=mode)) for mode in MODES}
    assert sizes["archive"] < 0.9 * min(sizes["delta"], sizes["fire"])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("form", [*FORMS, "1_{}_archive"])
def test_old_files_decode_for_ever(dtype, columns, form):
    data = (GOLDEN / f"sprintz_{form.format(f'{dtype}_{columns}')}.ksz").read_bytes()
    found = sprintz.decompress(data)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values(dtype, columns))
    mode = form.rpartition("_")[2]
    if mode != "archive":  # zstd may change what it writes
        assert sprintz.compress(found, mode=mode, chunk_rows=150) == data


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 5),
    st.sampled_from([(np.uint8, s) for s in range(6)] + [(np.uint16, s) for s in (0, 5, 13)]),
)
def test_codes_are_joined_as_the_naive_twin_joins_them(seed, pairs, kind):
    rng, (dtype, shift) = np.random.default_rng(seed), kind
    top = np.iinfo(dtype).max
    codes = rng.integers(0, top + 1, (2 * pairs, 64)) >> rng.integers(0, 12, (2 * pairs, 64))
    codes[0, :2] = 0, top
    high = codes >> shift
    nibbles, extras = np.minimum(high, 15).astype(np.uint8), (high - 15)[high >= 15].astype(dtype)
    both = (nibbles[::2] | nibbles[1::2] << 4).ravel()
    bits = codes[:, None] >> np.arange(shift)[::-1, None] & 1
    planes = np.packbits(bits.astype(np.uint8), axis=-1, bitorder="little").ravel()
    want = naive_sprintz.join(both, planes, shift, extras)
    np.testing.assert_array_equal(want, codes)
    found = np.empty(codes.size, dtype)
    arguments = [scratch.read_only(x) for x in (both, planes)]
    assert nibbles_kernel.join_codes(*arguments, shift, extras, found) == len(extras)
    np.testing.assert_array_equal(found.reshape(codes.shape), codes)
    if len(extras):
        assert nibbles_kernel.join_codes(*arguments, shift, extras[:-1], found) == -1


def test_archives_refuse_heads_that_cannot_be():
    squeeze, expand = archive.compressor(), archive.decompressor()
    x = np.arange(640, dtype=np.uint8)
    good, out = np.frombuffer(archive.encode(x, 5, squeeze), np.uint8), np.empty_like(x)
    room = np.empty(archive.ROOM * x.size + archive.ROOM_MORE, np.uint8)
    archive.decode(good, 5, out, expand, room)
    np.testing.assert_array_equal(out, x)
    for at, more in ((0, 1), (0, 6), (4, 1), (6, 1)):
        bad = good.copy()
        bad[at] += more
        with pytest.raises(CodecError, match="archive"):
            archive.decode(bad, 5, out, expand, room)
    with pytest.raises(CodecError, match="too short"):
        archive.decode(good[:7], 5, out, expand, room)


def damaged(data, rng):
    """Yield every truncation, every byte flipped, and noise."""
    for i in range(len(data)):
        yield data[:i]
        yield data[:i] + bytes([data[i] ^ int(rng.integers(1, 256))]) + data[i + 1 :]
    for _ in range(200):
        yield data[:4] + rng.bytes(int(rng.integers(0, 400)))
        start, stop = np.sort(rng.integers(32, len(data), 2))
        yield data[:start] + data[stop:]
        yield data[:start] + rng.bytes(int(stop - start)) + data[stop:]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("columns", "dtype"), [(2, "uint8"), (40, "uint8"), (5, "int16")])
def test_damage_is_noticed(mode, columns, dtype):
    rng = np.random.default_rng(columns)
    x = rng.integers(0, 30, (100, columns)).astype(dtype)
    data = sprintz.compress(x, mode=mode, chunk_rows=40)
    for bad in damaged(data, rng):
        try:
            found = sprintz.decompress(bad)
        except CodecError:
            continue
        # the padding behind the last chunk means nothing
        assert bad[: len(data) - 128] == data[: len(data) - 128]
        np.testing.assert_array_equal(found, x)


def test_a_forged_head_cannot_ask_for_memory_that_the_file_does_not_account_for():
    """A valid checksum does not make a small file large: runs are the densest thing there is."""
    from kwspot.sprintz.container import PREFIX, SUM, _checksum

    rows = 1 << 40
    prefix = PREFIX.pack(b"KSZ\x01", 0, 0, 0, rows, 4095, 1 << 31, rows >> 31, 0)
    head = prefix + np.zeros((rows >> 31, 3), "<i8").tobytes()
    data = head + SUM.pack(_checksum(head)) + bytes(128)
    with pytest.raises(CodecError):
        sprintz.decompress(data)


def test_what_is_no_file_is_refused():
    for data in (b"", b"RIFF" + bytes(300), sprintz.encode(np.zeros((99, 9), np.uint8))):
        with pytest.raises(CodecError, match="no file"):
            sprintz.Reader(data)


def test_arguments_are_checked():
    x = np.zeros((9, 3), np.uint8)
    with pytest.raises(ValueError, match="'zip'"):
        sprintz.compress(x, mode="zip")
    with pytest.raises(ValueError, match="chunk_rows"):
        sprintz.compress(x, chunk_rows=0)
    with pytest.raises(ValueError, match="out must be"):
        sprintz.decompress(sprintz.compress(x), np.zeros((9, 3), np.int8))
    with pytest.raises(ValueError, match="step"):
        sprintz.Reader(sprintz.compress(x))[::2]
    with pytest.raises(ValueError, match="'zip'"):
        sprintz.Sprintz("zip")


def test_the_archive_mode_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra) as caught:
        sprintz.compress(np.zeros((9, 3), np.uint8), mode="archive")
    assert "kwspot[archive]" in caught.value.hint
    assert issubclass(CodecError, KwspotError)


@pytest.mark.parametrize("mode", MODES)
def test_numcodecs_finds_it(mode):
    register_codec(with_numcodecs.SprintzCodec)
    codec = numcodecs.get_codec({"id": "kwspot.sprintz", "mode": mode})
    assert numcodecs.get_codec(json.loads(json.dumps(codec.get_config()))) == codec
    x = np.arange(2400, dtype=np.int16).reshape(30, 20, 4)
    out = np.empty_like(x)
    assert codec.decode(codec.encode(x), out) is out
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(codec.decode(codec.encode(x[0, 0])).ravel(), x[0, 0])
    with pytest.raises(ValueError, match="contiguous bytes"):
        codec.decode(codec.encode(x), np.empty(3, np.int16))


@pytest.mark.parametrize("mode", MODES)
def test_zarr_stores_with_it(mode, tmp_path):
    register_zarr(with_zarr.NAME, with_zarr.SprintzCodec)
    x = (np.arange(100 * 40).reshape(100, 40) % 113).astype(np.int8)
    stored = zarr.create_array(
        tmp_path / "a.zarr",
        data=x,
        chunks=(32, 40),
        serializer=with_zarr.SprintzCodec(mode),
        compressors=None,
    )
    again = zarr.open_array(tmp_path / "a.zarr", mode="r")
    np.testing.assert_array_equal(again[:], x)
    np.testing.assert_array_equal(again[31:70, 3:9], x[31:70, 3:9])
    assert stored.metadata.to_dict()["codecs"][0]["configuration"] == {"mode": mode}


def test_importing_it_imports_no_compiler():
    code = "import sys, kwspot.sprintz; sys.exit('numba' in sys.modules or 'zarr' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 299), st.integers(1, 90)), max_size=9),
    st.booleans(),
)
def test_gathered_ranges_are_those_of_slices(lengths, spans, alike):
    rng = np.random.default_rng(sum(lengths))
    arrays = [rng.integers(-9, 9, (length, 3)).astype(np.int8) for length in lengths]
    readers = [
        sprintz.Reader(sprintz.compress(x, chunk_rows=32 if alike else 32 + number))
        for number, x in enumerate(arrays)
    ]
    source = np.array([which % len(arrays) for which, _, _ in spans], np.int64)
    whole = np.array(lengths)[source]
    first = np.array([at for _, at, _ in spans], np.int64) % whole
    last = np.minimum(first + np.array([many for _, _, many in spans], np.int64), whole)
    parts = [arrays[k][a:b] for k, a, b in zip(source, first, last, strict=True)]
    expected = np.concatenate([arrays[0][:0], *parts])
    np.testing.assert_array_equal(gather(readers, source, first, last), expected)


def test_a_damaged_chunk_is_not_gathered():
    x = np.random.default_rng(1).integers(-9, 9, (300, 3)).astype(np.int8)
    content = bytearray(sprintz.compress(x, chunk_rows=32))
    content[-300] ^= 1
    with pytest.raises(CodecError, match="chunk"):
        gather([sprintz.Reader(bytes(content))], np.array([0]), np.array([0]), np.array([300]))
