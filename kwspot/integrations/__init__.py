"""Adapters to other libraries, each of them optional."""
