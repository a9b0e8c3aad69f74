"""The tensor file: others can read it, damage is always noticed, writing is all or nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from kwspot import tensorfile
from kwspot.errors import KwspotError, ModelError, OutputError

ARRAYS = {
    "floats": np.linspace(0, 1, 7, dtype=np.float32).reshape(7, 1),
    "counts": np.arange(5),
    "bytes": np.arange(4, dtype=np.uint8),
}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "some.file"
    tensorfile.write(file, "test/1", ARRAYS, {"note": "größer"})
    return file


def test_what_was_written_is_read(path):
    arrays, metadata = tensorfile.read(path, "test/1")
    assert metadata == {"format": "test/1", "note": "größer"}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype


def test_safetensors_reads_it(path):
    arrays = safetensors.numpy.load_file(path)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_every_flipped_byte_and_every_cut_is_noticed(path, tmp_path):
    content = path.read_bytes()
    broken = tmp_path / "broken"
    for i in range(len(content)):
        broken.write_bytes(content[:i] + bytes([content[i] ^ 0x10]) + content[i + 1 :])
        with pytest.raises(ModelError):
            tensorfile.read(broken, "test/1")
        broken.write_bytes(content[:i])
        with pytest.raises(ModelError):
            tensorfile.read(broken, "test/1")
    broken.write_bytes(content + b"\0")
    with pytest.raises(ModelError, match="checksum"):
        tensorfile.read(broken, "test/1")


@given(st.binary(max_size=300))
def test_noise_is_no_file(tmp_path_factory, noise):
    broken = tmp_path_factory.getbasetemp() / "noise"
    broken.write_bytes(noise)
    with pytest.raises(ModelError) as caught:
        tensorfile.read(broken, "test/1")
    assert caught.value.hint


def test_versions_and_kinds_are_told_apart(path, tmp_path):
    with pytest.raises(ModelError, match=r"format test/1, and this kwspot reads test/2") as caught:
        tensorfile.read(path, "test/2")
    assert "upgrade" in caught.value.hint
    with pytest.raises(ModelError, match="was needed"):
        tensorfile.read(path, "other/1")
    with pytest.raises(ModelError, match="cannot be opened"):
        tensorfile.read(tmp_path / "absent", "test/1")


def test_a_failed_write_leaves_what_was_there(path, tmp_path):
    before = path.read_bytes()
    blocked = tmp_path / "folder"
    blocked.mkdir()
    (blocked / "child").touch()
    with pytest.raises(OutputError) as caught:
        tensorfile.write_atomically(blocked, b"new")
    assert isinstance(caught.value, KwspotError)
    with pytest.raises(OutputError, match="cannot be written"):
        tensorfile.write_atomically(tmp_path / "nowhere" / "file", b"new")
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["folder", "some.file"]


def test_a_full_disk_leaves_what_was_there(path):
    before = path.read_bytes()
    code = """
import resource, sys
from kwspot import tensorfile
from kwspot.errors import OutputError
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    tensorfile.write_atomically(sys.argv[1], bytes(10000))
except OutputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert "cannot be written: File too large" in done.stdout
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_new_file_has_the_usual_rights(path):
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
