"""The report of `kwspot evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwspot.report.charts import reliability, trade_off
from kwspot.report.markup import Html, element, join
from kwspot.report.report import Report
from kwspot.report.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kwspot.evaluation import Evaluation, Measure
    from kwspot.report.item import Item

_CONTEXT = 1.0  # seconds


def describe_evaluation(
    evaluation: Evaluation,
    mistakes: Sequence[Item] = (),
    *,
    title: str = "Keywords",
    settings: Mapping[str, object] | None = None,
) -> Report:
    """Describe how well keywords did.

    Parameters
    ----------
    evaluation : Evaluation
        From `kwspot.evaluate`.
    mistakes : sequence of Item
        What to listen to, from `kwspot.report.find_mistakes`.
    title : str
        What the page is called.
    settings : mapping of str to object, optional
        How it was evaluated, to be told.

    Examples
    --------
    >>> from kwspot.evaluation.result import Curve, Evaluation, Measure
    >>> curve = Curve("per hour", (0.5,), (0.1,), (2.0,))
    >>> recall = {"all": (Measure("recall", 0.9, 0.8, 1.0),)}
    >>> found = Evaluation("spotting", 3, 60.0, 3, "recording", recall, curve, ())
    >>> describe_evaluation(found).figures
    (('recall', '0.900 (0.800 to 1.000)'),)
    """
    sections = [trade_off(evaluation.curve), reliability(evaluation.reliability)]
    charts = element("div", join(sections), _class="charts")
    tables = [table("Figures", ("keyword", "measure", "value", "95 % interval"), _rows(evaluation))]
    if evaluation.confusion:
        tables.append(_confusion(evaluation.confusion))
    return Report(
        kind="Evaluation",
        title=title,
        lead=f"{evaluation.task.capitalize()} in {evaluation.recordings} recordings, "
        f"{evaluation.seconds / 60:.1f} min. Intervals over {evaluation.groups} "
        f"{evaluation.grouped_by}s.",
        items=tuple(mistakes),
        context=_CONTEXT,
        figures=tuple((one.name, _figure(one)) for one in evaluation.measures["all"][:4]),
        sections=(charts, *tables),
        heading="Mistakes to listen to",
        settings=settings or {},
    )


def _rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str, str]]:
    for name, measures in evaluation.measures.items():
        for one in measures:
            yield name, one.name, _value(one.value), _interval(one)


def _confusion(confusion: Mapping[str, Mapping[str, int]]) -> Html:
    """Return which words were taken for which keywords as a table."""
    given = list(next(iter(confusion.values())))
    rows = ([word, *(row[name] for name in given)] for word, row in confusion.items())
    return table("True words, and what they were taken for", ["true word", *given], rows)


def _figure(one: Measure) -> str:
    interval = _interval(one)
    return f"{_value(one.value)} ({interval})" if interval else _value(one.value)


def _interval(one: Measure) -> str:
    return "" if one.low is None else f"{_value(one.low)} to {_value(one.high)}"


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value < 100 else f"{value:.0f}"
