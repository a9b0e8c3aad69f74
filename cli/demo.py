"""`kwspot demo`: the main job on the recordings that kwspot ships with."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json, Quiet, print_json, progress, reported
from .learn import check_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwspot.keyword import Keyword
    from kwspot.results import Detection, Detections, Occurrence

_OVERLAP = 0.5  # of the spans' union: what counts as the same place


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording that kwspot ships with, and the truth about it."""

    path: Path
    role: str
    transcript: str
    start: float | None = None
    end: float | None = None

    def is_at(self, found: Occurrence | Detection) -> bool:
        """Tell whether something was found where the word is."""
        if self.start is None or self.end is None:
            return False
        shared = min(self.end, found.end) - max(self.start, found.start)
        union = max(self.end, found.end) - min(self.start, found.start)
        return bool(shared >= _OVERLAP * union)


@contextmanager
def samples() -> Iterator[tuple[dict[str, Any], list[Sample]]]:
    """Give the manifest of the sample audio, and the recordings as files."""
    from importlib.resources import as_file, files

    with as_file(files("kwspot.sample_audio")) as folder:
        manifest = json.loads(Path(folder, "manifest.json").read_text(encoding="utf-8"))
        recordings = manifest.pop("recordings")
        yield manifest, [Sample(Path(folder, item.pop("file")), **item) for item in recordings]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the main job gave on the sample audio."""

    keyword: Keyword
    learned: tuple[tuple[Sample, Occurrence], ...]
    searched: tuple[tuple[Sample, Detections], ...]
    learn_seconds: float
    search_seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the word was found where it is, and nowhere else."""
        return all(sample.is_at(place) for sample, place in self.learned) and all(
            _is_right(sample, found) for sample, found in self.searched
        )


def run(recordings: list[Sample], name: str, *, quiet: bool) -> Outcome:
    """Learn from the samples meant for it, and search the others."""
    import kwspot

    started = time.perf_counter()
    clips = [sample for sample in recordings if sample.role == "learn"]
    with progress("learning", quiet=quiet) as update:
        keyword = kwspot.learn([sample.path for sample in clips], name=name, progress=update)
    places = {place.clip: place for place in keyword.occurrences}
    learned = time.perf_counter()
    others = [sample for sample in recordings if sample.role != "learn"]
    found = tuple((sample, keyword.spot(sample.path)) for sample in others)
    return Outcome(
        keyword,
        tuple((sample, places[str(sample.path)]) for sample in clips),
        found,
        round(learned - started, 3),
        round(time.perf_counter() - learned, 3),
    )


@reported
def demo(
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="MODEL", help="Keep the model (.kws).")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn and find a word in recordings that come with kwspot.

    Ends with exit code 1 if the word is not found where it is, or found where it is not.

    \b
    Example:
      kwspot demo
      kwspot demo -o conference.kws
    """
    if output is not None:
        check_output(Path(output))
    with samples() as (manifest, recordings):
        outcome = run(recordings, manifest["keyword"], quiet=quiet)
    if output is not None:
        outcome.keyword.save(output)
    if as_json:
        print_json(_fields(outcome))
    else:
        _tell(outcome, manifest)
    if not outcome.as_expected:
        raise typer.Exit(1)


def _is_right(sample: Sample, found: Detections) -> bool:
    """Tell whether the word was found once where it is, or not at all where it is not."""
    return len(found) == (sample.start is not None) and all(map(sample.is_at, found))


def _fields(outcome: Outcome) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {
        "keyword": outcome.keyword.name,
        "as_expected": outcome.as_expected,
        "confidence": outcome.keyword.confidence,
        "learned": [_place(sample, place) for sample, place in outcome.learned],
        "searched": [
            {
                "audio": sample.path.name,
                "as_expected": _is_right(sample, found),
                "detections": [item.row() for item in found],
            }
            for sample, found in outcome.searched
        ],
        "learn_seconds": outcome.learn_seconds,
        "search_seconds": outcome.search_seconds,
    }


def _place(sample: Sample, place: Occurrence) -> dict[str, Any]:
    """Return one clip's part of what `--json` prints."""
    return {**asdict(place), "clip": sample.path.name, "as_expected": sample.is_at(place)}


def _tell(outcome: Outcome, manifest: dict[str, Any]) -> None:
    """Print what was done, what came of it, and how long it took."""
    word = outcome.keyword.name
    print(f"Recordings by {manifest['speaker']}. kwspot is not told which word these five share:")
    for sample, place in outcome.learned:
        _line(sample, f"{place.start:.2f} to {place.end:.2f} s", right=sample.is_at(place))
    print(f"It learned that word, {word!r}, in {outcome.learn_seconds:.2f} s. In new recordings:")
    for sample, found in outcome.searched:
        spans = ", ".join(f"{hit.start:.2f} to {hit.end:.2f} s" for hit in found)
        _line(sample, spans or "not there", right=_is_right(sample, found))
    verdict = "All as it should be" if outcome.as_expected else "NOT all as it should be"
    print(f"{verdict}. Searching took {outcome.search_seconds:.2f} s.")
    print("Now with your own recordings:  kwspot learn CLIPS -o word.kws")


def _line(sample: Sample, found: str, *, right: bool) -> None:
    """Print what was found in one recording."""
    mark = "ok   " if right else "WRONG"
    print(f"  {mark}  {sample.path.name:25} {found:16} {sample.transcript}")
