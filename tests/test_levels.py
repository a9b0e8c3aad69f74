"""Every SIMD level that this machine can be told to use gives the same, bit for bit."""

import pytest
import quantise_sample
import simd_sample
import sprintz_sample
from simd_levels import available, run_at

# Most of the time goes into compiling, so that one process does it all. The low layout is plain
# code but for one instruction: on each level it is compiled for one type of number.
LOW = {"avx2": "uint8", "ssse3": "int16", "plain": "uint8"}
REPORT = """
import sys, test_levels
from kwspot.kernels import target
print(target.cpu().level, *test_levels.report(sys.argv[1]), sep="\\n")
"""


def report(low):
    """List the digests of everything, a line each."""
    instructions = simd_sample.run(7)[0].tobytes().hex()
    return [instructions, *sprintz_sample.digests((low,)), *quantise_sample.digests()]


@pytest.mark.parametrize("level", available())
def test_levels_are_chosen_and_equal_bit_for_bit(level):
    chosen, *found = run_at(level, REPORT, LOW[level]).splitlines()
    assert chosen == level
    assert found == report(LOW[level])
