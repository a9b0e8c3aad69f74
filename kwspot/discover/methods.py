"""What a method of discovery is, and the registry that others plug into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kwspot.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.discover.clip import Clip
    from kwspot.evidence import Evidence


class Bounds(NamedTuple):
    """Length of a word.

    Attributes
    ----------
    least, most : float
        In seconds.
    """

    least: float
    most: float


class Place(NamedTuple):
    """Where a clip seems to hold a word: a span in seconds, a score 0 to 1, and a verdict."""

    start: float
    end: float
    score: float
    present: bool


@dataclass(frozen=True)
class Word:
    """A word that clips seem to share.

    Attributes
    ----------
    places : tuple of Place
        One per clip, in order.
    confidence : float
        0 to 1: how sure it is that this is the shared word.
    explain : callable, optional
        Tells what speaks for it, as an `Evidence`, if the method can.
    """

    places: tuple[Place, ...]
    confidence: float
    explain: Callable[[], Evidence] | None = None


class Method(Protocol):
    """Finds words that clips share."""

    def __call__(
        self, clips: Sequence[Clip], bounds: Bounds, progress: Callable[[float], None]
    ) -> list[Word]:
        """Return words, the surest first; none if nothing is shared.

        clips: two or more, no two of them copies. progress: to be called with 0 to 1.
        """
        ...


def _consensus() -> Method:
    from kwspot.discover.consensus import consensus

    return consensus


def _extract() -> Method:
    from kwspot.discover.extract.method import once_per_clip

    return once_per_clip


_REGISTRY: Registry[Method] = Registry("method", {"consensus": _consensus, "extract": _extract})


def register(name: str, make: Callable[[], Method]) -> None:
    """Add a method to the registry.

    Parameters
    ----------
    name : str
        What users call it.
    make : callable
        Returns the method; called each time that it is asked for, so it may import what is heavy.

    Raises
    ------
    ValueError
        If the name is taken.

    Examples
    --------
    >>> register("mine", _consensus)
    >>> "mine" in methods()
    True
    >>> del _REGISTRY["mine"]
    """
    _REGISTRY.add(name, make)


def methods() -> tuple[str, ...]:
    """Return the names of all methods, sorted.

    Examples
    --------
    >>> "consensus" in methods()
    True
    """
    return _REGISTRY.names()


def method(name: str) -> Method:
    """Make the method of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    return _REGISTRY.make(name)
