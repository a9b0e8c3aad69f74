"""Vectors in few bits: Bolt for searching, MADDNESS and exact int8 banks for products."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bank import Int8Bank as Int8Bank
    from .bolt import BoltIndex as BoltIndex
    from .choice import BankChoice as BankChoice
    from .choice import best_bank as best_bank
    from .maddness import Maddness as Maddness
    from .model import Estimate as Estimate

_HOMES = {
    "BankChoice": "choice",
    "BoltIndex": "bolt",
    "Estimate": "model",
    "Int8Bank": "bank",
    "Maddness": "maddness",
    "best_bank": "choice",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
