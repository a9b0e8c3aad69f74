"""`kwspot bench`: how fast the four systems are on this machine."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .common import Json, Quiet, print_json, progress, reported

if TYPE_CHECKING:
    from kwspot.speed import Figure


@reported
def bench(*, as_json: Json = False, quiet: Quiet = False) -> None:
    """Measure how fast the codecs and indexes are on this machine.

    Sprintz, FIRE, Bolt, MADDNESS and the int8 bank on one thread, in CPU time, each beside a
    yardstick of the same run: copying, or multiplying.

    \b
    Example:
      kwspot bench
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # BLAS reads it when NumPy is first imported
    from kwspot.kernels.target import cpu
    from kwspot.speed import cpu_name, measure

    head: dict[str, Any] = {"cpu": cpu_name(), "level": cpu().level}
    if as_json:
        with progress("measuring", quiet=quiet) as update:
            figures = [asdict(figure) for figure in measure(progress=update)]
        print_json({**head, "figures": figures})
        return
    print(f"{head['cpu']}, {head['level']}, one thread")
    for figure in measure():  # the lines themselves are the progress
        print(_line(figure), flush=True)


def _line(figure: Figure) -> str:
    """Write one figure for people."""
    error = "" if figure.error is None else f", relative error {figure.error:.3f}"
    beside = "" if figure.system == figure.yardstick else f"{figure.ratio:7.2f}x {figure.yardstick}"
    speed = f"{figure.value:8.2f} {figure.unit:12}"
    return f"{figure.system:10}{figure.what:28}{speed}{beside}{error}".rstrip()
