"""Charts of an evaluation as SVG: how misses trade for false alarms, and what scores are worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kwspot.report.markup import Html, element, fill, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kwspot.evaluation.result import Curve

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 386, 10, 220  # of the frame, as chart.svg has it
_LINEAR = 0.1  # false alarms below which the scale is linear: a logarithm never shows none
_TICKS = (0.0, 0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0)
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def trade_off(curve: Curve) -> Html:
    """Return misses against false alarms.

    Examples
    --------
    >>> from kwspot.evaluation.result import Curve
    >>> "miss 10 %" in trade_off(Curve("per hour", (0.5,), (0.1,), (2.0,)))
    True
    """
    per_hour = curve.unit == "per hour"
    alarms = [alarm if per_hour else 100 * alarm for alarm in curve.false_alarm]
    most = max([1.0, *alarms])

    def across(alarm: float) -> float:
        return math.log1p(alarm / _LINEAR) / math.log1p(most / _LINEAR)

    points = sorted(zip(map(across, alarms), curve.miss, strict=True))
    told = (f"miss {100 * miss:.0f} % at {alarm:.3g}" for alarm, miss in _some(curve, alarms))
    unit = "false alarms per hour" if per_hour else "false accepts (%)"
    return fill(
        "chart.svg",
        title="Detection error trade-off",
        label=f"Misses against {unit}: {'; '.join(told)}",
        across=unit,
        up="misses (%)",
        marks=_grid({f"{tick:g}": across(tick) for tick in _TICKS if tick <= most}),
        body=Html(f'<path class="line" d="{_steps(points)}"/>') if points else Html(""),
    )


def reliability(bins: Sequence[tuple[float, float, int]]) -> Html:
    """Return how often scores came true, for bins of mean score, share that was right and number.

    Examples
    --------
    >>> "of 3 that score 0.90, 67 % are right" in reliability([(0.9, 2 / 3, 3)])
    True
    """
    told = (f"of {n} that score {said:.2f}, {came:.0%} are right" for said, came, n in bins)
    most = max([1, *(n for _, _, n in bins)])
    dots = (
        element(
            "circle",
            element("title", f"{n} scores"),
            _class="dot",
            cx=f"{_x(said):.1f}",
            cy=f"{_y(came):.1f}",
            r=f"{3 + 6 * math.sqrt(n / most):.1f}",
        )
        for said, came, n in bins
    )
    diagonal = Html(f'<path class="ideal" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>')
    return fill(
        "chart.svg",
        title="Reliability of scores",
        label=f"Share that was right against score: {'; '.join(told).replace('%', ' %')}",
        across="score",
        up="share that was right (%)",
        marks=_grid({f"{share:g}": share for share in _SHARES}),
        body=join([diagonal, *dots]),
    )


def _grid(across: Mapping[str, float]) -> Html:
    """Return the lines and numbers of both axes, upwards in per cent."""
    columns = (
        fill("column.svg", x=f"{_x(share):.1f}", text=text) for text, share in across.items()
    )
    rows = (fill("row.svg", y=f"{_y(share):.1f}", text=f"{100 * share:g}") for share in _SHARES)
    return join([*columns, *rows])


def _x(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _some(curve: Curve, alarms: Sequence[float]) -> Iterable[tuple[float, float]]:
    """Yield a few points of a curve, for those who cannot see it."""
    step = max(1, len(alarms) // 6)
    return list(zip(alarms, curve.miss, strict=True))[::step]


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """Return a path that keeps its height until the next point."""
    (x, y), *others = points
    path = f"M{_x(x):.1f} {_y(y):.1f}"
    return path + "".join(f"H{_x(x):.1f}V{_y(y):.1f}" for x, y in others)
