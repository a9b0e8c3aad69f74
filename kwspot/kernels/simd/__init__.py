"""Vector instructions for kernels: the one room that imports llvmlite."""

from .emitter import BYTE, INDEX, Emitter, Register, Value

__all__ = ["BYTE", "INDEX", "Emitter", "Register", "Value"]
