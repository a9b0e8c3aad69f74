"""The bare stream: against the naive codec and the authors' streams."""

import functools
import hashlib
import json
from pathlib import Path

import naive_sprintz
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simd_assembly import assembly
from simd_levels import run_at

from kwspot import sprintz
from kwspot.errors import CodecError

GOLDEN = Path(__file__).parents[2] / "shared" / "golden"
PREDICTORS = ("delta", "fire")
DTYPES = ("uint8", "int8", "uint16", "int16")
ROWS = st.integers(0, 90)
COLUMNS = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 40, 64, 65, 100, 130])


@st.composite
def matrices(draw, dtypes=DTYPES, rows=ROWS, columns=COLUMNS):
    """Draw matrices with still stretches, steps and extremes, of any width of column."""
    dtype = draw(st.sampled_from(dtypes))
    limits = np.iinfo(dtype)
    n, d = draw(rows), draw(columns)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = 2 ** rng.integers(0, limits.bits + 1, d)
    x = rng.integers(0, spread, (n, d))
    if draw(st.booleans()):
        x = np.cumsum(x, axis=0)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, max(n, 1)))
        x[start : start + draw(st.integers(8, 60))] = x[start % n] if n else 0
    if n and draw(st.booleans()):
        x[draw(st.integers(0, n - 1)), :: draw(st.integers(1, 4))] = limits.max
    return x.astype(f"uint{limits.bits}").view(dtype)


def unsigned(x):
    return x.view(f"uint{8 * x.itemsize}")


@settings(max_examples=60, deadline=None)
@given(matrices(), st.sampled_from(PREDICTORS))
def test_a_stream_equals_the_naive_one_and_comes_back(x, predictor):
    bits = 8 * x.itemsize
    stream = sprintz.encode(x, predictor=predictor)
    assert stream == naive_sprintz.encode(unsigned(x).tolist(), bits, predictor) or not x.size
    back = sprintz.decode(
        stream, rows=len(x), columns=x.shape[1], dtype=x.dtype, predictor=predictor
    )
    assert back.dtype == x.dtype
    np.testing.assert_array_equal(back, x)


@settings(max_examples=15, deadline=None)
@given(
    matrices(rows=st.integers(0, 40), columns=st.integers(120, 700)), st.sampled_from(PREDICTORS)
)
def test_many_columns_come_back(x, predictor):
    shape = {"rows": len(x), "columns": x.shape[1], "dtype": x.dtype, "predictor": predictor}
    back = sprintz.decode(sprintz.encode(x, predictor=predictor), **shape)
    np.testing.assert_array_equal(back, x)


@pytest.mark.parametrize("columns", [40, 65, 80, 128, 200, 4095])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_nearly_full_rows_come_back(columns, dtype):
    """Columns of full width behind a narrow one begin inside a byte and fill 65 bytes, or 17."""
    rng = np.random.default_rng(columns)
    x = rng.integers(0, np.iinfo(dtype).max + 1, (32, columns)).astype(dtype)
    x[:, 3::64] %= 4
    back = sprintz.decode(sprintz.encode(x), rows=32, columns=columns, dtype=dtype)
    np.testing.assert_array_equal(back, x)


def golden_cases():
    if not (GOLDEN / "index.json").exists():
        return []
    return json.loads((GOLDEN / "index.json").read_text())["cases"]


@functools.cache
def golden_arrays():
    with np.load(GOLDEN / "sprintz.npz") as file:
        return dict(file)


@pytest.mark.skipif(not golden_cases(), reason="the authors' streams are not in ../shared/golden")
@pytest.mark.parametrize("predictor", PREDICTORS)
@pytest.mark.parametrize("bits", [8, 16])
def test_the_authors_streams(bits, predictor):
    """8-bit streams are equal byte for byte; 16-bit ones decode (the authors never use width 7)."""
    arrays = golden_arrays()
    cases = [case for case in golden_cases() if case["bits"] == bits]
    assert len(cases) > 100
    for case in cases:
        key, shape, dtype = case["key"], (case["n"], case["D"]), np.dtype(f"uint{bits}")
        # the two longest inputs are all zeros and not stored
        x = arrays[f"in_{key}"] if f"in_{key}" in arrays else np.zeros(shape, dtype)
        stream = arrays[f"{predictor}_{key}"].tobytes()
        back = sprintz.decode(
            stream, rows=shape[0], columns=shape[1], dtype=dtype, predictor=predictor
        )
        np.testing.assert_array_equal(back, x, err_msg=key)
        ours = sprintz.encode(x, predictor=predictor)
        if bits == 8:
            assert ours == stream, key
        else:  # the authors' 16-bit encoder rounds widths of 7 up to 8
            assert len(ours) <= len(stream), key


