"""Whether scores are probabilities, and whether thresholds keep the false alarms asked for.

Keywords are learned from five clips, each the word among others; words and speakers are those of
which none served to fit the constants in `kwspot/match/calibrate.py` when `--half 1` is given (they
were fitted on both halves; `--half` shows that either half predicts the other).

Streams: score of each peak against whether the keyword is there; expected calibration error over all
peaks, and over those that score at least 0.02. Identification: the score of the best of several
keywords, a third of the recordings being none of them. Background: the threshold for so many false
alarms per hour is set by one half of the files of everyday sound, speech included, and what a spotter
then reports is counted in the other.

    python benchmarks/calibration.py [--front-end speech] [--seeds 901 902] [--per-hour 1]
"""

from __future__ import annotations

import argparse
import warnings
from functools import cache

import numpy as np
import soundfile
from corpora import SPEECH, generator, require, takes, write

from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.normalise import RunningNormaliser
from kwspot.identify import identify
from kwspot.keyword import Keyword, listen
from kwspot.match.agreement import valleys
from kwspot.match.alarms import Tail
from kwspot.metrics import calibration_error, det_curve, equal_error_rate, miss_at
from kwspot.peaks import Hit, Peaks
from kwspot.results import Occurrence

_CORPORA = ("fsdd", "words/arabic")
_BACKGROUND = ("background/libri", "background/esc10", "continuous/asterisk", "continuous/lj")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--front-end", default="cepstra")
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902])
    parser.add_argument("--per-hour", type=float, default=1.0)
    parser.add_argument("--tasks", type=int, default=24, help="keywords per seed")
    parser.add_argument("--identifications", type=int, default=12, help="per seed")
    options = parser.parse_args()
    require()
    warnings.simplefilter("ignore")
    ear = Ear(options.front_end)
    rows = {}
    keywords, peaks = [], []
    for seed in options.seeds:
        for number in range(options.tasks):
            keyword, found = stream_task(ear, np.random.default_rng([seed, number]))
            keywords.append(keyword)
            peaks += found
    rows["in streams"] = reliability(*map(np.array, zip(*peaks, strict=True)))
    judged = [
        pair
        for seed in options.seeds
        for number in range(options.identifications)
        for pair in identify_task(options.front_end, np.random.default_rng([seed, number, 1]))
    ]
    said, right = map(np.array, zip(*judged, strict=True))
    rows["identified"] = {
        "recordings": len(said),
        "mean score": float(said.mean()),
        "right": float(right.mean()),
        "calibration error": calibration_error(said, right),
    }
    rows[f"background, {options.per_hour:g} asked per hour"] = held_out(
        ear, keywords, options.per_hour
    )
    for name, row in rows.items():
        print(name)
        for label, value in row.items():
            print(f"  {label:34}{value:10.4g}")
    write(f"calibration_{options.front_end}", {"seeds": options.seeds, "rows": rows})


