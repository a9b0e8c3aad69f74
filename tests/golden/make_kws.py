"""Write hiss.kws, once per format version: the file must be readable for ever, so never redo it."""

from pathlib import Path

import numpy as np

from kwspot import Keyword

if __name__ == "__main__":  # pytest imports this file to look for doctests
    word = np.random.default_rng(0).normal(size=8000).astype(np.float32)
    quiet = np.zeros(3000, np.float32)
    takes = [(np.concatenate([quiet, word, quiet]), 16000), (word, 16000), (word, 16000)]
    Keyword.from_examples(takes, name="hiss").save(Path(__file__).with_name("hiss.kws"))
