"""Settings and recordings for all tests."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, so no example may be judged by its time.
settings.register_profile(
    "kwspot",
    deadline=None,
    max_examples=40,
    derandomize="CI" in os.environ,  # a check must say the same of the same commit
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("kwspot")


@pytest.fixture(scope="session")
def samples():
    """Give the paths of the sample audio by role."""
    from kwspot.cli.demo import samples

    with samples() as (_, recordings):
        roles = ("learn", "find", "reject")
        yield {role: [str(one.path) for one in recordings if one.role == role] for role in roles}


@pytest.fixture(scope="session")
def model(samples, tmp_path_factory):
    """Give the path of a model of the samples' word, "conference"."""
    import kwspot

    path = tmp_path_factory.mktemp("model") / "conference.kws"
    kwspot.learn(samples["learn"], name="conference").save(path)
    return path


@pytest.fixture
def clips(samples, tmp_path, monkeypatch):
    """A folder `clips` with the five sample clips, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "clips"
    folder.mkdir()
    for path in samples["learn"]:
        shutil.copy(path, folder)
    return folder
