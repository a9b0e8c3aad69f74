"""Words given against true words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence


class Confusion(NamedTuple):
    """How often each true label was given each label.

    Attributes
    ----------
    truth, given : tuple of str
        Labels of the rows and of the columns.
    counts : ndarray, shape (len(truth), len(given)), int64
        How often.
    """

    truth: tuple[str, ...]
    given: tuple[str, ...]
    counts: npt.NDArray[np.int64]


def accuracy(truth: Sequence[str], given: Sequence[str]) -> float:
    """Return the share of labels, 0 to 1, that are right.

    Parameters
    ----------
    truth, given : sequence of str
        The true labels, and those that were given.

    Raises
    ------
    ValueError
        If there are none, or their numbers differ.

    Examples
    --------
    >>> accuracy(["yes", "no"], ["yes", "yes"])
    0.5
    """
    _check(truth, given)
    return sum(a == b for a, b in zip(truth, given, strict=True)) / len(truth)


def confusion(truth: Sequence[str], given: Sequence[str]) -> Confusion:
    """Count which labels were given for which.

    Parameters
    ----------
    truth, given : sequence of str
        True and given label of each item.

    Returns
    -------
    Confusion
        Labels are sorted.

    Raises
    ------
    ValueError
        If there are none, or their numbers differ.

    Examples
    --------
    >>> confusion(["yes", "no", "no"], ["yes", "yes", "no"]).counts.tolist()
    [[1, 1], [0, 1]]
    """
    _check(truth, given)
    rows, i = np.unique(truth, return_inverse=True)
    columns, j = np.unique(given, return_inverse=True)
    count = np.bincount(i * len(columns) + j, minlength=len(rows) * len(columns))
    return Confusion(
        tuple(rows.tolist()), tuple(columns.tolist()), count.reshape(len(rows), len(columns))
    )


def _check(truth: Sequence[str], given: Sequence[str]) -> None:
    if not len(truth) or len(truth) != len(given):
        msg = f"expected as many labels given as true, got {len(given)} and {len(truth)}"
        raise ValueError(msg)
