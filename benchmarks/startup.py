"""Time whole commands, from the prompt to the prompt.

Each command runs as a process of its own. All but the last find compiled kernels; the last has an
empty cache, as the very first run after an installation has. Prints a table and writes
``benchmarks/results/startup.json``.

    python benchmarks/startup.py [--runs 5]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from kwspot.cli.demo import samples

from kwspot.audio import load

RESULTS = Path(__file__).parent / "results"
SECONDS = 5  # length of the clips to learn from


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs per command; the median is given")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        clips, utterance = record(Path(folder))
        model = Path(folder, "word.kws")
        learn = ["learn", *clips, "-o", model, "--json"]
        commands = {
            "python -c pass": None,
            "kwspot --help": ["--help"],
            f"kwspot learn, 5 clips of {SECONDS} s": learn,
            "kwspot identify, 1 utterance": ["identify", model, "--", utterance, "--json"],
            "kwspot spot, 1 utterance": ["spot", model, "--", utterance, "--json"],
        }
        seconds_of(learn)  # writes the bytecode and the model, compiles the kernels
        rows = {
            name: [seconds_of(command) for _ in range(runs)] for name, command in commands.items()
        }
        cold = "kwspot learn, nothing compiled"
        rows[cold] = [seconds_of(learn, NUMBA_CACHE_DIR=f"{folder}/{n}") for n in range(runs)]
    for name, times in rows.items():
        print(
            f"{name:34} {statistics.median(times):7.3f} s   ({min(times):.3f} to {max(times):.3f})"
        )
    write(rows)


def record(folder: Path) -> tuple[list[Path], Path]:
    """Write five clips of equal length, each a sample between pauses of faint noise; and a word."""
    rng = np.random.default_rng(0)
    with samples() as (_, recordings):
        for number, sample in enumerate(recordings[:5]):
            clip = 0.001 * rng.normal(size=SECONDS * 16000)
            speech = load(sample.path)
            start = rng.integers(len(clip) - len(speech))
            clip[start : start + len(speech)] += speech
            soundfile.write(folder / f"{number}.wav", clip, 16000)
        word = recordings[5]
        spoken = load(word.path)[round(word.start * 16000) : round(word.end * 16000)]
        soundfile.write(folder / "word.wav", spoken, 16000)
    return [folder / f"{number}.wav" for number in range(5)], folder / "word.wav"


def seconds_of(command: list[object] | None, **env: str) -> float:
    """Run a command as a process, and time it."""
    args = ["-c", "pass"] if command is None else ["-m", "kwspot", *map(str, command)]
    started = time.perf_counter()
    subprocess.run([sys.executable, *args], env=os.environ | env, capture_output=True, check=True)
    return time.perf_counter() - started


def write(rows: dict[str, list[float]]) -> None:
    """Keep the figures, with the load of the machine that they were taken on."""
    RESULTS.mkdir(exist_ok=True)
    medians = {name: round(statistics.median(times), 4) for name, times in rows.items()}
    fields = {"seconds": medians, "runs": rows, "load": os.getloadavg(), "cpus": os.cpu_count()}
    (RESULTS / "startup.json").write_text(json.dumps(fields, indent=1) + "\n")


if __name__ == "__main__":
    main()
