"""One answer of every kind, made by hand: what they must all be able to do is tested on these."""

from __future__ import annotations

import numpy as np

from kwspot.discover import Candidates
from kwspot.discover.extract import FeatureMatrix, Instance, Pattern, Shape
from kwspot.discover.terms import Term, Terms
from kwspot.evaluation import Curve, Evaluation, Measure
from kwspot.evidence import Evidence
from kwspot.keyword import Keyword
from kwspot.match import Alignment, Warping
from kwspot.results import Detection, Detections, Discovery, Occurrence, Ranking
from kwspot.scores import ScoreCurve, Scores

RATE = 16000
PLACES = (Occurrence("a.wav", 0.1, 0.5, 0.9), Occurrence("b.wav", 1.0, 1.25, 0.2, present=False))
HITS = (Detection("yes", 0.1, 0.5, 0.7), Detection("no", 1.0, 1.5, 0.4))


def sounds() -> dict[str, tuple[np.ndarray, int]]:
    """Return two seconds of sound for each recording that is named here."""
    time = np.arange(2 * RATE) / RATE
    swell = np.sin(2 * np.pi * 3 * time) * np.exp(-time)
    return {"a.wav": (swell, RATE), "b.wav": (swell[::-1], RATE)}


def an_evidence() -> Evidence:
    """Return the evidence for three places."""
    agreement = ((0.0, 2.0, 1.5), (2.0, 0.0, 0.5), (1.5, 0.5, 0.0))
    return Evidence(("a.wav", "b.wav", "c.wav"), (30, 40, 50), agreement, 0.7, (0.6, -0.1, 0.9))


def an_evaluation() -> Evaluation:
    """Return an evaluation with something of everything."""
    return Evaluation(
        task="identification",
        recordings=40,
        seconds=60.0,
        groups=4,
        grouped_by="speaker",
        measures={
            "all": (
                Measure("accuracy", 0.9, 0.8, 0.95),
                Measure("equal error rate", None),
                Measure("precision", 0.5),
            )
        },
        curve=Curve("share", (0.1, 0.4, 0.6, 0.9), (0.0, 0.1, 0.3, 1.0), (0.5, 0.05, 0.01, 0.0)),
        reliability=((0.1, 0.2, 10), (0.5, 0.4, 20), (0.9, 1.0, 10)),
        confusion={"yes": {"yes": 9, "no": 1}, "no": {"yes": 3, "no": 7}},
    )


def a_warping() -> Warping:
    """Return the warp of a chirp onto a slower one."""
    first, second = (np.sin(np.arange(n)[:, None] * [1, 2, 3] * 3 / n) for n in (20, 30))
    from kwspot.match import warp_path

    found = warp_path(first, second)
    return Warping(found.cost, found.path, found.local, 0.02, ("a.wav, 0.10 s", "b.wav, 1.00 s"))


def a_pattern() -> Pattern:
    """Return a pattern of two shapes."""
    weights = np.array([[0.0, 1.5, 0.0, 0.0], [0.0, 0.0, 2.0, 0.5]])
    instances = (Instance(5, 8, 1.0), Instance(20, 23, 0.5))
    return Pattern(instances, 12.5, weights, (Shape(1, 8), Shape(0, 8)), (1, 4))


def a_matrix() -> FeatureMatrix:
    """Return the features that the pattern is of."""
    active = np.zeros((2, 30), np.uint8)
    active[0, [5, 12, 20]], active[1, [6, 7, 21, 28]] = 1, 1
    return FeatureMatrix(active, (Shape(1, 8), Shape(0, 8)))


def a_keyword() -> Keyword:
    """Return a keyword with a rival."""
    rng = np.random.default_rng(0)
    word, other = rng.normal(size=8000), np.cumsum(rng.normal(size=8000)) / 20
    keyword = Keyword.from_examples([(word, RATE)] * 2, front_end="cepstra", name="<hiss>")
    return keyword.against([(other, RATE)])


def results() -> list[object]:
    """Return an answer of every kind."""
    evaluation = an_evaluation()
    curve = ScoreCurve("yes", 0.5, (0.02, 0.04, 0.06), (0.1, 0.9, 0.2))
    term = Term(PLACES, 0.8)
    gain = np.array([[-6, 1, 2, 0], [1, -6, 0, 0], [2, 0, -6, 1], [0, 0, 1, -6]], np.float32)
    return [
        *PLACES,
        Discovery(PLACES, 0.8, "consensus", "cepstra", (PLACES[::-1],), an_evidence()),
        *HITS,
        Detections("a.wav", 2.0, HITS),
        Ranking("a.wav", (("yes", 0.7), ("no", 0.1))),
        an_evidence(),
        term,
        Terms((term,), ("a.wav", "b.wav"), 4.0),
        evaluation,
        evaluation.curve,
        evaluation["accuracy"],
        Alignment(np.array([np.inf, 0.5, 0.25], np.float32), np.array([0, 0, 1], np.int32)),
        a_warping(),
        curve,
        Scores((curve,), Detections("a.wav", 0.06, (Detection("yes", 0.0, 0.04, 0.9),))),
        a_pattern(),
        a_matrix(),
        Candidates(("a.wav", "b.wav"), (0, 2, 4), ((0.0, 0.5), (0.5, 1.0)) * 2, gain, (0, 2)),
        a_keyword(),
    ]
