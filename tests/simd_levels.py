"""Run a script at every SIMD level that this machine can be told to use."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
X86 = platform.machine().lower() in ("x86_64", "amd64")
FORCED = {
    "avx2": ("haswell", "+avx2,+fma,+bmi,+bmi2,+lzcnt,+popcnt"),
    "ssse3": ("core2", "+ssse3"),
    "plain": ("x86-64", "+sse2"),
}


def available() -> list[str]:
    """Name the levels below the native one."""
    if not X86:
        return []
    from kwspot.kernels import target

    return [name for name in FORCED if name == "plain" or name in target.cpu().features]


def run_at(level: str, script: str, *arguments: str) -> str:
    """Run Python source in a fresh process at a level ("native" for none) and return its output."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    environment.pop("NUMBA_CPU_NAME", None)
    environment.pop("NUMBA_CPU_FEATURES", None)
    if level != "native":
        name, features = FORCED[level]
        environment |= {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
