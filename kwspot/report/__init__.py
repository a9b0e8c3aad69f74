"""Reports: what was found, to see, to hear and to judge, each one HTML file.

>>> import kwspot, kwspot.report
>>> keyword = kwspot.learn(["a.wav", "b.wav", "c.wav"])  # doctest: +SKIP
>>> kwspot.report.describe_keyword(keyword).save("report.html")  # doctest: +SKIP
"""

from kwspot.report.evaluating import describe_evaluation
from kwspot.report.item import Item
from kwspot.report.learning import describe_keyword
from kwspot.report.mistakes import find_mistakes
from kwspot.report.report import Report
from kwspot.report.spotting import describe_detections, describe_hits

__all__ = [
    "Item",
    "Report",
    "describe_detections",
    "describe_evaluation",
    "describe_hits",
    "describe_keyword",
    "find_mistakes",
]
