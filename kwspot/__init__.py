"""Few-shot spoken keyword discovery: five recordings in, a keyword spotter out.

>>> import kwspot
>>> keyword = kwspot.learn(["take1.wav", "take2.wav", "take3.wav"])  # doctest: +SKIP
>>> keyword.spot("new.wav")  # doctest: +SKIP
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwspot.archive import Archive
    from kwspot.compare import compare
    from kwspot.discover import discover
    from kwspot.discover.terms import Term, Terms, discover_terms
    from kwspot.errors import DoubtfulResult, KwspotError
    from kwspot.evaluation import Evaluation, evaluate
    from kwspot.evidence import Evidence
    from kwspot.identify import identify
    from kwspot.keyword import Keyword
    from kwspot.learn import learn
    from kwspot.match.align import Alignment, align, warp
    from kwspot.match.path import Warping, warp_path
    from kwspot.results import Detection, Detections, Discovery, Occurrence, Ranking
    from kwspot.scores import ScoreCurve, Scores, score
    from kwspot.spot import spot
    from kwspot.stream import Spotter

__version__ = "0.1.0"

# What stands behind the front door: imported when it is first asked for (PEP 562).
_ROOMS = {
    "Alignment": "match",
    "Archive": "archive",
    "Detection": "results",
    "Detections": "results",
    "Discovery": "results",
    "DoubtfulResult": "errors",
    "Evaluation": "evaluation",
    "Evidence": "evidence",
    "Keyword": "keyword",
    "KwspotError": "errors",
    "Occurrence": "results",
    "Ranking": "results",
    "ScoreCurve": "scores",
    "Scores": "scores",
    "Spotter": "stream",
    "Term": "discover.terms",
    "Terms": "discover.terms",
    "Warping": "match",
    "align": "match",
    "compare": "compare",
    "discover": "discover",
    "discover_terms": "discover.terms",
    "evaluate": "evaluation",
    "identify": "identify",
    "learn": "learn",
    "score": "scores",
    "spot": "spot",
    "warp": "match",
    "warp_path": "match",
}

__all__ = [
    "Alignment",
    "Archive",
    "Detection",
    "Detections",
    "Discovery",
    "DoubtfulResult",
    "Evaluation",
    "Evidence",
    "Keyword",
    "KwspotError",
    "Occurrence",
    "Ranking",
    "ScoreCurve",
    "Scores",
    "Spotter",
    "Term",
    "Terms",
    "Warping",
    "align",
    "compare",
    "discover",
    "discover_terms",
    "evaluate",
    "identify",
    "learn",
    "score",
    "spot",
    "warp",
    "warp_path",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        msg = f"module 'kwspot' has no attribute {name!r}"
        raise AttributeError(msg)
    room = import_module(f"kwspot.{_ROOMS[name]}")
    value = room if callable(room) else getattr(room, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


class _Door(ModuleType):
    """Keeps `kwspot.spot` the function when its module, of the same name, is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _ROOMS or callable(value):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Door
