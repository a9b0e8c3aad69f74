"""All occurrences of a term: what resembles its clearest examples, anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.discover.terms.claims import Claims
from kwspot.discover.terms.sketch import unit
from kwspot.discover.terms.warps import similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.terms.corpus import Corpus
    from kwspot.discover.terms.sketch import Sketches
    from kwspot.discover.terms.warps import Chance
    from kwspot.workers import Run

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

_BEST = 3  # of which an occurrence must resemble so many
_BLOCK = 8192
_LENGTH = 0.5  # seconds of a term from which on fewer examples stand for it, as long in all
_FEWEST = 4  # examples for which that holds
_REACH = 3.0  # deviations above chance from which on a sketch is looked at
_WORDS = 12  # terms with which a segment is compared, at most


class Cluster(NamedTuple):
    """Occurrences of a term, the clearest first: segments (m,), evidence for each (m,); worth."""

    segments: I64
    evidence: F32
    worth: float = 0.0

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Cluster:
        """Return some of the occurrences."""
        return Cluster(self.segments[which], self.evidence[which])


def grow(
    corpus: Corpus,
    sketched: Sketches,
    chance: Chance,
    stars: Sequence[I64],
    count: int,
    least: float,
    run: Run,
    progress: Callable[[float], None],
) -> list[Cluster]:
    """Find all occurrences of likely terms.

    Parameters
    ----------
    corpus : Corpus
        The segments.
    sketched : Sketches
        Their sketches.
    chance : Chance
        What is alike by chance.
    stars : sequence of ndarray, shape (m,), int64
        Examples of each term, the clearest first.
    count : int
        How many of them stand for the term, at most.
    least : float
        Evidence that an occurrence needs.
    run : Run
        Who does the work.
    progress : callable
        Called with the share that is done, 0 to 1.

    Returns
    -------
    list of Cluster

    Notes
    -----
    Segments near the mean sketch of the examples are warped onto these; the mean of the best three
    decides. A segment is compared with the twelve terms that its sketch is nearest to, at most,
    and a long term has fewer examples: O(s) time, however many terms there are and however long.
    """
    examples = [star[: _enough(corpus, star, count)] for star in stars]
    means = unit(np.stack([sketched.forward[some].sum(axis=0) for some in examples]))
    candidates = _near(sketched, means)
    tasks = (
        (corpus, chance, some, found, least)
        for some, found in zip(examples, candidates, strict=True)
    )
    clusters = []
    for cluster in run(_members, tasks):
        clusters.append(cluster)
        progress(len(clusters) / len(examples))
    return clusters


def parted(corpus: Corpus, clusters: Sequence[Cluster]) -> list[Cluster]:
    """Return clusters without the places that are clearly more like another cluster. O(m)."""
    claims = Claims.none(corpus, nested=False)
    for number, cluster in enumerate(clusters):
        claims.stake(*cluster[:2], number)
    return [cluster.take(~claims.lost(*cluster[:2])) for cluster in clusters]


def _enough(corpus: Corpus, star: I64, count: int) -> int:
    """Return how many examples stand for a term: so many, or fewer of a long one."""
    length = float(np.median(corpus.seconds[star[:count]]))
    return max(_FEWEST, min(count, int(count * _LENGTH / length)))


def _near(sketched: Sketches, means: F32) -> list[I64]:
    """Return for each mean the segments that are nearer to it than sounds are by chance.

    A segment goes to the few means that it exceeds chance with most clearly: else one that is said
    all the time would be compared with as many terms as tell of it.
    """
    from kwspot.kernels.terms import largest

    usual, spread = _chance(sketched, means)
    onto, level = (means / spread[:, None]).T, usual / spread
    which = np.empty((_BLOCK, _WORDS), np.int32)
    terms, segments = [], []
    for at in range(0, len(sketched.forward), _BLOCK):
        clear = sketched.forward[at : at + _BLOCK] @ onto - level
        largest(clear, _REACH, which[: len(clear)])
        row, place = np.nonzero(which[: len(clear)] >= 0)
        terms.append(which[row, place])
        segments.append(row + at)
    term, segment = np.concatenate(terms), np.concatenate(segments)
    order = np.argsort(term, kind="stable")
    return np.split(segment[order], np.searchsorted(term[order], np.arange(1, len(means))))


def _chance(sketched: Sketches, means: F32) -> tuple[F32, F32]:
    """Return mean and deviation of a mean's cosines with what is played backwards, shape (t,)."""
    step = max(1, len(sketched.decoys) // _BLOCK)
    cosines = means @ sketched.backward(sketched.forward[sketched.decoys[::step]]).T
    return cosines.mean(axis=1), np.maximum(cosines.std(axis=1), np.float32(1e-6))


def _members(
    corpus: Corpus, chance: Chance, examples: I64, candidates: I64, least: float
) -> Cluster:
    """Return the candidates that resemble the examples, one for each place."""
    from kwspot.kernels.terms import one_per_place

    evidence = support(corpus, chance, examples, candidates)
    taken = evidence >= least
    candidates, evidence = candidates[taken], evidence[taken]
    order = np.argsort(-evidence, kind="stable")
    kept = np.ones(len(order), np.bool_)
    one_per_place(order, corpus.start[candidates], corpus.end[candidates], kept)
    order = order[kept[order]]
    return Cluster(candidates[order], evidence[order])


def support(corpus: Corpus, chance: Chance, examples: I64, candidates: I64) -> F32:
    """Return the evidence, shape (c,), that candidates are what the examples are.

    The mean of the best three, without an example at the candidate's own place. O(c e w d).
    """
    alike = _alike(corpus, examples, candidates)
    best = max(1, min(_BEST, len(examples) - 1))
    alike = np.sort(alike, axis=1)[:, ::-1][:, :best].mean(axis=1)
    seconds = np.sqrt(corpus.seconds[candidates] * np.median(corpus.seconds[examples]))
    return chance.deviations(alike, seconds)


def _alike(corpus: Corpus, examples: I64, candidates: I64) -> F32:
    """Return the similarity of candidates to examples, none to those at their own places, (c, e).

    One candidate after the other, so that its frames are fetched once for all examples.
    """
    one, other = np.tile(examples, len(candidates)), np.repeat(candidates, len(examples))
    alike = similarity(corpus, one, other)
    own = (corpus.start[other] < corpus.end[one]) & (corpus.start[one] < corpus.end[other])
    alike[own] = -1
    return alike.reshape(len(candidates), len(examples))
