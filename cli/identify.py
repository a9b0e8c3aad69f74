"""`kwspot identify`: tell which keyword a recording is."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from . import batch, inputs
from .common import Jobs, Jsonl, Paths, Quiet, print_json, reported

if TYPE_CHECKING:
    from kwspot.results import Ranking

    from .inputs import Input


class Format(StrEnum):
    """How rankings are written."""

    table = "table"
    jsonl = "jsonl"


@reported
def identify(
    paths: Paths,
    *,
    form: Annotated[
        Format, typer.Option("--format", help="How to write the rankings.")
    ] = Format.table,
    as_json: Jsonl = False,
    jobs: Jobs = 1,
    quiet: Quiet = False,
) -> None:
    """Tell which keyword a recording is. Every keyword gets a score, the likeliest first.

    \b
    Example:
      kwspot identify yes.kws no.kws -- answer.wav
    """
    import kwspot
    from kwspot.workers import threads

    models, audio = inputs.split(paths)
    keywords, recordings = inputs.load(models), inputs.recordings(audio)
    wide = max(len(item.name) for item in recordings)
    write_jsonl = as_json or form is Format.jsonl
    if not write_jsonl:
        print(f"{'audio':{wide}}  keywords, the likeliest first", flush=True)

    def show(item: Input, ranking: Ranking) -> None:
        if write_jsonl:
            ranked = [{"keyword": name, "score": score} for name, score in ranking]
            print_json({"audio": item.name, "ranking": ranked})
        else:
            words = "  ".join(f"{name} {score:.2f}" for name, score in ranking)
            print(f"{item.name:{wide}}  {words}", flush=True)

    work = partial(kwspot.identify, keywords=keywords)
    failures = batch.each(work, recordings, show, run=threads(jobs), quiet=quiet)
    if failures:
        raise typer.Exit(1)
