"""Measures of how well words are found and recognised; each checks what it is given.

Times are in seconds, spans half-open, rates are shares from 0 to 1 unless they are per hour.
"""

from kwspot.metrics.bootstrap import interval
from kwspot.metrics.labels import Confusion, accuracy, confusion
from kwspot.metrics.probability import Reliability, calibration_error, reliability
from kwspot.metrics.spans import SpanScores, iou, match_spans, span_scores
from kwspot.metrics.trade_off import DetCurve, det_curve, equal_error_rate, miss_at

__all__ = [
    "Confusion",
    "DetCurve",
    "Reliability",
    "SpanScores",
    "accuracy",
    "calibration_error",
    "confusion",
    "det_curve",
    "equal_error_rate",
    "interval",
    "iou",
    "match_spans",
    "miss_at",
    "reliability",
    "span_scores",
]
