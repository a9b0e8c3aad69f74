"""The promise of a quick start."""

import os
import subprocess
import sys

import pytest

HEAVY = {"numba", "librosa", "sklearn", "matplotlib", "scipy", "soundfile", "rich", "pydantic"}
SLOWEST_HELP = 0.4  # seconds of CPU; 0.12 where nothing else runs


def modules_after(code):
    """Run code in a new Python, and give the names of the top-level modules that it imported."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import kwspot", HEAVY | {"numpy"}),
        ("import kwspot.cli.main", HEAVY | {"numpy"}),
        ("import kwspot; kwspot.Detection", HEAVY | {"numpy"}),
        ("import kwspot; kwspot.learn, kwspot.spot, kwspot.Keyword", HEAVY),
    ],
)
def test_import_stays_light(code, forbidden):
    assert not forbidden & modules_after(code)


def test_help_is_quick():
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env = {key: value for key, value in env.items() if not key.startswith("COV_")}

    def cpu_seconds():
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "kwspot", "--help"], env=env, capture_output=True, check=True
        )
        after = os.times()
        return after.children_user + after.children_system - before[2] - before[3]

    cpu_seconds()  # writes the bytecode
    assert min(cpu_seconds() for _ in range(5)) < SLOWEST_HELP


def test_the_whole_job_needs_no_slow_library():
    # librosa takes 2 s to import. Of scipy, numba itself asks only for the version.
    code = (
        "import kwspot, numpy as np\n"
        "rng = np.random.default_rng(0)\n"
        "word = rng.normal(size=8000)\n"
        "keyword = kwspot.Keyword.from_examples([(word, 16000)] * 2)\n"
        "keyword.spot((word, 16000)), kwspot.identify((word, 16000), [keyword])"
    )
    assert not (HEAVY - {"numba", "scipy", "soundfile"}) & modules_after(code)
