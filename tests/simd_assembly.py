"""Compile one kernel body for any processor, to read or to test the machine code."""

from __future__ import annotations

import inspect
from typing import Any

from llvmlite import binding, ir

from kwspot.kernels.simd import BYTE, INDEX, Emitter
from kwspot.kernels.target import classify


def assembly(kernel: Any, triple: str, name: str, features: str, item_bits: dict[str, int]) -> str:
    """Return the assembly; `item_bits` names the arguments that are arrays."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    machine = binding.Target.from_triple(triple).create_target_machine(
        cpu=name, features=features, opt=3
    )
    body = getattr(kernel, "body", kernel)
    names = list(inspect.signature(body).parameters)[1:]
    module = ir.Module()
    module.triple, module.data_layout = triple, str(machine.target_data)
    arguments = [BYTE.as_pointer() if name in item_bits else INDEX for name in names]
    function = ir.Function(module, ir.FunctionType(INDEX, arguments), "kernel")
    builder = ir.IRBuilder(function.append_basic_block())
    result = body(Emitter(builder, classify(triple, features), item_bits), *function.args)
    builder.ret(INDEX(0) if result is None else result)
    parsed = binding.parse_assembly(str(module))
    options = binding.PipelineTuningOptions(speed_level=3)
    passes = binding.create_pass_builder(machine, options)
    passes.getModulePassManager().run(parsed, passes)
    return str(machine.emit_assembly(parsed))
