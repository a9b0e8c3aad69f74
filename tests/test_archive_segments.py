"""Segments as codes: no sound is left out, and like sounds have like codes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.archive import segments
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser

SAMPLES = Path(__file__).parents[1] / "sample_audio"
LENGTHS = segments.lengths("cepstra")


@pytest.fixture(scope="module")
def frames():
    return front_end("cepstra")(load(SAMPLES / "agent-newlocation.wav", rate=16000))


def all_spans(count, length):
    number = segments.rows(count, "cepstra")[length]
    return segments.spans(np.full(number, count), np.arange(number), length, "cepstra")


@given(st.integers(0, 3000))
def test_codes_have_as_many_rows_as_was_said(count):
    said = segments.rows(count, "cepstra")
    codes = segments.encode(np.ones((count, 26), np.float32), "cepstra")
    assert said == {length: len(code) for length, code in codes.items()}


@given(st.integers(0, 3000), st.sampled_from(LENGTHS))
def test_segments_leave_no_gap(count, length):
    first, last = all_spans(count, length)
    if count >= length:
        assert (first[0], last[-1]) == (0, count)
        assert (last - first == length).all()
        assert (np.diff(first) <= segments.hop(length, "cepstra")).all()
    else:
        assert len(first) == (count >= 0.5 * length)


def test_no_more_than_three_quarters_of_a_megabyte_an_hour():
    hour = segments.rows(180_000, "cepstra")
    (code,) = {
        codes.shape[1] for codes in segments.encode(np.ones((99, 26), "f4"), "cepstra").values()
    }
    assert sum(hour.values()) * code < 0.75e6


def test_a_front_end_without_a_model_has_no_codes():
    assert segments.encode(np.ones((100, 40), np.float32), "mel") == {}
    assert segments.rows(100, "mel") == {}
    assert segments.layout([]) == {}


def test_a_gain_changes_few_codes(frames):
    quiet, loud = (segments.encode(gain * frames, "cepstra") for gain in (np.float32(0.25), 1))
    same = [np.mean(quiet[length] == loud[length]) for length in LENGTHS]
    assert min(same) > 0.999


@pytest.mark.parametrize("length", LENGTHS)
def test_a_sound_costs_its_own_codes_least(frames, length):
    known = segments.model("cepstra")
    running = RunningNormaliser(known.prior, period=0.02, homogeneous=True)
    heard = running.feed(frames, front_end("cepstra").loudness(frames))
    first, last = all_spans(len(frames), length)
    sounds = [known.middle(heard[a:b], length, 0) for a, b in zip(first, last, strict=True)]
    entries = known.bolt.byte_tables(np.stack(sounds)).entries.astype(int)
    code = segments.encode(frames, "cepstra")[length]
    nibbles = np.stack([code & 15, code >> 4], axis=2).reshape(len(code), -1)
    columns = np.arange(nibbles.shape[1])
    sums = np.array([table[columns, nibbles].sum(axis=1) for table in entries])
    found = sums.argmin(axis=1)
    assert np.mean(found == np.arange(len(found))) > 0.9


@given(st.lists(st.integers(0, 70), min_size=1, max_size=4))
def test_rows_keep_their_order_in_blocks(counts):
    rng = np.random.default_rng(0)
    parts = [{8: rng.integers(0, 256, (count, 16)).astype(np.uint8)} for count in counts]
    laid = segments.layout(parts)[8]
    by_row = laid.transpose(0, 1, 3, 2).reshape(-1, 16)
    np.testing.assert_array_equal(by_row[: sum(counts)], np.concatenate([p[8] for p in parts]))
    assert not by_row[sum(counts) :].any()
    one_by_one = [segments.layout([part])[8] for part in parts]
    np.testing.assert_array_equal(segments.rejoined(one_by_one, counts), laid)
