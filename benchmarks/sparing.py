"""What the speech front end misses, and what it saves, by listening only where a word may be.

Keywords are learned from five clips in which a word stands among others: by the speaker of the
stream, by him and others, or by others. Each stream holds it four times among nine other words,
with noise. Places found with the sketch, and with the network run on everything; false alarms
there, and in everyday sound and sentences; and on how much of each the network was run.

    python benchmarks/sparing.py [--seeds 901 902] [--tasks 20] [--minutes 4]
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from calibration import stream
from corpora import SPEECH, require, write

from kwspot.audio import load
from kwspot.features import front_end
from kwspot.stream import listening

if TYPE_CHECKING:
    from kwspot.keyword import Keyword

_THRESHOLDS = (0.05, 0.2, 0.5, 0.8)
_FOLDERS = ("background/libri", "background/esc10", "continuous/asterisk", "continuous/lj")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902])
    parser.add_argument("--tasks", type=int, default=20, help="keywords per seed")
    parser.add_argument("--minutes", type=float, default=4, help="of background")
    options = parser.parse_args()
    require()
    warnings.simplefilter("ignore")
    sounds = {folder: some(folder, 15 * options.minutes) for folder in _FOLDERS}
    found: dict = {ear: [] for ear in ("all heard", "sparing")}
    alarms: dict = {ear: [] for ear in found}
    heard: dict = {folder: [] for folder in [*_FOLDERS, "the streams"]}
    said = 0
    for seed in options.seeds:
        for number in range(options.tasks):
            try:
                rng = np.random.default_rng([seed, number])
                keyword, x, spans = stream(number % 2, rng, front_end("speech"), times=4)
            except ValueError:  # drawn from too few takes
                continue
            said += len(spans)
            for folder, sound in [*sounds.items(), ("the streams", x)]:
                heard[folder].append(share(keyword, sound))
            for ear, one in (("all heard", replace(keyword, sketch=None)), ("sparing", keyword)):
                right, wrong = judged(one, x, spans)
                found[ear] += right
                alarms[ear] += wrong
                for sound in sounds.values():
                    alarms[ear] += [hit.score for hit in one.spot((sound, 16000), threshold=0.01)]
    rows = {
        f"score >= {least}": {
            f"{what}, {ear}": int(np.sum(np.array(scores[ear]) >= least))
            for what, scores in (("found", found), ("false alarms", alarms))
            for ear in found
        }
        for least in _THRESHOLDS
    }
    shares = {folder: float(np.mean(some)) for folder, some in heard.items()}
    print(f"said {said} times")
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{label} {value}" for label, value in row.items()))
    for folder, value in shares.items():
        print(f"{folder:24} network run on {value:.3f}")
    write("sparing", {"seeds": options.seeds, "said": said, "rows": rows, "network run on": shares})


def some(folder: str, seconds: float) -> np.ndarray:
    """Join recordings of a folder, in a random order, to so many seconds."""
    files = sorted(
        path for path in (SPEECH / folder).rglob("*.*") if path.suffix in (".flac", ".ogg")
    )
    order = np.random.default_rng(0).permutation(len(files))[:60]
    return np.concatenate([load(files[i]) for i in order])[: int(seconds * 16000)]


def judged(keyword: Keyword, x: np.ndarray, spans) -> tuple[list[float], list[float]]:
    """Return the best score at each place where the word is, and the scores elsewhere."""
    hits = keyword.spot((x, 16000), threshold=0.01).items
    right = []
    for start, end in spans:
        at = [
            hit.score
            for hit in hits
            if min(hit.end, end) - max(hit.start, start) > 0.5 * (end - start)
        ]
        right.append(max(at, default=0.0))
    wrong = [
        hit.score
        for hit in hits
        if all(
            min(hit.end, end) - max(hit.start, start) < 0.2 * (end - start) for start, end in spans
        )
    ]
    return right, wrong


def share(keyword: Keyword, x: np.ndarray) -> float:
    """Return on which part of the frames the network is run."""
    stream = listening(front_end("speech"), [keyword])
    frames = np.concatenate([stream.feed(x), stream.finish()])
    return float(1 - np.isnan(frames[:, 0]).mean())


if __name__ == "__main__":
    main()
