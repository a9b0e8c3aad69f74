"""From clips that share a spoken word to one span per clip."""

from kwspot.discover.clip import Clip, listen
from kwspot.discover.discovering import discover, discover_clips, examine
from kwspot.discover.extract import extract
from kwspot.discover.methods import Bounds, Method, Word, methods, register

__all__ = [
    "Bounds",
    "Clip",
    "Method",
    "Word",
    "discover",
    "discover_clips",
    "examine",
    "extract",
    "listen",
    "methods",
    "register",
]

# `kwspot.discover` is the function; people who have a series and no clips say
# `kwspot.discover.extract(array, ...)`.
discover.extract = extract  # type: ignore[attr-defined]
