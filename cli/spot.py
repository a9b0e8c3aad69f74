"""`kwspot spot`: find keywords in recordings."""

from __future__ import annotations

import csv
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from . import batch, inputs
from .common import Jobs, Jsonl, Paths, Quiet, Scheduler, print_json, reported, say, workers
from .labels import check_format, emit
from .reports import ReportFile, check_report, save_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kwspot.formats import Label
    from kwspot.keyword import Keyword
    from kwspot.results import Detections

    from .inputs import Input

    Show = Callable[[Input, Detections], None]

FIELDS = ("audio", "keyword", "start", "end", "score")


OWN = ("table", "jsonl", "csv")  # written as they are found, the formats of labels at the end


@reported
def spot(
    paths: Paths,
    *,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Least score to report; by default each model's own, which is 0.5 unless it was "
            "learned with --false-alarms-per-hour.",
            show_default=False,
        ),
    ] = None,
    refractory: Annotated[
        float, typer.Option(min=0, help="Least time between two detections of a keyword, s.")
    ] = 0.3,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="table, jsonl, csv, or audacity, eaf, jams, label-studio, raven, rttm, textgrid, "
            "webvtt.",
        ),
    ] = "table",
    report: ReportFile = None,
    as_json: Jsonl = False,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    quiet: Quiet = False,
) -> None:
    """Find keywords in recordings. Each detection has start, end and a score from 0 to 1.

    \b
    Example:
      kwspot spot hello.kws bye.kws -- meeting.wav recordings/ --format csv > found.csv
      kwspot spot hello.kws -- meeting.wav --format textgrid > meeting.TextGrid
      kwspot spot hello.kws -- calls/ --report found.html
    """
    import kwspot

    started = time.perf_counter()
    check_format("--format", form, OWN)
    models, audio = inputs.split(paths)
    check_report(report)
    if report is not None and inputs.STDIN in audio:
        raise typer.BadParameter("--report needs files: standard input is heard only once")
    keywords, recordings = inputs.load(models), inputs.recordings(audio, scheduler=scheduler)
    form = "jsonl" if as_json else form
    late = _Late(form, recordings) if form not in OWN else None
    writer = late or _writer(form, keywords, recordings)
    found: list[Detections] = []

    def show(item: Input, detections: Detections) -> None:
        found.append(detections)
        writer(item, detections)

    work = partial(kwspot.spot, keywords=keywords, threshold=threshold, refractory=refractory)
    with workers(jobs, scheduler) as run:
        failures = batch.each(work, recordings, show, run=run, quiet=quiet)
    if late:
        late.finish()
    if not quiet:
        searched, seconds = len(recordings) - failures, time.perf_counter() - started
        hits = sum(map(len, found))
        say(f"{hits} detection(s) in {searched} recording(s), {seconds:.2f} s")
    if report is not None:
        from kwspot.report import describe_detections

        told = {"models": models, "threshold": threshold, "refractory (s)": refractory}
        save_report(describe_detections(found, settings=told), report, quiet=quiet)
    if failures:
        raise typer.Exit(1)


class _Late:
    """Writes all detections at the end, in a format of labels."""

    def __init__(self, form: str, recordings: Sequence[Input]) -> None:
        from kwspot.formats.files import named

        if len(recordings) > 1 and not named(form).MANY:
            raise typer.BadParameter(
                f"{named(form).TITLE} is about one recording, and there are {len(recordings)}: "
                f"use --json, and kwspot export - --to {form} -o FOLDER/"
            )
        self._form = form
        self._labels: list[Label] = []
        self._duration: float | None = None

    def __call__(self, item: Input, detections: Detections) -> None:
        from kwspot import formats

        self._labels += formats.labels(detections, recording=item.name)
        self._duration = detections.duration

    def finish(self) -> None:
        """Write."""
        from kwspot import formats

        emit(formats.render(self._labels, form=self._form, duration=self._duration))


def _writer(form: str, keywords: Sequence[Keyword], recordings: Sequence[Input]) -> Show:
    """Make what writes the detections of a recording to standard output, at once."""
    if form == "jsonl":
        return _write_jsonl
    if form == "csv":
        return _csv()
    return _table(keywords, recordings)


def _write_jsonl(item: Input, detections: Detections) -> None:
    for detection in detections:
        print_json({"audio": item.name, **detection.row()})


def _csv() -> Show:
    rows = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    rows.writeheader()

    def write(item: Input, detections: Detections) -> None:
        rows.writerows({"audio": item.name, **detection.row()} for detection in detections)
        sys.stdout.flush()

    return write


def _table(keywords: Sequence[Keyword], recordings: Sequence[Input]) -> Show:
    wide = max(len(item.name) for item in recordings)
    word = max(len("keyword"), *(len(keyword.name) for keyword in keywords))
    print(f"{'audio':{wide}}  {'keyword':{word}}  {'start':>9}  {'end':>9}  score", flush=True)

    def write(item: Input, detections: Detections) -> None:
        for found in detections:
            span = f"{found.start:9.2f}  {found.end:9.2f}"
            print(f"{item.name:{wide}}  {found.keyword:{word}}  {span}  {found.score:5.2f}")
        sys.stdout.flush()

    return write
