import pytest
import quantise_sample
from simd_levels import available, run_at

REPORT = """
import quantise_sample
from kwspot.kernels import target
print(target.cpu().level)
print(quantise_sample.digests())
"""


@pytest.mark.parametrize("level", available())
def test_levels_are_equal_bit_for_bit(level):
    chosen, found = run_at(level, REPORT).split("\n", 1)
    assert chosen == level
    assert found.strip() == quantise_sample.digests()
