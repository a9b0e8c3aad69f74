"""`kwspot info`: tell what a model holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .alarms import false_alarms, in_words
from .common import Json, print_json, reported
from .evidence import evidence, print_evidence
from .learn import print_occurrences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.keyword import Keyword
    from kwspot.recording import Example


@reported
def info(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model that `kwspot learn` wrote.")],
    *,
    as_json: Json = False,
) -> None:
    """Tell what a model holds. This is its word, its examples and its calibration.

    \b
    Example:
      kwspot info hello.kws
    """
    from kwspot import Keyword

    keyword = Keyword.load(model)
    if as_json:
        print_json(_fields(model, keyword))
        return
    for label, value in (
        ("keyword", keyword.name),
        ("confidence", f"{keyword.confidence:.2f}"),
        ("front end", keyword.front_end),
        ("created", f"{keyword.created} by kwspot {keyword.version}"),
        ("calibration", _listed(keyword.calibration.measured())),
        *(("alarms", line) for line in in_words(keyword)),
        *([("not", ", ".join(_clips(keyword.rivals)))] if keyword.rivals else []),
    ):
        print(f"{label:13}{value}")
    print()
    print_occurrences(keyword.occurrences)
    print_evidence(keyword.evidence)


def _fields(model: str, keyword: Keyword) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "model": model,
        "keyword": keyword.name,
        "confidence": keyword.confidence,
        "front_end": keyword.front_end,
        "created": keyword.created,
        "version": keyword.version,
        "calibration": keyword.calibration.measured(),
        "examples": [
            {**asdict(example.occurrence), "sha256": example.digest} for example in keyword.examples
        ],
        "absent": [asdict(place) for place in keyword.absent],
        "not": _clips(keyword.rivals),
        **false_alarms(keyword),
        **evidence(keyword),
    }


def _clips(examples: Sequence[Example]) -> list[str]:
    return [example.occurrence.clip for example in examples]


def _listed(fields: dict[str, float]) -> str:
    """Put names and numbers in one line."""
    return ", ".join(f"{name} {value:.3g}" for name, value in fields.items())
