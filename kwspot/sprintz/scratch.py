"""The memory that kernels work in, and the checks that keep them inside their arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kwspot.kernels.alignment import aligned

if TYPE_CHECKING:
    import numpy.typing as npt

Array = np.ndarray[Any, np.dtype[Any]]

PREDICTORS = ("delta", "fire")
DTYPES = tuple(np.dtype(name) for name in ("u1", "i1", "<u2", "<i2"))
MAX_COLUMNS = 4095  # the stream counts columns and tail values in 16 bits
PADDING = 128  # bytes that a decoder may read behind a stream
REST = 256  # bytes of scratch of the checksum


@dataclass(frozen=True)
class Decoding:
    """Arrays of `decode_stream`, in the order of its arguments; usable again and again."""

    work: Array
    table: Array
    state: Array
    slow: Array
    bounce: Array

    @classmethod
    def of(cls, columns: int, dtype: np.dtype[Any]) -> Decoding:
        """Allocate for a number of columns."""
        from kwspot.kernels.sprintz_bits import PLAN_BYTES
        from kwspot.kernels.sprintz_decode import header_table

        stripes = (columns + 7) // 8  # the narrowest stripe has 8 columns
        return cls(
            aligned(2 * stripes * PLAN_BYTES),
            header_table(columns, 8 * dtype.itemsize),
            aligned(stripes * 256),
            np.zeros((3, columns), np.int64),
            aligned(8 * columns + 64, dtype),
        )

    def arrays(self) -> tuple[Array, ...]:
        """List them."""
        return self.work, self.table, self.state, self.slow, self.bounce


@dataclass(frozen=True)
class Encoding:
    """Arrays of `encode_stream`, in the order of its arguments; usable again and again."""

    state: Array
    errors: Array
    widths: Array
    fields: Array
    plan: Array
    slow: Array
    bounce: Array

    @classmethod
    def of(cls, columns: int, dtype: np.dtype[Any]) -> Encoding:
        """Allocate for a number of columns."""
        padded = (columns + 63) // 64 * 64
        return cls(
            aligned((columns + 7) // 8 * 256),
            aligned(8 * padded * 8 if columns <= 4 else 8 * padded * dtype.itemsize),
            aligned(4 * padded),
            aligned(4 * padded),
            aligned((columns + 7) // 8 * 640),
            np.zeros((3, columns), np.int64),
            aligned(8 * columns + 64, dtype),
        )

    def arrays(self) -> tuple[Array, ...]:
        """List them."""
        return self.state, self.errors, self.widths, self.fields, self.plan, self.slow, self.bounce


def bound(rows: int, columns: int, itemsize: int) -> int:
    """Return the most bytes that a stream can have, with room for the encoder's overshoot."""
    groups = rows // 16 + 1
    header = (2 * columns * (3 if itemsize == 1 else 4) + 7) // 8
    return 8 + groups * (header + 4) + rows * columns * itemsize + 256


def checked_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Return one of the four types, or raise TypeError."""
    found = np.dtype(dtype)
    if found not in DTYPES:
        msg = f"expected int8, uint8, int16 or uint16, got {found}"
        raise TypeError(msg)
    return found


def checked_matrix(x: npt.ArrayLike) -> Array:
    """Return a C-contiguous (rows, columns) array of one of the four types."""
    array = np.asarray(x)
    checked_dtype(array.dtype)
    if array.ndim != 2:
        msg = f"expected an array of shape (samples, columns), got {array.ndim} dimension(s)"
        raise ValueError(msg)
    if not 1 <= array.shape[1] <= MAX_COLUMNS:
        msg = f"expected 1 to {MAX_COLUMNS} columns, got {array.shape[1]}"
        raise ValueError(msg)
    return np.ascontiguousarray(array)


def is_fire(predictor: str) -> bool:
    """Tell "fire" from "delta", or raise ValueError."""
    if predictor not in PREDICTORS:
        msg = f"expected predictor 'delta' or 'fire', got {predictor!r}"
        raise ValueError(msg)
    return predictor == "fire"


def unsigned(x: Array) -> Array:
    """See the same bytes as unsigned numbers, flat."""
    return x.reshape(-1).view(f"u{x.dtype.itemsize}")


def bytes_of(data: Any) -> Array:
    """See any buffer as uint8 (n,), without a copy where it is contiguous, to be read only."""
    if isinstance(data, np.ndarray):
        return read_only(np.ascontiguousarray(data).reshape(-1).view(np.uint8))
    return read_only(np.frombuffer(data, np.uint8))


def read_only(x: Array) -> Array:
    """See an array that cannot be written: what kernels read has one type, to be compiled once."""
    view = x.view()
    view.flags.writeable = False
    return view
