"""Write calibrated.kws, once per format version: it must be readable for ever, so never redo it."""

from pathlib import Path

import numpy as np

from kwspot import Keyword
from kwspot.background import with_background

if __name__ == "__main__":  # pytest imports this file to look for doctests
    rng = np.random.default_rng(0)
    word, first, second = rng.normal(size=(3, 8000)).astype(np.float32)
    keyword = Keyword.from_examples([(word, 16000)] * 3, name="hiss")
    keyword = keyword.against([(first, 16000), (second, 16000)])
    background = rng.normal(size=960000).astype(np.float32)
    with_background(keyword, [(background, 16000)], false_alarms_per_hour=1.0).save(
        Path(__file__).with_name("calibrated.kws")
    )
