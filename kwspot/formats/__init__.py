"""Labels in files that other programs read and write: Praat, ELAN, Audacity, Raven and more.

Each format is a module that follows `kwspot.formats.format.Format`; `names` lists them.

>>> label = Label(0.5, 1.25, "hello", score=0.9, recording="a.wav")
>>> parse(render([label], form="jsonl")) == [label]
True
"""

from kwspot.formats.files import names, parse, read, render, write
from kwspot.formats.label import Label

__all__ = ["Label", "names", "parse", "read", "render", "write"]
