"""Read recordings: any file, bytes or array in, mono float32 samples at one rate out."""

from kwspot.audio.cutting import cut
from kwspot.audio.folder import find
from kwspot.audio.reader import RATE, blocks, digest, duration, load, streamed
from kwspot.audio.source import Source

__all__ = ["RATE", "Source", "blocks", "cut", "digest", "duration", "find", "load", "streamed"]