@pytest.mark.skipif(not golden_cases(), reason="the authors' streams are not in ../shared/golden")
def test_the_naive_codec_equals_the_authors_too():
    arrays = golden_arrays()
    for case in golden_cases()[::7]:
        key = case["key"]
        if f"in_{key}" in arrays and case["bits"] == 8:
            rows = arrays[f"in_{key}"].tolist()
            assert naive_sprintz.encode(rows, 8, "fire") == arrays[f"fire_{key}"].tobytes()


def test_the_worked_example():
    x = np.zeros((16, 8), np.uint8)
    x[:, 0], x[8, 7] = np.arange(16), 100
    parts = ["01000000 0000 0800", "02000002 00e0", "00" + 7 * "02", "2203 1e03" + 6 * "0200"]
    assert sprintz.encode(x).hex() == "".join(parts).replace(" ", "")


def test_arm_unpacks_with_its_table_instruction():
    from kwspot.kernels import sprintz_decode

    arrays = dict.fromkeys(("stream", "work", "state", "out", "bounce"), 8)
    text = assembly(
        sprintz_decode.decode_rows, "aarch64-unknown-linux-gnu", "cortex-a76", "+neon", arrays
    )
    assert "tbl" in text
    assert "ushl" in text or "umull" in text


REUSE = """
import test_sprintz
from kwspot.kernels import sprintz as kernels
test_sprintz.there_and_back()
for kernel in (kernels.encode_chunks, kernels.decode_chunks):
    print(sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values()))
"""


def there_and_back():
    x = np.arange(160, dtype=np.uint8).reshape(20, 8)
    sprintz.decode(sprintz.encode(x), rows=20, columns=8, dtype=np.uint8)


def test_a_second_process_does_not_compile():
    there_and_back()
    assert run_at("native", REUSE).split() == ["1", "0", "1", "0"]


@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (np.zeros(9, np.uint8), ValueError, "1 dimension"),
        (np.zeros((9, 0), np.uint8), ValueError, "got 0"),
        (np.zeros((1, 4096), np.uint8), ValueError, "got 4096"),
        (np.zeros((9, 9), np.float32), TypeError, "float32"),
        (np.zeros((9, 9), np.int32), TypeError, "int32"),
    ],
)
def test_what_cannot_be_coded_is_refused(x, error, words):
    with pytest.raises(error, match=words):
        sprintz.encode(x)


def test_an_unknown_predictor_is_refused():
    with pytest.raises(ValueError, match="'linear'"):
        sprintz.encode(np.zeros((2, 2), np.uint8), predictor="linear")


def test_slices_and_other_orders_are_coded_as_they_look():
    x = np.arange(4000, dtype=np.int16).reshape(40, 100)
    for view in (x.T, x[::2, ::3], x[::-1], np.asfortranarray(x)):
        shape = {"rows": view.shape[0], "columns": view.shape[1], "dtype": np.int16}
        np.testing.assert_array_equal(sprintz.decode(sprintz.encode(view), **shape), view)


@pytest.mark.parametrize("columns", [2, 40])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_damaged_stream_is_an_error_or_a_matrix_but_never_more(columns, dtype):
    """Without a checksum damage may give other values; it must not read or write outside."""
    rng = np.random.default_rng(columns)
    x = rng.integers(0, 9, (40, columns)).astype(dtype)
    x[10:30] = 3
    stream = sprintz.encode(x, predictor="fire")
    shape = {"rows": 40, "columns": columns, "dtype": dtype, "predictor": "fire"}
    damaged = [stream[:i] for i in range(len(stream))]
    damaged += [stream[:i] + bytes([stream[i] ^ flip]) + stream[i + 1 :]
                for i in range(len(stream)) for flip in (1, 128, 255)]  # fmt: skip
    damaged += [rng.bytes(int(rng.integers(0, 99))) for _ in range(200)]
    refused = 0
    for data in damaged:
        try:
            assert sprintz.decode(data, **shape).shape == (40, columns)
        except CodecError:
            refused += 1
    assert refused > len(stream) + 150


def test_huge_counts_are_refused_at_once():
    prefix = b"\xff\xff\xff\xff\x00\x00\x08\x00"
    runs = (b"\0" * 6 + b"\xff\xff" * 2) * 1000
    for data in (prefix, prefix + runs):
        with pytest.raises(CodecError):
            sprintz.decode(data, rows=100, columns=8, dtype=np.uint8)


def test_equal_input_gives_equal_bytes_on_any_machine():
    x = (np.arange(9000).reshape(-1, 40) ** 2 // 77).astype(np.uint8)
    digest = hashlib.sha1(sprintz.encode(x) + sprintz.encode(x, predictor="fire")).hexdigest()
    assert digest == "fea830a1c8f2db5c8c86aa7b30833ef76ab4f423"
