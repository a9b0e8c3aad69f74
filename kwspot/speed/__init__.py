"""How fast Sprintz, Bolt, MADDNESS and the int8 bank are on this machine, and how to time them."""

from kwspot.speed.measuring import Figure, measure
from kwspot.speed.timing import cpu_name, cpu_seconds

__all__ = ["Figure", "cpu_name", "cpu_seconds", "measure"]
