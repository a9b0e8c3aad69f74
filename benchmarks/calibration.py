"""Whether scores are probabilities, and whether thresholds keep the false alarms asked for.

Keywords are learned from five clips, each the word among others. Words and speakers of each corpus
are cut into two halves that share neither; what is fitted on one half is judged on the other
("fitted elsewhere"), beside the constants that are shipped, which were fitted on both.

Streams: the score of each peak against whether the keyword is there; expected calibration error
over all peaks, and over those that score at least 0.02. Identification: the score of the best of
several keywords, where a third of the recordings is none of them. Background: the threshold for so
many false alarms per hour is set by one half of the files of everyday sound, speech included, and
what a spotter then reports is counted in the other.

    python benchmarks/calibration.py [--front-end speech] [--seeds 901 902] [--per-hour 1]
"""

from __future__ import annotations

import argparse
import warnings
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import soundfile
from corpora import SPEECH, generator, require, takes, write
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from kwspot.audio import load
from kwspot.features import FrontEnd, front_end
from kwspot.features.normalise import RunningNormaliser
from kwspot.identify import _word as cut_word
from kwspot.identify import evidence, posteriors
from kwspot.keyword import Keyword
from kwspot.match.agreement import valleys
from kwspot.match.alarms import Tail
from kwspot.match.calibrate import _LEAST_COST as LEAST_COST
from kwspot.metrics import calibration_error, det_curve, equal_error_rate, miss_at
from kwspot.peaks import Hit, Peaks
from kwspot.recording import listen
from kwspot.results import Occurrence

if TYPE_CHECKING:
    from kwspot.match.calibrate import Weights

_CORPORA = ("fsdd", "words/arabic")
# Where the fit of identification begins; in logarithms, each is worth so many nats to leave.
_USUAL = (12.0, 0.3, -8.0, 20.0, 12.0)
_RIDGE = 5.0
_BACKGROUND = ("background/libri", "background/esc10", "continuous/asterisk", "continuous/lj")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--front-end", default="cepstra")
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902])
    parser.add_argument("--per-hour", type=float, default=1.0)
    parser.add_argument("--tasks", type=int, default=24, help="keywords per seed")
    parser.add_argument("--identifications", type=int, default=48, help="per seed")
    options = parser.parse_args()
    require()
    warnings.simplefilter("ignore")
    ear = Ear(options.front_end)
    keywords, peaks, judged = [], ([], []), ([], [])
    for seed in options.seeds:
        for number in range(options.tasks):
            half = number % 2
            try:
                keyword, found = stream_task(ear, half, np.random.default_rng([seed, number]))
            except ValueError:  # drawn from too few takes
                continue
            keywords.append(keyword)
            peaks[half].extend(found)
        for number in range(options.identifications):
            half, rng = number % 2, np.random.default_rng([seed, number, 1])
            judged[half].append(identify_task(options.front_end, half, rng))
    rows = {
        "in streams": streams(peaks),
        "identified": identified(judged, keywords[0].calibration.weights),
        f"background, {options.per_hour:g} asked per hour": held_out(
            ear, keywords, options.per_hour
        ),
    }
    for name, row in rows.items():
        print(name)
        for label, value in row.items():
            print(f"  {label:44}{value}" if isinstance(value, list) else f"  {label:44}{value:.4g}")
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
def utterances(half: int) -> list[dict]:
    """Return the utterances of one half of each corpus by (word, speaker)."""
    maker, found = generator(), []
    for corpus in _CORPORA:
        words, speakers = (
            sorted({getattr(one, kind) for one in takes(corpus)})[half::2]
            for kind in ("word", "speaker")
        )
        by: dict = {}
        for one in takes(corpus):
            if one.word in words and one.speaker in speakers:
                by.setdefault((one.word, one.speaker), []).append(
                    maker.Utterance(one.path, one.word, one.speaker)
                )
        found.append(by)
    return found


def stream_task(ear: Ear, half: int, rng: np.random.Generator):
    """Learn a keyword, and judge the peaks of a stream that holds it twice among nine others."""
    keyword, x, spans = stream(half, rng, ear.front_end, times=2)
    return keyword, judged_peaks(ear, keyword, x, spans)


