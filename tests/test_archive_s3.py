"""An archive on object storage: a real S3 server, on this machine."""

from urllib.request import Request, urlopen

import numpy as np
import pytest
from archives import build, contents, corpus

from kwspot.archive import Archive, check
from kwspot.archive.store import store_at
from kwspot.errors import ArchiveError, OutputError

pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")


@pytest.fixture(scope="module")
def bucket():
    """Serve S3 on a free port, and give the URL of a bucket."""
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        make = Request(f"http://{host}:{port}/recordings", method="PUT")
        urlopen(make, timeout=120).close()  # the server takes its time over its first request
        yield "s3://recordings"
    server.stop()


def test_an_archive_on_s3_holds_what_a_local_one_does(bucket, tmp_path):
    audio = corpus(tmp_path / "audio", most=4)
    local = build(tmp_path / "a", audio)
    remote = build(f"{bucket}/a", audio)
    assert contents(remote.url) == contents(local.url)
    again = Archive.open(f"{bucket}/a")
    for mine, other in zip(again, local, strict=True):
        assert mine == other
        np.testing.assert_array_equal(again.features(mine, 0.5), local.features(other, 0.5))


def test_what_is_gone_or_damaged_on_s3_is_mended(bucket, tmp_path):
    audio = corpus(tmp_path / "audio", most=4)
    archive = build(f"{bucket}/b", audio)
    next(audio.iterdir()).unlink()
    assert len(archive.add(audio).removed) == 1
    whole = contents(archive.url)
    store = store_at(archive.url)
    key = archive.shards[0].key("features/c/0/0")
    store.write(key, store.read(key)[::-1])
    assert [finding.key for finding in check(archive.url).findings] == [key]
    assert contents(archive.url) == whole


def test_what_cannot_be_reached_is_told(bucket):
    assert not Archive.exists(f"{bucket}/absent")
    with pytest.raises(ArchiveError, match="there is no archive"):
        Archive.open(f"{bucket}/absent")
    with pytest.raises(ArchiveError, match="cannot be reached"):
        Archive.open("nonsense://x")
    with pytest.raises(OutputError, match="cannot be reached"):
        Archive.create("s3://absent/a", front_end="cepstra")
