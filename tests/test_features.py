"""Features: equal to librosa, to their naive twin, and whole to chunked."""

from __future__ import annotations

import librosa
import naive
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from speech import SPEECH, needs_speech

from kwspot.features import front_end, front_ends, register
from kwspot.features.cepstra import RootCepstra
from kwspot.features.mel import MelPowers, filter_bank, hertz, mel
from kwspot.features.mfcc import MFCC, cosine_basis
from kwspot.features.normalise import (
    Centre,
    RunningNormaliser,
    is_loud,
    loud_part,
    unit,
    word_part,
)
from kwspot.features.word import cut_out, voices

CHUNKS = st.lists(st.integers(0, 3000), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def sentence():
    x, _ = soundfile.read(SPEECH / "continuous" / "lj" / "LJ001-0001.flac", dtype="float32")
    return x[:50000]


def librosa_powers(x, config):
    """Compute the same with librosa: the recording held still beyond its ends."""
    lead = (config.width - config.hop) // 2 + (config.size - config.width) // 2
    powers = librosa.feature.melspectrogram(
        y=np.pad(x, (lead, config.size), mode="edge"),
        sr=config.rate,
        n_fft=config.size,
        hop_length=config.hop,
        win_length=config.width,
        center=False,
        n_mels=config.bands,
        fmin=config.low,
        fmax=config.high,
    )
    return powers.T[: len(x) // config.hop]


@needs_speech
def test_mel_powers_equal_librosa(sentence):
    expected = librosa_powers(sentence, MelPowers())
    np.testing.assert_allclose(MelPowers()(sentence), expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(
        MelPowers()(sentence) / expected.max(), expected / expected.max(), rtol=0, atol=1e-5
    )


@needs_speech
def test_mfcc_equals_librosa(sentence):
    decibels = librosa.power_to_db(librosa_powers(sentence, MelPowers()).T, top_db=None)
    expected = librosa.feature.mfcc(S=decibels, n_mfcc=13).T
    np.testing.assert_allclose(MFCC()(sentence), expected, rtol=1e-5, atol=1e-5 * 400)


def test_filters_equal_librosa():
    expected = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, fmin=60, fmax=7600)
    np.testing.assert_allclose(filter_bank(16000, 512, 40, 60.0, 7600.0), expected, atol=1e-7)


@pytest.mark.parametrize("size", [256, 512, 1024])
@pytest.mark.parametrize("centre", [False, True])
def test_mel_powers_equal_the_naive_twin(size, centre):
    config = MelPowers(width=200, hop=80, size=size, bands=10, emphasis=0.9, centre=centre)
    x = np.random.default_rng(1).normal(size=7000).astype(np.float32) + 3
    filters = filter_bank(config.rate, size, 10, config.low, config.high)
    expected = naive.band_powers(x, 80, 200, size, 0.9, centre, filters)
    np.testing.assert_allclose(config(x), expected, rtol=2e-4)


@pytest.mark.parametrize("name", ["cepstra", "mel", "mfcc"])
@given(chunks=CHUNKS, seed=st.integers(0, 9))
def test_a_stream_gives_the_same_bits_as_the_whole(name, chunks, seed):
    x = np.random.default_rng(seed).normal(size=sum(chunks)).astype(np.float32)
    stream = front_end(name).stream()
    parts = [stream.feed(part) for part in np.split(x, np.cumsum(chunks)[:-1])]
    parts.append(stream.finish())
    np.testing.assert_array_equal(np.concatenate(parts), front_end(name)(x))


@pytest.mark.parametrize("name", ["cepstra", "mel", "mfcc"])
@pytest.mark.parametrize("samples", [0, 1, 159, 160, 319, 320, 321, 16000])
def test_shape_says_the_protocol(name, samples):
    chosen = front_end(name)
    frames = chosen(np.ones(samples, np.float32))
    assert frames.shape == (int(samples / chosen.rate / chosen.period + 1e-9), chosen.dimensions)
    assert frames.dtype == np.float32
    assert chosen.loudness(frames).shape == (len(frames),)


@given(gain=st.floats(1e-3, 44), offset=st.floats(-0.5, 0.5))
def test_level_and_offset_do_not_change_normalised_cepstra(gain, offset):
    x = np.random.default_rng(5).normal(size=8000).astype(np.float32) * 0.05
    chosen = RootCepstra()

    def normalised(x):
        frames = chosen(x)
        centre = Centre.of(frames, chosen.loudness(frames), homogeneous=True)
        return unit(centre.apply(frames))

    moved = ((x + np.float32(offset)) * np.float32(gain)).astype(np.float32)
    np.testing.assert_allclose(normalised(moved), normalised(x), atol=2e-3)


def test_digital_silence_is_finite_everywhere():
    for name in front_ends():
        assert np.isfinite(front_end(name)(np.zeros(4000, np.float32))).all()


def test_the_registry_refuses_what_it_does_not_know_and_what_it_has():
    with pytest.raises(ValueError, match="unknown front end 'nose'; there are auto, cepstra"):
        front_end("nose")
    with pytest.raises(ValueError, match="registered already"):
        register("mel", lambda: front_end("mel"))


def test_filters_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        filter_bank(8000, 512, 40, 60.0, 7600.0)
    with pytest.raises(ValueError, match="do not fit"):
        filter_bank(16000, 128, 80, 60.0, 7600.0)


def test_the_cosine_basis_is_orthonormal():
    basis = cosine_basis(40, 13)
    np.testing.assert_allclose(basis.T @ basis, np.eye(13), atol=1e-6)


@pytest.mark.parametrize("homogeneous", [False, True])
@given(seed=st.integers(0, 99), chunks=st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_the_running_normaliser_equals_its_twin_in_any_chunks(homogeneous, seed, chunks):
    rng = np.random.default_rng(seed)
    frames = rng.normal(size=(sum(chunks), 4)).astype(np.float32)
    loudness = rng.choice([0, 0.5, 1, 2], size=sum(chunks)).astype(np.float32)
    prior = rng.normal(size=4).astype(np.float32)
    running = RunningNormaliser(prior, period=0.02, homogeneous=homogeneous)
    cuts = np.cumsum(chunks)[:-1]
    parts = zip(np.split(frames, cuts), np.split(loudness, cuts), strict=True)
    found = np.concatenate([running.feed(*part) for part in parts])
    expected = naive.normalise_running(frames, loudness, prior, 25, 1500, homogeneous)
    np.testing.assert_allclose(found, expected.reshape(found.shape), atol=1e-4)


def test_the_centre_of_silence_takes_nothing_away():
    silence = np.zeros((5, 3), np.float32)
    centre = Centre.of(silence, np.zeros(5, np.float32), homogeneous=True)
    assert centre.level == 0
    assert not centre.apply(np.ones((2, 3), np.float32)).any()


def test_loud_part_of_nothing_and_of_a_constant():
    assert loud_part(is_loud(np.empty(0, np.float32))) == slice(0, 0)
    assert loud_part(is_loud(np.ones(7, np.float32))) == slice(0, 7)
    assert word_part(np.empty(0, np.float32), 0.02) == slice(0, 0)
    assert word_part(np.ones(7, np.float32), 0.02) == slice(0, 7)


def test_a_word_lies_within_what_is_loud_and_keeps_pauses_that_words_have():
    loudness = np.zeros(150, np.float32)
    loudness[[2, 3, 140]] = 4  # clicks
    loudness[50:60] = loudness[75:95] = 5  # two syllables, 0.3 s apart
    assert word_part(loudness, 0.02) == slice(30, 115)
    assert word_part(5 * loudness + 1, 0.02) == slice(30, 115)
    assert word_part(loudness[50:95], 0.02) == loud_part(is_loud(loudness[50:95]))


@needs_speech
def test_noise_far_from_a_word_is_not_taken_for_part_of_it():
    front, rng = front_end("cepstra"), np.random.default_rng(0)
    word, _ = soundfile.read(SPEECH / "fsdd" / "recordings" / "3_theo_5.wav", dtype="float32")
    noise = rng.normal(0, 0.03 * word.std(), 3 * 8000).astype(np.float32)
    noise[:800] *= 9
    noise[12000 : 12000 + len(word)] += word
    loudness = front.loudness(front(np.repeat(noise, 2)))
    part = word_part(loudness, front.period)
    assert loud_part(is_loud(loudness)).start == 0
    first, last = (place / 8000 / front.period for place in (12000, 12000 + len(word)))
    assert first - 25 < part.start < first + 10
    assert last - 10 < part.stop < last + 25


def test_cut_out_makes_unit_rows():
    frames = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(cut_out(frames), axis=1), 1, rtol=1e-6)


def test_speech_is_thinned_before_words_are_compared():
    frames = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    pairs = (frames[0:8:2] + frames[1:8:2]) / 2
    np.testing.assert_allclose(cut_out(frames, "speech"), cut_out(pairs), rtol=1e-5)
    assert len(cut_out(frames[:1], "speech")) == 1


def test_a_stretched_envelope_is_found_again_by_its_cepstra():
    cepstra = front_end("cepstra")
    rng = np.random.default_rng(0)
    middles = hertz(np.linspace(mel(cepstra.powers.low), mel(cepstra.powers.high), 42)[1:-1])
    shape = np.cumsum(rng.normal(size=(12, 8)), axis=1)

    def heard(factor):
        smooth = [np.interp(np.linspace(0, 7, 64), np.arange(8), row) for row in shape]
        spectrum = [np.interp(factor * middles, 120 * np.arange(64), row) for row in smooth]
        powers = np.exp(np.asarray(spectrum, np.float32))
        return cut_out(np.tile(cepstra.of_powers(powers), 2))

    own, *others = voices(heard(1.0), "cepstra")
    for voice, factor in zip(others, (0.88, 0.94, 1.06, 1.12), strict=True):
        wanted = heard(factor)
        assert np.mean(voice.frames * wanted) > np.mean(own.frames * wanted)
