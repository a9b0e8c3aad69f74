"""What discovery chooses from: how alike the likeliest places of all clips are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from kwspot.base import Result
from kwspot.discover.clip import listen
from kwspot.discover.contour import RATE
from kwspot.discover.discovering import discover_clips
from kwspot.discover.links import link
from kwspot.discover.methods import Bounds
from kwspot.discover.segments import Segments
from kwspot.discover.shortlist import shortlist
from kwspot.features import front_end as front_end_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from kwspot.audio import Source
    from kwspot.discover.links import Links
    from kwspot.results import Discovery

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates(Result):
    """The likeliest places of each clip, and how alike they are.

    Attributes
    ----------
    clips : tuple of str
        The K clips.
    first : tuple of int
        K + 1 numbers: clip k owns the places ``first[k]`` up to ``first[k + 1]``.
    spans : tuple of tuple of float
        Start and end of each of the N places in seconds.
    gain : ndarray, shape (N, N), float32
        Evidence that two places are one word, 0 as by chance.
    chosen : tuple of int
        The place of each clip that was found to be the word.
    """

    FORMAT: ClassVar[str] = "kwspot.candidates/1"

    clips: tuple[str, ...]
    first: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]
    gain: F32
    chosen: tuple[int, ...]

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "clips": list(self.clips),
            "first": list(self.first),
            "spans": [list(span) for span in self.spans],
            "gain": self.gain.tolist(),
            "chosen": list(self.chosen),
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read what `to_fields` made, also when it has been JSON meanwhile."""
        return cls(
            tuple(fields["clips"]),
            tuple(fields["first"]),
            tuple((start, end) for start, end in fields["spans"]),
            np.array(fields["gain"], np.float32),
            tuple(fields["chosen"]),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the evidence between all places, with rings around the chosen ones."""
        from kwspot.show.agreement import draw_candidates

        return draw_candidates(self, ax)


def candidates(
    clips: Sequence[Source],
    *,
    min_duration: float = 0.15,
    max_duration: float = 1.5,
    front_end: str = "auto",
    most: int = 60,
) -> Candidates:
    """Show what the default method of discovery chooses from.

    Parameters
    ----------
    clips, front_end
        As for `kwspot.discover`.
    min_duration, max_duration : float
        Length of the word in seconds.
    most : int
        Places of each clip to keep, the most promising, in order of time.

    Returns
    -------
    Candidates

    Raises
    ------
    AudioError, TooFewClips, KwspotError, NothingFound, ValueError
        As `kwspot.discover` does.

    Notes
    -----
    Twice the cost of `kwspot.discover`. Places are the segments that it warps onto each other; they
    overlap, and promise what the best partners in the other clips give them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> word = rng.normal(size=8000)
    >>> takes = [np.concatenate([0.05 * rng.normal(size=4800 * i), word]) for i in (1, 2, 3)]
    >>> shown = candidates([(take, 16000) for take in takes], front_end="cepstra", most=5)
    >>> len(shown.spans), len(shown.chosen)
    (15, 3)
    """
    chosen = front_end_named(front_end)
    listened = listen(clips, chosen)
    bounds = Bounds(min_duration, max_duration)
    found = discover_clips(
        listened,
        min_duration=min_duration,
        max_duration=max_duration,
        front_end=chosen.name,
    )
    segments = [Segments.between_boundaries(clip.contour, bounds) for clip in listened]
    segments = shortlist(listened, segments, _silent)
    links = link(listened, segments, _silent)
    spans = np.concatenate([np.stack([part.start, part.end], 1) for part in segments]) / RATE
    members = _members(found, spans, links.first)
    kept = _promising(links, members, most)
    position = {int(old): new for new, old in enumerate(kept)}
    return Candidates(
        clips=tuple(clip.name for clip in listened),
        first=tuple(np.searchsorted(kept, links.first).tolist()),
        spans=tuple((start, end) for start, end in spans[kept].tolist()),
        gain=links.gain[np.ix_(kept, kept)],
        chosen=tuple(position[member] for member in members),
    )


def _members(found: Discovery, spans: npt.NDArray[np.float64], first: I64) -> list[int]:
    """Return the numbers of the segments that are the places found."""
    members = []
    for k, place in enumerate(found):
        own = spans[first[k] : first[k + 1]]
        away = np.abs(own - (place.start, place.end)).sum(axis=1)
        members.append(int(first[k] + away.argmin()))
    return members


def _promising(links: Links, members: Sequence[int], most: int) -> I64:
    """Return the segments of each clip whose partners are the best, ascending; all members too."""
    partners = np.maximum.reduceat(links.gain, links.first[:-1], axis=1)
    promise = partners.mean(axis=1) + links.prior
    promise[list(members)] = np.inf
    kept = []
    for begin, end in zip(links.first[:-1], links.first[1:], strict=True):
        kept.append(begin + np.sort(np.argsort(-promise[begin:end], kind="stable")[:most]))
    return np.concatenate(kept)


def _silent(done: float) -> None:
    """Report to nobody."""
