import numpy as np
import pytest
from commands import run, run_json

from kwspot import speed
from kwspot.speed import contenders, material

SYSTEMS = ["memcpy", "Sprintz", "FIRE", "Bolt", "sgemm", "MADDNESS", "int8 bank"]


def test_bench_measures_every_system_beside_its_yardstick():
    (found,) = run_json("bench", "--json")
    figures = found["figures"]
    assert list(dict.fromkeys(figure["system"] for figure in figures)) == SYSTEMS
    assert found["cpu"]
    assert found["level"] in {"avx512", "avx2", "ssse3", "neon", "plain"}
    for figure in figures:
        assert figure["value"] > 0
        assert figure["ratio"] > 0
        yardstick = figure["system"] == figure["yardstick"]
        assert (figure["ratio"] == 1) == yardstick
    errors = {figure["system"]: figure["error"] for figure in figures if figure["error"]}
    assert errors["int8 bank"] < 0.02 < errors["MADDNESS"] < 0.5


def test_bench_prints_a_line_a_figure(monkeypatch):
    figures = [
        speed.Figure("sgemm", "40 columns", 1.5, "G outputs/s", 1.0, "sgemm"),
        speed.Figure("MADDNESS", "scan", 15.0, "G outputs/s", 10.0, "sgemm", 0.125),
    ]
    monkeypatch.setattr(speed, "measure", lambda: iter(figures))
    head, yardstick, other = run("bench").stdout.splitlines()
    assert head.endswith("one thread")
    assert yardstick.split() == ["sgemm", "40", "columns", "1.50", "G", "outputs/s"]
    assert other.endswith("10.00x sgemm, relative error 0.125")


def test_the_slower_takes_longer_and_a_warm_run_is_the_sixth():
    calls = []
    speed.cpu_seconds({"one": lambda: calls.append(1)}, 3, warm=True)
    assert len(calls) == 6 * 4


@pytest.mark.parametrize("bits", [6, 12])
def test_features_fill_their_bits(bits):
    level = material.in_bits(material.log_mel(), bits)
    assert level.dtype == (np.uint8 if bits == 6 else np.uint16)
    assert (level.min(), level.max()) == (0, 2**bits - 1)


def test_streams_are_checked_before_they_are_timed():
    x = material.repeated(material.in_bits(material.log_mel(), 6), 256)
    stream = contenders.sprintz_stream(x, fire=False)
    assert 1 < stream.ratio < 8
    stream.encode()
    stream.decode()
