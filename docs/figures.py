"""Tables of what the benchmarks found, from the JSON that they wrote to `benchmarks/results/`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MADE_WITH = ("cpu", "level", "cpus", "load", "seed", "seeds")
_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A question, and the benchmark that answers it.

    Attributes
    ----------
    name : str
        Of the script and of its JSON file.
    question : str
        What it answers.
    told : str
        How to read the tables.
    command : str
        What makes the JSON file; ``{json}`` stands for its path.
    columns : tuple of str
        What the numbers of a row are, where the file has lists.
    without : tuple of str
        Fields of the file that are not shown.
    """

    name: str
    question: str
    told: str
    command: str
    columns: tuple[str, ...] = ()
    without: tuple[str, ...] = ("benchmark", "bars")


BENCHMARKS = (
    Benchmark(
        "discovery",
        "Is the shared word found?",
        "Tasks of five clips each. F50 is F1 where a place counts as found if it overlaps with the "
        "truth by one half, F25 by one quarter; iou the mean overlap; cpu in seconds per task. "
        "STUMPY's ostinato and a plain energy gate stand beside kwspot.",
        "python benchmarks/discovery.py --seeds 901 --json {json}",
    ),
    Benchmark(
        "discovery_rivals",
        "How near is that to an exhaustive search?",
        "The same tasks at growing lengths, given to slower methods too.",
        "python benchmarks/discovery_rivals.py --seed 901 --json {json}",
    ),
    Benchmark(
        "length",
        "Is the word found in long clips, and at what cost?",
        "F1 at an overlap of one quarter and one half, seconds of CPU and memory per task.",
        "python benchmarks/length.py --json",
    ),
    Benchmark(
        "extract",
        "EXTRACT beside others",
        "On the tasks of its paper: spoken words among other sounds.",
        "python benchmarks/extract.py --seed 901 --json {json}",
    ),
    Benchmark(
        "terms",
        "What is said again and again?",
        "Terms found without a query: coverage is the share of all speech in some term, NED how "
        "far apart their transcripts are (0 is best).",
        "python benchmarks/terms.py --json {json}",
        without=("benchmark", "words"),
    ),
    Benchmark(
        "recognition",
        "Are keywords recognised?",
        "From five examples each. Accuracy: higher is better; errors and misses: lower is better.",
        "python benchmarks/recognition.py",
    ),
    Benchmark(
        "spotting",
        "How fast are they spotted?",
        "A real-time factor of 0.004 means that an hour of sound takes 14 s on one core.",
        "python benchmarks/spotting.py",
    ),
    Benchmark(
        "sparing",
        "What does the speech front end miss where it does not listen?",
        "Its network is run only where cheaper features do not rule a keyword out. Detections of "
        "words, each said four times in a stream, and false alarms, with and without that; and the "
        "share of the sound on which the network is run.",
        "python benchmarks/sparing.py",
    ),
    Benchmark(
        "calibration_speech",
        "Are scores probabilities, are thresholds kept?",
        "With the front end `speech`.",
        "python benchmarks/calibration.py --front-end speech",
    ),
    Benchmark(
        "robustness_speech",
        "What do noise, rooms, telephones and speed cost?",
        "Accuracy on ten digits, taught and tested by one speaker (same) and by several (cross).",
        "python benchmarks/robustness.py --front-end speech",
    ),
    Benchmark(
        "doubts",
        "Are spoiled clips told from good ones?",
        "What each check measures, by quantiles over many clips.",
        "python benchmarks/doubts.py",
    ),
    Benchmark(
        "archive",
        "How fast are archives made, and how small are they?",
        "Indexing of FLAC at 16 kHz with cepstra, on one core; reading features back beside "
        "computing them; what longer archives cost, and ten hours more where there are many; and "
        "what became of archives whose writers were killed.",
        "python benchmarks/archive.py --only speed,growth,further,kills --json",
    ),
    Benchmark(
        "search",
        "How fast are archives searched, and how much is found?",
        "Simulated archives, real features recoloured and joined anew, each word said four "
        "times an hour; the long ones repeat 100 hours. Recall is what of the scan's best places "
        "the search finds, of 100 hours; where 1,000 hours are all different, 0.99 of the best 20 "
        "and 0.987 of the best 100. Of real speech: mean average precision by one example, beside "
        "warping every frame. faiss has the same vectors.",
        "python benchmarks/search.py --json {json}",
    ),
    Benchmark(
        "scale",
        "What do threads and a cluster save, and what do 100,000 hours cost?",
        "All on one machine, where 4 workers share 2 cores. Seconds are those of the clock, and on "
        "a busy machine tell little; from the CPU seconds, and those of them that cannot be "
        "divided, follows how many times as fast as one process two idle cores would be. The cost "
        "model takes the figures of one process times the hours.",
        "python benchmarks/scale.py --json {json}",
    ),
    Benchmark(
        "startup",
        "How long does a command take?",
        "From the prompt to the prompt, median of five; the last row as the very first run after "
        "an installation.",
        "python benchmarks/startup.py",
        columns=("wall s", "CPU s"),
        without=("benchmark", "runs"),
    ),
    Benchmark(
        "sprintz",
        "Sprintz, beside zstd, lz4, blosc2 and pcodec",
        "Features of real speech in 6, 8 and 12 bits, on one thread.",
        "python -m benchmarks.sprintz | tail -n 1 > {json}",
        columns=("ratio", "compress GB/s", "expand GB/s"),
    ),
    Benchmark(
        "bolt",
        "Bolt, beside faiss",
        "Scans of a million codes, encoding, and search in features of real speech.",
        "python -m benchmarks.bolt | tail -n 1 > {json}",
    ),
    Benchmark(
        "maddness",
        "MADDNESS, beside BLAS",
        "Products with matrices of real features, and how exact they are.",
        "python -m benchmarks.maddness | tail -n 1 > {json}",
    ),
    Benchmark(
        "bank",
        "The int8 bank, beside BLAS",
        "Exact products of templates with frames, in hours of sound per second.",
        "python -m benchmarks.bank | tail -n 1 > {json}",
    ),
)


