"""What a score is worth: probabilities that a word, and each of its places, is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.contour import RATE
from kwspot.discover.methods import Place, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.links import Links
    from kwspot.discover.segments import Segments

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


def judge(
    members: I64, total: F64, margins: F64, links: Links, segments: Sequence[Segments]
) -> list[Word]:
    """Turn sets, the best first, into words with probabilities."""
    words = []
    for row in range(len(members)):
        rival = total[1 if row == 0 else 0] if len(total) > 1 else total[row] - 3
        confidence = _logistic(total[row] - 1.5 + 2 * (total[row] - rival))
        places = _places(members[row], margins[row], links, segments)
        words.append(Word(places, confidence))
    return words


def _places(
    members: I64, margins: F64, links: Links, segments: Sequence[Segments]
) -> tuple[Place, ...]:
    gain = links.gain[np.ix_(members, members)]
    clips = len(members)
    places = []
    for k, part in enumerate(segments):
        i = members[k] - links.first[k]
        mean = float(np.delete(gain[k], k).mean()) if clips > 1 else 0.0
        score = _logistic(mean + float(margins[k, k]))
        places.append(
            Place(float(part.start[i] / RATE), float(part.end[i] / RATE), score, mean > -1)
        )
    return tuple(places)


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(x, -30, 30))))
