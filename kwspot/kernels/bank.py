"""The exact int8 bank: every template of several frames against every place of a recording.

Frames lie in *dword columns*: the bytes of four neighbouring features of a frame are one 32-bit
word, and the words of all frames for one group of four features lie side by side. One register
then holds the same features of 16 frames, one instruction multiplies and adds all of them with
four features of a template, and a step to the next frame of a template is a step of one word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from .compile import jit, kernel
from .simd import lanes

if TYPE_CHECKING:
    from .simd import Emitter, Value

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]
U32: TypeAlias = npt.NDArray[np.uint32]
I8: TypeAlias = npt.NDArray[np.int8]

BLOCK = 64  # frames a step; columns need BLOCK + template frames - 1 words to spare
TOGETHER = 4  # templates a step
_CHUNK = 16  # blocks a chunk: their columns stay in cache while all templates pass


@kernel
def _score_block(
    e: Emitter,
    columns: Value,
    stride: Value,
    first: Value,
    templates: Value,
    group: Value,
    n_steps: Value,
    n_words: Value,
    multiply: Value,
    add: Value,
    out: Value,
    out_stride: Value,
) -> None:
    """Score 4 templates at 64 places; only integers are added, so all machines agree."""
    n_vectors = 4 if e.width == 64 else 1
    words = e.mul(n_steps, n_words)
    start = e.mul(e.mul(group, words), e.number(4 * TOGETHER))
    for frame in range(0, BLOCK, n_vectors * e.width // 4):
        totals = [[e.register(e.splat(0, 32)) for _ in range(n_vectors)] for _ in range(TOGETHER)]
        with e.loop(n_steps) as step, e.loop(n_words) as word:
            place = e.add(e.mul(word, stride), e.add(e.add(first, step), e.number(frame)))
            at = e.mul(place, e.number(4))
            frames = [e.load(columns, e.add(at, e.number(i * e.width))) for i in range(n_vectors)]
            number = e.add(e.mul(step, n_words), word)
            source = e.add(start, e.mul(number, e.number(4 * TOGETHER)))
            for i, row in enumerate(totals):
                four = e.load_scalar(templates, e.add(source, e.number(4 * i)), 32)
                weights = e.splat(four, 32)
                for total, values in zip(row, frames, strict=True):
                    total.value = e.dot(total.value, values, weights)
        for i, row in enumerate(totals):
            template = e.add(e.mul(group, e.number(TOGETHER)), e.number(i))
            scale, shift = (
                lanes.splat(e, p, e.mul(template, e.number(4))) for p in (multiply, add)
            )
            to = e.add(e.mul(template, out_stride), e.add(first, e.number(frame)))
            for j, total in enumerate(row):
                scaled = lanes.mul(e, lanes.from_integers(e, total.value), scale)
                end = e.mul(e.add(to, e.number(j * e.width // 4)), e.number(4))
                e.store(lanes.add(e, scaled, shift), out, end)


@jit
def score(columns: U32, templates: I8, multiply: F32, add: F32, n_steps: int, out: F32) -> None:
    """Write ``sum * multiply + add`` of every template at every place, the sums in integers.

    columns (w, n + 64 + n_steps), templates (g, n_steps, w, 4, 4) in groups of 4 with 4 features a
    word, multiply and add (4 g,), out (4 g, n) with n a multiple of 64. O(g n n_steps w).
    """
    n_words, stride = columns.shape
    n_groups, length = templates.shape[0], out.shape[1]
    for chunk in range(0, length, BLOCK * _CHUNK):
        for group in range(n_groups):
            for first in range(chunk, min(chunk + BLOCK * _CHUNK, length), BLOCK):
                _score_block(
                    columns,
                    stride,
                    first,
                    templates,
                    group,
                    n_steps,
                    n_words,
                    multiply,
                    add,
                    out,
                    length,
                )


@jit
def quantise_frames(x: F32, low: F32, gain: F32, row: U8, row_words: U32, columns: U32) -> bool:
    """Write rows as dword columns of bytes ``(x - low) * gain``, rounded and clipped.

    x (n, d), low and gain (d,), row (4 w,) zeroed scratch of which row_words (w,) is a view,
    columns (w, >= n). O(n d). The result tells whether a value was NaN.
    """
    n, width = x.shape
    unordered = 0
    for i in range(n):
        for j in range(width):
            value = (x[i, j] - low[j]) * gain[j]
            unordered += value != value
            value = value if value > 0 else np.float32(0)
            value = value if value < 255 else np.float32(255)
            row[j] = np.uint8(np.int32(value + np.float32(0.5)))
        for word in range(row_words.size):
            columns[word, i] = row_words[word]
    return unordered != 0
