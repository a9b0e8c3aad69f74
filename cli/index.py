"""`kwspot index`: recordings into an archive, to be searched ever after."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Jobs, Json, Quiet, Scheduler, print_json, progress, reported, say, workers
from .inputs import STDIN

if TYPE_CHECKING:
    from kwspot import Archive
    from kwspot.archive import Report


@reported
def index(
    audio: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="AUDIO_OR_FOLDER...",
            help="Recordings, or folders of them.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="ARCHIVE", help="A folder, new or not, or s3://bucket/name."
        ),
    ],
    front_end: Annotated[
        str | None,
        typer.Option(
            help="What to hear by, for a new archive: auto is speech if that extra is there, else "
            "cepstra. Keywords that you search for must be learned with the same.",
            show_default="auto",
        ),
    ] = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Only go on with an archive; make no new one.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Verify every byte of the archive, and mend it.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Index recordings once, to search them in no time.

    What is indexed already and has not changed is passed over; what has changed is indexed anew,
    and what is gone from a folder is taken out. A run that was stopped goes on when it is
    started again. Several may run at a time.

    \b
    Example:
      kwspot index recordings/ -o archive/ --jobs 4
      kwspot search hello.kws archive/
      kwspot index --check -o archive/
    """
    if STDIN in (audio or []):
        raise typer.BadParameter("name files or folders, not standard input")
    if not audio and not check:
        raise typer.BadParameter("name recordings or folders to index, or --check the archive")
    told: dict[str, Any] = {}
    if check:
        told |= _check(output, quiet=quiet)
    if audio:
        archive = _opened(output, front_end, resume=resume)
        told |= _index(archive, audio, jobs, scheduler, quiet=quiet)
    if as_json:
        print_json(told)
    if told.get("failures") or told.get("lost"):
        raise typer.Exit(1)


def _opened(place: str, front_end: str | None, *, resume: bool) -> Archive:
    """Open the archive, or begin one."""
    from kwspot import Archive

    if front_end in (None, "auto") and (resume or Archive.exists(place)):
        return Archive.open(place)
    if resume:
        Archive.open(place)  # refuses where there is none
    return Archive.create(place, front_end=front_end or "auto")


def _index(
    archive: Archive, audio: list[str], jobs: int, scheduler: str | None, *, quiet: bool
) -> dict[str, Any]:
    """Index, tell of it, and return what `--json` prints."""
    started = time.perf_counter()
    with workers(jobs, scheduler) as run, progress("indexing", quiet=quiet) as update:

        def show(fraction: float, seconds: float) -> None:
            speed = seconds / 3600 / (time.perf_counter() - started)
            update(fraction, f"indexing, {speed:.2g} h/s")

        report = archive.add(audio, run=run, progress=show)
    elapsed = time.perf_counter() - started
    if not quiet:
        for doubt in report.doubts:
            say(f"warning: {doubt.message}")
    for failure in report.failures:
        say(f"error: {failure.message}")
        say(f"hint: {failure.hint}")
    fields = _in_figures(archive, report, elapsed)
    if not quiet:
        say(
            f"{fields['added']} recording(s) indexed, {fields['unchanged']} unchanged, "
            f"{fields['removed']} removed, {fields['unreadable']} unreadable; {elapsed:.1f} s"
        )
        if report.seconds:
            say(
                f"{fields['hours']:.2f} h of audio at {fields['hours_per_second']:.2g} h/s, "
                f"{fields['bytes_per_hour'] / 1e6:.1f} MB/h; "
                f"{fields['recordings']} recording(s) in {archive.url}"
            )
    return fields


def _in_figures(archive: Archive, report: Report, elapsed: float) -> dict[str, Any]:
    hours = report.seconds / 3600
    return {
        "archive": archive.url,
        "front_end": archive.front_end.name,
        "recordings": len(archive),
        "added": len(report.added),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "unreadable": len(report.failures),
        "damaged": len(report.doubts),
        "hours": round(hours, 6),
        "hours_per_second": round(hours / elapsed, 6),
        "bytes_per_hour": round(report.bytes / hours) if hours else 0,
        "failures": [failure._asdict() for failure in report.failures],
    }


def _check(place: str, *, quiet: bool) -> dict[str, Any]:
    """Verify and mend, tell of it, and return what `--json` prints."""
    from kwspot.archive import check

    with progress("checking", quiet=quiet) as update:
        found = check(place, progress=update)
    for finding in found.findings:
        say(f"damaged: {finding.key}: {finding.why}")
    for path in found.lost:
        say(f"lost: {path}")
    if not quiet:
        say(
            f"{found.files} file(s) checked, {len(found.findings)} damaged, "
            f"{len(found.lost)} recording(s) lost, {len(found.swept)} leftover(s) removed"
        )
    return {
        "checked": found.files,
        "mended": [finding._asdict() for finding in found.findings],
        "lost": list(found.lost),
        "swept": list(found.swept),
    }
