"""What all tests share."""

import hypothesis
import pytest

# The first call of a kernel compiles it, which no deadline allows for.
hypothesis.settings.register_profile("kwspot", deadline=None)
hypothesis.settings.load_profile("kwspot")


@pytest.fixture(scope="session")
def samples():
    """The sample audio: paths of the recordings by role."""
    from kwspot.cli.demo import samples

    with samples() as (_, recordings):
        roles = ("learn", "find", "reject")
        yield {role: [str(one.path) for one in recordings if one.role == role] for role in roles}


@pytest.fixture(scope="session")
def model(samples, tmp_path_factory):
    """A model of the samples' word, "conference"."""
    import kwspot

    path = tmp_path_factory.mktemp("model") / "conference.kws"
    kwspot.learn(samples["learn"], name="conference").save(path)
    return path
