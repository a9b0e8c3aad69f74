"""From clips that share a spoken word to one span per clip.

The package can be called: ``kwspot.discover(clips)`` is `kwspot.discover.discover`.
"""

import sys
from types import ModuleType

from kwspot.discover.candidates import Candidates, candidates
from kwspot.discover.clip import Clip, listen
from kwspot.discover.discovering import discover, discover_clips, examine
from kwspot.discover.extract import extract
from kwspot.discover.methods import Bounds, Method, Word, methods, register

__all__ = [
    "Bounds",
    "Candidates",
    "Clip",
    "Method",
    "Word",
    "candidates",
    "discover",
    "discover_clips",
    "examine",
    "extract",
    "listen",
    "methods",
    "register",
]


class _Discover(ModuleType):
    """Lets the package be called: `kwspot.discover(clips)` beside `kwspot.discover.extract(x)`."""

    __call__ = staticmethod(discover)


sys.modules[__name__].__class__ = _Discover
