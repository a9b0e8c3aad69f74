"""Make bolt.kwindex and bolt.npz, which every later version must read: run once a format version.

``python tests/golden/make_bolt.py`` writes an index of the current format beside this file,
together with queries and the answers that any version has to give.
"""

from pathlib import Path

import numpy as np

from kwspot.quantise import BoltIndex

HERE = Path(__file__).parent


def main() -> None:
    rng = np.random.default_rng(2026)
    x = rng.normal(size=(150, 12)).astype(np.float32)
    index = BoltIndex(rerank=10, rotate=True).fit(x).add(x)
    index.save(HERE / "bolt.kwindex")
    scores, ids = index.search(x[:5], 3)
    sums = index.scan(x[:5])
    np.savez_compressed(HERE / "bolt.npz", queries=x[:5], scores=scores, ids=ids, sums=sums)


if __name__ == "__main__":
    main()
