"""Settings for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, so no example may be judged by its time.
settings.register_profile(
    "kwspot",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("kwspot")
