"""Which clusters are told, and in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.claims import Claims
from kwspot.discover.terms.growth import Cluster, support

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.discover.terms.corpus import Corpus
    from kwspot.discover.terms.warps import Chance

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

# Fitted by logistic regression on connected digits and words of one and of four speakers and on
# sentences: the share of a term's other occurrences that are spelled as this one is, from its
# evidence and the logarithms of their count and of their mean length in seconds.
_EVIDENCE, _COUNT, _LENGTH, _CONSTANT = 0.15, 0.78, 1.0, 0.22

_STEEP, _MIDDLE = 1.2, 3.0  # how fast, and from which evidence, an occurrence becomes clear
_SHARED = 0.5  # of its places that a cluster has in common with another if both are one term
_JOIN = 2.0  # deviations above chance of what is then added
_EXAMPLES = 12  # occurrences of the other that decide on that


def probability(corpus: Corpus, cluster: Cluster) -> F64:
    """Return the probability that occurrences are what others of their cluster are, shape (m,)."""
    if not len(cluster.segments):
        return np.zeros(0)
    seconds = float(corpus.seconds[cluster.segments].mean())
    common = _COUNT * np.log(len(cluster.segments)) + _LENGTH * np.log(seconds) + _CONSTANT
    return np.asarray(1 / (1 + np.exp(-_EVIDENCE * cluster.evidence.astype(np.float64) - common)))


def distinct(
    corpus: Corpus,
    chance: Chance,
    clusters: Sequence[Cluster],
    least_count: int,
    *,
    nested: bool,
) -> list[Cluster]:
    """Give each place to the best of the clusters that tell of the same.

    The best is the longest with the most occurrences that are clear and have quiet ends; but a
    place that is clearly more like another belongs to that. One that shares more than half of the
    places that are left to it with a better one is the same term: what else it holds is added to
    that, if it resembles it. O(m) for m occurrences in all.
    """
    clarity = np.array([_clarity(corpus, cluster) for cluster in clusters])
    claims = Claims.none(corpus, nested=nested)
    told: list[Cluster] = []
    for i in np.argsort(-clarity, kind="stable").tolist():
        cluster = clusters[i].take(~claims.lost(*clusters[i][:2]))
        rivalled = claims.rivalled(*cluster[:2])
        number, shared = _most_common(claims.owner[cluster.segments[rivalled]])
        if shared > _SHARED * len(cluster.segments):
            free = cluster.segments[claims.owner[cluster.segments] < 0]
            believed = support(corpus, chance, told[number].segments[:_EXAMPLES], free)
            added = Cluster(free, believed).take(believed >= _JOIN)
            told[number] = _joined(told[number], added)
        elif (~rivalled).sum() >= least_count:
            number, added = len(told), cluster.take(~rivalled)
            told.append(added)
        else:
            continue
        claims.stake(*added[:2], number)
    kept = (
        cluster.take(claims.owner[cluster.segments] == number)
        for number, cluster in enumerate(told)
    )
    return [cluster for cluster in kept if len(cluster.segments) >= least_count]


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
        for start, end in zip(*_spans(corpus, ranked[-1]), strict=True):
            explained[start:end] = True
    return ranked


def _clarity(corpus: Corpus, cluster: Cluster) -> float:
    """Return length times count of a cluster, where doubtful occurrences and loud ends count less.

    This is steeper than the probability, which is also high where all are equally doubtful.
    """
    if not len(cluster.segments):
        return 0.0
    clear = 1 / (1 + np.exp(_STEEP * (_MIDDLE - cluster.evidence.astype(np.float64))))
    clear *= corpus.edges[cluster.segments]
    return float(corpus.seconds[cluster.segments].mean() * clear.sum())


def _most_common(numbers: I64) -> tuple[int, int]:
    """Return the most common number and how often it is there; (-1, 0) of none."""
    if not len(numbers):
        return -1, 0
    counts = np.bincount(numbers)
    return int(counts.argmax()), int(counts.max())


def _joined(cluster: Cluster, added: Cluster) -> Cluster:
    """Put two clusters together, the clearest occurrences first."""
    segments = np.concatenate([cluster.segments, added.segments])
    evidence = np.concatenate([cluster.evidence, added.evidence])
    order = np.argsort(-evidence, kind="stable")
    return Cluster(segments, evidence).take(order)


def _worth(
    corpus: Corpus, cluster: Cluster, explained: npt.NDArray[np.bool_] | None = None
) -> float:
    """Return length times count times confidence, in seconds, without what is explained."""
    if not len(cluster.segments):
        return 0.0
    sure = probability(corpus, cluster)
    if explained is not None:
        sure = sure * (1 - _shares(explained, *_spans(corpus, cluster)))
    seconds = corpus.seconds[cluster.segments].mean() / corpus.slowdown
    return float(seconds * sure.sum())


def _shares(explained: npt.NDArray[np.bool_], starts: I64, ends: I64) -> F64:
    """Return which share of spans, shape (m,), is explained."""
    lengths = ends - starts
    frames = starts[:, None] + np.arange(lengths.max())
    known = explained.take(frames, mode="clip") & (frames < ends[:, None])
    return np.asarray(known.sum(axis=1) / lengths)


def _spans(corpus: Corpus, cluster: Cluster) -> tuple[I64, I64]:
    """Return where a cluster's occurrences start and end on the corpus's axis, shape (m,) each."""
    return corpus.start[cluster.segments], corpus.end[cluster.segments]
