"""Write the pictures that drawings are held to: ``python tests/golden/make_plots.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pictures import GOLDEN, PICTURES, render

for name, draw in PICTURES.items():
    render(draw, GOLDEN / f"plot_{name}.png")
