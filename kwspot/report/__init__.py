"""Reports: what was found, to see, to hear and to judge, each one HTML file.

>>> import kwspot, kwspot.report
>>> keyword = kwspot.learn(["a.wav", "b.wav", "c.wav"])  # doctest: +SKIP
>>> kwspot.report.describe_keyword(keyword).save("report.html")  # doctest: +SKIP
"""

from kwspot.report.item import Item
from kwspot.report.learning import describe_keyword
from kwspot.report.report import Report

__all__ = ["Item", "Report", "describe_keyword"]
