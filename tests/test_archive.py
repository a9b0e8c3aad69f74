"""What an archive holds, and how it is read."""

import numpy as np
import pytest

import kwspot
from kwspot.archive import Archive
from kwspot.audio import load
from kwspot.features import front_end


@pytest.fixture(scope="module")
def archive(samples, tmp_path_factory):
    """Give an archive of the sample audio."""
    archive = Archive.create(tmp_path_factory.mktemp("archive") / "a", front_end="cepstra")
    archive.add(samples["learn"] + samples["find"])
    return archive


def test_what_is_added_is_found_when_it_is_opened_again(archive, samples):
    again = kwspot.Archive.open(archive.store.url)
    assert len(again) == len(samples["learn"]) + len(samples["find"])
    assert list(again) == sorted(archive)
    assert {entry.state for entry in again} == {"whole"}


def test_features_are_those_of_the_recording_up_to_rounding(archive, samples):
    ear = front_end("cepstra")
    for path in samples["learn"]:
        exact = ear(load(path))
        stored = archive.features(path)
        assert np.abs(stored - exact).max() <= 0.5 / 24 + 1e-6
        part = archive.features(path, 0.5, 0.7)
        np.testing.assert_array_equal(part, stored[25:35])
