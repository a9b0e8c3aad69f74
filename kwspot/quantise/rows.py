"""The rows of a Bolt index: codes in blocks, radii, vectors; in memory or mapped from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kwspot.kernels.alignment import aligned

from .codebooks import BLOCK

if TYPE_CHECKING:
    from .container import StoredArrays

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]


class Growing:
    """An array that grows at its end in amortised constant time a row.

    Examples
    --------
    >>> grown = Growing(np.zeros(2, np.int64))
    >>> grown.extend(np.ones(1, np.int64))
    >>> grown.filled.tolist()
    [0, 0, 1]
    """

    def __init__(self, start: npt.NDArray[Any]) -> None:
        self._space, self._used = start, len(start)

    @property
    def filled(self) -> npt.NDArray[Any]:
        """The rows so far: a view."""
        return self._space[: self._used]

    def extend(self, rows: npt.NDArray[Any]) -> None:
        """Append rows."""
        needed = self._used + len(rows)
        if needed > len(self._space) or not self._space.flags.writeable:
            shape = (max(needed, 2 * self._used), *self._space.shape[1:])
            space = aligned(shape, self._space.dtype)
            space[: self._used] = self.filled
            self._space = space
        self._space[self._used : needed] = rows
        self._used = needed


class RowStore:
    """Codes in pairs of 32-row blocks, with radii and perhaps vectors.

    Parameters
    ----------
    codes : ndarray, shape (p, 2, n_bytes, 32), uint8
        Pairs of blocks, the unit of the kernels.
    radii : ndarray, shape (n,), float16
        How far each row may be from what its codes stand for.
    vectors : ndarray, shape (n, d), float32, or None
        The rows themselves, for re-ranking.
    """

    def __init__(self, codes: U8, radii: npt.NDArray[np.float16], vectors: F32 | None) -> None:
        self._stored: StoredArrays | None = None
        self.n_rows = len(radii)
        self._hold(codes, radii, vectors)

    def _hold(self, codes: U8, radii: npt.NDArray[np.float16], vectors: F32 | None) -> None:
        self._codes, self._radii = Growing(codes), Growing(radii)
        self._vectors = None if vectors is None else Growing(vectors)

    @classmethod
    def mapped(cls, stored: StoredArrays, n_bytes: int, width: int | None) -> RowStore:
        """Use the arrays of a file, which are read and checked when they are first needed.

        Raises
        ------
        ModelError
            If an array is missing or makes no sense.
        ValueError
            If its shape is not the one that the number of rows, `n_bytes` and `width` ask for.
        """
        n_rows = stored.settings["n_rows"]
        if type(n_rows) is not int or n_rows < 0:
            raise ValueError(f"{n_rows!r} rows")
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "codes": ((-(-n_rows // (2 * BLOCK)), 2, n_bytes, BLOCK), "u1"),
            "radii": ((n_rows,), "f2"),
        }
        if width is not None:
            shapes["vectors"] = ((n_rows, width), "f4")
        for name, (shape, kind) in shapes.items():
            found = stored.peek(name)
            if found.shape != shape or found.dtype != np.dtype(kind):
                msg = f"{name} has shape {found.shape} instead of {shape}, or another type"
                raise ValueError(msg)
        store = cls.__new__(cls)
        store._stored, store.n_rows = stored, n_rows
        return store

    def _bring_in(self) -> None:
        """Read what is still in the file only."""
        if self._stored is not None:
            stored = self._stored
            vectors = stored.array("vectors") if "vectors" in stored else None
            self._hold(stored.array("codes"), stored.array("radii"), vectors)
            self._stored = None

    @property
    def codes(self) -> U8:
        """All codes, shape (p, 2, n_bytes, 32)."""
        return self._stored.array("codes") if self._stored is not None else self._codes.filled

    @property
    def radii(self) -> npt.NDArray[np.float16]:
        """All radii, shape (n,)."""
        return self._stored.array("radii") if self._stored is not None else self._radii.filled

    def vectors_at(self, numbers: npt.NDArray[np.int64]) -> F32:
        """Copy some vectors, shape (m, d)."""
        if self._stored is not None:
            return self._stored.rows("vectors", numbers)
        assert self._vectors is not None
        found: F32 = self._vectors.filled[numbers]
        return found

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Collect everything for a file."""
        self._bring_in()
        found = {"codes": self._codes.filled, "radii": self._radii.filled}
        if self._vectors is not None:
            found["vectors"] = self._vectors.filled
        return found

    def room(self) -> int:
        """Count the free places in the last pair of blocks."""
        return -self.n_rows % (2 * BLOCK)

    def append(self, blocks: U8, radii: npt.NDArray[np.float16], vectors: F32) -> None:
        """Add encoded rows: not more than `room`, or `room` must be 0.

        blocks has shape (b, n_bytes, 32) and as many blocks as its rows need.
        """
        self._bring_in()
        count, room = len(radii), self.room()
        if room:
            self._fill(blocks, count)
        else:
            if len(blocks) % 2:
                blocks = np.concatenate([blocks, np.zeros_like(blocks[:1])])
            self._codes.extend(blocks.reshape(-1, 2, *blocks.shape[1:]))
        self._radii.extend(radii)
        if self._vectors is not None:
            self._vectors.extend(vectors)
        self.n_rows += count

    def _fill(self, blocks: U8, count: int) -> None:
        """Put the codes of the first `count` rows of blocks into the last pair."""
        if not self._codes.filled.flags.writeable:  # a file's: extending makes a copy
            self._codes.extend(self._codes.filled[:0])
        last = self._codes.filled[-1]
        for number in range(count):
            place = (self.n_rows + number) % (2 * BLOCK)
            codes = blocks[number // BLOCK, :, number % BLOCK]
            last[place // BLOCK, :, place % BLOCK] = codes
