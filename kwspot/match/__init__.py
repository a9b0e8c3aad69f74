"""Comparing features: warping, agreement of several templates, and what a cost means."""

from kwspot.match.align import Alignment, align, warp
from kwspot.match.bank import TemplateBank
from kwspot.match.calibrate import Calibration
from kwspot.match.path import Warping, warp_path

__all__ = [
    "Alignment",
    "Calibration",
    "TemplateBank",
    "Warping",
    "align",
    "warp",
    "warp_path",
]
