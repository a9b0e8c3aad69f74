"""Places in recordings on a time axis: one with what is around it, or all, a lane a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from kwspot.errors import AudioError
from kwspot.show.axes import DOUBTFUL, FOUND, SHADE, axes_or_new
from kwspot.show.place import Place, heard, short, sounds_of
from kwspot.show.sound import WHOLE
from kwspot.show.spectrogram import draw_spectrogram
from kwspot.show.waveform import draw_waveform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from kwspot.audio import Source
    from kwspot.results import Detection, Detections, Occurrence
    from kwspot.show.sound import Sound

Kind: TypeAlias = Literal["waveform", "spectrogram"]
Recordings: TypeAlias = "Mapping[str, Source] | None"

_CONTEXT = 0.5  # seconds
_ROW = 0.55  # inches
_TALLEST = 12.0


def draw_place(
    one: Occurrence | Detection, ax: Axes | None, kind: Kind, recordings: Recordings
) -> Axes:
    """Draw a place and half a second around it; see `kwspot.Occurrence.plot`."""
    place = Place.of(one)
    (sound,) = heard([place], _CONTEXT, recordings)
    ax = axes_or_new(ax)
    _draw_sound(ax, sound, kind, place.recording)
    _mark(ax, place, outlined=kind == "spectrogram")
    if sound is None:
        ax.set_xlim(max(0.0, place.start - _CONTEXT), place.end + _CONTEXT)
    ax.set(xlabel="time (s)", title=f"{place.text}, score {place.score:.2f}")
    return ax


def draw_recording(found: Detections, ax: Axes | None, kind: Kind, recordings: Recordings) -> Axes:
    """Draw a whole recording with the places in it; see `kwspot.Detections.plot`."""
    sound = next(iter(sounds_of(found.recording, [WHOLE], recordings)), None)
    ax = axes_or_new(ax)
    _draw_sound(ax, sound, kind, found.recording)
    for item in found:
        _mark(ax, Place.of(item), outlined=kind == "spectrogram")
    ax.set(xlabel="time (s)", title=short(found.recording), xlim=(0, found.duration))
    return ax


def draw_lanes(found: Sequence[Occurrence], ax: Axes | None, recordings: Recordings) -> Axes:
    """Draw the waveforms of all recordings that places are in, one above the other."""
    places = [Place.of(one) for one in found]
    names = list(dict.fromkeys(place.recording for place in places))
    ax = axes_or_new(ax, size=(8.0, min(_TALLEST, 1.2 + _ROW * len(names))))
    for lane, name in enumerate(names):
        for sound in sounds_of(name, [WHOLE], recordings):
            draw_waveform(ax, sound, middle=lane, height=0.4)
        for place in places:
            if place.recording == name:
                _mark(ax, place, low=lane - 0.45, high=lane + 0.45)
                label = f"{place.score:.2f}" if place.sure else f"{place.score:.2f}?"
                ax.annotate(label, (place.end, lane + 0.4), xytext=(2, 0), fontsize=8,
                            textcoords="offset points", va="top")  # fmt: skip
    ax.set_yticks(range(len(names)), labels=[short(name) for name in names])
    ax.set(xlabel="time (s)", ylabel="recording", ylim=(len(names) - 0.4, -0.6))
    ax.set_xlim(left=0)
    return ax


def _draw_sound(ax: Axes, sound: Sound | None, kind: Kind, name: str) -> None:
    """Draw a sound, or leave room for it."""
    if kind not in ("waveform", "spectrogram"):
        msg = f"kind must be 'waveform' or 'spectrogram', got {kind!r}"
        raise ValueError(msg)
    if sound is not None and kind == "spectrogram":
        draw_spectrogram(ax, sound)
        return
    if kind == "spectrogram":
        raise AudioError(
            f"{name or 'the recording'} cannot be read, and a spectrogram needs it",
            hint="give the recordings: plot(recordings={name: path or (samples, rate)})",
        )
    if sound is not None:
        draw_waveform(ax, sound)
        ax.set_xlim(sound.start, sound.end)
    ax.set(ylabel="amplitude (of the loudest)", ylim=(-1.05, 1.05))


def _mark(
    ax: Axes, place: Place, *, low: float | None = None, high: float = 0.0, outlined: bool = False
) -> None:
    """Mark the span of a place over the whole height, or from `low` to `high`."""
    colour = FOUND if place.sure else DOUBTFUL
    style: dict[str, Any] = {"edgecolor": colour, "linestyle": "-" if place.sure else "--"}
    if outlined:  # on a picture that has all colours, white stands out
        style |= {"facecolor": "none", "edgecolor": "white", "linewidth": 1.5}
    else:
        style |= {"facecolor": (colour, SHADE)}
    if low is None:
        ax.axvspan(place.start, place.end, **style)
    else:
        ax.fill_between([place.start, place.end], low, high, **style)
