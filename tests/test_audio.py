"""Any recording comes in as the same samples, whole or in pieces."""

import hashlib
import io
import os
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import SPEECH, chirp, encode, speech

from kwspot.audio import RATE, blocks, digest, duration, load

PCM = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 24}  # float32 holds 24 bits
EXACT = [
    *[("WAV", kind) for kind in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")],
    *[("FLAC", kind) for kind in ("PCM_S8", "PCM_16", "PCM_24")],
    *[("AIFF", kind) for kind in ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "FLOAT")],
    *[("CAF", kind) for kind in ("PCM_16", "FLOAT")],
    *[("AU", kind) for kind in ("PCM_16", "FLOAT")],
    *[(kind, "PCM_16") for kind in ("W64", "RF64", "NIST", "WAVEX", "VOC", "PAF", "AVR", "IRCAM")],
]
LOSSY = [
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("WAV", "GSM610"),
    ("WAV", "ULAW"),
    ("WAV", "ALAW"),
    ("WAV", "IMA_ADPCM"),
    ("WAV", "MS_ADPCM"),
    ("AU", "ULAW"),
    ("AIFF", "IMA_ADPCM"),
]
VIDEO = [
    ("m4a", "aac"),
    ("m4a", "alac"),
    ("mp4", "aac"),
    ("mov", "pcm_s24le"),
    ("aac", "aac"),
    ("mkv", "libopus"),
    ("mkv", "pcm_f64le"),
    ("webm", "libopus"),
    ("avi", "pcm_u8"),
    ("flv", "aac"),
    ("ts", "aac"),
    ("wv", "wavpack"),
    ("tta", "tta"),
    ("ac3", "ac3"),
    ("wma", "wmav2"),
]
RATES = [8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000]
ints = st.sampled_from([np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32])


def likeness(a, b, *, slack=0):
    """Correlate two recordings, shifted by up to `slack` samples either way."""
    n = min(len(a), len(b)) - slack
    middle = b[slack:n]
    late = np.argmax(np.correlate(a[: n + slack], middle)) if slack else 0
    return np.corrcoef(a[late : late + len(middle)], middle)[0, 1]


@pytest.mark.parametrize(("form", "kind"), EXACT)
def test_lossless_formats_keep_every_bit_they_have(tmp_path, form, kind):
    x = chirp()
    path = tmp_path / "recording"
    soundfile.write(path, x, RATE, format=form, subtype=kind)
    y = load(path)
    assert y.dtype == np.float32
    assert y.flags.c_contiguous
    assert duration(path) == 1
    np.testing.assert_allclose(y, x, rtol=0, atol=2.0 ** (1 - PCM.get(kind, 24)))


@pytest.mark.parametrize(("form", "kind"), LOSSY)
def test_lossy_formats_keep_the_speech(tmp_path, form, kind):
    x, rate = speech(seconds=2)
    path = tmp_path / "recording"
    soundfile.write(path, x, rate, format=form, subtype=kind)
    y = load(path, rate=rate)
    assert len(y) == pytest.approx(len(x), abs=0.05 * rate)
    assert duration(path) == pytest.approx(2, abs=0.05)
    assert likeness(y, x) > 0.97


@pytest.mark.parametrize(("suffix", "codec"), VIDEO)
def test_what_only_pyav_reads_keeps_the_speech(tmp_path, suffix, codec):
    x, rate = speech(seconds=2)
    if codec in ("ac3", "wmav2"):
        x, rate = soxr.resample(x, rate, 44100), 44100
    path = encode(tmp_path / f"recording.{suffix}", codec, x, rate)
    y = load(path, rate=rate)
    assert len(y) == pytest.approx(len(x), abs=0.15 * rate)  # raw AAC does not know its padding
    assert duration(path) == pytest.approx(len(y) / rate, abs=0.07)  # an AAC frame is 0.064 s
    knows_its_delay = suffix in ("m4a", "mp4", "mov", "mkv", "webm", "avi", "wv", "tta")
    assert likeness(y, x, slack=0 if knows_its_delay else 2400) > 0.97
    np.testing.assert_array_equal(np.concatenate(list(blocks(path, rate=rate, seconds=0.3))), y)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_blocks_joined_are_the_whole_bit_for_bit(tmp_path, rate, channels):
    noise = np.random.default_rng(rate).normal(0, 0.1, (rate + 17, channels))
    for suffix in ("wav", "flac"):
        path = tmp_path / f"noise.{suffix}"
        soundfile.write(path, noise, rate)
        pieces = list(blocks(path, seconds=0.3))
        assert {len(piece) for piece in pieces[:-1]} == {4800}
        assert 0 < len(pieces[-1]) <= 4800
        np.testing.assert_array_equal(np.concatenate(pieces), load(path))


