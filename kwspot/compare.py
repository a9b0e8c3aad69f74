"""How one occurrence of a word is warped onto another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kwspot.features import front_end as front_end_named
from kwspot.match.path import Warping, warp_path
from kwspot.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kwspot.audio import Source
    from kwspot.results import Occurrence


def compare(
    first: Occurrence,
    second: Occurrence,
    *,
    front_end: str = "auto",
    recordings: Mapping[str, Source] | None = None,
) -> Warping:
    """Warp one occurrence of a word onto another, as a spotter would.

    Parameters
    ----------
    first, second : Occurrence
        Two places, of one clip or of two.
    front_end : str
        Which features are compared, see `kwspot.features.front_ends`.
    recordings : mapping of str to path, bytes, binary file object or tuple, optional
        The clips by name. Those that are missing here are read from the path of that name.

    Returns
    -------
    Warping
        Which frames belong together, and what that costs.

    Raises
    ------
    AudioError
        If a clip cannot be read.

    Notes
    -----
    O(n) to read clips of n samples, then O(m k) for words of m and k frames.

    Examples
    --------
    >>> import numpy as np
    >>> from kwspot.results import Occurrence
    >>> word, pause = np.random.default_rng(0).normal(size=(2, 8000))
    >>> clip = np.concatenate([word, pause / 50, word]), 16000
    >>> places = [Occurrence("a", at, at + 0.5, 1.0) for at in (0.0, 1.0)]
    >>> compare(*places, front_end="cepstra", recordings={"a": clip}).cost < 0.2
    True
    """
    chosen, known = front_end_named(front_end), recordings or {}
    words = []
    for place in (first, second):
        heard = Recording.listen(known.get(place.clip, place.clip), place.clip, chosen)
        words.append(heard.cut(place, chosen).within())
    names = (f"{first.clip}, {first.start:.2f} s", f"{second.clip}, {second.start:.2f} s")
    return replace(warp_path(*words), period=chosen.period, names=names)
