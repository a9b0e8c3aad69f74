"""Small archives for the tests, and what they hold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kwspot.archive import Archive
from kwspot.archive.store import store_at
from kwspot.sample_audio import __file__ as _samples

SHARD_BYTES = 100_000  # two or three of the recordings


def corpus(folder, most=11):
    """Fill a folder with real recordings, 25 s in all, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(_samples).parent.glob("*.wav"))[:most]:
        shutil.copy(path, folder)
    return folder


def build(url, *paths, **options):
    """Index paths without any interruption, a few recordings a shard."""
    archive = Archive.create(url, front_end="cepstra")
    archive.add(paths, shard_bytes=SHARD_BYTES, **options)
    return archive


def contents(url):
    """Return the files of an archive as they must be, whoever wrote them and when."""
    store = store_at(url)
    keys = [key for key, _ in store.files() if not key.rpartition("/")[2].startswith(".")]
    return {key: _timeless(store.read(key)) for key in sorted(keys)}


def _timeless(content):
    """Drop the times of indexing, and the checksums over them, from the JSON files that tell."""
    try:
        fields = json.loads(content)
    except ValueError:
        return content
    return _without(fields, "indexed", "sha256") if b'"indexed"' in content else content


def _without(fields, *names):
    if isinstance(fields, dict):
        # the checksums of arrays stay: only those beside "content" are over a time
        drop = names if "content" in fields else names[:1]
        return {key: _without(value, *names) for key, value in fields.items() if key not in drop}
    if isinstance(fields, list):
        return [_without(value, *names) for value in fields]
    return fields
