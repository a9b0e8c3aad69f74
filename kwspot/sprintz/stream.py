"""The bare Sprintz stream: what the authors' program writes and reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kwspot.errors import CodecError

from .scratch import (
    MAX_COLUMNS,
    PADDING,
    REST,
    Array,
    Decoding,
    Encoding,
    bound,
    bytes_of,
    checked_dtype,
    checked_matrix,
    is_fire,
    read_only,
    unsigned,
)

if TYPE_CHECKING:
    import numpy.typing as npt

WRONG = {
    -1: "it ends too early, or holds fewer values than it should",
    -2: "it holds more values than it should",
    -3: "its checksum does not agree",
    -4: "its number of columns is not the expected one",
}


def encode(x: npt.ArrayLike, *, predictor: str = "delta") -> bytes:
    """Compress a matrix into one Sprintz stream.

    The stream says neither the type, the predictor nor the number of rows; `compress` does.

    Parameters
    ----------
    x : array_like, shape (n, d), int8, uint8, int16 or uint16
        One row a sample; 1 to 4095 columns.
    predictor : {"delta", "fire"}
        Forecast each value by the one before it, or by FIRE.

    Returns
    -------
    bytes
        The stream. 8-bit streams equal those of the authors' program.

    Raises
    ------
    ValueError
        If x is not a matrix or has too many columns, or the predictor is unknown.
    TypeError
        If x has another type.

    Notes
    -----
    O(n d) time. Source: Blalock, Madden and Guttag, "Sprintz: Time series compression for the
    Internet of Things", 2018, without the Huffman stage.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.add.outer(np.arange(64), np.arange(8)).astype(np.uint8)
    >>> len(encode(ramp)), len(encode(ramp, predictor="fire")), ramp.nbytes
    (176, 176, 512)
    """
    from kwspot.kernels.sprintz import encoder

    matrix, fire = checked_matrix(x), is_fire(predictor)
    rows, columns = matrix.shape
    flat, index = read_only(unsigned(matrix)), np.zeros((1, 3), np.int64)
    out, rest = np.empty(bound(rows, columns, flat.itemsize), np.uint8), np.empty(REST, np.uint8)
    scratch = Encoding.of(columns, flat.dtype).arrays()
    encode_chunks = encoder(columns, flat.itemsize)
    size = encode_chunks(flat, flat.size, columns, fire, out, index, rest, *scratch)
    return out[:size].tobytes()


def decode(
    data: Any, *, rows: int, columns: int, dtype: npt.DTypeLike, predictor: str = "delta"
) -> Array:
    """Expand a Sprintz stream.

    Parameters
    ----------
    data : bytes-like
        One whole stream and nothing else.
    rows, columns : int
        Shape of the matrix that was compressed.
    dtype : dtype
        Its type: int8, uint8, int16 or uint16.
    predictor : {"delta", "fire"}
        As it was when the stream was written.

    Returns
    -------
    numpy.ndarray, shape (rows, columns), `dtype`
        The matrix.

    Raises
    ------
    CodecError
        If the stream cannot be what it is said to be. A stream has no checksum, so not every
        damage is noticed; `decompress` notices.
    ValueError, TypeError
        If an argument is out of range.

    Notes
    -----
    O(rows columns) time. Source as for `encode`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(300, dtype=np.int16).reshape(100, 3)
    >>> bool((decode(encode(x), rows=100, columns=3, dtype=np.int16) == x).all())
    True
    """
    from kwspot.kernels.sprintz import decoder

    kind, fire = checked_dtype(dtype), is_fire(predictor)
    if rows < 0 or not 1 <= columns <= MAX_COLUMNS:
        msg = f"expected rows >= 0 and 1 to {MAX_COLUMNS} columns, got {rows} and {columns}"
        raise ValueError(msg)
    source = bytes_of(data)
    padded = np.zeros(source.size + PADDING, np.uint8)
    padded[: source.size] = source
    out, rest = np.empty(rows * columns, f"u{kind.itemsize}"), np.empty(REST, np.uint8)
    index, scratch = np.array([[0, source.size, 0]]), Decoding.of(columns, out.dtype).arrays()
    decode_chunks = decoder(columns, out.itemsize)
    _, status = decode_chunks(
        read_only(padded), index, out.size, columns, fire, False, out, rest, *scratch
    )
    if status != 0:
        raise broken("stream", status)
    return out.view(kind).reshape(rows, columns)


def broken(what: str, status: int) -> CodecError:
    """Make the error for a status of the kernels."""
    return CodecError(
        f"the Sprintz {what} cannot be decoded: {WRONG[status]}",
        hint="compress the data again; check that it was copied whole and that the shape is right",
    )
