"""How the documentation is built: `sphinx-build -n -W docs docs/_build/html`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]  # where `pages` is

import pages  # noqa: E402

import kwspot  # noqa: E402

project = "kwspot"
author = "The kwspot engineers"
release = kwspot.__version__
copyright = "the kwspot engineers, Apache License 2.0"  # noqa: A001

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
exclude_patterns = ["_build", "_generated"]

# Types, shapes and units stand in the docstrings.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
default_role = "autolink"
# In single backticks stand parameters too: what is ours by its name must be found.
nitpick_ignore_regex = [("py:obj", r"(?!kwspot\.).*")]

nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_execution_cache_path = str(HERE / "_build" / "notebooks")
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "kwspot"

pages.write(HERE / "_generated", HERE / "notebooks")
