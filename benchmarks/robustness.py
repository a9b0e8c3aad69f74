"""How recognition holds out against noise, rooms, telephones, babble, music and other speeds.

Ten digits, each keyword learned from five clean recordings: of the same speaker, or of all others.
What is identified is then spoiled: everyday noise at 10 dB; four voices babbling, or chords, at
10 dB; the band and the companding of a telephone; rooms that reverberate for 0.3 and 0.6 s (direct
sound and a decaying tail of noise as loud as it); and speech made slower or faster at the same
pitch. Accuracy, and what is lost against clean speech.

    python benchmarks/robustness.py [--front-end speech] [--seeds 901] [--tests 4]
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from functools import cache

import librosa
import numpy as np
from corpora import SPEECH, require, takes, write
from scipy.signal import butter, fftconvolve, sosfiltfilt

from kwspot.audio import load
from kwspot.errors import AudioError
from kwspot.identify import log_odds
from kwspot.keyword import Keyword

_RATE = 16000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--front-end", default="cepstra")
    parser.add_argument("--seeds", type=int, nargs="+", default=[901])
    parser.add_argument("--tests", type=int, default=4, help="recordings per word and speaker")
    options = parser.parse_args()
    require()
    warnings.simplefilter("ignore")
    right: dict = defaultdict(list)
    for seed in options.seeds:
        for speaker in sorted({take.speaker for take in takes("fsdd")}):
            for key, some in session(options, seed, speaker).items():
                right[key] += some
    rows = {
        name: {kind: float(np.mean(right[name, kind])) for kind in ("same", "cross")}
        for name in CONDITIONS
    }
    print(f"{options.front_end:24}{'same':>8}{'lost':>8}{'cross':>8}{'lost':>8}")
    for name, row in rows.items():
        lost = {kind: rows["clean"][kind] - row[kind] for kind in row}
        print(
            f"{name:24}{row['same']:8.3f}{lost['same']:8.3f}{row['cross']:8.3f}{lost['cross']:8.3f}"
        )
    write(f"robustness_{options.front_end}", {"seeds": options.seeds, "rows": rows})


def session(options: argparse.Namespace, seed: int, speaker: str) -> dict:
    """Return, by condition and kind of keywords, what was identified rightly of one speaker."""
    rng = np.random.default_rng([seed, sum(speaker.encode())])
    words = sorted({take.word for take in takes("fsdd")})
    taught: dict = {"same": [], "cross": []}
    tests = []
    for word in words:
        own = [take for take in takes("fsdd") if (take.word, take.speaker) == (word, speaker)]
        others = [take for take in takes("fsdd") if take.word == word and take.speaker != speaker]
        order = rng.permutation(len(own))
        examples = {
            "same": [own[i] for i in order[:5]],
            "cross": [others[i] for i in rng.choice(len(others), 5, replace=False)],
        }
        for kind, some in examples.items():
            taught[kind].append(
                Keyword.from_examples(
                    [take.path for take in some], name=word, front_end=options.front_end
                )
            )
        tests += [own[i] for i in order[5 : 5 + options.tests]]
    right = defaultdict(list)
    for take in tests:
        x = load(take.path, rate=_RATE)
        for name, spoil in CONDITIONS.items():
            try:
                odds = log_odds((spoil(x, rng), _RATE), [*taught["same"], *taught["cross"]])
            except AudioError:
                odds = [0.0] * (2 * len(words))
            for kind, some in (("same", odds[: len(words)]), ("cross", odds[len(words) :])):
                right[name, kind].append(words[int(np.argmax(some))] == take.word)
    return right


@cache
def sounds(folder: str) -> tuple[np.ndarray, ...]:
    """Return the recordings of a folder of the speech."""
    files = sorted((SPEECH / folder).glob("*.*"))
    return tuple(load(path, rate=_RATE) for path in files)


def stretch_of(folder: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n samples from anywhere in the recordings of a folder, of power 1."""
    some = sounds(folder)
    x = some[rng.integers(len(some))]
    x = np.resize(np.roll(x, -int(rng.integers(len(x)))), n)
    return x / (np.sqrt(np.mean(x**2)) + 1e-9)


def under(x: np.ndarray, noise: np.ndarray, decibels: float = 10.0) -> np.ndarray:
    """Lay noise of power 1 under a word."""
    level = np.sqrt(np.mean(x**2)) * 10 ** (-decibels / 20)
    return (x + level * noise / (np.sqrt(np.mean(noise**2)) + 1e-9)).astype(np.float32)


def noisy(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return under(x, stretch_of("background/esc10", len(x), rng))


def babble(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return under(x, sum(stretch_of("background/libri", len(x), rng) for _ in range(4)))


def music(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Chords of three notes with six partials each, a new one every 0.4 s."""
    time = np.arange(len(x)) / _RATE
    chords = np.zeros(len(x))
    for first in np.arange(0, time[-1], 0.4):
        here = (time >= first) & (time < first + 0.4)
        root = 110 * 2 ** (rng.integers(24) / 12)
        for step in (0, 4, 7):
            for partial in range(1, 7):
                pitch = root * 2 ** (step / 12) * partial
                chords[here] += np.sin(2 * np.pi * pitch * (time[here] - first)) / partial
    return under(x, chords)


def telephone(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Keep 300 to 3400 Hz, eight bits of mu-law."""
    band = sosfiltfilt(butter(4, [300, 3400], "band", fs=_RATE, output="sos"), x)
    top = np.abs(band).max() + 1e-9
    coded = librosa.mu_expand(librosa.mu_compress(band / top, mu=255, quantize=True), mu=255)
    return (top * coded).astype(np.float32)


def room(seconds: float):
    """Return what adds a room: its tail falls by 60 dB in so many seconds."""

    def spoil(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        time = np.arange(int(seconds * _RATE)) / _RATE
        tail = rng.normal(size=len(time)) * 10 ** (-3 * time / seconds)
        tail[: int(0.005 * _RATE)] = 0  # the first reflections come later
        tail /= np.sqrt((tail**2).sum())
        tail[0] = 1
        return fftconvolve(np.append(x, np.zeros(len(time))), tail)[: len(x) + len(time)].astype(
            np.float32
        )

    return spoil


def speed(factor: float):
    """Return what makes speech faster by a factor."""
    return lambda x, _: librosa.effects.time_stretch(x, rate=factor, n_fft=512)


CONDITIONS = {
    "clean": lambda x, _: x,
    "everyday noise, 10 dB": noisy,
    "babble, 10 dB": babble,
    "music, 10 dB": music,
    "telephone, 8 kHz": telephone,
    "room, 0.3 s": room(0.3),
    "room, 0.6 s": room(0.6),
    "speed 0.85": speed(0.85),
    "speed 1.15": speed(1.15),
}


if __name__ == "__main__":
    main()
