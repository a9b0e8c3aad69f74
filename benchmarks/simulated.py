"""Archives of any length: real features, cut up, stretched, recoloured and joined anew."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from corpora import SPEECH

from kwspot.archive import Archive, packs
from kwspot.archive.indexing import write_shard
from kwspot.archive.packing import packing
from kwspot.archive.shard import FOLDER, Entry, record, record_key, shard_id, signed
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.features.heard import Heard
from kwspot.keyword import Keyword
from kwspot.recording import Recording
from kwspot.results import Occurrence

EAR = front_end("cepstra")
PART = 30_000  # frames of a recording: ten minutes
PIECE = 150  # frames that are taken together at most
EXAMPLES, WORDS = 5, 10
_SHORTEST = 0.3  # seconds of a word


def sentences(*folders):
    """Return the features of real recordings by path."""
    paths = sorted(path for folder in folders for path in (SPEECH / folder).rglob("*.flac"))
    return {path.relative_to(SPEECH).as_posix(): EAR(load(path, rate=16000)) for path in paths}


def occurrences():
    """Return where each word is said in continuous/: word -> [(path, start, end)], in seconds."""
    found = defaultdict(list)
    with (SPEECH / "words.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["path"].startswith("continuous/"):
                span = float(row["start"]), float(row["end"])
                found[row["word"]].append((row["path"], *span))
    return found


def common(found, count):
    """Return the words that are said most often, of those that are long enough."""
    long = {
        word: places
        for word, places in found.items()
        if np.median([end - start for _, start, end in places]) >= _SHORTEST
    }
    return sorted(long, key=lambda word: (-len(long[word]), word))[:count]


def keyword(name, places, features):
    """Learn a keyword from places in recordings of known features."""
    none = np.empty((0, EAR.dimensions), np.float32)
    recordings, spans = [], []
    for number, (path, start, end) in enumerate(places):
        heard = Heard(features[path], none, none)
        recordings.append(Recording.of(heard, f"{path}-{number}", f"{path}-{number}", EAR))
        spans.append(Occurrence(recordings[-1].name, start, end, 1.0))
    return Keyword.enrol(name, EAR, recordings, spans, 1.0)


class Material:
    """Keywords, occurrences of them that they were not learned from, and speech without them."""

    def __init__(self, rng):
        features = sentences("continuous", "background/libri")
        found = occurrences()
        self.keywords, self.planted, cut = [], [], defaultdict(list)
        for word in common(found, WORDS):
            places = [found[word][i] for i in rng.permutation(len(found[word]))]
            few = min(EXAMPLES, len(places) // 2)
            self.keywords.append(keyword(word, places[:few], features))
            spans = [(path, int(50 * start), int(50 * end) + 1) for path, start, end in places]
            self.planted.append([features[path][a:b] for path, a, b in spans[few:]])
            for path, a, b in spans:
                cut[path].append((a, b))
        self.pieces = []
        for path, frames in features.items():
            kept = np.ones(len(frames), bool)
            for a, b in cut[path]:
                kept[a:b] = False
            borders = np.flatnonzero(np.diff(np.r_[False, kept, False]))
            for a, b in borders.reshape(-1, 2):
                starts = range(a, b - 8, PIECE)
                self.pieces += [frames[i : min(i + PIECE, b)] for i in starts]
        self.spread = np.concatenate(self.pieces).std(axis=0)

    def recording(self, rng, plants):
        """Return ten minutes of features; plants are numbers of words that are said in it."""
        chosen = [self.pieces[i] for i in rng.integers(len(self.pieces), size=PART // 40)]
        for number, word in enumerate(plants):
            at = int((number + rng.random()) / len(plants) * PART / 250)
            chosen[at] = self.planted[word][rng.integers(len(self.planted[word]))]
        tempo = rng.uniform(0.85, 1.18, len(chosen))
        steps = [np.arange(0, len(x) - 1, t) for x, t in zip(chosen, tempo, strict=True)]
        begin = np.cumsum([0, *(len(x) for x in chosen[:-1])])
        at = np.concatenate([step + b for step, b in zip(steps, begin, strict=True)])[:PART]
        whole, low = np.concatenate(chosen), at.astype(int)
        part = (at - low)[:, None]
        frames = whole[low] * (1 - part) + whole[low + 1] * part
        d = frames.shape[1]
        colour = np.eye(d) + 0.04 * rng.normal(size=(d, d)) * (np.arange(d) > 0)[:, None]
        noise = 0.12 * self.spread * rng.normal(size=frames.shape)
        return (frames @ colour.T + noise).astype(np.float32)


def simulate(folder, hours, material, rng, each):
    """Make an archive of so many hours, one to a shard; each word is said `each` times an hour."""
    archive, scale = Archive.create(folder, front_end="cepstra"), packing(EAR)
    plan = [[] for _ in range(6 * hours)]
    for word in range(len(material.keywords)):
        for at in rng.integers(len(plan), size=max(1, round(each * hours))):
            plan[at].append(word)
    for hour in range(hours):
        parts = [scale.pack(material.recording(rng, plan[6 * hour + i])) for i in range(6)]
        entries = [_entry(f"/{hour:06}-{i}.wav", len(part)) for i, part in enumerate(parts)]
        write_shard(archive.store, entries, parts, EAR)
    return _complete(folder)


def repeat(archive, folder, times, *, searched=True):
    """Make an archive that holds another several times, under other names.

    Its features are the same bytes of the disk; the codes that are searched are written out. If it
    is not to be searched but added to, its packs are told of and empty: only new ones are written.
    """
    target = Archive.create(folder, front_end="cepstra")
    for part in ("shards", FOLDER):
        Path(folder, part).mkdir(exist_ok=True)
    for number in range(times):
        for shard in archive.shards:
            renamed = [_entry(f"/{number}{entry.path}", entry.frames) for entry in shard.entries]
            name = shard_id(renamed)
            entries = tuple(entry._replace(shard=name) for entry in renamed)
            copy = replace(shard, id=name, entries=entries)
            Path(folder, copy.key()).symlink_to(Path(archive.url, shard.key()))
            Path(folder, record_key(name)).write_bytes(signed(record(copy)))
    if not searched:
        _pack_nothing(target.store, Archive.open(folder).catalogue.shards)
    return _complete(folder)


def _pack_nothing(store, shards):
    for group in packs.groups(shards):
        empty = packs.Pack(f"{packs.FOLDER}/{packs.pack_id(group)}", group, ())
        store.write(f"{empty.folder}/zarr.json", packs.pack_file(empty))


def _entry(path, frames):
    digest = hashlib.sha256(path.encode()).hexdigest()
    return Entry(path, digest, 1, 1, 16000.0, frames * EAR.period, frames, "whole")


def _complete(folder):
    archive = Archive.open(folder)
    archive.catalogue.merge()
    packs.merge(archive.store, archive.catalogue.shards, EAR)
    return archive
