"""How well keywords are recognised: digits of the same and of other speakers, and wake words.

Each keyword is learned from five recordings drawn by the seed. Digits: ten keywords, accuracy of
`kwspot.identify`; across speakers, the examples come from all speakers but the one who is tested,
and each has a row: speakers differ by more than most methods do.
Wake words: each against the others and against everyday sounds and speech, equal error rate.
Beside us: librosa's MFCC (with deltas, mean removed) and its DTW, the same examples, mean of the
best three; and local-wake, where it is installed.

    python benchmarks/recognition.py [--seeds 901 902 903] [--rival-seeds 3] [--front-end cepstra]
"""

from __future__ import annotations

import argparse
import statistics
import warnings
from collections import defaultdict
from functools import cache

import librosa
import numpy as np
from corpora import SPEECH, Take, require, takes, write
from local_wake import LocalWake
from local_wake import is_installed as local_wake_is_installed

from kwspot.audio import load
from kwspot.features import front_end
from kwspot.identify import identify
from kwspot.keyword import Keyword

_TESTS = 20  # recordings of each digit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[901, 902, 903])
    parser.add_argument("--rival-seeds", type=int, default=3, help="how many of them for rivals")
    parser.add_argument("--front-end", default=Ours.front_end)
    options = parser.parse_args()
    Ours.front_end = options.front_end
    require()
    rows = defaultdict(dict)
    rivals = (Librosa, LocalWake) if local_wake_is_installed() else (Librosa,)
    contenders = {Ours: options.seeds} | dict.fromkeys(rivals, options.seeds[: options.rival_seeds])
    for system, seeds in contenders.items() if options.rival_seeds else [(Ours, options.seeds)]:
        for speakers in ("same", "cross"):
            accuracy = [digits(system(), seed, speakers) for seed in seeds]
            of_all = [value for drawn in accuracy for value in drawn.values()]
            rows[f"digits, {speakers} speaker: accuracy"][system.name] = statistics.fmean(of_all)
            for speaker in accuracy[0] if speakers == "cross" else ():
                mean = statistics.fmean(drawn[speaker] for drawn in accuracy)
                rows[f"digits, {speaker} by others: accuracy"][system.name] = mean
        rates = np.mean([wake_words(system(), seed) for seed in seeds], axis=0)
        rows["wake words: equal error rate"][system.name] = float(rates[0])
        rows["wake words: misses at 1 % false accepts"][system.name] = float(rates[1])
    print(" " * 40 + "".join(f"{system:>14}" for system in next(iter(rows.values()))))
    for name, row in rows.items():
        print(f"{name:40}" + "".join(f"{value:14.3f}" for value in row.values()))
    write("recognition", {"seeds": options.seeds, "rows": rows})


class Ours:
    """kwspot itself."""

    name = "kwspot"
    front_end = "auto"

    def learn(self, word: str, examples: list[Take]) -> None:
        self.words = getattr(self, "words", [])
        paths = [take.path for take in examples]
        self.words.append(Keyword.from_examples(paths, name=word, front_end=self.front_end))

    def scores(self, take: Take) -> dict[str, float]:
        """Return a score for each word, each judged on its own."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {word.name: identify(take.path, [word]).items[0][1] for word in self.words}

    def best(self, take: Take) -> str:
        return identify(take.path, self.words).best


class Librosa:
    """MFCC and DTW as librosa has them."""

    name = "librosa DTW"

    def __init__(self) -> None:
        self.templates: dict[str, list[np.ndarray]] = {}

    def learn(self, word: str, examples: list[Take]) -> None:
        self.templates[word] = [mfcc(take) for take in examples]

    def scores(self, take: Take) -> dict[str, float]:
        query = mfcc(take)
        return {
            word: -float(np.mean(sorted(warp_cost(one, query) for one in templates)[:3]))
            for word, templates in self.templates.items()
        }

    def best(self, take: Take) -> str:
        scores = self.scores(take)
        return max(scores, key=scores.get)


@cache
def mfcc(take: Take) -> np.ndarray:
    """Return MFCC with deltas of the loud part, shape (26, frames)."""
    x, _ = librosa.effects.trim(load(take.path)[: 16000 * 5], top_db=35)
    static = librosa.feature.mfcc(y=x, sr=16000, n_mfcc=13, hop_length=320, n_fft=512)
    static = static - static.mean(axis=1, keepdims=True)
    width = min(9, static.shape[1] // 2 * 2 - 1)
    if width < 3:
        return np.concatenate([static, np.zeros_like(static)])
    return np.concatenate([static, librosa.feature.delta(static, width=width)])


def warp_cost(a: np.ndarray, b: np.ndarray) -> float:
    total, path = librosa.sequence.dtw(a, b, metric="cosine")
    return float(total[-1, -1] / len(path))


def digits(system: Ours | Librosa | LocalWake, seed: int, speakers: str) -> dict[str, float]:
    """Return the accuracy for each speaker, tested in turn."""
    found = {}
    everybody = sorted({take.speaker for take in takes("fsdd")})
    for speaker in everybody:
        system.__init__()
        system.words = []
        rng = np.random.default_rng([seed, everybody.index(speaker)])
        tests = []
        for word in sorted({take.word for take in takes("fsdd")}):
            own = [take for take in takes("fsdd") if (take.word, take.speaker) == (word, speaker)]
            others = [
                take for take in takes("fsdd") if take.word == word and take.speaker != speaker
            ]
            order = rng.permutation(len(own))
            examples = (
                [own[i] for i in order[:5]]
                if speakers == "same"
                else [others[i] for i in rng.choice(len(others), 5, replace=False)]
            )
            system.learn(word, examples)
            tests += [own[i] for i in order[5 : 5 + _TESTS]]
        found[speaker] = statistics.fmean(system.best(take) == take.word for take in tests)
    return found


def wake_words(system: Ours | Librosa | LocalWake, seed: int) -> tuple[float, float]:
    """Return the means over the wake words of the equal error rate and of misses at 1 %."""
    rng = np.random.default_rng(seed)
    system.words = []
    recordings = takes("words/wake") + takes("words/precise")
    tests = [
        Take(path, "", "")
        for path in sorted((SPEECH / "background").rglob("*"))
        if path.suffix in (".flac", ".ogg")
    ]
    for word in sorted({take.word for take in recordings}):
        own = [take for take in recordings if take.word == word]
        order = rng.permutation(len(own))
        system.learn(word, [own[i] for i in order[:5]])
        tests += [own[i] for i in order[5:]]
    scores = [system.scores(take) for take in tests]
    rates = []
    for word in scores[0]:
        pairs = [
            (score[word], take.word == word) for score, take in zip(scores, tests, strict=True)
        ]
        genuine = [score for score, right in pairs if right]
        other = [score for score, right in pairs if not right]
        misses = np.mean(np.array(genuine) <= np.quantile(other, 0.99, method="inverted_cdf"))
        rates.append((equal_error_rate(genuine, other), float(misses)))
    equal, missed = np.mean(rates, axis=0)
    return float(equal), float(missed)


def equal_error_rate(genuine: list[float], other: list[float]) -> float:
    """Return the rate at which misses and false accepts are equally frequent."""
    thresholds = np.unique(genuine + other)
    misses = np.searchsorted(np.sort(genuine), thresholds) / len(genuine)
    accepts = 1 - np.searchsorted(np.sort(other), thresholds) / len(other)
    at = np.argmin(np.abs(misses - accepts))
    return float((misses[at] + accepts[at]) / 2)


if __name__ == "__main__":
    front_end("cepstra")
    main()
