"""Write ``archive/``: two recordings as the first version stored them; run once, kept for ever.

python tests/golden/make_archive.py
"""

from pathlib import Path

from kwspot.archive import Archive
from kwspot.archive.indexing import write_shard
from kwspot.archive.packing import packing
from kwspot.archive.shard import Entry
from kwspot.audio import digest, load
from kwspot.features import front_end
from kwspot.sample_audio import __file__ as samples

if __name__ == "__main__":
    ear = front_end("cepstra")
    archive = Archive.create(Path(__file__).with_name("archive"), front_end="cepstra")
    entries, parts = [], []
    for name in ("conf-full.wav", "conf-locked.wav"):
        path = Path(samples).with_name(name)
        x = load(path)
        parts.append(packing(ear).pack(ear(x)))
        size, seconds = path.stat().st_size, round(len(x) / 16000, 6)
        entries.append(
            Entry(
                f"/golden/{name}", digest(path), size, 0, 8000.0, seconds, len(parts[-1]), "whole"
            )
        )
    write_shard(archive.store, entries, parts, ear, indexed="2026-11-22T00:00:00+00:00")
    archive.catalogue.refresh()
    archive.catalogue.merge()