@pytest.mark.parametrize("rate", RATES)
def test_streaming_equals_resampling_the_whole_at_once(rate):
    x = np.random.default_rng(rate).normal(0, 0.1, 30011).astype(np.float32)
    np.testing.assert_array_equal(load((x, rate)), soxr.resample(x, rate, RATE))


@pytest.mark.parametrize("form", ["OGG", "MP3", "FLAC"])
def test_reading_in_pieces_does_not_disturb_the_decoder(tmp_path, form, capfd):
    x, rate = speech()
    options = {"bitrate_mode": "VARIABLE", "compression_level": 0.5} if form == "MP3" else {}
    path = tmp_path / "speech"
    soundfile.write(path, x, rate, format=form, **options)
    at_once, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_allclose(load(path, rate=rate), at_once, rtol=0, atol=1e-6)
    assert capfd.readouterr().err == ""


def test_speech_on_disk_loads_as_it_is():
    speech()  # skips where the recordings are absent
    files = sorted([*SPEECH.rglob("*.wav"), *SPEECH.rglob("*.flac")])[::60]
    assert files
    for path in files:
        expected, rate = soundfile.read(path, dtype="float32", always_2d=True)
        np.testing.assert_allclose(load(path, rate=rate), expected.mean(axis=1), atol=1e-7)
        assert len(load(path)) == pytest.approx(duration(path) * RATE, abs=1)


@pytest.mark.parametrize(("suffix", "codec"), [("m4a", "alac"), ("mov", "pcm_s16le")])
def test_stereo_from_pyav_is_averaged(tmp_path, suffix, codec):
    x = np.stack([chirp(), 0.5 * chirp()[::-1]], axis=1)  # one comes planar, the other interleaved
    path = encode(tmp_path / f"stereo.{suffix}", codec, x, RATE)
    np.testing.assert_allclose(load(path), x.mean(axis=1), atol=1e-4)


def test_a_guess_at_the_length_is_not_trusted(tmp_path):
    x = np.concatenate([np.random.default_rng(0).uniform(-1, 1, RATE), np.zeros(9 * RATE)])
    path = encode(tmp_path / "x.aac", "aac", x, RATE)  # its bit rate falls: FFmpeg guesses wrong
    assert duration(path) == pytest.approx(10, abs=0.2)
    assert len(load(path)) / RATE == duration(path)


def test_content_decides_not_the_name(tmp_path, monkeypatch):
    x = chirp()
    lie = encode(tmp_path / "lie.m4a", "alac", x, RATE).rename(tmp_path / "lie.mp3")
    np.testing.assert_allclose(load(lie), x, atol=1e-4)
    for name in ("a.mp3", "a.raw", "a.RAW", "a.m4a", "a.gsm", "a.vox", "a.txt", "a", "ä b:c%d.wav"):
        path = tmp_path / name
        soundfile.write(path, x, RATE, format="WAV", subtype="FLOAT")
        np.testing.assert_array_equal(load(path), x)
        assert duration(str(path)) == 1
    monkeypatch.chdir(tmp_path)
    lie = lie.rename("concat:lie.snd")  # for FFmpeg the name of a protocol
    np.testing.assert_allclose(load(lie), x, atol=1e-4)


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="needs free names")
def test_a_name_need_not_be_unicode(tmp_path):
    for kind in ("wav", "m4a"):
        soundfile.write(tmp_path / "x.wav", chirp(), RATE)
        encode(tmp_path / "x.m4a", "alac", chirp(), RATE)
        path = (tmp_path / f"x.{kind}").rename(tmp_path / os.fsdecode(b"\xff." + kind.encode()))
        assert len(load(path)) == RATE


