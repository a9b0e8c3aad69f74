"""Choose between exact int8 products, MADDNESS and BLAS for one matrix, by measuring them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .bank import Int8Bank
from .inputs import as_rows
from .maddness import Maddness

if TYPE_CHECKING:
    from collections.abc import Callable

F32: TypeAlias = npt.NDArray[np.float32]
Kind: TypeAlias = Literal["int8", "maddness", "blas"]

_ROUNDS = 5
_ROWS = 4096  # timed at a time
_CODEBOOKS: tuple[Literal[4, 8, 16, 32, 64], ...] = (4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to multiply: its relative error, and nanoseconds a row (NaN if it was not timed)."""

    kind: Kind
    name: str
    error: float
    nanoseconds: float


@dataclass(frozen=True, slots=True)
class BankChoice:
    """The fastest way that is exact enough.

    Attributes
    ----------
    kind : {"int8", "maddness", "blas"}
        Which it is.
    why : str
        What was measured, in words.
    candidates : tuple of Candidate
        All that were measured.
    operator : Int8Bank, Maddness or ndarray, shape (d, m), float32
        What `matmul` uses.
    """

    kind: Kind
    why: str
    candidates: tuple[Candidate, ...]
    operator: Int8Bank | Maddness | F32

    def matmul(self, a: npt.ArrayLike) -> F32:
        """Multiply rows with the matrix.

        Parameters
        ----------
        a : array_like, shape (n, d), float
            The rows.

        Returns
        -------
        ndarray, shape (n, m), float32

        Raises
        ------
        ValueError
            If the shape does not fit or, unless BLAS was chosen, a value is NaN.

        Examples
        --------
        >>> a = np.random.default_rng(0).normal(size=(100, 8))
        >>> best_bank(a, np.ones((8, 3))).matmul(a).shape
        (100, 3)
        """
        return _runner(self.operator)(np.asarray(a))

    def __matmul__(self, a: npt.ArrayLike) -> F32:
        return self.matmul(a)


def best_bank(a_sample: npt.ArrayLike, b: npt.ArrayLike, tolerance: float = 0.02) -> BankChoice:
    """Find the fastest product with `b` whose error stays within a tolerance.

    Parameters
    ----------
    a_sample : array_like, shape (n, d), float
        Rows like those to come: a few thousand.
    b : array_like, shape (d, m), float
        The matrix.
    tolerance : float
        Greatest relative error, ``|approximate - exact| / |exact|`` in Frobenius norms; on rows
        held out of training for MADDNESS.

    Returns
    -------
    BankChoice
        With `kind`, `why` and `matmul`.

    Raises
    ------
    ValueError
        If a shape does not fit, a value is not finite or `tolerance` is negative.

    Notes
    -----
    Each is timed on up to 4096 rows of the sample, the best of 5 interleaved rounds, with as many
    BLAS threads as NumPy uses. Training MADDNESS takes seconds; it is tried with the fewest
    codebooks that are exact enough.

    Examples
    --------
    >>> a = np.random.default_rng(0).normal(size=(256, 16))
    >>> best_bank(a, np.ones((16, 1)), tolerance=0).kind
    'blas'
    """
    if not tolerance >= 0:
        msg = f"tolerance must be 0 or more, got {tolerance}"
        raise ValueError(msg)
    rows, matrix = as_rows(a_sample, "a_sample"), as_rows(b, "b")
    if len(matrix) != rows.shape[1]:
        msg = (
            f"b must have {rows.shape[1]} rows, one for each column of a_sample, got {len(matrix)}"
        )
        raise ValueError(msg)
    operators: dict[str, tuple[Kind, Int8Bank | Maddness | F32, float]]
    operators = {"float32 BLAS": ("blas", matrix, 0.0)}
    if tolerance > 0:
        bank = Int8Bank(np.ascontiguousarray(matrix.T), rows)
        operators["exact int8"] = ("int8", bank, bank.error)
        op = _smallest_maddness(rows, matrix, tolerance)
        operators[f"MADDNESS with {op.n_codebooks} codebooks"] = ("maddness", op, op.error)
    fit = {name: item for name, item in operators.items() if item[2] <= tolerance}
    speeds = _measure({name: _runner(item[1]) for name, item in fit.items()}, rows)
    candidates = tuple(
        Candidate(kind, name, error, speeds.get(name, float("nan")))
        for name, (kind, _, error) in operators.items()
    )
    best = min(fit, key=lambda name: speeds[name])
    return BankChoice(fit[best][0], _explain(best, candidates, tolerance), candidates, fit[best][1])


def _smallest_maddness(rows: F32, matrix: F32, tolerance: float) -> Maddness:
    """Fit the fewest codebooks within the tolerance, or the most there are."""
    most = Maddness(_CODEBOOKS[-1]).fit(rows, matrix)
    if most.error > tolerance:
        return most
    for n_codebooks in _CODEBOOKS[:-1]:
        op = Maddness(n_codebooks).fit(rows, matrix)
        if op.error <= tolerance:
            return op
    return most


def _runner(operator: Int8Bank | Maddness | F32) -> Callable[[npt.NDArray[np.floating]], F32]:
    if isinstance(operator, Int8Bank):
        return operator.scores
    if isinstance(operator, Maddness):
        return operator.matmul
    return lambda a: as_rows(a, "a", columns=len(operator), empty=True) @ operator


def _measure(
    runners: dict[str, Callable[[npt.NDArray[np.floating]], F32]], rows: F32
) -> dict[str, float]:
    """Time all in turn, several times, and keep each one's best: nanoseconds a row."""
    some = np.resize(rows, (_ROWS, rows.shape[1]))
    best = dict.fromkeys(runners, np.inf)
    for turn in range(_ROUNDS + 1):  # the first one compiles and warms up
        for name, run in runners.items():
            start = time.perf_counter_ns()
            run(some)
            taken = (time.perf_counter_ns() - start) / _ROWS
            best[name] = min(best[name], taken) if turn else np.inf
    return best


def _explain(best: str, candidates: tuple[Candidate, ...], tolerance: float) -> str:
    parts = []
    for item in candidates:
        speed = (
            f"{item.nanoseconds:.0f} ns a row" if item.error <= tolerance else "not exact enough"
        )
        parts.append(f"{item.name}: error {item.error:.2g}, {speed}")
    return f"{best} is the fastest within an error of {tolerance:g} ({'; '.join(parts)})"
