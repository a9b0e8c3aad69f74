"""Write the Sprintz files that must decode for ever; run once a version, never to mend a test.

Values are made by integer arithmetic alone, so that they are the same everywhere.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DTYPES = ("uint8", "int8", "uint16", "int16")
COLUMNS = (1, 2, 4, 5, 40, 70)
ROWS = 333
FORMS = ("1_{}_delta", "1_{}_fire", "2_{}_archive")  # 1_*_archive is what was written before


def values(dtype: str, columns: int) -> np.ndarray:
    """Make slow waves, noise, a still stretch and a few extremes."""
    limits = np.iinfo(dtype)
    t, c = np.arange(ROWS)[:, None], np.arange(columns)
    wave = (t * t // (3 + c % 5) + 40 * c) % (limits.max // 2)
    noise = (t * 7919 + c * 104729 + t * c * 31) % 11
    x = (wave + noise).astype(dtype)
    x[100:220] = x[100]  # a run
    x[250, ::3], x[251, ::3] = limits.max, limits.min
    return x


def main() -> None:
    """Write one file a type, columns and mode."""
    from kwspot import sprintz

    for dtype in DTYPES:
        for columns in COLUMNS:
            for form in FORMS:
                mode = form.rpartition("_")[2]
                data = sprintz.compress(values(dtype, columns), mode=mode, chunk_rows=150)
                name = form.format(f"{dtype}_{columns}")
                (HERE / f"sprintz_{name}.ksz").write_bytes(data)


if __name__ == "__main__":
    main()
