"""How well keywords do on recordings of which the truth is known."""

from kwspot.evaluation.evaluating import evaluate
from kwspot.evaluation.result import Curve, Evaluation, Measure
from kwspot.evaluation.truth import TrueRecording, TrueWord, Truth, read_folder, read_truth

__all__ = [
    "Curve",
    "Evaluation",
    "Measure",
    "TrueRecording",
    "TrueWord",
    "Truth",
    "evaluate",
    "read_folder",
    "read_truth",
]
