"""Comparing features: warping, agreement of several templates, and what a cost means."""

from kwspot.match.align import Alignment, align, warp
from kwspot.match.bank import TemplateBank
from kwspot.match.calibrate import Calibration

__all__ = ["Alignment", "Calibration", "TemplateBank", "align", "warp"]
