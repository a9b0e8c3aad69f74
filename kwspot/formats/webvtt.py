r"""WebVTT, the subtitles of web players: one cue per label; no score, no tier, no recording.

Times are rounded to milliseconds. Source: W3C, "WebVTT: The Web Video Text Tracks Format".

Examples
--------
>>> from kwspot.formats import Label
>>> print(write([Label(0.5, 3601.25, "<hello>")]), end="")
WEBVTT
<BLANKLINE>
1
00:00:00.500 --> 01:00:01.250
&lt;hello&gt;
>>> read("WEBVTT\n\n00:01.000 --> 00:02.500 align:start\n<v Roger>Hi &amp; bye\n")[0].text
'Hi & bye'
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from kwspot.formats.format import in_order, labelled, lines, malformed, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwspot.formats.label import Label

TITLE = "WebVTT"
SUFFIXES = (".vtt",)
MANY = False

_CLOCK = r"(?:(\d+):)?([0-5]\d):([0-5]\d\.\d{3})"
_CUE = re.compile(rf"{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t].*)?")
_TAG = re.compile(r"<[^>]*>")


def matches(text: str) -> bool:
    """Tell by the first word."""
    return re.match(r"WEBVTT(\s|$)", text) is not None


def read(text: str) -> list[Label]:
    """Read the cues, without their tags; notes, styles and regions are passed over."""
    if not matches(text):
        raise malformed(1, "'WEBVTT'", text.partition("\n")[0])
    found = []
    for line, block in _blocks(text):
        if block[0].startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
            continue
        at = 0 if "-->" in block[0] else 1  # a name may stand before the times
        times = _CUE.fullmatch(block[at]) if at < len(block) else None
        if times is None:
            given = block[min(at, len(block) - 1)]
            raise malformed(line + at, "times such as '00:01.000 --> 00:02.500'", given)
        start, end = _seconds(*times.groups()[:3]), _seconds(*times.groups()[3:])
        words = html.unescape(_TAG.sub("", "\n".join(block[at + 1 :])))
        found.append(labelled(line + at, start, end, words))
    return found


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield what stands between empty lines, with the number of its first line."""
    first, block = 1, []
    for line, content in lines(text + "\n\n"):
        if content:
            block.append(content)
            continue
        if block:
            yield first, block
        first, block = line + 1, []


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    """Read a clock."""
    return round(3600 * int(hours or 0) + 60 * int(minutes) + float(seconds), 3)


def write(labels: Sequence[Label], duration: float | None = None) -> str:
    """Write cues; each lasts a millisecond at least."""
    cues = ["WEBVTT\n"]
    for place, label in enumerate(in_order(labels), 1):
        if not all(line.strip() for line in label.text.split("\n")) or re.search(
            "[\r\0]", label.text
        ):
            raise refused(TITLE, "it ends at an empty line or a carriage return", label.text)
        start = round(label.start * 1000)
        end = max(round(label.end * 1000), start + 1)
        words = html.escape(label.text, quote=False)
        cues.append(f"\n{place}\n{_clock(start)} --> {_clock(end)}\n{words}\n")
    return "".join(cues)


def _clock(milliseconds: int) -> str:
    """Write hours, minutes and seconds."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{rest:03}"