def stream(half: int, rng: np.random.Generator, ear: FrontEnd, times: int):
    """Return a keyword, a stream that holds it so many times among nine other words, and where.

    Taught by the speaker of the stream, by him and others, or by another, in equal parts.
    """
    maker, by = generator(), utterances(half)[rng.integers(2)]
    speakers = sorted({speaker for _, speaker in by})
    speaker, kind = speakers[rng.integers(len(speakers))], int(rng.integers(3))
    others = [one for one in speakers if one != speaker]
    teachers = ([speaker], speakers, others)[kind]
    learn, test = [], []
    for (_, who), some in sorted(by.items()):
        order = rng.permutation(len(some))
        cut = 5 + (len(some) - 5) // 2
        learn += [some[i] for i in order[:cut] if who in teachers]
        test += [some[i] for i in order[cut:] if who == speaker]
    word, clips = maker.discover_task(
        learn, rng, "words", "mixed" if kind == 1 else "one", snr_db=rng.uniform(8, 30)
    )
    recordings = listen([(x, 16000) for x, _ in clips], ear)
    places = [
        Occurrence(one.name, *spans[0], 1.0)
        for one, (_, spans) in zip(recordings, clips, strict=True)
    ]
    keyword = Keyword.enrol(word, ear, recordings, places, 1.0)
    own = [one for one in test if one.word == word]
    others = [one for one in test if one.word != word]
    chosen = [own[i] for i in rng.permutation(len(own))[:times]]
    chosen += [others[i] for i in rng.integers(len(others), size=9)]
    order = rng.permutation(len(chosen))
    x, spans = maker.mix([chosen[i] for i in order], word, rng, snr_db=rng.uniform(8, 30))
    return keyword, x, spans