class Ear:
    """A front end, and what it heard of the background."""

    def __init__(self, name: str) -> None:
        self.front_end = front_end(name)
        self.heard: dict = {}

    def cost(self, keyword: Keyword, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return cost and start at each frame, as a spotter has them."""
        running = RunningNormaliser(
            keyword.prior,
            period=self.front_end.period,
            homogeneous=self.front_end.homogeneous,
        )
        contest = keyword.contest()
        parts = (
            contest.feed(running.feed(frames, self.front_end.loudness(frames))),
            contest.finish(),
        )
        return tuple(np.concatenate(part) for part in zip(*parts, strict=True))

    def background(self, path) -> np.ndarray:
        """Return the frames of a file of background."""
        if path not in self.heard:
            self.heard[path] = self.front_end(load(path, rate=self.front_end.rate))
        return self.heard[path]


@cache
def utterances() -> dict:
    """Return the utterances of each corpus by (word, speaker)."""
    maker, found = generator(), {}
    for corpus in _CORPORA:
        by = found.setdefault(corpus, {})
        for take in takes(corpus):
            by.setdefault((take.word, take.speaker), []).append(
                maker.Utterance(take.path, take.word, take.speaker)
            )
    return found


def stream_task(ear: Ear, rng: np.random.Generator):
    """Learn a keyword, and judge the peaks of a stream that holds it twice among nine others.

    The speaker of the stream is one of those who taught the keyword, or none, in equal parts.
    """
    maker, by = generator(), utterances()[_CORPORA[rng.integers(2)]]
    speakers = sorted({speaker for _, speaker in by})
    speaker = speakers[rng.integers(len(speakers))]
    kind = rng.integers(3)
    teachers = {0: [speaker], 1: speakers, 2: [one for one in speakers if one != speaker]}[
        int(kind)
    ]
    learn, test = [], []
    for (_, who), some in sorted(by.items()):
        order = rng.permutation(len(some))
        cut = 5 + (len(some) - 5) // 2
        learn += [some[i] for i in order[:cut] if who in teachers]
        test += [some[i] for i in order[cut:] if who == speaker]
    word, clips = maker.discover_task(
        learn, rng, "words", "one" if kind == 0 else "mixed", snr_db=rng.uniform(8, 30)
    )
    recordings = listen([(x, 16000) for x, _ in clips], ear.front_end)
    places = [
        Occurrence(one.name, *spans[0], 1.0)
        for one, (_, spans) in zip(recordings, clips, strict=True)
    ]
    keyword = Keyword.enrol(word, ear.front_end, recordings, places, 1.0)
    own = [one for one in test if one.word == word]
    others = [one for one in test if one.word != word]
    chosen = [own[i] for i in rng.permutation(len(own))[:2]]
    chosen += [others[i] for i in rng.integers(len(others), size=9)]
    order = rng.permutation(len(chosen))
    x, spans = maker.mix([chosen[i] for i in order], word, rng, snr_db=rng.uniform(8, 30))
    return keyword, judged_peaks(ear, keyword, x, spans)


def judged_peaks(ear: Ear, keyword: Keyword, x: np.ndarray, spans) -> list[tuple[float, bool]]:
    """Return the score of each separate peak, and whether the keyword is there."""
    cost, start = ear.cost(keyword, ear.front_end(x))
    apart = max(1, min(map(len, keyword.stream_templates())) // 2)
    left, missing, found = np.isfinite(cost), list(spans), []
    for end in np.argsort(cost):
        if not left[end]:
            continue
        left[max(0, end - apart) : end + apart + 1] = False
        a, b = (frame * ear.front_end.period for frame in (start[end], end + 1))
        score = float(keyword.calibration.in_stream(cost[end]))
        shares = [(min(b, t) - max(a, s)) / (t - s) for s, t in spans]
        if max(shares) > 0.5:
            true = spans[int(np.argmax(shares))]
            if true in missing:
                missing.remove(true)
                found.append((score, True))
        elif max(shares) < 0.2:
            found.append((score, False))
    return found


def reliability(said: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Return how well scores of peaks hold."""
    shown = said >= 0.02
    curve = det_curve(said[right], said[~right])
    return {
        "peaks": len(said),
        "that are the keyword": int(right.sum()),
        "calibration error, all peaks": calibration_error(said, right),
        "calibration error, scores over .02": calibration_error(said[shown], right[shown]),
        "equal error rate": equal_error_rate(curve),
        "miss at 1 % false accepts": miss_at(curve, 0.01),
    }


def identify_task(name: str, rng: np.random.Generator) -> list[tuple[float, bool]]:
    """Return the best score of each recording and whether it is right."""
    by = utterances()[_CORPORA[rng.integers(2)]]
    speakers, words = (sorted({key[i] for key in by}) for i in (1, 0))
    speaker = speakers[rng.integers(len(speakers))]
    same = bool(rng.integers(2))
    teachers = [one for one in speakers if (one == speaker) == same]
    words = [words[i] for i in rng.permutation(len(words))[:6]]
    keywords, tests = [], []
    for number, word in enumerate(words):
        own = by[word, speaker]
        order = rng.permutation(len(own))
        tests += [(own[i], number < 4) for i in order[5:8]]
        if number >= 4:  # a word that no keyword is for
            continue
        taught = [one for who in teachers for one in by[word, who]]
        examples = (
            [own[i] for i in order[:5]]
            if same
            else [taught[i] for i in rng.permutation(len(taught))[:5]]
        )
        keywords.append(
            Keyword.from_examples([one.path for one in examples], name=word, front_end=name)
        )
    ranked = [(identify(one.path, keywords), one.word, known) for one, known in tests]
    return [(found.items[0][1], known and found.best == word) for found, word, known in ranked]


def held_out(ear: Ear, keywords: list[Keyword], per_hour: float) -> dict[str, float]:
    """Count what is reported in one half of the background, by thresholds from the other."""
    alarms, hours, misses, examples = 0, 0.0, 0, 0
    for number, keyword in enumerate(keywords):
        rng = np.random.default_rng([number, 2])
        halves: tuple[list, list] = ([], [])
        for folder in _BACKGROUND:
            files = sorted((SPEECH / folder).glob("*.*"))
            order = rng.permutation(len(files))
            for i in range(2):
                halves[i].extend(files[k] for k in order[i::2])
        for learn, test in (halves, halves[::-1]):
            alarms += count(ear, keyword, learn, test, per_hour)
            hours += seconds(test) / 3600
            most = tail(ear, keyword, learn).cost(per_hour)
            misses += sum(example.cost > most for example in keyword.examples)
            examples += len(keyword.examples)
    return {
        "keywords": len(keywords),
        "keyword hours held out": hours,
        "false alarms per hour": alarms / hours,
        "examples missed": misses / examples,
    }


@cache
def duration(path) -> float:
    return soundfile.info(path).duration


def seconds(paths) -> float:
    return sum(duration(path) for path in paths)


def tail(ear: Ear, keyword: Keyword, paths) -> Tail:
    """Return how well a keyword fits recordings that lack it, as `with_background` finds it."""
    apart = min(map(len, keyword.stream_templates())) // 2
    costs: list[float] = []
    for path in paths:
        cost, _ = ear.cost(keyword, ear.background(path))
        costs += valleys(cost, np.isfinite(cost), apart)
    return Tail.of(costs, seconds(paths) / 3600)


def count(ear: Ear, keyword: Keyword, learn, test, per_hour: float) -> int:
    """Return how many detections a spotter reports in the test."""
    most, found = tail(ear, keyword, learn).cost(per_hour), 0
    for path in test:
        cost, start = ear.cost(keyword, ear.background(path))
        peaks = Peaks([keyword.name], threshold=0, refractory=0.3)
        period = ear.front_end.period
        for end in np.flatnonzero(cost <= most):
            score = float(1 - cost[end])
            peaks.add(Hit((end + 1) * period, 0, score, float(start[end]) * period))
        found += len(peaks.settle(np.inf))
    return found


if __name__ == "__main__":
    main()
