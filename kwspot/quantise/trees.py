"""Hash trees of MADDNESS: four comparisons that send similar rows to the same of 16 buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .inputs import column_runs

F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]

LEVELS = 4
_CANDIDATES = 4  # columns tried at each level


@dataclass(frozen=True, slots=True)
class Tree:
    """Columns, one a level, and thresholds, one a node: level by level, 15 in all."""

    columns: I64  # shape (4,)
    thresholds: npt.NDArray[Any]  # shape (15,), of the type of the rows

    def codes(self, x: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Send rows, shape (n, d), down the tree: larger than the threshold goes right.

        Examples
        --------
        >>> tree = Tree(np.zeros(4, np.int64), np.array([4, 2, 6, 1, 3, 5, 7] + [0] * 8))
        >>> tree.codes(np.array([[0], [9]])).tolist()
        [0, 15]
        """
        node = np.zeros(len(x), np.int64)
        for level, column in enumerate(self.columns):
            node = 2 * node + (x[:, column] > self.thresholds[2**level - 1 + node])
        return node.astype(np.uint8)


def learn_trees(x: npt.NDArray[Any], n_codebooks: int) -> tuple[list[Tree], F64]:
    """Learn one tree for each codebook.

    Parameters
    ----------
    x : ndarray, shape (n, d), float32 or int8
        Training rows.
    n_codebooks : int
        How many trees, c. Each owns a run of the columns; with fewer columns than codebooks
        each owns one, and later trees learn what earlier ones on that column left over.

    Returns
    -------
    trees : list of Tree
        The trees.
    prototypes : ndarray, shape (c, 16, d), float64
        Means of the buckets on the codebook's own columns (of the rest left by earlier trees),
        zero elsewhere.

    Notes
    -----
    O(c (n log n + n d / c)) times a constant of 16.
    Source: Blalock and Guttag, "Multiplying matrices without multiplying", ICML 2021; cuts fall
    between unequal values only.

    Examples
    --------
    >>> x = np.array([[0, 0], [1, 0], [2, 5], [3, 6], [9, 6]], np.float32)
    >>> trees, _ = learn_trees(x, 1)
    >>> int(trees[0].columns[0]), float(trees[0].thresholds[0])
    (0, 1.5)
    """
    width = x.shape[1]
    rest = x.astype(np.float64)
    prototypes = np.zeros((n_codebooks, 1 << LEVELS, width))
    trees = []
    for codebook, own in enumerate(_owned(width, n_codebooks)):
        tree = _learn_tree(x, rest, own)
        means = _bucket_means(tree.codes(x), rest[:, own])
        prototypes[codebook][:, own] = means
        rest[:, own] -= means[tree.codes(x)]
        trees.append(tree)
    return trees, prototypes


def _owned(width: int, n_codebooks: int) -> list[I64]:
    if width < n_codebooks:
        return [np.array([codebook % width]) for codebook in range(n_codebooks)]
    starts = column_runs(width, n_codebooks)
    return [np.arange(starts[c], starts[c + 1]) for c in range(n_codebooks)]


def _bucket_means(codes: npt.NDArray[np.uint8], rows: F64) -> F64:
    sums = np.zeros((1 << LEVELS, rows.shape[1]))
    np.add.at(sums, codes, rows)
    counts = np.bincount(codes, minlength=1 << LEVELS)
    means: F64 = sums / np.maximum(counts, 1)[:, None]
    return means


def _learn_tree(x: npt.NDArray[Any], rest: F64, own: I64) -> Tree:
    """Choose level by level the column whose best cuts leave the least squared error."""
    buckets = [np.arange(len(x))]
    columns, thresholds = [], []
    for _ in range(LEVELS):
        spread = sum(_deviations(rest[np.ix_(bucket, own)]) for bucket in buckets)
        best_loss, best_cuts, best_column = np.inf, [], own[0]
        for column in own[np.argsort(-spread, kind="stable")[:_CANDIDATES]]:
            loss, cuts = _cut_all(x[:, column], rest[:, own], buckets, best_loss)
            if loss < best_loss:
                best_loss, best_cuts, best_column = loss, cuts, column
        columns.append(int(best_column))
        thresholds += best_cuts
        sides = []
        for bucket, cut in zip(buckets, best_cuts, strict=True):
            right = x[bucket, best_column] > cut
            sides += [bucket[~right], bucket[right]]
        buckets = sides
    return Tree(np.array(columns), np.array(thresholds, x.dtype))


def _deviations(rows: F64) -> F64:
    if len(rows) == 0:
        return np.zeros(rows.shape[1])
    squares: F64 = ((rows - rows.mean(axis=0)) ** 2).sum(axis=0)
    return squares


def _cut_all(
    values: npt.NDArray[Any], rows: F64, buckets: list[I64], enough: float
) -> tuple[float, list[Any]]:
    """Cut every bucket at its best; give up once the sum of losses passes `enough`."""
    total, cuts = 0.0, []
    for bucket in buckets:
        loss, cut = best_cut(values[bucket], rows[bucket])
        total += loss
        cuts.append(cut)
        if total >= enough:
            return np.inf, []
    return total, cuts


def best_cut(values: npt.NDArray[Any], rows: F64) -> tuple[float, Any]:
    """Find the threshold on `values` that leaves the least squared error of `rows` on both sides.

    Parameters
    ----------
    values : ndarray, shape (n,), float32 or int8
        What is compared; greater than the threshold goes right.
    rows : ndarray, shape (n, w), float64
        What is to be alike on each side.

    Returns
    -------
    loss : float
        Sum over both sides of squared deviations from the side's mean.
    threshold : scalar of the type of `values`
        Between two unequal values; the largest value if there is nothing to cut.

    Examples
    --------
    >>> x = np.array([[0, 0], [1, 0], [2, 5], [3, 6], [9, 6]], np.float32)
    >>> loss, threshold = best_cut(x[:, 0], x.astype(float))
    >>> round(loss, 3), float(threshold)
    (29.833, 1.5)
    """
    if len(values) == 0:
        return 0.0, values.dtype.type(0)
    order = np.argsort(values, kind="stable")
    ordered, sorted_rows = values[order], rows[order] - rows.mean(axis=0)
    sums = np.cumsum(sorted_rows, axis=0)
    squares = np.cumsum(np.einsum("ij,ij->i", sorted_rows, sorted_rows))
    places = np.flatnonzero(ordered[:-1] < ordered[1:])  # cut behind these
    if len(places) == 0:
        return float(squares[-1]), ordered[-1]
    left = (sums[places] ** 2).sum(axis=1) / (places + 1)
    right = ((sums[-1] - sums[places]) ** 2).sum(axis=1) / (len(values) - 1 - places)
    losses = squares[-1] - left - right
    at = places[int(losses.argmin())]
    return max(float(losses.min()), 0.0), _between(ordered[at], ordered[at + 1])


def _between(low: Any, high: Any) -> Any:
    """Take the middle of two unequal numbers of a type, rounded down, so that high > middle."""
    kind = type(low)
    if issubclass(kind, np.integer):
        return kind((int(low) + int(high)) // 2)
    middle = kind((float(low) + float(high)) / 2)
    return low if middle >= high else middle