def judged_peaks(ear: Ear, keyword: Keyword, x: np.ndarray, spans) -> list[tuple]:
    """Return of each separate peak: score, distance in deviations, in steps, if it is there."""
    cost, start = ear.cost(keyword, ear.front_end(x))
    apart = max(1, min(map(len, keyword.stream_templates())) // 2)
    left, missing, found = np.isfinite(cost), list(spans), []
    scale = keyword.calibration
    for end in np.argsort(cost):
        if not left[end]:
            continue
        left[max(0, end - apart) : end + apart + 1] = False
        a, b = (frame * ear.front_end.period for frame in (start[end], end + 1))
        shares = [(min(b, t) - max(a, s)) / (t - s) for s, t in spans]
        true = spans[int(np.argmax(shares))]
        if max(shares) >= 0.2 and not (max(shares) > 0.5 and true in missing):
            continue  # neither here nor there, or a second account of the same word
        if max(shares) > 0.5:
            missing.remove(true)
        distance = scale.background - float(cost[end])
        steps = distance / max(scale.background - scale.genuine, 0.05)
        score = float(scale.in_stream(cost[end]))
        found.append((score, distance / scale.spread, steps, max(shares) > 0.5))
    return found


def streams(halves: tuple[list, list]) -> dict:
    """Return how well scores of peaks hold, as shipped and when fitted on the other half."""
    parts = [np.array(half, np.float64) for half in halves]
    models = [
        LogisticRegression(C=100, max_iter=1000).fit(part[:, 1:3], part[:, 3]) for part in parts
    ]
    crossed = [models[1 - i].predict_proba(parts[i][:, 1:3])[:, 1] for i in range(2)]
    said, right = np.concatenate(crossed), np.concatenate([part[:, 3] > 0 for part in parts])
    shipped = np.concatenate([part[:, 0] for part in parts])
    curve = det_curve(said[right], said[~right])
    return {
        "peaks": len(said),
        "that are the keyword": int(right.sum()),
        "calibration error, as shipped": calibration_error(shipped, right),
        "calibration error, fitted elsewhere": calibration_error(said, right),
        "the same, scores over .02": calibration_error(said[said >= 0.02], right[said >= 0.02]),
        "equal error rate": equal_error_rate(curve),
        "miss at 1 % false accepts": miss_at(curve, 0.01),
        **{
            f"constants by half {i}": [round(float(v), 2) for v in (*m.coef_[0], *m.intercept_)]
            for i, m in enumerate(models)
        },
    }


class Session(NamedTuple):
    """Recordings against keywords: costs and contrasts (n, k), and the right one or -1, (n,).

    And what examples of a keyword cost each other, in the mean.
    """

    cost: np.ndarray
    choice_cost: np.ndarray
    contrast: np.ndarray
    whole: float
    truth: np.ndarray


def identify_task(name: str, half: int, rng: np.random.Generator) -> Session:
    """Compare recordings of words with keywords, a third of which no keyword is for."""
    by = utterances(half)[rng.integers(2)]
    words, speakers = (sorted({key[i] for key in by}) for i in range(2))
    speaker, same = speakers[rng.integers(len(speakers))], bool(rng.integers(2))
    teachers = [one for one in speakers if (one == speaker) == same]
    keywords, tests, truth = [], [], []
    known = len(words) * 2 // 3
    for number, word in enumerate(rng.permutation(words)):
        own = by[word, speaker]
        order = rng.permutation(len(own))
        tests += [own[i] for i in order[5:8]]
        truth += [number if number < known else -1] * 3
        if number < known:
            taught = [own[i] for i in order[:5]]
            if not same:
                pool = [one for who in teachers for one in by[word, who]]
                taught = [pool[i] for i in rng.permutation(len(pool))[:5]]
            keywords.append(
                Keyword.from_examples([one.path for one in taught], name=word, front_end=name)
            )
    chosen = front_end(name)
    heard = [cut_word(load(one.path, rate=chosen.rate), "", chosen) for one in tests]
    told = np.array([evidence(keywords, x) for x in heard])
    return Session(
        *told.transpose(1, 0, 2),
        float(np.mean([keyword.calibration.whole for keyword in keywords])),
        np.array(truth),
    )


def identified(halves: tuple[list, list], shipped: Weights) -> dict:
    """Return how well the best of several keywords is judged."""
    ours_are = (*shipped.whole, *shipped.choice)
    fitted = [fit(half) for half in halves]
    said, right = best([(one, fitted[1 - i]) for i in range(2) for one in halves[i]])
    ours, _ = best([(one, ours_are) for half in halves for one in half])
    return {
        "recordings": len(said),
        "right": float(right.mean()),
        "calibration error, as shipped": calibration_error(ours, right),
        "calibration error, fitted elsewhere": calibration_error(said, right),
        **{f"constants by half {i}": [round(v, 2) for v in one] for i, one in enumerate(fitted)},
    }


def scores(one: Session, weights) -> np.ndarray:
    """Return the probability of each keyword, and in the last column of none, (n, k + 1)."""
    per_fold, share, constant, choice_cost, choice_contrast = weights
    usual = share * np.log(one.whole + LEAST_COST)
    alone = constant - per_fold * (np.log(one.cost + LEAST_COST) - usual)
    choice = choice_contrast * one.contrast - choice_cost * one.choice_cost
    any_of_them = np.logaddexp.reduce(alone, axis=1, keepdims=True)
    odds = any_of_them + choice - np.logaddexp.reduce(choice, axis=1, keepdims=True)
    return np.array([[*some, 1 - some.sum()] for some in map(posteriors, odds)])


def best(judged) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of the best keyword of each recording, and if it is the right one."""
    said, right = [], []
    for one, weights in judged:
        found = scores(one, weights)[:, :-1]
        said += found.max(axis=1).tolist()
        right += (found.argmax(axis=1) == one.truth).tolist()
    return np.array(said), np.array(right)


def fit(sessions: list[Session]) -> list[float]:
    """Return the constants under which the truth is likeliest, unless they are far from usual.

    Where no word is taken for another the likelihood alone knows no bound to what tells them apart.
    """
    usual = np.array(_USUAL)

    def surprise(departure) -> float:
        constants = usual * np.exp(departure)
        told = [
            np.log(scores(one, constants)[np.arange(len(one.truth)), one.truth] + 1e-12).sum()
            for one in sessions
        ]
        return _RIDGE * float(departure @ departure) - sum(told)

    return (usual * np.exp(minimize(surprise, np.zeros(5), method="BFGS").x)).tolist()


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
