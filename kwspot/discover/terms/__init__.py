"""What is said again and again in any number of recordings."""

from kwspot.discover.terms.finding import discover_terms
from kwspot.discover.terms.result import Term, Terms

__all__ = ["Term", "Terms", "discover_terms"]
