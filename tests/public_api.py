"""Everything that kwspot lets others use, found by walking its packages."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import NamedTuple

import kwspot

# Packages tell by `__all__` what is public; of these modules it is all that they define.
MODULES = ("kwspot.archive.search", "kwspot.archive.hits", "kwspot.discover.term_metrics")
MODULES += ("kwspot.enrol", "kwspot.errors", "kwspot.review", "kwspot.scale", "kwspot.workers")
MODULES += tuple(f"kwspot.integrations.{name}" for name in ("numcodecs", "sklearn", "zarr"))
INNER = {"kwspot.kernels", "kwspot.cli", "kwspot.sample_audio"}  # nobody's interface


class Public(NamedTuple):
    """A public function, class, method or property, and the name to reach it by."""

    name: str
    thing: object


def rooms():
    """Give the modules that hold public names."""
    found = [kwspot]
    for info in pkgutil.walk_packages(kwspot.__path__, "kwspot."):
        if info.ispkg and not any(info.name.startswith(inner) for inner in INNER):
            module = importlib.import_module(info.name)
            found += [module] if hasattr(module, "__all__") else []
    return found + [importlib.import_module(name) for name in MODULES]


def names(module):
    """Give the public names of a module."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    ]


def members(owner, name):
    """Yield the public methods and properties of a class, but for what others have defined."""
    ours = [base for base in owner.__mro__ if base.__module__.startswith("kwspot")]
    theirs = {name for base in owner.__mro__ if base not in ours for name in vars(base)}
    for base in ours:
        for attribute, thing in vars(base).items():
            inner = getattr(thing, "__func__", thing)  # of a class method
            if (
                not attribute.startswith("_")
                and attribute not in theirs
                and (inspect.isfunction(inner) or isinstance(inner, property))
            ):
                yield Public(f"{name}.{attribute}", inner)


def public():
    """Give all of it, each thing once."""
    found = {}
    for module in rooms():
        for name in names(module):
            thing = getattr(module, name)
            whole = f"{module.__name__}.{name}"
            if inspect.isclass(thing) or inspect.isfunction(thing):
                found.setdefault(thing, Public(whole, thing))
            if inspect.isclass(thing):
                for member in members(thing, whole):
                    found.setdefault(member.thing, member)
    return list(found.values())
