"""Words as a few short segments one after the other, to be found in codes before any feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from kwspot.archive import segments
from kwspot.match.agreement import BEST
from kwspot.quantise.luts import query_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive.segments import SegmentModel

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]

_STEP = 2  # frames from one segment of a template to the next
_SKIPPED = 2  # segments that a path may leave out where it begins
_SKIP = 0.5  # what each of them costs: about as much as others do, lest it pay to leave them out
_LARGEST = 1024  # a cost of 1 is this at most
_AT_ONCE = 1024  # rows


class Marked(NamedTuple):
    """Where outlines are looked for in a pack.

    Attributes
    ----------
    marks : ndarray, shape (>= n / 64,), uint64
        A bit for each of n rows of segments.
    marked, rows : ndarray, shape (r,), int64
        How many of these rows each recording has, and how many of the shortest segments.
    ratio : int
        The hop of those that are marked, in hops of the shortest.
    before, after : int
        Rows that are warped beside those that are marked.
    """

    marks: U64
    marked: I64
    rows: I64
    ratio: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Outline:
    """The templates of a keyword as sequences of the shortest segments.

    Attributes
    ----------
    vectors : ndarray, shape (s, w), float32
        Segments of all templates, of unit length.
    count : ndarray, shape (t,), int64
        How many are of each template.
    """

    vectors: F32
    count: I64

    @classmethod
    def of(cls, templates: Sequence[F32], model: SegmentModel, length: int) -> Outline:
        """Cut templates, each (m, d), of unit length, into segments of so many frames. O(m d)."""
        vectors = []
        for template in templates:
            first = np.arange(0, max(len(template) - length, 0) + 1, _STEP)
            last = np.minimum(first + length, len(template))
            vectors.append(model.embed(segments.running_total(template), first, last))
        return cls(np.concatenate(vectors), np.array([len(some) for some in vectors]))

    def find(self, model: SegmentModel, codes: U8, where: Marked, count: int) -> I64:
        """Return the keys of the rows of codes where the templates end at the least cost.

        Parameters
        ----------
        model : SegmentModel
            What made the codes.
        codes : ndarray, flat, uint8
            Of the shortest segments of a pack.
        where : Marked
            Where to look.
        count : int
            How many rows, at most.

        Notes
        -----
        The valleys of the mean cost of the templates that fit best, as in
        `kwspot.match.agreement`. O(rows x bytes of a code x segments of the templates).
        """
        from kwspot.kernels.outline import STEPS, SUMS, warp_near

        laid, pool = self._laid(model), np.empty(2 * count, np.int64)
        (books, _, width), templates = laid.tables.shape, len(self.count)
        used = warp_near(
            *where,
            codes,
            *laid,
            np.empty(books, np.int64),
            np.empty((2, STEPS * templates + width), np.int16),
            np.empty((_AT_ONCE, templates), np.float32),
            np.empty(min(BEST, templates), np.float32),
            np.empty(_AT_ONCE, np.float32),
            np.empty(SUMS, np.int64),
            pool,
            (0,) * books,
        )
        return pool[:used].copy()

    def _laid(self, model: SegmentModel) -> _Laid:
        """Lay the templates side by side: segments of all of them, ends last and together."""
        from kwspot.kernels.outline import FIRST, LANES, SHUT, STEPS

        books, templates = model.bolt.books, len(self.count)
        deep = max(2, int(self.count.max()))
        number = np.concatenate([np.arange(count) for count in self.count])
        template = np.repeat(np.arange(templates), self.count)
        lane = (deep - self.count[template] + number) * templates + template
        width = -(-deep * templates // LANES) * LANES
        one = min(_LARGEST, SHUT // (2 * (deep + STEPS)))
        costs = query_tables(self.vectors, books.centroids, books.starts, "cosine")
        costs += ((1 - self.vectors @ books.mean) / costs.shape[1])[:, None, None]
        tables = np.zeros((*costs.shape[1:], width), np.int16)
        tables[:, :, lane] = np.rint(one * costs).astype(np.int16).transpose(1, 2, 0)
        shut, share = np.full(width, SHUT, np.int16), np.ones(deep * templates, np.float32)
        left = number <= _SKIPPED
        shut[lane[left]] = np.rint(one * _SKIP * number[left])
        share[lane] = 1 / (one * (number + FIRST))
        return _Laid(tables, shut, share)


class _Laid(NamedTuple):
    """Templates as `kwspot.kernels.outline.warp_near` takes them."""

    tables: I16
    shut: I16
    share: F32
