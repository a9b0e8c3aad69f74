"""The same results from a real cluster of several processes, one of which is killed meanwhile."""

import logging
import os
import signal
from copy import copy
from operator import floordiv
from pathlib import Path

import pytest
import soundfile
from archives import SHARD_BYTES, build, contents, corpus
from commands import run
from distributed import Client, LocalCluster

import kwspot
from kwspot.archive import Archive
from kwspot.audio import load
from kwspot.cli.demo import samples
from kwspot.errors import ClusterError
from kwspot.scale import cluster

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.fixture(scope="module")
def nodes():
    """Give a cluster of two processes."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as local:
        yield local


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Give a folder of recordings, one of them cut short and one of no use."""
    folder = corpus(tmp_path_factory.mktemp("audio"))
    whole = next(folder.iterdir())
    soundfile.write(folder / "cut.flac", load(whole).repeat(8), 16000)
    content = (folder / "cut.flac").read_bytes()
    (folder / "cut.flac").write_bytes(content[:-9000])
    (folder / "none.wav").write_bytes(b"none")
    return folder


def kill_one(local):
    """Kill one of the workers as a machine would."""
    with Client(local.scheduler_address, set_as_default=False) as client:
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


def test_an_archive_is_the_same_though_a_worker_is_killed(nodes, audio, tmp_path):
    one = build(tmp_path / "one", audio)
    two = Archive.create(tmp_path / "two", front_end="cepstra")
    killed = []

    def kill_once(*now):
        if not killed:
            killed.append(kill_one(nodes))

    with cluster(nodes.scheduler_address) as workers:
        report = two.add(audio, shard_bytes=SHARD_BYTES, run=workers, progress=kill_once)
    assert killed
    assert [Path(failure.path).name for failure in report.failures] == ["none.wav"]
    assert [Path(doubt.path).name for doubt in report.doubts] == ["cut.flac"]
    assert contents(one.url) == contents(two.url)


def test_commands_print_the_same_from_a_cluster(nodes, audio, tmp_path, monkeypatch):
    monkeypatch.chdir(audio.parent)
    with samples() as (_, recordings):
        clips = [one.path for one in recordings if one.role == "learn"]
        keyword = kwspot.learn(clips, name="jude", front_end="cepstra")
        keyword.save("jude.kws")
        truth = [f"{one.path},{one.start},{one.end},jude" for one in recordings if one.end]
        (audio.parent / "truth.csv").write_text("\n".join(["path,start,end,word", *truth]) + "\n")
        for command in (
            ["spot", "jude.kws", "--", audio.name, "--json", "--quiet"],
            ["evaluate", "jude.kws", "--truth", "truth.csv", "--json", "--quiet"],
        ):
            here = run(*command)
            there = run(*command, "--scheduler", nodes.scheduler_address)
            assert there.stdout == here.stdout != ""
            assert there.exit_code == here.exit_code
            assert len(there.stderr.splitlines()) == len(here.stderr.splitlines())


def test_tasks_are_taken_as_there_are_hands_and_results_come_in_order(nodes):
    taken = []

    def tasks():
        for number in range(-20, 1):
            taken.append(number)
            yield (100, number)

    with cluster(nodes.scheduler_address) as workers:
        results = workers(floordiv, tasks())
        assert next(results) == -5
        assert len(taken) <= 8  # two for each worker, and as many in place of those that are done
        assert [next(results) for _ in range(19)] == [100 // number for number in range(-19, 0)]
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_keywords_arrive_as_they_were_sent(nodes, audio):
    clips = sorted(audio.glob("conf-*.wav"))[:2]
    words = [kwspot.Keyword.from_examples([one], front_end="cepstra") for one in clips]
    expected = [word.to_fields() for word in words]
    with cluster(nodes.scheduler_address) as workers:
        listed, named = workers(copy, [(words,), (dict(enumerate(words)),)])
    assert [word.to_fields() for word in listed] == expected
    assert [word.to_fields() for word in named.values()] == expected


def test_standard_input_is_not_for_a_cluster(nodes, tmp_path, audio):
    keyword = kwspot.Keyword.from_examples([min(audio.glob("*.wav"))], front_end="cepstra")
    keyword.save(tmp_path / "a.kws")
    told = run("spot", tmp_path / "a.kws", "--", "-", "--scheduler", nodes.scheduler_address)
    assert told.exit_code == 2
    assert "standard input" in told.stderr


def test_a_cluster_without_workers_is_refused():
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL) as local,
        pytest.raises(ClusterError, match="no workers"),
        cluster(local.scheduler_address, timeout=3),
    ):
        pass
