"""Labels in files that other programs read and write: Praat, ELAN, Audacity, Raven and more.

Each format is a module that follows `kwspot.formats.format.Format`; `names` lists them. All keep
start, end and text. What else they keep, and what times are rounded to:

============ ===== ==== ========= ============== ============================
format       score tier recording times          one file is about
============ ===== ==== ========= ============== ============================
audacity     no    no   no        microseconds   one recording
csv          yes   yes  yes       exact          any number
eaf          no    yes  yes       milliseconds   one recording; takes further tiers
jams         yes   yes  yes       exact          one recording; takes further tiers
jsonl        yes   yes  yes       exact          any number
label-studio yes   yes  yes       exact          any number
raven        yes   no   yes       microseconds   one recording
rttm         yes   no   its stem  microseconds   any number
textgrid     no    yes  no        microseconds   one recording; takes further tiers
webvtt       no    no   no        milliseconds   one recording
============ ===== ==== ========= ============== ============================

>>> label = Label(0.5, 1.25, "hello", score=0.9, recording="a.wav")
>>> parse(render([label], form="jsonl")) == [label]
True
"""

from kwspot.formats.files import names, parse, read, render, write
from kwspot.formats.label import Label, labels

__all__ = ["Label", "labels", "names", "parse", "read", "render", "write"]
