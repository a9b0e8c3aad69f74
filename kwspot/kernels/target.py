"""Which vector instructions numba's target has: the one place that decides it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from numba.core.registry import cpu_target

# Best first: a level counts if the features of the third column are named and none of the fourth,
# which they imply, is switched off. A processor's name alone proves nothing.
_OLDER = {"sse3", "ssse3", "sse4.1", "sse4.2", "avx"}
_X86_LEVELS = (
    ("avx512", 64, {"avx512bw", "avx512vl"}, {"avx512f", "avx2", *_OLDER}),
    ("avx2", 32, {"avx2"}, _OLDER),
    ("ssse3", 16, {"ssse3"}, {"sse3"}),
)


@dataclass(frozen=True)
class Cpu:
    """What a kernel may use: the level's name, its register width in bytes, the feature names."""

    level: str
    width: int
    features: frozenset[str]

    @property
    def vbmi(self) -> bool:
        """Whether whole-register byte permutes and bit gathers exist (AVX-512 VBMI)."""
        return self.level == "avx512" and "avx512vbmi" in self.features

    @property
    def vbmi2(self) -> bool:
        """Whether chosen bytes can be moved together (AVX-512 VBMI2)."""
        return self.level == "avx512" and "avx512vbmi2" in self.features

    @property
    def gfni(self) -> bool:
        """Whether bytes can be mapped by a bit matrix (GFNI on 64-byte registers)."""
        return self.level == "avx512" and "gfni" in self.features

    @property
    def vnni(self) -> bool:
        """Whether one instruction sums four 8-bit products (AVX-512 VNNI)."""
        return self.level == "avx512" and "avx512vnni" in self.features


def classify(triple: str, features: str) -> Cpu:
    """Choose the level for a target triple and an LLVM feature string such as ``+avx2,-avx512f``.

    Examples
    --------
    >>> classify("x86_64-unknown-linux-gnu", "+ssse3,+avx2").level
    'avx2'
    >>> classify("aarch64-unknown-linux-gnu", "").level
    'neon'
    """
    words = [word.strip() for word in features.split(",")]
    off = {word[1:] for word in words if word.startswith("-")}
    names = {word[1:] for word in words if word.startswith("+")} - off
    if triple.startswith(("aarch64", "arm64")):
        return Cpu("neon", 16, frozenset(names))
    if triple.startswith(("x86_64", "i386", "i686")):
        for level, width, needed, implied in _X86_LEVELS:
            if needed <= names and not implied & off:
                return Cpu(level, width, frozenset(names))
    return Cpu("plain", 16, frozenset(names))


@functools.cache
def cpu() -> Cpu:
    """Report the level that kernels are compiled for in this process.

    It is numba's own target, so `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` force a level. A CPU
    forced by name alone keeps the features of the real one, as in numba.

    Examples
    --------
    >>> cpu().width in (16, 32, 64)
    True
    """
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return classify(triple, features)
