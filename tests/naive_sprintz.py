"""Sprintz and FIRE written straight from their description, one value at a time.

Nothing here is shared with the package: it is what the kernels are compared with.
"""

from __future__ import annotations

import struct


def wrap(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def is_low(bits: int, columns: int) -> bool:
    return columns <= (4 if bits == 8 else 2)


class Column:
    """The forecaster of one column; `fire` False predicts that the value stays."""

    def __init__(self, bits: int, low: bool, fire: bool) -> None:
        self.bits, self.low, self.fire = bits, low, fire
        self.value = self.delta = self.count = 0

    def coefficient(self) -> int:
        if not self.fire:
            return 0
        if self.low:
            return self.count >> 1
        if self.bits == 8:
            return (self.count >> 5) << 4
        return wrap((self.count >> 13) << 12, 16)

    def block(self, inputs: list[int], encode: bool, learn: bool = True) -> list[int]:
        """Turn values into errors, or errors into values, and learn once."""
        bits, coefficient, gradient, outputs = self.bits, self.coefficient(), 0, []
        for i, item in enumerate(inputs):
            predicted = wrap(wrap(self.delta * coefficient, 32) >> bits, bits)
            if encode:
                delta = wrap(item - self.value, bits)
                error = wrap(delta - predicted, bits)
            else:
                error = item
                delta = wrap(error + predicted, bits)
            if i % 2:
                sign = (error > 0) - (error < 0)
                gradient = wrap(gradient + sign * self.delta, bits)
            self.value = (self.value + delta) % (1 << bits)
            self.delta = delta
            outputs.append(error if encode else self.value)
        if learn:
            self.count = wrap(self.count + (gradient >> 2), 2 * bits)
        return outputs


def zigzag(error: int, bits: int) -> int:
    return ((error << 1) ^ (error >> (bits - 1))) % (1 << bits)


def unzigzag(z: int) -> int:
    return (z >> 1) ^ -(z & 1)


def to_bytes(fields: list[tuple[int, int]]) -> bytes:
    """Concatenate (value, width) pairs from the least significant bit upwards."""
    total = position = 0
    for value, width in fields:
        total |= value << position
        position += width
    return total.to_bytes((position + 7) // 8, "little")


def payload(block: list[list[int]], widths: list[int], low: bool) -> bytes:
    """Pack `block[row][column]` of zigzagged errors."""
    if low:
        columns = zip(*block, strict=True)
        return b"".join(
            to_bytes([(z, w) for z in column]) for column, w in zip(columns, widths, strict=True)
        )
    return b"".join(to_bytes(list(zip(row, widths, strict=True))) for row in block)


def run_length(blocks: int) -> bytes:
    return bytes([blocks]) if blocks < 128 else bytes([(blocks & 127) | 128, blocks >> 7])


def encode(rows: list[list[int]], bits: int, predictor: str) -> bytes:
    """Compress rows of unsigned values."""
    columns = len(rows[0]) if rows else 1
    low, fire = is_low(bits, columns), predictor == "fire"
    strict = not (fire and not low)
    state = [Column(bits, low, fire) for _ in range(columns)]
    rest, position, groups, out = len(rows), 0, 0, b""
    slots: list[tuple[list[int], bytes]] = []
    run, zero = 0, [0] * columns

    def put(widths: list[int], data: bytes) -> None:
        nonlocal groups, out, slots
        slots.append((widths, data))
        if len(slots) == 2:
            fields = [min(w, bits - 1) for w in slots[0][0] + slots[1][0]]
            header = to_bytes([(field, 3 if bits == 8 else 4) for field in fields])
            out += header + slots[0][1] + slots[1][1]
            groups, slots = groups + 1, []

    def room() -> bool:
        # a new group needs two blocks; so does going on with a run, for delta and low strictly more
        if run:
            return rest > 16 if strict else rest >= 16
        return bool(slots) or rest >= 16

    while len(rows) * columns >= 128 and room():
        block = rows[position : position + 8]
        errors = [c.block([row[i] for row in block], encode=True) for i, c in enumerate(state)]
        packed = [[zigzag(column[r], bits) for column in errors] for r in range(8)]
        widths = []
        for i in range(columns):
            union = 0
            for row in packed:
                union |= row[i]
            width = union.bit_length()
            widths.append(bits if width == bits - 1 else width)
        position, rest = position + 8, rest - 8
        if not any(widths) and run < 32767:
            run += 1
            continue
        if run:
            put(zero, run_length(run))
            run = 0
        if any(widths):
            put(widths, payload(packed, widths, low))
        else:
            run = 1
    if run:
        put(zero, run_length(run))
    if slots:
        put(zero, run_length(0))
    tail = [value for row in rows[position:] for value in row]
    prefix = struct.pack("<IHH", groups, len(tail), columns)
    return prefix + out + struct.pack(f"<{len(tail)}{'B' if bits == 8 else 'H'}", *tail)


def decode(stream: bytes, bits: int, predictor: str) -> list[list[int]]:
    """Expand a stream into rows of unsigned values."""
    groups, tail, columns = struct.unpack_from("<IHH", stream)
    low, header_bits = is_low(bits, columns), 3 if bits == 8 else 4
    state = [Column(bits, low, predictor == "fire") for _ in range(columns)]
    p, values = 8, []

    def advance(errors: list[list[int]]) -> None:
        done = [c.block(column, encode=False) for c, column in zip(state, errors, strict=True)]
        values.extend(done[i][r] for r in range(8) for i in range(columns))

    for _ in range(groups):
        size = (2 * columns * header_bits + 7) // 8
        header = int.from_bytes(stream[p : p + size], "little")
        p += size
        for b in range(2):
            fields = [
                (header >> (header_bits * (b * columns + i))) % (1 << header_bits)
                for i in range(columns)
            ]
            widths = [bits if field == bits - 1 else field for field in fields]
            if not any(widths):
                run, p = stream[p], p + 1
                if run >= 128:
                    run, p = (run & 127) | (stream[p] << 7), p + 1
                for _ in range(run):
                    advance([[0] * 8 for _ in range(columns)])
                continue
            errors = [[] for _ in range(columns)]
            if low:
                for i, width in enumerate(widths):
                    word = int.from_bytes(stream[p : p + width], "little")
                    p += width
                    for r in range(8):
                        errors[i].append(unzigzag((word >> (r * width)) % (1 << width)))
            else:
                size = (sum(widths) + 7) // 8
                for _ in range(8):
                    word = int.from_bytes(stream[p : p + size], "little")
                    p += size
                    for i, width in enumerate(widths):
                        errors[i].append(unzigzag(word % (1 << width)))
                        word >>= width
            advance(errors)
    values += struct.unpack_from(f"<{tail}{'B' if bits == 8 else 'H'}", stream, p)
    return [values[i : i + columns] for i in range(0, len(values), columns)]


def join(pairs, planes, shift, extras):
    """Codes (v, 64) from nibbles, bits and what the nibbles of 15 lack, one by one."""
    left, vectors = list(extras), []
    for vector in range(len(pairs) // 32):
        codes = []
        for lane in range(64):
            code = int(pairs[vector // 2 * 64 + lane]) >> 4 * (vector % 2) & 15
            code += int(left.pop(0)) if code == 15 else 0
            for plane in range(shift):
                byte = int(planes[(vector * shift + plane) * 8 + lane // 8])
                code = 2 * code + (byte >> lane % 8 & 1)
            codes.append(code)
        vectors.append(codes)
    return vectors
