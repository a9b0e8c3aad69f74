"""Results: the same after a round trip, and only of their own format."""

from __future__ import annotations

import json

import pytest

from kwspot.evidence import Evidence
from kwspot.results import Detection, Detections, Discovery, Occurrence, Ranking

PLACES = (Occurrence("a.wav", 0.1, 0.5, 0.9), Occurrence("b.wav", 1.0, 1.25, 0.2, present=False))
EVIDENCE = Evidence(("a.wav", "b.wav"), (30, 40), ((0.0, 1.5), (1.5, 0.0)), 0.7, ())
RESULTS = [
    Discovery(PLACES, 0.8, "consensus", "cepstra", runners_up=(PLACES[::-1],)),
    Discovery(PLACES, 0.8, "consensus", "cepstra", evidence=EVIDENCE),
    Detections("a.wav", 2.5, (Detection("x", 0.0, 0.5, 0.7), Detection("y", 1.0, 1.5, 0.4))),
    Ranking("a.wav", (("x", 0.7), ("y", 0.1))),
]


@pytest.mark.parametrize("result", RESULTS)
def test_json_keeps_everything(result):
    assert type(result).from_json(result.to_json()) == result
    assert len(result) == len(list(result)) == 2


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("text", ['{"format": "other/1"}', "[]", "{}"])
def test_other_json_is_refused(result, text):
    with pytest.raises(ValueError, match="expected JSON of format"):
        type(result).from_json(text)


def test_what_the_results_tell():
    assert RESULTS[0].absent == ("b.wav",)
    assert PLACES[1].duration == 0.25
    assert [hit.keyword for hit in RESULTS[2].above(0.5)] == ["x"]
    assert RESULTS[3].best == "x"
    assert json.loads(RESULTS[2].to_json())["format"] == "kwspot.detections/1"
