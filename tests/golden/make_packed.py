"""Write ``packed/``: two shards whose codes are in a pack; run once, kept for ever.

python tests/golden/make_packed.py
"""

from pathlib import Path

from kwspot.archive import Archive
from kwspot.archive.indexing import write_shard
from kwspot.archive.packing import packing
from kwspot.archive.packs import merge
from kwspot.archive.shard import Entry
from kwspot.audio import digest, load
from kwspot.features import front_end
from kwspot.sample_audio import __file__ as samples

if __name__ == "__main__":
    ear = front_end("cepstra")
    archive = Archive.create(Path(__file__).with_name("packed"), front_end="cepstra")
    for name in ("conf-full.wav", "conf-locked.wav"):
        path = Path(samples).with_name(name)
        x = load(path)
        part = packing(ear).pack(ear(x))
        size, seconds = path.stat().st_size, round(len(x) / 16000, 6)
        entry = Entry(f"/golden/{name}", digest(path), size, 0, 8000.0, seconds, len(part), "whole")
        write_shard(archive.store, [entry], [part], ear, indexed="2026-11-23T00:00:00+00:00")
    archive.catalogue.refresh()
    archive.catalogue.merge()
    merge(archive.store, archive.catalogue.shards, ear)