def test_headerless_gsm_is_told_by_its_frames(tmp_path):
    x, rate = speech("continuous/asterisk/conf-locked.flac")
    path = tmp_path / "voice.gsm"
    soundfile.write(path, x, 8000, format="RAW", subtype="GSM610")
    assert rate == 8000
    assert likeness(load(path, rate=8000), x) > 0.9


def test_a_video_gives_its_sound(tmp_path):
    import av

    x = chirp()
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25, width=32, height=32, pix_fmt="yuv420p")
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        for _ in range(25):
            picture = av.VideoFrame(32, 32, "yuv420p")
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for at in range(0, len(x), 1024):
            frame = av.AudioFrame.from_ndarray(x[None, at : at + 1024], "fltp", "mono")
            frame.sample_rate, frame.pts = RATE, at
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert likeness(load(path), x) > 0.99


def test_every_form_of_source_gives_the_same(tmp_path):
    x = chirp(0.5)
    path = tmp_path / "x.flac"
    soundfile.write(path, x, RATE)
    content, expected = path.read_bytes(), load(path)
    with path.open("rb") as file:
        for source in (str(path), content, io.BytesIO(content), file, (expected, RATE)):
            for _ in range(2):  # a file object is put back to where it stood
                np.testing.assert_array_equal(load(source), expected)
                assert duration(source) == 0.5
                np.testing.assert_array_equal(np.concatenate(list(blocks(source))), expected)
            if not isinstance(source, tuple):
                assert digest(source) == hashlib.sha256(content).hexdigest()


def test_a_file_object_is_read_from_where_it_stands():
    content = io.BytesIO()
    soundfile.write(content, chirp(), RATE, format="FLAC")
    later = io.BytesIO(b"preamble" + content.getvalue())
    later.seek(8)
    assert len(load(later)) == RATE
    assert later.tell() == 8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_can_be_read(tmp_path):
    path, pipe = tmp_path / "x.flac", tmp_path / "pipe"
    soundfile.write(path, chirp(), RATE)
    os.mkfifo(pipe)
    for as_source in (nullcontext, lambda fifo: fifo.open("rb")):
        writer = threading.Thread(target=pipe.write_bytes, args=[path.read_bytes()])
        writer.start()
        with as_source(pipe) as source:
            np.testing.assert_array_equal(load(source), load(path))
        writer.join()


@given(st.integers(0, 2**32 - 1), st.integers(1, 20000), st.sampled_from(RATES), st.floats(1e-4, 3))
@settings(deadline=None, max_examples=30)
def test_block_size_does_not_matter(seed, n, rate, seconds):
    x = np.random.default_rng(seed).normal(0, 0.1, n + 50).astype(np.float32)
    whole = load((x, rate))
    size = round(seconds * RATE)
    pieces = list(blocks((x, rate), seconds=seconds)) if size else [whole]
    assert all(len(piece) == size for piece in pieces[:-1])
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_channels_are_averaged(channels, seed):
    x = np.random.default_rng(seed).normal(0, 1, (5000, channels)).astype(np.float32)
    np.testing.assert_allclose(load((x, RATE)), x.astype(float).mean(axis=1), atol=1e-6)
    same = np.repeat(x[:, :1], channels, axis=1)
    np.testing.assert_array_equal(load((same, RATE)), x[:, 0])


