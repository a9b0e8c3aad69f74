"""The compiled loops: the only place that imports numba. Nothing here knows the rest of kwspot.

The caller checks shapes and dtypes and allocates; a kernel loops over scalars and writes its last
arguments. Each has a slow, obvious twin in the tests.
"""
