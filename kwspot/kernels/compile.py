"""Bring emitted code into numba: kernels as intrinsics, and a cache that notices their edits."""

from __future__ import annotations

import functools
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numba
from numba.core import types
from numba.core.caching import FunctionCache
from numba.extending import intrinsic

from .simd import BYTE, Emitter
from .target import classify

if TYPE_CHECKING:
    from collections.abc import Callable

_Base: Any = FunctionCache


def kernel(body: Callable[..., Any] | None = None, *, returns: bool = False) -> Any:
    """Make ``body(emitter, *arguments)`` callable from functions compiled with `jit`.

    Arrays become byte pointers to their first element (``emitter.item_bits`` tells their element
    size, so one body serves several dtypes), integers and booleans 64-bit values, floats stay.
    With `returns` the body returns a 64-bit integer value.
    """
    if body is None:
        return functools.partial(kernel, returns=returns)

    names = list(inspect.signature(body).parameters)[1:]

    def define(_context: Any, *arguments: Any) -> Any:
        result = types.int64 if returns else types.void

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            triple, _, features = context.codegen().magic_tuple()
            item_bits = {
                parameter: kind.dtype.bitwidth
                for parameter, kind in zip(names, signature.args, strict=True)
                if isinstance(kind, types.Array)
            }
            emitter = Emitter(builder, classify(triple, features), item_bits)
            raw = [
                _lower(context, builder, kind, value)
                for kind, value in zip(signature.args, values, strict=True)
            ]
            returned = body(emitter, *raw)
            return returned if returns else context.get_dummy_value()

        return result(*arguments), generate

    functools.update_wrapper(define, body, updated=())
    del define.__wrapped__  # type: ignore[attr-defined]  # numba would look at the body's signature
    parameters = list(inspect.signature(body).parameters.values())
    define.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    made: Any = intrinsic(define)
    made.body = body
    return made


def _lower(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        if kind.layout != "C":  # the kernel sees a bare pointer
            msg = f"kernels take C-contiguous arrays only, got {kind}"
            raise TypeError(msg)
        data = context.make_array(kind)(context, builder, value).data
        return builder.bitcast(data, BYTE.as_pointer())
    if isinstance(kind, types.Integer | types.Boolean):
        return context.cast(builder, value, kind, types.int64)
    return value


class _Cache(_Base):  # type: ignore[misc]
    """A numba cache that also watches the files that emit a kernel's code.

    numba looks at the file of the jitted function alone, so an edit here would go unnoticed.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        files = sorted(_sources(function.__module__, set()))
        self._stamp = tuple((path.name, *_when(path)) for path in files)

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        return (*super()._index_key(signature, codegen), self._stamp)


def _when(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _sources(module: str, seen: set[str]) -> set[Path]:
    """Find the files of this package that `module` imports, and those that they import."""
    seen.add(module)
    here = sys.modules[module]
    found = {path for path in [Path(here.__file__ or "")] if path.is_file()}
    for value in list(vars(here).values()):
        name = value.__name__ if isinstance(value, ModuleType) else _origin(value)
        if name.startswith(__package__ + ".") and name not in seen and name in sys.modules:
            found |= _sources(name, seen)
    return found


def _origin(value: object) -> str:
    name = getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def jit(function: Callable[..., Any]) -> Any:
    """Compile with numba without the interpreter's lock, cached on disk for each processor.

    The cache notices edits of any kernel file that the function's own file imports.
    """
    dispatcher: Any = numba.njit(nogil=True)(function)
    dispatcher._cache = _Cache(function)
    return dispatcher


def inlined(function: Callable[..., Any]) -> Any:
    """Make a helper whose code is copied into the `jit` functions that call it.

    A helper made with `jit` would be compiled alone, and once more with every function above it.
    """
    return numba.njit(nogil=True, inline="always")(function)
