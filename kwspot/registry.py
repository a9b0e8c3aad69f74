"""Names for the choices of one kind, which others can add to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(dict[str, Callable[[], T]], Generic[T]):
    """Choices by name, each behind a function that makes it, which may import what is heavy.

    Parameters
    ----------
    kind : str
        What they are, for errors.
    makers : dict of str to callable
        The first ones.

    Examples
    --------
    >>> greetings = Registry("greeting", {"short": lambda: "hi"})
    >>> greetings.add("long", lambda: "good morning")
    >>> greetings.names(), greetings.make("long")
    (('long', 'short'), 'good morning')
    """

    def __init__(self, kind: str, makers: dict[str, Callable[[], T]]) -> None:
        super().__init__(makers)
        self._kind = kind

    def add(self, name: str, make: Callable[[], T]) -> None:
        """Add a choice.

        Raises
        ------
        ValueError
            If the name is taken.
        """
        if name in self:
            msg = f"a {self._kind} named {name!r} is registered already"
            raise ValueError(msg)
        self[name] = make

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        return tuple(sorted(self))

    def make(self, name: str) -> T:
        """Make the choice of that name.

        Raises
        ------
        ValueError
            If there is none.
        """
        if name not in self:
            msg = f"unknown {self._kind} {name!r}; there are {', '.join(self.names())}"
            raise ValueError(msg)
        return self[name]()
