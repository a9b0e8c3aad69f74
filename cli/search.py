"""`kwspot search`: find keywords in archives."""

from __future__ import annotations

import csv
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import inputs
from .common import Json, Quiet, Scheduler, print_json, reported, say, workers
from .labels import check_format, emit
from .reports import ReportFile, check_report, save_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.archive import Archive
    from kwspot.archive.hits import Hits
    from kwspot.keyword import Keyword

FIELDS = ("archive", "recording", "keyword", "start", "end", "score")
OWN = ("table", "jsonl", "csv")


@reported
def search(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL_OR_CLIP... ARCHIVE...",
            help="Models that `kwspot learn` wrote, or a recording of the word; then archives that "
            "`kwspot index` made.",
            show_default=False,
        ),
    ],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many hits of each keyword at most.")] = 100,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least score to report.")] = 0.0,
    begin: Annotated[
        float | None,
        typer.Option("--from", min=0, help="Where the word begins in the clip, s.", metavar="TIME"),
    ] = None,
    end: Annotated[
        float | None,
        typer.Option("--to", min=0, help="Where the word ends in the clip, s.", metavar="TIME"),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="HIT",
            help="More like a hit of an earlier search: a line of --json.",
            show_default=False,
        ),
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Only recordings whose path fits, as '*/2019/*'.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="Only recordings that were indexed from then on.",
            show_default=False,
        ),
    ] = "",
    every: Annotated[
        bool, typer.Option("--exhaustive", help="Compare every frame instead of using the index.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="table, jsonl, csv, or a format of labels that may be about many recordings.",
        ),
    ] = "table",
    report: ReportFile = None,
    as_json: Json = False,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
) -> None:
    """Find keywords in archives. The surest hits come first; scores are those of kwspot spot.

    \b
    Example:
      kwspot search hello.kws talks/ --top 20 --report found.html
      kwspot search meeting.wav --from 1.2 --to 1.9 talks/ more-talks/
      kwspot search --like "$(kwspot search hello.kws talks --json | head -n 1)" talks
    """
    from kwspot.archive.places import Wanted
    from kwspot.archive.search import scan
    from kwspot.archive.search import search as by_index

    started = time.perf_counter()
    form = "jsonl" if as_json else form
    check_format("--format", form, OWN)
    check_report(report)
    archives, others = _split(paths)
    keywords = _keywords(others, archives, begin, end, like)
    with workers(jobs, scheduler) as run:
        hits = (scan if every else by_index)(
            archives,
            keywords,
            top=top,
            threshold=threshold,
            wanted=Wanted(tuple(path or ()), since),
            run=run,
        )
    _write(hits, form)
    if not quiet:
        took = time.perf_counter() - started
        say(f"{len(hits)} hit(s) in {hits.hours:.2f} h of recordings, {took:.2f} s")
    if report is not None:
        from kwspot.report import describe_hits

        told = {"searched": paths, "top": top, "threshold": threshold, "paths like": path}
        page = describe_hits(hits.items, hours=hits.hours, settings=told)
        save_report(page, report, quiet=quiet)


def _split(paths: Sequence[str]) -> tuple[list[Archive], list[str]]:
    """Tell archives from models and clips."""
    from kwspot.archive import Archive

    archives = [path for path in paths if not Path(path).is_file() and Archive.exists(path)]
    if not archives:
        raise typer.BadParameter("name an archive that `kwspot index` made")
    others = [path for path in paths if path not in archives]
    return [Archive.open(path) for path in archives], others


def _keywords(
    others: Sequence[str],
    archives: Sequence[Archive],
    begin: float | None,
    end: float | None,
    like: str | None,
) -> list[Keyword]:
    """Make what is to be sought: of models, of one clip, or of a hit."""
    from kwspot.archive.query import of_clip, of_hit

    clips = [path for path in others if not inputs.is_model(path)]
    keywords = inputs.load([path for path in others if path not in clips])
    if (begin is not None or end is not None) and len(clips) != 1:
        raise typer.BadParameter("--from and --to are about one clip, so name one")
    front_end = archives[0].front_end.name
    keywords += [of_clip(clip, front_end, begin, end) for clip in clips]
    if like is not None:
        keywords.append(of_hit(_hit(like), archives))
    if not keywords:
        raise typer.BadParameter("name a model (.kws) or a clip, or give --like a hit")
    return keywords


def _hit(line: str) -> dict[str, object]:
    """Read a line of an earlier search."""
    try:
        fields = json.loads(line)
        return {name: fields[name] for name in FIELDS}
    except (ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter("--like needs a line that `kwspot search --json` wrote") from error


def _write(hits: Hits, form: str) -> None:
    """Write hits to standard output."""
    if form == "jsonl":
        for hit in hits:
            print_json(asdict(hit))
    elif form == "csv":
        rows = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
        rows.writeheader()
        rows.writerows(asdict(hit) for hit in hits)
    elif form == "table":
        _table(hits)
    else:
        _labels(hits, form)


def _table(hits: Hits) -> None:
    wide = max([len("recording"), *(len(hit.recording) for hit in hits)])
    word = max([len("keyword"), *(len(hit.keyword) for hit in hits)])
    print(f"{'recording':{wide}}  {'keyword':{word}}  {'start':>9}  {'end':>9}  score")
    for hit in hits:
        span = f"{hit.start:9.2f}  {hit.end:9.2f}"
        print(f"{hit.recording:{wide}}  {hit.keyword:{word}}  {span}  {hit.score:5.2f}")


def _labels(hits: Hits, form: str) -> None:
    from kwspot import formats
    from kwspot.formats.files import named

    recordings = {hit.recording for hit in hits}
    if len(recordings) > 1 and not named(form).MANY:
        raise typer.BadParameter(
            f"{named(form).TITLE} is about one recording, and there are hits in {len(recordings)}: "
            f"use --json, and kwspot export - --to {form} -o FOLDER/"
        )
    labels = [
        formats.Label(hit.start, hit.end, hit.keyword, hit.score, recording=hit.recording)
        for hit in hits
    ]
    emit(formats.render(labels, form=form, duration=None))
