from pathlib import Path

import numpy as np

from kwspot.quantise import BoltIndex

GOLDEN = Path(__file__).parent / "golden"


def test_indexes_of_the_first_format_are_read_for_ever():
    index = BoltIndex.load(GOLDEN / "bolt.kwindex")
    with np.load(GOLDEN / "bolt.npz") as want:
        scores, ids = index.search(want["queries"], 3)
        np.testing.assert_array_equal(ids, want["ids"])
        np.testing.assert_allclose(scores, want["scores"], rtol=1e-5, atol=1e-5)
        # the rotation of a query is a BLAS sum, whose rounding may move a table entry by one
        np.testing.assert_allclose(index.scan(want["queries"]), want["sums"], atol=3)
