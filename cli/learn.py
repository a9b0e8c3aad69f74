"""`kwspot learn`: find the word that several recordings share, and keep it as a model."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kwspot.errors import AudioError, KwspotError, OutputError

from .alarms import false_alarms, in_words
from .common import Json, Quiet, print_json, progress, report, reported, say
from .evidence import evidence, print_evidence
from .from_labels import check as check_labels
from .from_labels import learn_from
from .from_review import learn_reviewed
from .inputs import STDIN, is_model, recordings
from .reports import ReportFile, check_report, save_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.keyword import Keyword
    from kwspot.results import Occurrence

    from .inputs import Input


@reported
def learn(
    clips: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CLIP_OR_FOLDER...",
            help="Recordings that share the word, or folders of them.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="MODEL", help="Model to write (.kws).")
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call the word; by default as the model's file.")
    ] = None,
    min_duration: Annotated[float, typer.Option(min=0, help="Shortest the word may be, s.")] = 0.15,
    max_duration: Annotated[float, typer.Option(min=0, help="Longest the word may be, s.")] = 1.5,
    method: Annotated[str, typer.Option(help="How to find the word.")] = "consensus",
    front_end: Annotated[
        str,
        typer.Option(
            help="What to hear it by: auto is speech if that extra is there, else cepstra."
        ),
    ] = "auto",
    every: Annotated[
        bool, typer.Option("--all", help="Learn from all occurrences, not only one a recording.")
    ] = False,
    from_labels: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Labels that mark the word, instead of clips: TextGrid, eaf, Audacity, Raven, ...",
        ),
    ] = None,
    label: Annotated[str | None, typer.Option(help="Which of these labels to learn.")] = None,
    audio: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The recording they are about, if not beside them."),
    ] = None,
    review: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JSON",
            help="What a report saved after you judged it: learn from the places that you "
            "accepted, as you left them. May be given more than once.",
        ),
    ] = None,
    background: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AUDIO",
            help="Everyday sound without the word, recordings or folders: makes scores true "
            "there. May be given more than once.",
        ),
    ] = None,
    counter_examples: Annotated[
        list[str] | None,
        typer.Option(
            "--not",
            metavar="CLIP",
            help="Recordings or folders of a word that must not be taken for this one. May be "
            "given more than once.",
        ),
    ] = None,
    false_alarms_per_hour: Annotated[
        float | None,
        typer.Option(
            min=1e-6, help="Set the model's threshold so that so many are expected in --background."
        ),
    ] = None,
    report_file: ReportFile = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also tell why this word was chosen.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn the word that a few recordings share. Five are a good number.

    \b
    Example:
      kwspot learn clips/ -o hello.kws
      kwspot learn one.wav two.wav three.wav four.mp3 five.flac -o hello.kws --name hello
      kwspot learn --from-labels interview.TextGrid --label hello -o hello.kws
      kwspot learn calls/ -o hello.kws --all
      kwspot learn clips/ -o hello.kws --report hello.html
      kwspot learn clips/ -o hello.kws --review hello.review.json
      kwspot learn jude/ -o jude.kws --not june/ --background home/ --false-alarms-per-hour 0.5
    """
    clips, from_labels, review = clips or [], from_labels or [], review or []
    check_labels(clips, from_labels, review, label, audio)
    if false_alarms_per_hour is not None and not background:
        raise typer.BadParameter("--false-alarms-per-hour needs --background to measure them by")
    options: dict[str, Any] = {
        "name": Path(output).stem if name is None and not review else name,
        "method": method,
        "front_end": front_end,
        "min_duration": min_duration,
        "max_duration": max_duration,
    }
    _check([*clips, *(background or ()), *(counter_examples or ())], **options)
    options["every"] = every
    started = time.perf_counter()
    check_output(Path(output))
    check_report(report_file)
    from kwspot.audio import find
    from kwspot.learn import calibrated

    against: dict[str, Any] = {
        "background": find(background) if background else (),
        "counter_examples": find(counter_examples) if counter_examples else (),
        "false_alarms_per_hour": false_alarms_per_hour,
    }
    with progress("learning", quiet=quiet) as update:
        if from_labels:
            about = {"name": options["name"], "front_end": front_end, "quiet": quiet}
            keyword, failures = learn_from(from_labels, label, audio, **about), 0
            keyword = calibrated(keyword, **against, progress=update)
            places = list(keyword.occurrences)
        elif review:
            inputs = recordings(clips)
            keyword, failures = learn_reviewed(review, inputs, label, name, front_end)
            keyword = calibrated(keyword, **against, progress=update)
            places = list(keyword.occurrences)
        else:
            inputs = recordings(clips)
            keyword, failures = _learn(inputs, {**options, **against, "progress": update})
            places = _in_order(keyword, inputs)
    keyword.save(output)
    seconds = round(time.perf_counter() - started, 3)
    if as_json:
        print_json(
            {
                "keyword": keyword.name,
                "model": output,
                "front_end": keyword.front_end,
                "occurrences": [asdict(place) for place in places],
                "confidence": keyword.confidence,
                "seconds": seconds,
                **false_alarms(keyword),
                **evidence(keyword),
            }
        )
    else:
        print_occurrences(places)
        if verbose:
            print_evidence(keyword.evidence)
    if not quiet:
        for line in in_words(keyword):
            say(line)
        say(
            f"wrote {output} in {seconds:.2f} s: confidence {keyword.confidence:.2f}, "
            f"front end {keyword.front_end}"
        )
    if report_file is not None:
        from kwspot.report import describe_keyword

        searched = {} if from_labels or review else options
        given = {"clips": clips, "labels": from_labels, "review": review, "label": label}
        told = {**given, **searched, **against}
        page = describe_keyword(keyword, places=places, settings=told)
        save_report(page, report_file, quiet=quiet)
    if failures:
        raise typer.Exit(1)


