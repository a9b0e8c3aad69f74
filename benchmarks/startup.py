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

import kwspot
from kwspot.audio import load
from kwspot.cli.demo import samples

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
        time_process(learn)  # writes the bytecode and the model, compiles the kernels
        rows = {
            name: [time_process(command) for _ in range(runs)] for name, command in commands.items()
        }
        rows["kwspot.identify, in this process"] = time_identify(model, utterance, runs)
        rows["kwspot learn, nothing compiled"] = [
            time_process(learn, NUMBA_CACHE_DIR=f"{folder}/{n}") for n in range(runs)
        ]
    print(f"{'median of ' + str(runs):34} {'wall s':>8} {'cpu s':>8}   wall, least to most")
    for name, times in rows.items():
        wall, cpu = medians(times)
        least, most = min(times)[0], max(times)[0]
        print(f"{name:34} {wall:8.3f} {cpu:8.3f}   {least:.3f} to {most:.3f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
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


def time_process(command: list[object] | None, **env: str) -> tuple[float, float]:
    """Run a command as a process; return its wall and CPU seconds."""
    args = ["-c", "pass"] if command is None else ["-m", "kwspot", *map(str, command)]
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *args], env=os.environ | env, capture_output=True, check=True)
    wall, after = time.perf_counter() - started, os.times()
    user = after.children_user - before.children_user
    return wall, user + after.children_system - before.children_system


def time_identify(model: Path, utterance: Path, runs: int) -> list[tuple[float, float]]:
    """Name a word again and again within one process; return wall and CPU seconds of each."""
    keyword, times = kwspot.Keyword.load(model), []
    for _ in range(runs + 1):
        cpu, started = time.process_time(), time.perf_counter()
        kwspot.identify(utterance, [keyword])
        times.append((time.perf_counter() - started, time.process_time() - cpu))
    return times[1:]  # the first loads the kernels


def medians(times: list[tuple[float, float]]) -> tuple[float, float]:
    wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    return wall, cpu


def write(rows: dict[str, list[tuple[float, float]]]) -> None:
    """Keep the figures, with the load of the machine that they were taken on."""
    RESULTS.mkdir(exist_ok=True)
    fields = {
        "median_wall_and_cpu_seconds": {name: medians(times) for name, times in rows.items()},
        "runs": rows,
        "load": os.getloadavg(),
        "cpus": os.cpu_count(),
    }
    (RESULTS / "startup.json").write_text(json.dumps(fields, indent=1) + "\n")


if __name__ == "__main__":
    main()
