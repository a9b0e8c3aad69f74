"""The summary of `kwspot bench`: every system beside its yardstick, in one run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kwspot.speed import contenders, material
from kwspot.speed.timing import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kwspot.speed.material import F32

_FRAMES = 1 << 17  # 5 MB of bytes
_CODES = 1 << 20
_VECTORS = 1 << 18
_ROWS = 1 << 13
_K = 10
_FRAMES_AN_HOUR = 360_000
_TEMPLATES = _LENGTH = 48
_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Figure:
    """One speed, and how many times that of the yardstick it is.

    Attributes
    ----------
    system, what : str
        What was measured.
    value : float
        The speed, in `unit`.
    unit : str
        Its unit; G is 1e9.
    ratio : float
        Speed in multiples of the yardstick's.
    yardstick : str
        What ran beside it.
    error : float or None
        Relative error of the result, where it is approximate.
    """

    system: str
    what: str
    value: float
    unit: str
    ratio: float
    yardstick: str
    error: float | None = None


def measure(*, progress: Callable[[float], None] | None = None) -> Iterator[Figure]:
    """Measure all systems on features of the sample audio, one after the other.

    Parameters
    ----------
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Yields
    ------
    Figure
        As soon as it is known.

    Notes
    -----
    About ten seconds; kernels that were never used on this machine are compiled first. CPU time,
    10th percentile, see `cpu_seconds`. One thread if BLAS has one.

    Examples
    --------
    >>> next(measure()).system
    'memcpy'
    """
    features = material.log_mel()
    systems: tuple[Callable[[], Iterator[Figure]], ...] = (
        partial(_sprintz, features),
        partial(_fire, features),
        _scans,
        partial(_search, features),
        _maddness_stages,
        partial(_maddness, features),
        partial(_bank, features),
    )
    for done, system in enumerate(systems, 1):
        yield from system()
        if progress is not None:
            progress(done / len(systems))


def _beside(
    system: str,
    runs: Mapping[str, Callable[[], object]],
    amounts: Mapping[str, float],
    unit: str,
    yardstick: str,
) -> Iterator[Figure]:
    """Time runs and divide each one's amount of work by its time; `yardstick` names a run."""
    taken = cpu_seconds(runs, _ROUNDS, warm=True)
    speeds = {name: amounts[name] / taken[name] / 1e9 for name in runs}
    for name, speed in speeds.items():
        if name != yardstick:
            yield Figure(system, name, speed, unit, speed / speeds[yardstick], yardstick)


def _sprintz(features: F32) -> Iterator[Figure]:
    x = material.repeated(material.in_bits(features, 6), _FRAMES)
    copy = {"memcpy": partial(np.copyto, np.empty_like(x), x)}
    taken = cpu_seconds(copy, _ROUNDS, warm=True)
    yield Figure("memcpy", "5 MB", x.nbytes / taken["memcpy"] / 1e9, "GB/s", 1.0, "memcpy")
    runs: dict[str, Callable[[], object]] = {**copy}
    for name in ("delta", "fire"):
        stream = contenders.sprintz_stream(x, fire=name == "fire")
        runs[f"{name} encode"], runs[f"{name} decode"] = stream.encode, stream.decode
    yield from _beside("Sprintz", runs, dict.fromkeys(runs, float(x.nbytes)), "GB/s", "memcpy")


def _fire(features: F32) -> Iterator[Figure]:
    x = material.repeated(material.in_bits(features, 8), _FRAMES)
    runs = contenders.fire_passes(x)
    del runs["plain errors"]
    yield from _beside("FIRE", runs, dict.fromkeys(runs, float(x.nbytes)), "GB/s", "memcpy")


def _scans() -> Iterator[Figure]:
    runs = contenders.bolt_scans(_CODES, 8)
    runs = {f"{name} scan" if name != "memcpy" else name: run for name, run in runs.items()}
    yield from _beside("Bolt", runs, dict.fromkeys(runs, float(_CODES)), "G codes/s", "memcpy")


