"""The codec that array stores call: one chunk in, bytes out, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from .container import MODES, compress, decompress
from .scratch import Array, bytes_of


class Sprintz:
    """Compress arrays of 8 or 16-bit integers, in the manner of numcodecs.

    The last axis holds the columns, all others together the samples; a vector is one column.

    Parameters
    ----------
    mode : {"delta", "fire", "archive"}
        See `compress`.
    chunk_rows : int, optional
        See `compress`.

    Raises
    ------
    ValueError
        If mode is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(6000, dtype=np.int16).reshape(30, 50, 4)
    >>> codec = Sprintz(mode="fire")
    >>> bool((codec.decode(codec.encode(x)).reshape(x.shape) == x).all())
    True
    """

    codec_id = "kwspot.sprintz"

    def __init__(self, mode: str = "delta", chunk_rows: int | None = None) -> None:
        if mode not in MODES:
            msg = f"expected mode 'delta', 'fire' or 'archive', got {mode!r}"
            raise ValueError(msg)
        self.mode = mode
        self.chunk_rows = chunk_rows

    def encode(self, buf: Any) -> bytes:
        """Return an array or, as uint8, any bytes compressed.

        Parameters
        ----------
        buf : ndarray or bytes-like
            Integers of 8 or 16 bits; the last axis of an array are the columns.

        Examples
        --------
        >>> Sprintz().encode(b"abc")[:3]
        b'KSZ'
        """
        x = buf if isinstance(buf, np.ndarray) else bytes_of(buf)
        columns = x.shape[-1] if x.ndim > 1 else 1
        matrix = np.ascontiguousarray(x).reshape(-1, max(columns, 1))
        return compress(matrix, mode=self.mode, chunk_rows=self.chunk_rows)

    def decode(self, buf: Any, out: Any = None) -> Array:
        """Return what `encode` compressed, shape (n, d).

        Parameters
        ----------
        buf : bytes-like
            What `encode` returned.
        out : ndarray or writable bytes-like, of any shape that holds as many bytes, optional
            Where to put it; is then returned.

        Raises
        ------
        ValueError
            If `out` does not fit.

        Examples
        --------
        >>> codec = Sprintz()
        >>> codec.decode(codec.encode(b"abc")).tobytes()
        b'abc'
        """
        values = decompress(buf)
        if out is None:
            return values
        target = out if isinstance(out, np.ndarray) else np.frombuffer(out, np.uint8)
        if target.nbytes != values.nbytes or not target.flags.c_contiguous:
            msg = f"out must be {values.nbytes} contiguous bytes, got {target.nbytes}"
            raise ValueError(msg)
        target.reshape(-1).view(np.uint8)[:] = bytes_of(values)
        return target

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs.

        Examples
        --------
        >>> Sprintz().get_config()
        {'id': 'kwspot.sprintz', 'mode': 'delta', 'chunk_rows': None}
        """
        return {"id": self.codec_id, "mode": self.mode, "chunk_rows": self.chunk_rows}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Sprintz:
        """Make the codec that `get_config` described.

        Parameters
        ----------
        config : dict
            What it returned.

        Examples
        --------
        >>> Sprintz.from_config({"mode": "fire"}).mode
        'fire'
        """
        return cls(**{key: value for key, value in config.items() if key != "id"})

    def __repr__(self) -> str:
        return f"Sprintz(mode={self.mode!r}, chunk_rows={self.chunk_rows})"
