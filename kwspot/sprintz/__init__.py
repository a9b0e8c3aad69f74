"""Sprintz: fast lossless compression of integer time series, and its forecaster FIRE.

`compress` and `decompress` write and read files with checksums and random access by row (`Reader`);
`encode` and `decode` are the bare stream of the authors; `Fire` is the forecaster alone; `Sprintz`
is the codec that numcodecs and zarr find. FORMAT.md beside this file describes every byte.
"""

from __future__ import annotations

from .codec import Sprintz
from .container import Reader, compress, decompress
from .fire import Fire
from .stream import decode, encode

__all__ = ["Fire", "Reader", "Sprintz", "compress", "decode", "decompress", "encode"]
