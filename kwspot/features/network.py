"""Rewrite an ONNX network that was made for one window, so that it slides over whole recordings.

An ONNX file is a protocol buffer: a message is a row of fields, each a number, a wire type and a
value, which may be a message again. Only what is needed here is read and written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Numbers of the fields of a model, its graph, a node of that and an attribute of this.
_GRAPH = 7
_NODE, _INPUT, _OUTPUT = 1, 11, 12
_TAKES, _GIVES, _OPERATOR, _ATTRIBUTE = 1, 2, 4, 5
_NAME, _INTEGERS, _TYPE = 1, 8, 20
_INTEGERS_TYPE, _FLOAT32 = 7, 1
# Wire types.
_NUMBER, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


class _Field(NamedTuple):
    number: int
    wire: int
    value: int | bytes


def sliding(model: bytes, *, hop: int, features: int) -> bytes:
    """Make a network that turns a window of frames into a vector slide over any number of frames.

    Parameters
    ----------
    model : bytes
        An ONNX file: layers that convolve or pool over (time, features) without padding the time,
        or work point by point, between two reshapings.
    hop : int
        Frames from one vector to the next: strides over time are kept up to this product.
    features : int
        Features of a frame.

    Returns
    -------
    bytes
        An ONNX file with the input ``frames``, shape (1, 1, n, features), and the output
        ``vectors``, shape (1, d, k, 1).

    Raises
    ------
    ValueError
        If it is no such network.

    Notes
    -----
    A stride that is left out is made up for by spreading the taps of all later kernels, so each
    vector equals that of its window, while neighbours share their work. O(size of the file).
    Source: Holschneider, Kronland-Martinet, Morlet and Tchamitchian, "A real-time algorithm for
    signal analysis with the help of the wavelet transform", 1989 (the "algorithme a trous").
    """
    (graph,) = (field.value for field in _fields(model) if field.number == _GRAPH)
    rest = [field for field in _fields(model) if field.number != _GRAPH]
    return _encode([*rest, _message(_GRAPH, *_slide(_fields(graph), hop, features))])


def _slide(graph: Iterable[_Field], hop: int, features: int) -> Iterator[_Field]:
    """Yield the fields of the graph of the sliding network."""
    graph = list(graph)
    nodes = [list(_fields(field.value)) for field in graph if field.number == _NODE]
    begin, *layers, end = nodes
    if [_operator(begin), _operator(end)] != [b"Reshape", b"Reshape"]:
        msg = "expected a network that begins and ends with a reshaping"
        raise ValueError(msg)
    yield from (field for field in graph if field.number not in (_NODE, _INPUT, _OUTPUT))
    yield _tensor(_INPUT, _first(begin, _GIVES), [1, 1, b"n", features])
    yield _tensor(_OUTPUT, _first(end, _TAKES), [1, b"d", b"k", 1])
    stride = spread = 1
    for layer in layers:
        kernel = _integers(layer)
        own = kernel.get(b"strides", [1])[0]
        if kernel and stride * own > hop:
            kernel[b"strides"][0] = 1
        if kernel:
            taps = kernel[b"kernel_shape"][0]
            kernel[b"dilations"] = [spread if taps > 1 else 1, 1]
        yield _message(_NODE, *_with(layer, kernel))
        if stride * own > hop:
            spread *= own
        else:
            stride *= own


def _with(layer: list[_Field], kernel: dict[bytes, list[int]]) -> Iterator[_Field]:
    """Yield a layer with other lists of integers for attributes; layers without any stay."""
    for field in layer:
        if field.number != _ATTRIBUTE or not kernel:
            yield field
    for name, values in kernel.items():
        numbers = (_Field(_INTEGERS, _NUMBER, value) for value in values)
        kind = _Field(_TYPE, _NUMBER, _INTEGERS_TYPE)
        yield _message(_ATTRIBUTE, _Field(_NAME, _BYTES, name), *numbers, kind)


def _integers(layer: list[_Field]) -> dict[bytes, list[int]]:
    """Return the attributes of a layer that are lists of integers."""
    attributes = [list(_fields(field.value)) for field in layer if field.number == _ATTRIBUTE]
    return {
        _first(one, _NAME): values
        for one in attributes
        if (values := [int(field.value) for field in one if field.number == _INTEGERS])
    }


def _operator(node: list[_Field]) -> bytes:
    return _first(node, _OPERATOR)


def _first(fields: Iterable[_Field], number: int) -> bytes:
    """Return the first value of that number, which is text."""
    return next(bytes(field.value) for field in fields if field.number == number)


def _tensor(number: int, name: bytes, shape: list[int | bytes]) -> _Field:
    """Return the declaration of an input or output, float32; names in the shape are any size."""
    sizes = (
        _message(1, _Field(1, _NUMBER, size) if isinstance(size, int) else _Field(2, _BYTES, size))
        for size in shape
    )
    kind = _message(1, _Field(1, _NUMBER, _FLOAT32), _message(2, *sizes))
    return _message(number, _Field(1, _BYTES, name), _message(2, kind))


def _message(number: int, *fields: _Field) -> _Field:
    """Return a field that is a message of fields."""
    return _Field(number, _BYTES, _encode(fields))


def _fields(message: int | bytes) -> Iterator[_Field]:
    """Read a message, one level deep."""
    data, at = bytes(message), 0
    while at < len(data):
        key, at = _read_number(data, at)
        wire = key & 7
        if wire == _NUMBER:
            value, at = _read_number(data, at)
            yield _Field(key >> 3, wire, value)
            continue
        if wire == _BYTES:
            size, at = _read_number(data, at)
        else:
            size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}[wire]
        yield _Field(key >> 3, wire, data[at : at + size])
        at += size


def _encode(fields: Iterable[_Field]) -> bytes:
    """Write a message, the inverse of `_fields`."""
    out = bytearray()
    for number, wire, value in fields:
        out += _written_number(number << 3 | wire)
        if isinstance(value, int):
            out += _written_number(value)
        else:
            out += _written_number(len(value)) if wire == _BYTES else b""
            out += value
    return bytes(out)


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """Read seven bits a byte, the lowest first; return the number and where it ends."""
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1


def _written_number(value: int) -> bytes:
    """Return the inverse of `_read_number`."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