def _check(
    clips: Sequence[str],
    *,
    name: str | None,
    method: str,
    front_end: str,
    min_duration: float,
    max_duration: float,
) -> None:
    """Refuse what makes no sense, as usage."""
    from kwspot.discover import methods
    from kwspot.features import front_ends

    if STDIN in clips:
        raise typer.BadParameter("clips must be files or folders, not standard input")
    if name == "":
        raise typer.BadParameter("--name must not be empty")
    if not 0 < min_duration < max_duration:
        raise typer.BadParameter("--min-duration must be above 0 and less than --max-duration")
    for option, value, known in (
        ("--method", method, methods()),
        ("--front-end", front_end, front_ends()),
    ):
        if value not in known:
            raise typer.BadParameter(f"{option} must be one of {', '.join(known)}, not {value!r}")


def _in_order(keyword: Keyword, inputs: Sequence[Input]) -> list[Occurrence]:
    """Return the occurrences in the order in which the clips were given, present or not."""
    order = {item.name: number for number, item in enumerate(inputs)}
    return sorted(keyword.occurrences, key=lambda place: order[place.clip])


def print_occurrences(occurrences: Sequence[Occurrence]) -> None:
    """Print where the word was found as a table."""
    wide = max(len(item.clip) for item in occurrences)
    print(f"{'clip':{wide}}  {'start':>7}  {'end':>7}  score")
    for item in occurrences:
        doubt = "" if item.present else "  the word does not seem to be here"
        span = f"{item.start:7.2f}  {item.end:7.2f}"
        print(f"{item.clip:{wide}}  {span}  {item.score:5.2f}{doubt}")


def check_output(path: Path) -> None:
    """Refuse a place where the model could not or must not be written, before any work is done.

    An earlier model is replaced, as by any tool with ``-o``; another file is more likely a slip.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder", hint="name a file, such as -o hello.kws")
    if path.exists() and not is_model(str(path)):
        raise OutputError(
            f"{path} exists, and is no model", hint="choose another name, such as hello.kws"
        )
    if not path.parent.is_dir():
        raise OutputError(
            f"{path} cannot be written: there is no folder {path.parent}",
            hint="make the folder first, or choose another",
        )


def _learn(inputs: list[Input], options: dict[str, Any]) -> tuple[Keyword, int]:
    """Learn from the recordings that can be used; also tell how many cannot."""
    import kwspot

    usable = [item for item in inputs if not _told(item.error)]
    try:
        keyword = kwspot.learn([item.name for item in usable], **options)
    except AudioError:  # which clip is at fault is only looked for when one is
        sound = [item for item in usable if not _told(_fault(item, options))]
        if len(sound) == len(usable):
            raise
        usable = sound
        keyword = kwspot.learn([item.name for item in usable], **options)
    return keyword, len(inputs) - len(usable)


def _fault(item: Input, options: dict[str, Any]) -> AudioError | None:
    """Tell why a recording cannot be used, if so: it is put beside itself."""
    import kwspot

    bounds = {key: options[key] for key in ("min_duration", "max_duration")}
    try:
        kwspot.discover([item.name, item.name], **bounds)
    except AudioError as error:
        return error
    except KwspotError:
        pass  # of course both are the same
    return None


def _told(error: KwspotError | None) -> bool:
    """Report an error, if it is one."""
    if error is not None:
        report(error)
    return error is not None
