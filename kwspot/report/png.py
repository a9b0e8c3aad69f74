"""Pictures of few levels as PNG: the smallest way to carry a spectrogram in a page."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

LEVELS = 16


def png(levels: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture in black ink, from transparent to opaque, as the content of a PNG file.

    Parameters
    ----------
    levels : ndarray, shape (height, width), uint8
        0 is transparent, 15 opaque.

    Returns
    -------
    bytes
        Half a byte for each pixel at most.

    Notes
    -----
    O(height x width). Source: W3C, "Portable Network Graphics (PNG) Specification", a palette of
    16 colours of which ``tRNS`` gives the opacity.

    Examples
    --------
    >>> png(np.array([[0, 15, 7]], np.uint8))[1:4]
    b'PNG'
    """
    height, width = levels.shape
    even = np.pad(levels, ((0, 0), (0, width % 2)))
    rows = np.pad(even[:, ::2] << 4 | even[:, 1::2], ((0, 0), (1, 0)))  # 0: no filter
    opacity = bytes(255 * level // (LEVELS - 1) for level in range(LEVELS))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)),
        (b"PLTE", bytes(3 * LEVELS)),
        (b"tRNS", opacity),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Return a part of the file: its length, kind, content and checksum."""
    told = kind + content
    return struct.pack(">I", len(content)) + told + struct.pack(">I", zlib.crc32(told))
