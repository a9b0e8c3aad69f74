"""Whatever is wrong with a recording: one clear error or what can be read, and never a crash."""

import io
import random
import struct
import sys
import warnings

import numpy as np
import pytest
import soundfile
from recordings import as_nobody, chirp, encode

from kwspot.audio import RATE, blocks, digest, duration, load
from kwspot.errors import AudioError, DoubtfulResult, KwspotError, MissingExtra


def made(tmp_path, kind, seconds=1.0):
    """Give the bytes of a chirp in one kind of file."""
    x = chirp(seconds)
    path = tmp_path / f"made.{kind}"
    if kind in ("m4a", "aac", "mkv"):
        options = {"movflags": "faststart"} if kind == "m4a" else {}
        encode(path, "aac", x, RATE, options=options)
    else:
        soundfile.write(path, x, RATE)
    return path.read_bytes()


FAULTS = {
    "empty.wav": (b"", "is empty .0 bytes."),
    "text.wav": (b"hello, this is a letter\n" * 50, "it holds text"),
    "text.mp3": (b"hello, this is a letter\n" * 50, "it holds text"),
    "text.gsm": (b"hello, this is a letter\n" * 50, "it holds text"),
    "text.vox": (b"hello, this is a letter\n" * 50, "it holds text"),
    "text.au": (b"hello, this is a letter\n" * 50, "it holds text"),
    "text.raw": (b"hello, this is a letter\n" * 50, "it holds text"),
    "list.m3u8": (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nhttp://127.0.0.1:9/a\n", "holds text"),
    "image.wav": (b"\x89PNG\r\n\x1a\n" + bytes(50), "89 50 4e 47 0d 0a 1a 0a"),
    "noise.wav": (random.Random(0).randbytes(5000), "begins with the bytes"),
    "riff.wav": (b"RIFF" + bytes(60), "begins as audio, but libsndfile says"),
    "film.mp4": (b"\0\0\0\x18ftypisom" + bytes(60), "begins as MPEG-4 or QuickTime, but FFmpeg"),
    "short.flac": (b"fLaC", "begins as audio"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_audio_is_named_and_described(tmp_path, name):
    content, words = FAULTS[name]
    path = tmp_path / name
    path.write_bytes(content)
    for read in (load, duration, lambda source: list(blocks(source))):
        with pytest.raises(AudioError, match=words) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert caught.value.hint
    with pytest.raises(AudioError, match=f"the bytes given.*{words}"):
        load(content)


def test_no_path_no_file(tmp_path):
    (tmp_path / "x.wav").touch()
    for path in (tmp_path / "absent.wav", "absent.wav", tmp_path / "x.wav" / "y.wav"):
        for read in (load, duration, digest):
            with pytest.raises(AudioError, match=r"\.wav does not exist"):
                read(path)
    with pytest.raises(AudioError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(AudioError, match="cannot be opened"):
        load("nul\0.wav")
    with pytest.raises(AudioError, match="cannot be opened: File name too long"):
        load("x" * 5000)


def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.wav"
    soundfile.write(path, chirp(), RATE)
    with as_nobody(path), pytest.raises(AudioError, match="cannot be opened: Permission denied"):
        load(path)


@pytest.mark.parametrize("kind", ["wav", "aiff"])
def test_no_samples(tmp_path, kind):
    path = tmp_path / f"none.{kind}"
    soundfile.write(path, np.zeros(0), RATE)
    with pytest.raises(AudioError, match="holds no samples"):
        load(path)
    with pytest.raises(AudioError, match="the samples given holds no samples"):
        list(blocks((np.zeros((0, 2)), RATE)))
    with pytest.raises(AudioError, match="holds no samples"):
        load((np.zeros(1), 44100))  # nothing is left of it at 16 kHz


def test_samples_that_are_no_numbers_are_counted_and_placed(tmp_path):
    x = np.tile(chirp()[:, None], (3, 2))
    x[24000, 0], x[30000, 1], x[47000, :] = np.nan, -np.inf, 1e38
    path = tmp_path / "x.wav"
    soundfile.write(path, x, RATE, subtype="FLOAT")
    for source in (path, (x, RATE), (x.astype(np.float64) * 1e30, RATE)):
        with pytest.raises(AudioError, match=r"sample.s. are NaN or infinite, the first") as caught:
            load(source)
    with pytest.raises(AudioError, match=r"4 sample.s. are .* the first at 1\.500 s") as caught:
        load(path)
    assert str(path) in str(caught.value)
    pieces = blocks(path, seconds=1)
    assert len(next(pieces)) == RATE  # what comes before is given


def test_a_bad_sample_in_a_damaged_file_is_still_told(tmp_path):
    x = np.zeros((20000, 1), np.float32)
    x[100] = np.nan

    from kwspot.audio.decoders import DamageError, Recording
    from kwspot.audio.reader import _mono

    def chunks():
        yield x
        raise DamageError("lost")

    with pytest.raises(AudioError, match="1 sample"):
        list(_mono(Recording("x", RATE, None, chunks())))


@pytest.mark.parametrize("rate", [0, -16000, 999, 1e9, float("nan"), float("inf")])
def test_rates_that_are_none(rate):
    with pytest.raises(AudioError, match="a rate of"):
        load((chirp(), rate))
    with pytest.raises(AudioError, match="a rate of"):
        duration((chirp(), rate))
    with pytest.raises(ValueError, match="rate must lie in"):
        load((chirp(), RATE), rate=rate)


@pytest.mark.parametrize("seconds", [0, -1, 1e-6, float("nan"), float("inf")])
def test_blocks_must_have_a_length(seconds):
    with pytest.raises(ValueError, match="seconds must be finite"):
        blocks((chirp(), RATE), seconds=seconds)


def test_mistakes_of_the_programmer():
    for source in (5, None, [chirp(), RATE], chirp()):
        with pytest.raises(TypeError, match="source must be a path"):
            load(source)
    for source in ((RATE, chirp()), (chirp(),), (chirp(), RATE, 1)):
        with pytest.raises(ValueError, match=r"must be \(samples, rate\)"):
            load(source)
    for shape in ((), (2, 16000), (1, 2, 3)):
        with pytest.raises(ValueError, match="must have the shape"):
            load((np.zeros(shape), RATE))
    for dtype in (np.int64, bool, complex, str):
        with pytest.raises(TypeError, match="samples must be floats"):
            load((np.zeros(9).astype(dtype), RATE))
    with pytest.raises(TypeError, match="bytes-like"):
        load(io.StringIO("text"))


def test_a_missing_extra_is_named(tmp_path, monkeypatch):
    video, broken = made(tmp_path, "m4a"), b"RIFF" + bytes(60)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match=r"the bytes given \(MPEG-4") as caught:
        load(video)
    assert "kwspot[av]" in caught.value.hint
    with pytest.raises(AudioError, match="begins as audio, but libsndfile"):
        load(broken)  # PyAV could not have helped here either
    assert len(load(made(tmp_path, "wav"))) == RATE


def test_a_film_without_sound(tmp_path):
    import av

    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25, width=32, height=32, pix_fmt="yuv420p")
        container.mux(video.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(video.encode(None))
    with pytest.raises(AudioError, match="has no audio track"):
        load(path)


def test_a_wav_file_cut_short_just_ends(tmp_path):
    content = made(tmp_path, "wav")
    whole = load(content)
    cut = load(content[: len(content) // 2])
    assert len(cut) == pytest.approx(len(whole) / 2, abs=50)
    np.testing.assert_array_equal(cut, whole[: len(cut)])
    assert duration(content[: len(content) // 2]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", ["flac", "mp3", "m4a"])
def test_what_can_be_read_of_a_cut_file_is_given_with_a_warning(tmp_path, kind):
    content = made(tmp_path, kind, 2)
    whole = load(content)
    with pytest.warns(DoubtfulResult, match=r"only the first [01]\.\d\d s could be read"):
        cut = load(content[: len(content) * 6 // 10])
    assert 0.6 < len(cut) / RATE < 1.5
    safe = len(cut) - 1200  # the last frame of a lossy file needs the next one
    np.testing.assert_allclose(cut[:safe], whole[:safe], atol=1e-4)


def test_a_file_of_which_nothing_can_be_decoded(tmp_path):
    content = made(tmp_path, "flac")
    with pytest.raises(AudioError, match="damaged, nothing of it can be decoded"):
        load(content[:300])
    unknown = bytearray(content[:300])
    unknown[21] &= 0xF0
    unknown[22:26] = bytes(4)  # total samples: unknown, so that duration must decode
    with pytest.raises(AudioError, match="nothing of it can be decoded"):
        duration(bytes(unknown))


def test_a_rate_that_changes_ends_the_recording(tmp_path):
    low, high = chirp(rate=RATE), chirp(rate=32000)
    parts = [
        encode(tmp_path / f"{rate}.aac", "aac", x, rate).read_bytes()
        for x, rate in ((low, RATE), (high, 32000))
    ]
    with pytest.warns(DoubtfulResult, match="rate changes from 16000 to 32000 Hz"):
        assert len(load(b"".join(parts))) / RATE == pytest.approx(1, abs=0.2)


def test_damage_in_the_middle_of_a_track(tmp_path):
    content = bytearray(made(tmp_path, "m4a", 2))
    start = content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 2
    content[start : start + 600] = random.Random(1).randbytes(600)
    with pytest.warns(DoubtfulResult, match="FFmpeg says"):
        assert len(load(bytes(content))) > RATE // 2


@pytest.mark.parametrize(
    "header",
    [
        struct.pack("<HHIIHH", 1, 65535, RATE, 2**31, 65534, 16),
        struct.pack("<HHIIHH", 1, 1024, 2**32 - 1, 2**32 - 1, 2048, 16),
        struct.pack("<HHIIHH", 1, 0, RATE, 32000, 2, 16),
        struct.pack("<HHIIHH", 1, 1, 1, 2, 2, 16),
        struct.pack("<HHIIHH", 3, 1, RATE, 2, 2, 64),
    ],
)
def test_absurd_headers_cost_no_memory(header):
    resource = pytest.importorskip("resource")
    content = b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WAVEfmt " + struct.pack("<I", 16) + header
    content += b"data" + struct.pack("<I", 2**32 - 10) + bytes(5000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert outcome(content) in ("read", "AudioError")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def outcome(content):
    """Load bytes; say "read" or the name of the error, and let any but ours through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DoubtfulResult)
        try:
            samples = load(content)
        except KwspotError as error:
            return type(error).__name__
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples)
    assert np.isfinite(samples).all()
    return "read"


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "m4a", "mkv"])
def test_every_cut_gives_a_result_or_our_error(tmp_path, kind):
    content = made(tmp_path, kind, 0.5)
    cuts = [*range(0, 64, 3), *range(64, len(content), len(content) // 40), len(content)]
    outcomes = [outcome(content[:cut]) for cut in cuts]
    assert set(outcomes) <= {"read", "AudioError"}
    assert outcomes[-1] == "read"
    assert outcomes[0] == "AudioError"


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "m4a", "mkv"])
def test_flipped_bytes_give_a_result_or_our_error(tmp_path, kind):
    content = made(tmp_path, kind, 0.5)
    chance = random.Random(kind)
    for _ in range(50):
        broken = bytearray(content)
        reach = chance.choice([200, len(content)])  # headers are where it hurts
        for _ in range(chance.choice([1, 3, 30])):
            broken[chance.randrange(reach)] = chance.randrange(256)
        assert outcome(bytes(broken)) in ("read", "AudioError")
