"""The recordings that kwspot ships with are what their manifest says."""

import re
from collections import Counter

import numpy as np
import pytest

from kwspot.audio import duration, load
from kwspot.cli.demo import samples

# Words without a meaning of their own: any sentence may share them.
SMALL = set("the this that is in a at by for from your you will has have been are".split())  # noqa: SIM905


@pytest.fixture(scope="module")
def shipped():
    with samples() as (manifest, recordings):
        yield manifest, recordings


def words(sample):
    return re.findall(r"[a-z']+", sample.transcript.lower())


def test_there_are_five_to_learn_from_three_to_find_and_three_without(shipped):
    roles = Counter(sample.role for sample in shipped[1])
    assert roles == {"learn": 5, "find": 3, "reject": 3}


def test_the_word_is_once_in_each_that_has_a_span_and_in_no_other(shipped):
    manifest, recordings = shipped
    for sample in recordings:
        assert words(sample).count(manifest["keyword"]) == (sample.start is not None), sample
        assert (sample.start is None) == (sample.role == "reject")


def test_the_five_share_no_other_word_of_meaning(shipped):
    manifest, recordings = shipped
    learned = [set(words(sample)) - SMALL for sample in recordings if sample.role == "learn"]
    shared = Counter(word for one in learned for word in one)
    assert shared.pop(manifest["keyword"]) == 5
    assert max(shared.values()) <= 2
    assert len(set(map(frozenset, learned))) == 5


def test_each_span_lies_in_its_recording_and_is_not_silent(shipped):
    for sample in shipped[1]:
        if sample.start is None:
            continue
        assert 0 <= sample.start < sample.end <= duration(sample.path)
        x = load(sample.path)
        inside = x[round(sample.start * 16000) : round(sample.end * 16000)]
        assert np.std(inside) > 0.3 * np.std(x)


def test_who_made_them_and_the_licence_are_told(shipped):
    manifest, recordings = shipped
    folder = recordings[0].path.parent
    assert manifest["licence"] == "CC-BY-SA-3.0"
    licence = (folder / "LICENSE").read_text()
    for words_of_credit in ("Allison Smith", "Digium", "Attribution-ShareAlike 3.0"):
        assert words_of_credit in licence
    assert "Allison Smith" in manifest["credit"]
    assert "Debian" in manifest["source"]


def test_nothing_else_is_there_and_it_is_small(shipped):
    folder = shipped[1][0].path.parent
    files = {path.name for path in folder.iterdir() if path.is_file()}
    listed = {sample.path.name for sample in shipped[1]}
    assert files == listed | {"LICENSE", "__init__.py", "manifest.json"}
    assert sum((folder / name).stat().st_size for name in files) < 600_000
