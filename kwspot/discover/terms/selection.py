"""Which clusters are told, and in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.growth import Cluster
from kwspot.discover.terms.proposals import cover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.terms.corpus import Corpus

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

# Fitted by logistic regression: probability that an occurrence is what most of its term are.
_SLOPE, _MIDDLE = 1.2, 3.0


def probability(evidence: F32) -> F64:
    """Return the probability that occurrences with so much evidence are the same term, (m,).

    Examples
    --------
    >>> probability(np.array([1, 3, 6], np.float32)).round(2).tolist()
    [0.08, 0.5, 0.97]
    """
    return np.asarray(1 / (1 + np.exp(-_SLOPE * (evidence.astype(np.float64) - _MIDDLE))))


def distinct(corpus: Corpus, clusters: Sequence[Cluster], least_count: int) -> list[Cluster]:
    """Give each place to the best of the clusters that tell of the same, and drop the rest.

    A cluster is worth its length times the sum of its probabilities. Places that overlap by less
    than half of their union are not the same: a word may stand beside a phrase that holds it.
    O(m) for m occurrences in all.
    """
    worth = [_worth(corpus, cluster) for cluster in clusters]
    covered = np.zeros(len(corpus), np.bool_)
    told = []
    for i in np.argsort(-np.array(worth), kind="stable").tolist():
        segments, evidence, _ = clusters[i]
        free = ~covered[segments]
        if free.sum() >= least_count:
            told.append(Cluster(segments[free], evidence[free]))
            cover(corpus, segments[free], covered)
    return told


def rank(corpus: Corpus, clusters: Sequence[Cluster]) -> list[Cluster]:
    """Order clusters by the speech that they explain and no better one does.

    That is length times count times confidence, where a frame counts once. O(t m) for t clusters
    of m occurrences.
    """
    explained = np.zeros(int(corpus.end.max()) + 1, np.bool_)
    left = [cluster._replace(worth=_worth(corpus, cluster)) for cluster in clusters]
    ranked: list[Cluster] = []
    while left:
        best = max(range(len(left)), key=lambda i: left[i].worth)
        fresh = _worth(corpus, left[best], explained)
        if fresh < left[best].worth:  # some of it was explained meanwhile
            left[best] = left[best]._replace(worth=fresh)
            continue
        ranked.append(left.pop(best))
        for start, end in _spans(corpus, ranked[-1]):
            explained[start:end] = True
    return ranked


def _worth(
    corpus: Corpus, cluster: Cluster, explained: npt.NDArray[np.bool_] | None = None
) -> float:
    """Return length times count times confidence, in seconds, without what is explained."""
    sure = probability(cluster.evidence)
    if explained is not None:
        sure = sure * [1 - explained[start:end].mean() for start, end in _spans(corpus, cluster)]
    seconds = corpus.seconds[cluster.segments].mean() / corpus.slowdown
    return float(seconds * sure.sum())


def _spans(corpus: Corpus, cluster: Cluster) -> list[tuple[int, int]]:
    """Return the spans of a cluster's occurrences on the corpus's axis."""
    starts, ends = corpus.start[cluster.segments], corpus.end[cluster.segments]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
