"""Sprintz as a codec of zarr version 3, found by its name through an entry point."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from zarr.abc.codec import ArrayBytesCodec

from kwspot.sprintz.codec import Sprintz

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer

NAME = "kwspot.sprintz"


@dataclass(frozen=True)
class SprintzCodec(ArrayBytesCodec):
    """Turn chunks of 8 or 16-bit integers into bytes; the last axis of a chunk holds the columns.

    Parameters
    ----------
    mode : {"delta", "fire", "archive"}
        See `kwspot.sprintz.compress`.

    Raises
    ------
    ValueError
        If mode is unknown.

    Examples
    --------
    >>> import numpy as np, zarr
    >>> from zarr.registry import register_codec
    >>> register_codec(NAME, SprintzCodec)  # an installed kwspot needs no such line
    >>> store = zarr.create_array(
    ...     {}, shape=(100, 40), chunks=(32, 40), dtype="int8", serializer=SprintzCodec(),
    ...     compressors=None,
    ... )
    >>> store[:] = np.arange(4000).reshape(100, 40) % 90
    >>> store[50:52, 0].tolist()
    [20, 60]
    """

    mode: str = "delta"
    is_fixed_size = False

    def __post_init__(self) -> None:
        Sprintz(self.mode)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SprintzCodec:
        """Read zarr's metadata."""
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        """Write zarr's metadata."""
        return {"name": NAME, "configuration": {"mode": self.mode}}

    def compute_encoded_size(self, input_byte_length: int, _chunk_spec: ArraySpec) -> int:
        """Refuse: the size depends on the data."""
        raise NotImplementedError

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        values = np.asarray(chunk_array.as_numpy_array())
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        data = await asyncio.to_thread(Sprintz(self.mode).encode, values)
        return chunk_spec.prototype.buffer.from_bytes(data)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        data = chunk_bytes.as_numpy_array()
        values = await asyncio.to_thread(Sprintz(self.mode).decode, data)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(values.reshape(chunk_spec.shape))