@given(ints, st.data())
@settings(deadline=None)
def test_integers_are_scaled_to_one(dtype, data):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    x = np.array(data.draw(st.lists(st.integers(low, high), min_size=1)), dtype)
    y = load((x, RATE))
    assert np.abs(y).max() <= 1
    assert load((np.array([low], dtype), RATE)) == -1
    middle = (low + high + 1) // 2
    assert load((np.array([middle], dtype), RATE)) == 0
    expected = (x.astype(float) - middle) / (high - middle + 1)
    np.testing.assert_allclose(y, expected, rtol=1e-7, atol=0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_floats_are_taken_as_they_are(dtype):
    x = np.array([0, 44, -44, 0.125], dtype)  # also far beyond full scale
    np.testing.assert_array_equal(load((x, RATE)), x.astype(np.float32))


def test_silence_offset_and_clipping_are_no_faults():
    for x in (np.zeros(100), np.full(100, 0.7), np.where(np.arange(100) % 9 < 4, 1.0, -1.0)):
        np.testing.assert_array_equal(load((x, RATE)), x.astype(np.float32))


@given(
    st.sampled_from(RATES[:-2]),
    st.lists(st.floats(100, 3000), min_size=1, max_size=4),
    st.sampled_from([8000, 16000, 22050]),
)
@settings(deadline=None, max_examples=30)
def test_resampling_agrees_with_scipy_in_level_and_alignment(rate, tones, wanted):
    time = np.arange(rate // 2) / rate
    x = sum(np.sin(2 * np.pi * tone * time) for tone in tones) / len(tones)
    y = load((x, rate), rate=wanted)
    ratio = np.gcd(rate, wanted)
    reference = scipy.signal.resample_poly(x, wanted // ratio, rate // ratio)
    assert abs(len(y) - len(reference)) <= 1
    inner = slice(wanted // 20, -wanted // 20)
    n = min(len(y), len(reference))
    np.testing.assert_allclose(y[:n][inner], reference[:n][inner], atol=0.01)


def test_digest_of_samples_is_that_of_their_float32_bytes():
    x = np.random.default_rng(0).integers(-100, 100, (9000, 2), np.int16)
    expected = hashlib.sha256((x / 32768).astype("<f4").tobytes()).hexdigest()
    assert digest((x, 8000)) == expected
    assert digest((np.asfortranarray(x), 8000)) == expected


def test_streams_that_do_not_tell_their_length_are_counted(tmp_path):
    path = tmp_path / "x.flac"
    soundfile.write(path, chirp(), RATE)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # total samples: 0 means unknown
    assert duration(bytes(content)) == 1
    np.testing.assert_array_equal(load(bytes(content)), load(path))


def test_stopping_early_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = io.BytesIO()
    soundfile.write(content, chirp(3), RATE, format="FLAC")
    video = encode(tmp_path / "x.m4a", "aac", chirp(3), RATE)
    content.seek(0)
    for source in (content.getvalue(), video.read_bytes(), content):
        pieces = blocks(source, seconds=0.1)
        assert len(next(pieces)) == 1600
        assert len(list(tmp_path.iterdir())) == 2
        pieces.close()
        assert list(tmp_path.iterdir()) == [video]


def test_ctrl_c_passes_through(tmp_path, monkeypatch):
    class Interrupted(io.BytesIO):
        def read(self, size=-1):
            raise KeyboardInterrupt

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        load(Interrupted(b"RIFF"))
    assert list(tmp_path.iterdir()) == []


def run(code, *arguments):
    """Run Python code in a process of its own, and give what it prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def test_import_stays_light():
    code = "import sys, kwspot.audio; print(*sys.modules)"
    assert not {"soundfile", "soxr", "av", "scipy", "numba"} & set(run(code).split())


def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path):
    pytest.importorskip("resource")
    minute = (np.random.default_rng(0).normal(0, 3000, 60 * 8000)).astype(np.int16)
    path = tmp_path / "hour.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(60):
            file.write(minute)
    code = """if True:
        import resource, sys
        import numpy as np
        from kwspot.audio import blocks
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        list(blocks((np.zeros(480000, np.int16), 8000)))
        before, count = peak(), 0
        for piece in blocks(sys.argv[1], seconds=10):
            count += len(piece)
        scale = 1 if sys.platform == "darwin" else 1024
        print(count, (peak() - before) * scale)
    """
    count, growth = map(int, run(code, path).split())
    assert count == 3600 * RATE
    assert growth < 16e6  # whole it would be 230 MB
