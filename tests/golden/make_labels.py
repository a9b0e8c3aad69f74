"""Write labels.*, once per version of a format: they must be readable for ever, so never redo it.

Run from tests/golden with tests/ on the path.
"""

from pathlib import Path

from labels_sample import LABELS

from kwspot.formats import names, write
from kwspot.formats.files import named

if __name__ == "__main__":
    for form in names():
        path = Path(__file__).with_name(f"labels.{form}{named(form).SUFFIXES[0]}")
        write(path, LABELS, form=form, duration=4000.0)