def _search(features: F32) -> Iterator[Figure]:
    from kwspot.quantise import BoltIndex

    rows = material.stacked(features, 2, 80)
    noise = np.random.default_rng(0).standard_normal((_VECTORS, 80), np.float32)
    many = material.repeated(rows, _VECTORS) + np.float32(0.05 * rows.std()) * noise
    index, query = BoltIndex(n_bytes=16).fit(rows).add(many), rows[1000:1001]
    squares = np.einsum("ij,ij->i", many, many)

    def exact() -> None:
        np.argpartition(squares - 2 * (many @ query[0]), _K)[:_K]

    runs: dict[str, Callable[[], object]]
    runs = {"search, 16 bytes, top 10": partial(index.search, query, _K), "exact NumPy": exact}
    amounts = dict.fromkeys(runs, float(_VECTORS))
    yield from _beside("Bolt", runs, amounts, "G rows/s", "exact NumPy")


def _maddness_stages() -> Iterator[Figure]:
    runs, codes, outputs = contenders.maddness_stages()
    taken = cpu_seconds(runs, _ROUNDS)
    sgemm = outputs / taken["sgemm"] / 1e9
    encode = codes / taken["encode"] / 1e9
    yield Figure("sgemm", "40 columns", sgemm, "G outputs/s", 1.0, "sgemm")
    yield Figure("MADDNESS", "encode, int8", encode, "G codes/s", encode / sgemm, "sgemm")
    for name in ("averaged", "exact"):
        speed = outputs / taken[name] / 1e9
        yield Figure("MADDNESS", f"scan, {name}", speed, "G outputs/s", speed / sgemm, "sgemm")


def _maddness(features: F32) -> Iterator[Figure]:
    from kwspot.quantise import Maddness

    rows = material.stacked(features - features.mean(axis=0), 13, 512)
    train, new = rows[: len(rows) // 2], material.repeated(rows[len(rows) // 2 :], _ROWS)
    b = train[:: len(train) // 128][:128].T.copy()
    op = Maddness(16).fit(train, b)
    product = np.empty((len(new), 128), np.float32)
    runs: dict[str, Callable[[], object]] = {
        "product": partial(op.matmul, new),
        "sgemm": partial(np.matmul, new, b, out=product),
    }
    taken = cpu_seconds(runs, _ROUNDS)
    exact, found = new @ b, op.matmul(new)
    error = float(np.linalg.norm(found - exact) / np.linalg.norm(exact))
    speed, ratio = product.size / taken["product"] / 1e9, taken["sgemm"] / taken["product"]
    what = "whole product, 512 columns"
    yield Figure("MADDNESS", what, speed, "G outputs/s", ratio, "sgemm", error)


def _bank(features: F32) -> Iterator[Figure]:
    from kwspot.quantise import Int8Bank
    from kwspot.quantise.bank import exact_scores

    centred = features - features.mean(axis=0)
    half = len(centred) // 2
    places = np.linspace(0, half - _LENGTH, _TEMPLATES).astype(int)
    templates = np.stack([centred[at : at + _LENGTH] for at in places])
    bank, frames = Int8Bank(templates, centred[:half]), material.repeated(centred[half:], _ROWS)
    exact, some = exact_scores(centred[half:], templates), frames[:2048]
    lost = bank.scores(centred[half:]) - exact
    taken = cpu_seconds(
        {"bank": lambda: bank.scores(frames), "NumPy": lambda: exact_scores(some, templates)}, 5
    )
    hours = {"bank": len(frames), "NumPy": len(some)}
    speed = {name: n / _FRAMES_AN_HOUR / taken[name] for name, n in hours.items()}
    error = float(np.linalg.norm(lost) / np.linalg.norm(exact))
    what = f"{_TEMPLATES} templates x {_LENGTH} frames"
    ratio = speed["bank"] / speed["NumPy"]
    yield Figure("int8 bank", what, speed["bank"], "hours/s", ratio, "NumPy", error)
