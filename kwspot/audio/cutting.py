"""Cut pieces out of a recording, as it was recorded: every channel, at its own rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kwspot.audio.decoders import F32, DamageError
from kwspot.audio.reader import opened
from kwspot.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kwspot.audio.source import Source


def cut(source: Source, spans: Sequence[tuple[float, float]]) -> tuple[list[F32], float]:
    """Read spans of a recording in one pass.

    Parameters
    ----------
    source : path, bytes, binary file object or tuple (samples, rate)
        As `kwspot.audio.load` takes it.
    spans : sequence of (start, end)
        In seconds; what lies outside the recording is left out. They may overlap.

    Returns
    -------
    pieces : list of ndarray, shape (n, channels), float32
        One for each span.
    rate : float
        In Hz.

    Raises
    ------
    AudioError
        If the recording cannot be read, or a span holds nothing of it.
    MissingExtra, TypeError, ValueError
        As `kwspot.audio.load` does.

    Notes
    -----
    O(n + k log k) time for n samples and k spans, and memory for the pieces alone.

    Examples
    --------
    >>> pieces, rate = cut((np.arange(8) / 8, 4000), [(0.0005, 0.00125), (0.00175, 9)])
    >>> [piece[:, 0].tolist() for piece in pieces], rate
    ([[0.25, 0.375, 0.5], [0.875]], 4000.0)
    """
    with opened(source) as recording:
        edges = [tuple(round(time * recording.rate) for time in span) for span in spans]
        waiting = sorted(range(len(spans)), key=lambda number: edges[number], reverse=True)
        parts: list[list[F32]] = [[] for _ in spans]
        running: list[int] = []
        at = 0
        try:
            for frames in recording.chunks:
                while waiting and edges[waiting[-1]][0] < at + len(frames):
                    running.append(waiting.pop())
                for number in running:
                    first, last = (min(max(edge - at, 0), len(frames)) for edge in edges[number])
                    parts[number].append(frames[first:last])
                at += len(frames)
                running = [number for number in running if edges[number][1] > at]
                if not running and not waiting:
                    break
        except DamageError:
            pass  # what came until then is good
        for (start, end), pieces in zip(spans, parts, strict=True):
            if not sum(map(len, pieces)):
                raise AudioError(
                    f"{recording.name} has {at / recording.rate:.2f} s, "
                    f"and nothing at {start:.2f} to {end:.2f} s",
                    hint="check that the labels belong to this recording",
                )
        return [np.concatenate(pieces) for pieces in parts], float(recording.rate)
