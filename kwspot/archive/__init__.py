"""Archives: recordings indexed once, and searched by example ever after.

`Archive` is what a user opens; FORMAT.md beside this file describes every file of one.
"""

from kwspot.archive.archive import Archive
from kwspot.archive.checking import Checked, check
from kwspot.archive.indexing import Report
from kwspot.archive.shard import Entry

__all__ = ["Archive", "Checked", "Entry", "Report", "check"]
