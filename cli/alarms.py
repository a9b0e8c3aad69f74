"""What is told of the false alarms that a model is expected to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwspot.keyword import Keyword


def false_alarms(keyword: Keyword) -> dict[str, Any]:
    """Return what `--json` says of the threshold; nothing if no background was heard."""
    expected = keyword.expected_false_alarms
    if keyword.background is None or expected is None:
        return {}
    return {
        "threshold": keyword.threshold,
        "false_alarms": {
            "asked_per_hour": keyword.false_alarms_per_hour,
            "expected_per_hour": expected[0],
            "low": expected[1],
            "high": expected[2],
            "background_hours": keyword.background.hours,
        },
    }


def in_words(keyword: Keyword) -> list[str]:
    """Return the same as lines to read."""
    expected = keyword.expected_false_alarms
    if keyword.background is None or expected is None:
        return []
    rate, low, high = expected
    return [
        f"threshold {keyword.threshold:.6g}: {rate:.2g} false alarms per hour expected, likely "
        f"{low:.2g} to {high:.2g}, by {60 * keyword.background.hours:.2g} min of background"
    ]
