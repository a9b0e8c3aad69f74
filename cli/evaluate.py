"""`kwspot evaluate`: measure how well keywords do where the truth is known."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import inputs
from .common import Jobs, Json, Quiet, Scheduler, progress, reported, say, workers
from .reports import ReportFile, check_report, save_report

if TYPE_CHECKING:
    from kwspot.evaluation import Evaluation, Measure, Truth


@reported
def evaluate(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Models that `kwspot learn` wrote, named as the words in the truth.",
            show_default=False,
        ),
    ],
    *,
    truth: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV: path,start,end,word and, if known, speaker; or path,word(,speaker) where "
            "each recording is one word. Paths are as seen from the file's folder.",
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(metavar="WORDS/", help="Folder with a folder of recordings for each word."),
    ] = None,
    min_iou: Annotated[
        float, typer.Option(min=0.01, max=1, help="Least overlap of a detection with the word.")
    ] = 0.5,
    plot: Annotated[
        str | None, typer.Option(metavar="PNG", help="Also draw the trade-off and reliability.")
    ] = None,
    report: ReportFile = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well keywords do where the truth is known. Figures come with 95 % intervals.

    \b
    Example:
      kwspot evaluate yes.kws no.kws --truth truth.csv --plot curves.png
      kwspot evaluate yes.kws no.kws --folder words/ --report evaluation.html
    """
    import kwspot

    keywords = inputs.load(models)
    names = [keyword.name for keyword in keywords]
    if len(set(names)) < len(names):
        raise typer.BadParameter(f"two models have one name: {', '.join(names)}")
    check_report(report)
    if scheduler is not None:  # whose workers look for files from elsewhere
        truth, folder = (place and os.path.abspath(place) for place in (truth, folder))  # noqa: PTH100
    known = _truth(truth, folder)
    with workers(jobs, scheduler) as run, progress("evaluating", quiet=quiet) as update:
        found = kwspot.evaluate(keywords, known, min_iou=min_iou, run=run, progress=update)
    if plot is not None:
        found.save_plot(Path(plot))
    if as_json:
        print(json.dumps(json.loads(found.to_json())), flush=True)
    else:
        _print(found)
    if not quiet:
        say(
            f"{found.task} in {found.recordings} recording(s), {found.seconds / 60:.1f} min; "
            f"intervals over {found.groups} {found.grouped_by}(s)"
        )
    if report is not None:
        from kwspot.report import describe_evaluation, find_mistakes

        with progress("listening to mistakes", quiet=quiet) as update:
            wrong = find_mistakes(keywords, known, min_iou=min_iou, progress=update)
        told = {"models": models, "truth": truth or folder, "least overlap": min_iou}
        page = describe_evaluation(found, wrong, title=", ".join(names), settings=told)
        save_report(page, report, quiet=quiet)


def _truth(table: str | None, folder: str | None) -> Truth:
    """Read what the recordings hold from the one place that was named."""
    from kwspot.evaluation import read_folder, read_truth

    if table is not None and folder is None:
        return read_truth(table)
    if folder is not None and table is None:
        return read_folder(folder)
    raise typer.BadParameter("give either --truth or --folder")


def _print(found: Evaluation) -> None:
    """Print the figures as a table: a line per keyword and measure."""
    word = max(len("keyword"), *map(len, found.measures))
    wide = max(len(one.name) for one in found.measures["all"])
    print(f"{'keyword':{word}}  {'measure':{wide}}  {'value':>7}  95 % interval")
    for name, measures in found.measures.items():
        for one in measures:
            line = f"{name:{word}}  {one.name:{wide}}  {_figure(one.value):>7}  {_interval(one)}"
            print(line.rstrip())
    if found.confusion:
        print()
        _print_confusion(found.confusion)


def _print_confusion(confusion: dict[str, dict[str, int]]) -> None:
    """Print which words were taken for which keywords."""
    columns = list(next(iter(confusion.values())))
    word = max(len("true word"), *map(len, confusion))
    print(f"{'true word':{word}}  {'  '.join(columns)}")
    for truth, row in confusion.items():
        print(f"{truth:{word}}  {'  '.join(f'{row[name]:{len(name)}}' for name in columns)}")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value < 100 else f"{value:.0f}"


def _interval(one: Measure) -> str:
    return "" if one.low is None else f"{_figure(one.low)} to {_figure(one.high)}"
