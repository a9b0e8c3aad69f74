"""How well spoiled recordings are told from good ones: what the limits in `kwspot.doubts` rest on.

Clipping: good words, and the same with the top 3, 6 or 12 dB cut off. Noise: clips of the
discovery tasks, at a known ratio; words there differ by up to 6 dB from it. Copies: pairs of
different takes by one speaker, and copies at another level with noise 10, 20 or 30 dB below. Odd
ones: what the most expensive of five takes costs, in medians, where all are right and where one is
another word. Level: how many of 40 digits are recognised by words taught so quietly, in 16 bits.

    python benchmarks/doubts.py [--seed 101] [--draws 40]
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np
from corpora import generator, require, takes, write

from kwspot.audio import RATE, load
from kwspot.doubts import clipping, likeness, signal_to_noise
from kwspot.identify import identify
from kwspot.keyword import Keyword

_QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--draws", type=int, default=40)
    options = parser.parse_args()
    require()
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(options.seed)
    rows = clipped(rng, options.draws) | noisy(rng, options.draws)
    rows |= copied(rng, options.draws) | odd(rng, options.draws)
    print(f"{'':36}" + "".join(f"{share:>9.0%}" for share in _QUANTILES))
    for name, values in rows.items():
        rows[name] = np.quantile(values, _QUANTILES, method="nearest").round(3).tolist()
        print(f"{name:36}" + "".join(f"{value:9.3f}" for value in rows[name]))
    levels = {level: taught_at(level) for level in (-30, -70, -80, -85, -90)}
    for level, accuracy in levels.items():
        print(f"taught at {level} dB: accuracy {accuracy:.3f}")
    write(
        "doubts",
        {"seed": options.seed, "quantiles": _QUANTILES, "rows": rows, "levels": levels},
    )


def draw(rng: np.random.Generator, count: int) -> list:
    """Return so many different takes of one word by one speaker, from any corpus."""
    some = takes("fsdd") + takes("words/arabic") + takes("words/wake")
    one = some[rng.integers(len(some))]
    own = [take for take in some if (take.word, take.speaker) == (one.word, one.speaker)]
    return [own[i] for i in rng.permutation(len(own))[:count]]


def clipped(rng: np.random.Generator, draws: int) -> dict:
    """Return how clipped words seem, as they are and with their top cut off."""
    rows: dict = {f"clipping, {decibels} dB cut": [] for decibels in (0, 3, 6, 12)}
    for _ in range(draws):
        for take in draw(rng, 3):
            x = load(take.path)
            for decibels in (0, 3, 6, 12):
                top = np.abs(x).max() * 10 ** (-decibels / 20)
                rows[f"clipping, {decibels} dB cut"].append(clipping(np.clip(x, -top, top)))
    return rows


def noisy(rng: np.random.Generator, draws: int) -> dict:
    """Return what ratio of signal to noise is found."""
    maker, rows = generator(), {}
    spoken = [maker.Utterance(take.path, take.word, take.speaker) for take in takes("fsdd")]
    for decibels in (20, 10, 5, 0):
        found = rows.setdefault(f"ratio found, {decibels} dB", [])
        for _ in range(max(1, draws // 10)):
            for x, spans in maker.discover_task(spoken, rng, "words", "one", snr_db=decibels)[1]:
                start, end = spans[0]
                found.append(signal_to_noise(x, slice(int(start * RATE), int(end * RATE))))
    return rows


def copied(rng: np.random.Generator, draws: int) -> dict:
    """Return the likeness of different takes, and of copies."""
    rows: dict = {"likeness of takes": []}
    for _ in range(draws):
        words = [load(take.path) for take in draw(rng, 4)]
        rows["likeness of takes"] += [
            likeness(words[i], words[j]) for i in range(len(words)) for j in range(i)
        ]
        x = words[0]
        level = np.sqrt(np.mean(x**2))
        for decibels in (30, 20, 10):
            noise = rng.normal(size=len(x)) * level * 10 ** (-decibels / 20)
            copy = (0.3 * (x + noise)).astype(np.float32)
            copies = rows.setdefault(f"likeness of copies, {decibels} dB", [])
            copies.append(likeness(x[rng.integers(400) :], copy[: len(x) - rng.integers(400)]))
    return rows


def odd(rng: np.random.Generator, draws: int) -> dict:
    """Return what the odd one of five takes costs, in medians of them all."""
    rows: dict = {"cost of the worst, all right": [], "cost of another word": []}
    for _ in range(draws):
        own = draw(rng, 5)
        other = next(
            take for take in iter(lambda: draw(rng, 1)[0], None) if take.word != own[0].word
        )
        for name, some in (
            ("cost of the worst, all right", own),
            ("cost of another word", [*own[:4], other]),
        ):
            keyword = Keyword.from_examples([take.path for take in some])
            costs = np.array([example.cost for example in keyword.examples])
            cost = costs.max() if some is own else costs[-1]
            rows[name].append(cost / np.median(costs))
    return rows


def taught_at(decibels: float) -> float:
    """Return the accuracy on digits of two speakers, taught by one of them at a low level."""

    def quiet(x: np.ndarray) -> tuple[np.ndarray, int]:
        gain = 10 ** (decibels / 20) / np.sqrt(np.mean(x**2))
        return (np.round(x * gain * 32768) / 32768).astype(np.float32), RATE

    words = sorted({take.word for take in takes("fsdd")})
    own = {
        (word, who): [one for one in takes("fsdd") if (one.word, one.speaker) == (word, who)]
        for word in words
        for who in ("theo", "jackson")
    }
    keywords = [
        Keyword.from_examples([quiet(load(one.path)) for one in own[word, "theo"][:5]], name=word)
        for word in words
    ]
    right = [
        identify(one.path, keywords).best == word
        for (word, _), some in own.items()
        for one in some[20:22]
    ]
    return float(np.mean(right))


if __name__ == "__main__":
    main()
