"""From samples to frames of features: front ends, their registry and their normalisation."""

from kwspot.features.frontend import FeatureStream, FrontEnd, front_end, front_ends, register

__all__ = ["FeatureStream", "FrontEnd", "front_end", "front_ends", "register"]