def tables(folder: Path) -> str:
    """Return a section for each benchmark: question, tables, and the command that makes them."""
    return "\n".join(_section(one, folder / f"{one.name}.json") for one in BENCHMARKS)


def _section(one: Benchmark, path: Path) -> str:
    command = one.command.format(json=f"benchmarks/results/{path.name}")
    lines = [f"## {one.question}", "", one.told, ""]
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        found = {key: value for key, value in found.items() if key not in one.without}
        made = [f"{key} {_cell(found.pop(key))}" for key in _MADE_WITH if key in found]
        lines += [*_tables(found, one, ""), *(["; ".join(made), ""] if made else [])]
    else:
        lines += ["Not measured yet.", ""]
    return "\n".join([*lines, "```", command, "```", ""])


def _tables(found: dict[str, Any], one: Benchmark, title: str) -> Iterator[str]:
    """Yield the lines of tables: one of single numbers, one of rows, then what is in groups."""
    rows = {name: _row(value, one) for name, value in found.items()}
    single = {name: {"value": row[""]} for name, row in rows.items() if "" in row}
    groups = [name for name in found if _is_group(found[name], one)]
    several = {name: row for name, row in rows.items() if name not in {*single, *groups}}
    if title not in ("", "rows") and (single or several):
        yield from [f"**{title}**", ""]
    if single:
        yield from _table(single)
    columns = dict.fromkeys(column for row in several.values() for column in row)
    if len(columns) > _MOST_COLUMNS:  # turned, it fits on the page
        several = {one: {name: row.get(one) for name, row in several.items()} for one in columns}
    yield from _table(several) if several else ()
    for name in groups:
        yield from _tables(found[name], one, f"{title}, {name}" if title else name)


def _is_group(value: Any, one: Benchmark) -> bool:
    """Tell whether all in it are rows: it is then a table of its own."""
    return isinstance(value, dict) and not any("" in _row(part, one) for part in value.values())


def _row(value: Any, one: Benchmark) -> dict[str, Any]:
    """Flatten a value to columns; a single number has the column ""."""
    if isinstance(value, list) and len(value) == len(one.columns):
        return dict(zip(one.columns, value, strict=True))
    if not isinstance(value, dict):
        return {"": value}
    return {
        f"{key} {column}".strip(): cell
        for key, part in value.items()
        if key not in one.without
        for column, cell in _row(part, one).items()
    }


def _table(rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    yield f"| | {' | '.join(columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for name, row in rows.items():
        yield f"| {name} | {' | '.join(_cell(row.get(column)) for column in columns)} |"
    yield ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
