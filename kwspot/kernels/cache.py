"""Where the compiled kernels are kept between processes, and which of them are there."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from numba.core.dispatcher import Dispatcher


class Kernel(NamedTuple):
    """One compiled function: its name, the folder of its machine code, and whether it is there."""

    name: str
    folder: Path
    compiled: bool


def kernels() -> list[Kernel]:
    """List the kernels that are kept, by module and name; some are only ever a part of others."""
    package = __name__.rpartition(".")[0]
    path = sys.modules[package].__path__
    modules = [import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(path)]
    return [
        _kernel(item)
        for module in modules
        for _, item in sorted(vars(module).items())
        if isinstance(item, Dispatcher)
        and item.__module__ == module.__name__
        and item.stats.cache_path is not None
    ]


def _kernel(function: Dispatcher) -> Kernel:
    """Look for the index that numba writes with machine code; it must be newer than the source."""
    code = function.py_func.__code__
    folder = Path(str(function.stats.cache_path))
    name = f"{function.__module__.rpartition('.')[2]}.{code.co_qualname}"
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    changed = Path(code.co_filename).stat().st_mtime
    indices = folder.glob(f"{name}-{code.co_firstlineno}.{python}*.nbi")
    return Kernel(name, folder, any(index.stat().st_mtime >= changed for index in indices))
