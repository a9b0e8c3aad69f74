"""ELAN's time slots: every annotation names two, and some have no time of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from kwspot.formats import xmltree
from kwspot.formats.format import malformed, number

if TYPE_CHECKING:
    from collections.abc import Sequence


class TimeOrder:
    """The element TIME_ORDER of a document.

    Parameters
    ----------
    root : Element
        The document.

    Raises
    ------
    FormatError
        If it has no such element, or a slot no name or a time that is no number.

    Examples
    --------
    >>> slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="ts{i}" {t}/>' for i, t in enumerate(
    ...     ['TIME_VALUE="500"', "", 'TIME_VALUE="1500"']))
    >>> order = TimeOrder(xmltree.parse(f"<A><TIME_ORDER>{slots}</TIME_ORDER></A>"))
    >>> order.span(Element("B", TIME_SLOT_REF1="ts0", TIME_SLOT_REF2="ts1"))
    (0.5, 1.0)
    """

    def __init__(self, root: Element) -> None:
        element = root.find("TIME_ORDER")
        if element is None:
            raise malformed(1, "an element 'TIME_ORDER'", root.tag)
        self._element = element
        slots = element.findall("TIME_SLOT")
        times = _filled([_milliseconds(slot) for slot in slots])
        self._times = {
            slot.get("TIME_SLOT_ID", ""): time for slot, time in zip(slots, times, strict=True)
        }
        self._last = largest(self._times)

    def span(self, annotation: Element) -> tuple[float, float]:
        """Return start and end of an annotation in seconds."""
        slots = (annotation.get(name, "") for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
        try:
            start, end = (self._times[slot] / 1000 for slot in slots)
        except KeyError as error:
            raise malformed(xmltree.line(annotation), "a time slot", error.args[0]) from None
        return start, end

    def append(self, seconds: float) -> str:
        """Make a slot for a time, and return its name."""
        self._last += 1
        name, time = f"ts{self._last}", round(seconds * 1000)
        self._times[name] = time
        self._element.append(Element("TIME_SLOT", TIME_SLOT_ID=name, TIME_VALUE=str(time)))
        return name

    def sort(self) -> None:
        """Put the slots in the order of time, as ELAN has them."""
        self._element[:] = sorted(
            self._element.iterfind("TIME_SLOT"),
            key=lambda x: self._times[x.get("TIME_SLOT_ID", "")],
        )


def largest(names: Sequence[str] | dict[str, float]) -> int:
    """Return the largest number that names such as ``ts12`` end with, 0 if none does.

    Examples
    --------
    >>> largest(["ts3", "ts12", "x"])
    12
    """
    digits = (name.lstrip("abcdefghijklmnopqrstuvwxyz_") for name in names)
    return max((int(number) for number in digits if number.isdecimal()), default=0)


def _milliseconds(slot: Element) -> float | None:
    """Return the time of a slot, if it has one."""
    value = slot.get("TIME_VALUE")
    return None if value is None else number(value, "a time in milliseconds", xmltree.line(slot))


def _filled(times: list[float | None]) -> list[float]:
    """Spread slots without a time evenly between those around them, as ELAN shows them."""
    known = [place for place, time in enumerate(times) if time is not None]
    filled = [0.0 if time is None else time for time in times]
    ends = [len(times)] if known else []
    for before, after in zip(known, known[1:] + ends, strict=True):
        first = filled[before]
        step = (filled[after] - first) / (after - before) if after < len(times) else 0.0
        for place in range(before + 1, after):
            filled[place] = first + step * (place - before)
    return filled
