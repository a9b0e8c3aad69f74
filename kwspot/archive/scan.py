"""The exhaustive search: every frame of an archive, without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.archive.places import Pieces, Places, Wanted, hear, opened, sifted
from kwspot.archive.states import STRIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.archive.places import Address, Mask, Target
    from kwspot.archive.shard import Entry

_PIECE = 64 * STRIDE  # frames of a long recording that are in memory at once


def survey(
    where: Address, shard: str, targets: Sequence[Target], wanted: Wanted, count: int
) -> Places:
    """Estimate what keywords cost at every frame of a shard, and return the best places.

    Parameters
    ----------
    where : Address
        Of the archive.
    shard : str
        Which part of it.
    targets : sequence of Target
        What to look for.
    wanted : Wanted
        In which recordings.
    count : int
        How many places of each keyword to return; more if they are nearly as good.

    Returns
    -------
    Places
        For `settle`.

    Notes
    -----
    O(frames x total length of the templates), memory for about 20 minutes of features. A function
    of its arguments and what is stored, to be run anywhere.
    """
    archive = opened(where)
    entries, chosen = wanted.choose(archive, shard)
    parts = []
    for pieces in _batches(shard, entries, chosen):
        heard = hear(archive, pieces)
        for number, target in enumerate(targets):
            parts.append(sifted(heard, pieces, target, number, count))
    return Places.joined(parts)


def _batches(shard: str, entries: Sequence[Entry], chosen: Mask) -> Iterator[Pieces]:
    """Yield pieces of recordings that fit in memory; each has what comes before it as well."""
    batch: list[tuple[int, int, int, int]] = []
    held = 0
    for number in np.flatnonzero(chosen).tolist():
        frames = entries[number].frames
        for fresh in range(0, frames, _PIECE):
            first, last = max(0, fresh - STRIDE), min(frames, fresh + _PIECE)
            if batch and held + last - first > _PIECE:
                yield Pieces.of(shard, *np.array(batch).T)
                batch, held = [], 0
            batch.append((number, first, last, fresh))
            held += last - first
    if batch:
        yield Pieces.of(shard, *np.array(batch).T)
