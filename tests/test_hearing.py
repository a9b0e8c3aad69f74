"""Other hearings of a word: what is changed in a sound, and where the word is then."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwspot.features import front_end
from kwspot.features.hearing import Hearing, Place, faster, without_noise
from kwspot.features.mel import MelPowers, moved_bands

POWERS = MelPowers(bands=32, high=3800.0)


@given(st.integers(1, 90), st.floats(0.5, 2.0))
def test_a_faster_sound_is_shorter_and_begins_and_ends_as_it_did(n, pace):
    ramp = np.linspace(3, 5, n, dtype=np.float32)[:, None]
    heard = faster(ramp, pace)
    assert len(heard) % 2 == 0
    assert abs(len(heard) - max(2, n / pace)) <= 1
    assert heard[0] == ramp[0]
    assert heard[-1] == pytest.approx(ramp[-1])
    assert (np.diff(heard, axis=0) >= 0).all()


def test_frequencies_move_by_the_factor():
    middles = np.arange(32)
    assert (moved_bands(POWERS, 1.0) @ middles == middles).all()
    up, down = moved_bands(POWERS, 1.1) @ middles, moved_bands(POWERS, 1 / 1.1) @ middles
    assert (up[:-1] > middles[:-1]).all()
    assert (down < middles)[1:].all()


def test_noise_is_taken_out_and_what_is_louder_stays():
    rng = np.random.default_rng(0)
    noise = rng.normal(3, 0.02, size=(80, 32)).astype(np.float32)
    noise[40:50] += 2
    heard = without_noise(noise)
    assert np.median(noise - heard) == pytest.approx(0.7, abs=0.01)
    assert np.abs(noise - heard)[40:50].max() < 0.02


def test_level_changes_nothing_but_the_level_and_tone_is_partly_evened():
    rng = np.random.default_rng(1)
    sound = rng.normal(size=(60, 32)).astype(np.float32)
    hearing = Hearing(1.0, 1.2, 0.5)
    np.testing.assert_allclose(
        hearing.of(sound + 2, POWERS), hearing.of(sound, POWERS) + 2, atol=1e-5
    )
    tilted = hearing.of(sound + np.linspace(-1, 1, 32, dtype=np.float32), POWERS)
    tilt = (tilted - hearing.of(sound, POWERS)).mean(axis=0)
    np.testing.assert_allclose(tilt, np.linspace(-0.5, 0.5, 32), atol=0.2)


def test_the_word_is_found_in_each_hearing():
    pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")
    ear = front_end("speech")
    rng = np.random.default_rng(2)
    x = rng.normal(scale=1e-3, size=48000).astype(np.float32)
    x[16000:24000] += np.sin(0.3 * np.arange(8000)).astype(np.float32)
    place = Place(50, 75, 10, 4)
    heard = ear.otherwise(x, place)
    assert [one.shape for one in heard] == [(16, 96), (15, 96)]
    np.testing.assert_allclose(np.linalg.norm(heard[0], axis=1), 1, atol=1e-5)
    later = ear.otherwise(x[6400:], Place(30, 55, 10, 4))
    for one, other in zip(heard, later, strict=True):
        assert (one * other).sum(axis=1).mean() > 0.9
