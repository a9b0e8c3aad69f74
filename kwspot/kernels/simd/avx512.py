"""Instructions that only AVX-512 has: bodies ask ``e.cpu`` before they use one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwspot.kernels.target import Cpu

    from .emitter import Value


class Avx512:
    """Methods of `Emitter` on 16 or 64 bytes that refuse where the instruction is missing."""

    cpu: Cpu

    if TYPE_CHECKING:  # what `Emitter` brings

        def _call(self, name: str, result: Value, *operands: Value) -> Value: ...
        def cast(self, a: Value, bits: int) -> Value: ...  # noqa: D102
        def constant(self, lanes: Any, bits: int = 8) -> Value: ...  # noqa: D102
        def number(self, value: int, bits: int = 64) -> Value: ...  # noqa: D102
        def vector(self, bits: int = 8, size: int | None = None) -> Value: ...  # noqa: D102
        def zeros(self, like: Value) -> Value: ...  # noqa: D102

    def permute_bytes(self, table: Value, index: Value) -> Value:
        """Look up bytes of a whole `table` by ``index % its size``; needs ``cpu.vbmi``."""
        self._need("vbmi")
        name = f"llvm.x86.avx512.permvar.qi.{8 * table.type.count}"
        return self._call(name, table.type, table, index)

    def gather_bits(self, words: Value, starts: Value) -> Value:
        """Read 8 bits of each 64-bit word from bit ``starts % 64`` on, wrapping; ``cpu.vbmi``.

        words, starts and the result are bytes; the eight starts of a word share its lane.
        """
        self._need("vbmi")
        name = f"llvm.x86.avx512.pmultishift.qb.{8 * words.type.count}"
        return self._call(name, words.type, starts, words)

    def compress_bytes(self, a: Value, mask: Value) -> Value:
        """Move the bytes of 64 where `mask` is set to the front; needs ``cpu.vbmi2``."""
        self._need("vbmi2")
        name = "llvm.x86.avx512.mask.compress.v64i8"
        return self._call(name, a.type, a, self.zeros(a), mask)

    def sum_bytes(self, a: Value) -> Value:
        """Add up the bytes of each 64-bit word; needs ``cpu.vbmi``."""
        self._need("vbmi")
        size = a.type.count
        name = "llvm.x86.avx512.psad.bw.512" if size == 64 else "llvm.x86.sse2.psad.bw"
        return self._call(name, self.vector(64, size), a, self.zeros(a))

    def bit_matrix(self, a: Value, rows: int) -> Value:
        """Map the bits of each byte of 64 linearly; `rows` is the 64-bit matrix; ``cpu.gfni``."""
        self._need("gfni")
        matrix = self.cast(self.constant([rows] * 8, 64), 8)
        return self._call("llvm.x86.vgf2p8affineqb.512", a.type, a, matrix, self.number(0, 8))

    def _need(self, feature: str) -> None:
        if not getattr(self.cpu, feature):
            msg = f"this instruction needs {feature}, but the target is {self.cpu.level}"
            raise NotImplementedError(msg)
