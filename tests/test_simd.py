import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import simd_sample
from simd_assembly import assembly
from simd_levels import ROOT

from kwspot.kernels import target

LINUX = "x86_64-unknown-linux-gnu"


@pytest.mark.parametrize("seed", range(20))
def test_every_instruction_equals_numpy(seed):
    found, number = simd_sample.run(seed)
    x, y, index = simd_sample.inputs(seed)
    for name, got, want in zip(
        simd_sample.NAMES, found, simd_sample.expected(x, y, index), strict=True
    ):
        np.testing.assert_array_equal(got, want.view(np.uint8), err_msg=name)
    assert number == int(x[3]) + 256 * int(x[4])


@pytest.mark.parametrize(
    ("triple", "features", "level"),
    [
        (LINUX, "+avx512bw,+avx512vl,+avx2", "avx512"),
        (LINUX, "+avx512f,+avx2", "avx2"),  # no byte instructions: not our AVX-512
        (LINUX, "+avx512bw,+avx512vl,-avx512f,+avx2", "avx2"),
        (LINUX, "+avx2,-ssse3", "plain"),
        (LINUX, "+ssse3,-avx2", "ssse3"),
        (LINUX, "+sse2", "plain"),
        (LINUX, "", "plain"),
        ("arm64-apple-darwin22", "", "neon"),
        ("riscv64-unknown-linux-gnu", "+v", "plain"),
    ],
)
def test_only_named_features_count(triple, features, level):
    assert target.classify(triple, features).level == level


ARRAYS = dict.fromkeys(("x", "y", "index", "out"), 8)
ARM = "aarch64-unknown-linux-gnu"


@pytest.mark.parametrize("name", ["cortex-a76", "apple-m1", "generic"])
def test_arm_gets_its_own_instructions(name):
    text = assembly(simd_sample.emit_all, ARM, name, "+neon", ARRAYS)
    for instruction in ("tbl", "uqadd", "sqadd", "urhadd"):
        assert instruction in text, instruction


@pytest.mark.parametrize(
    ("operation", "feature"),
    [("permute_bytes", "vbmi"), ("gather_bits", "vbmi"), ("bit_matrix", "gfni")],
)
@pytest.mark.parametrize(("triple", "features"), [(LINUX, "+avx2"), (ARM, "+neon"), (LINUX, "")])
def test_an_instruction_that_the_target_lacks_is_refused(operation, feature, triple, features):
    def body(e, x):
        table = e.load(x, size=64)
        getattr(e, operation)(table, table if feature == "vbmi" else 1)

    with pytest.raises(NotImplementedError, match=f"needs {feature}"):
        assembly(body, triple, "generic", features, {"x": 8})


@pytest.mark.parametrize(
    ("features", "instructions"),
    [
        ("+avx512bw,+avx512vl,+avx512vnni", ["vpdpbusd", "vpshufb", "zmm", "vpavgb"]),
        ("+avx2", ["vpmaddwd", "vpshufb", "ymm", "vpavgb", "vpaddusb"]),
        ("+ssse3", ["pmaddwd", "pshufb", "xmm", "pavgb", "paddusb"]),
    ],
)
def test_intel_levels_get_their_instructions(features, instructions):
    text = assembly(simd_sample.emit_all, LINUX, "x86-64", features, ARRAYS)
    assert [name for name in instructions if name not in text] == []


TINY = """
from .compile import jit, kernel

@kernel
def emit(e, x):
    e.store(e.add(e.load(x), e.load(x)), x)

@jit
def double(x):
    emit(x)
"""
USE_TINY = """
import numpy as np
from kwspot.kernels.tiny import double
x = np.ones(64, np.uint8)
double(x)
print(x[0], len(double.stats.cache_hits))
"""


def test_the_cache_is_used_and_notices_edits_of_the_emitter(tmp_path):
    package = tmp_path / "kwspot" / "kernels"
    package.mkdir(parents=True)
    kernels = ROOT / "kwspot" / "kernels"
    shutil.copytree(kernels / "simd", package / "simd", ignore=lambda *_: ["__pycache__"])
    for name in ("target.py", "compile.py"):
        shutil.copy(kernels / name, package)
    emitter = package / "target.py"
    (package / "tiny.py").write_text(TINY)

    def use():
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        command = [sys.executable, "-c", USE_TINY]
        return subprocess.check_output(command, env=environment, text=True, cwd=tmp_path).split()

    assert use() == ["2", "0"]
    assert use() == ["2", "1"]
    emitter.write_text(emitter.read_text() + "# edited\n")
    assert use() == ["2", "0"]


def test_only_one_room_imports_llvmlite():
    importing = re.compile(r"^(from|import) llvmlite\b", re.MULTILINE)
    rooms = {
        path.parent
        for path in (ROOT / "kwspot").rglob("*.py")
        if importing.search(path.read_text())
    }
    assert rooms == {ROOT / "kwspot" / "kernels" / "simd"}
