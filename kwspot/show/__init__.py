"""Pictures and players of what was found. Results call these; nothing heavy is imported before.

Pictures on axes need the extra ``plot``. What stands in HTML (`player`, `waveform_svg`) does not.
"""

from kwspot.show.player import player
from kwspot.show.sound import Sound, hear
from kwspot.show.vector import svg
from kwspot.show.waveform import waveform_svg

__all__ = ["Sound", "hear", "player", "svg", "waveform_svg"]
