"""What processors without vector lookups do, lane by lane: functions that a module has once.

Copies wherever they are used would take several times as long to compile.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from llvmlite import ir

Value: TypeAlias = Any  # an llvmlite value: the library has no type hints

_BYTE, _DWORD = ir.IntType(8), ir.IntType(32)


def shuffler(module: Value, kind: Value) -> Value:
    """Find or make a module's function of a table and indices that does `shuffle_bytes`."""
    name = "shuffle_bytes_plain"
    found = module.globals.get(name)
    if found is None:
        found = ir.Function(module, ir.FunctionType(kind, [kind, kind]), name)
        found.linkage = "internal"
        found.attributes.add("noinline")
        _write(found)
    return found


def _write(function: Value) -> None:
    table, index = function.args
    builder = ir.IRBuilder(function.append_basic_block())
    result = ir.Constant(index.type, None)
    for lane in range(16):
        number = builder.extract_element(index, _DWORD(lane))
        low = builder.and_(number, _BYTE(15))
        found = builder.extract_element(table, builder.zext(low, _DWORD))
        inside = builder.icmp_signed(">=", number, _BYTE(0))
        found = builder.select(inside, found, _BYTE(0))
        result = builder.insert_element(result, found, _DWORD(lane))
    builder.ret(result)
