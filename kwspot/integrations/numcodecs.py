"""Sprintz as a codec of numcodecs, found by its name through an entry point."""

from __future__ import annotations

from numcodecs.abc import Codec  # type: ignore[import-untyped, unused-ignore]

from kwspot.sprintz.codec import Sprintz


class SprintzCodec(Sprintz, Codec):  # type: ignore[misc]
    """`kwspot.sprintz.Sprintz`, registered with numcodecs.

    Examples
    --------
    >>> import numcodecs, numpy as np
    >>> numcodecs.register_codec(SprintzCodec)  # an installed kwspot needs no such line
    >>> codec = numcodecs.get_codec({"id": "kwspot.sprintz", "mode": "fire"})
    >>> bool((codec.decode(codec.encode(np.eye(9, dtype=np.uint8))) == np.eye(9)).all())
    True
    """

    codec_id = Sprintz.codec_id
