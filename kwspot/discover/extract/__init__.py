"""EXTRACT: the repeated pattern of any multivariate series, and the word that clips share."""

from kwspot.discover.extract.clips import locate
from kwspot.discover.extract.matrix import FeatureMatrix
from kwspot.discover.extract.pattern import Instance, Pattern
from kwspot.discover.extract.search import extract, features
from kwspot.discover.extract.shapes import Shape

__all__ = ["FeatureMatrix", "Instance", "Pattern", "Shape", "extract", "features", "locate"]
