"""Archives: recordings indexed once, and searched by example ever after.

`Archive` is what a user opens; FORMAT.md beside this file describes every file of one.
"""

from kwspot.archive.archive import Archive
from kwspot.archive.catalogue import Entry
from kwspot.archive.indexing import Report

__all__ = ["Archive", "Entry", "Report"]
