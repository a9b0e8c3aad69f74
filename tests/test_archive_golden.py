"""An archive of the first version, which must be readable for ever."""

import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np

from kwspot.archive import Archive, check
from kwspot.archive.states import states
from kwspot.audio import load
from kwspot.features import front_end
from kwspot.sample_audio import __file__ as samples

GOLDEN = Path(__file__).parent / "golden" / "archive"
IDS = ["ac522fca", "0923ddc1"]
PACKED = "3bab22c71fe0cfaaaba5d4037bbef04bec28bbe2697abf392c79349135f200bd"


def test_it_is_read():
    archive = Archive.open(GOLDEN)
    assert [entry.path for entry in archive] == ["/golden/conf-full.wav", "/golden/conf-locked.wav"]
    assert [entry.id[:8] for entry in archive] == IDS
    (shard,) = archive.shards
    assert sha256(archive.rows(shard.id, "features")[:].tobytes()).hexdigest() == PACKED
    ear = front_end("cepstra")
    for entry in archive:
        exact = ear(load(Path(samples).with_name(Path(entry.path).name)))
        np.testing.assert_allclose(archive.features(entry), exact, atol=0.5 / 24 + 1e-3)
    stored = archive.rows(shard.id, "states")[:]
    again = [states(archive.features(entry), ear) for entry in shard.entries]
    np.testing.assert_allclose(stored, np.concatenate(again), rtol=1e-6)
    assert [name for name in shard.arrays if name.startswith("codes-")]


def test_it_is_whole(tmp_path):
    shutil.copytree(GOLDEN, tmp_path / "a")
    found = check(tmp_path / "a")
    assert (found.findings, found.lost) == ((), ())
    assert found.files > 15
