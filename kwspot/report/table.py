"""Tables that screen readers can read and that scroll where they are too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.report.markup import Html, element, fill, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """Return a table as a part of a page.

    Parameters
    ----------
    title : str
        What it tells.
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence
        The cells; the first of each row names it.

    Examples
    --------
    >>> table("Figures", ["name", "value"], [["recall", 0.9]]).count("<th ")
    3
    """
    body = (
        join(
            [
                element("th", row[0], scope="row"),
                *(element("td", cell) for cell in row[1:]),
            ]
        )
        for row in rows
    )
    return fill(
        "table.html",
        title=title,
        head=join(element("th", name, scope="col") for name in head),
        rows=join(element("tr", row) for row in body),
    )
