"""What a front end is, and the registry that others plug into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from kwspot.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

F32 = npt.NDArray[np.float32]


class FeatureStream(Protocol):
    """The frames of a recording that arrives in chunks; together equal to the whole-file ones."""

    def feed(self, x: F32) -> F32:
        """Take the next samples, and return the frames that are now complete.

        Parameters
        ----------
        x : ndarray, shape (n,), float32
            Samples; any n, 0 too.

        Returns
        -------
        ndarray, shape (frames, dimensions), float32
        """
        ...

    def finish(self) -> F32:
        """Return the last frames, shape (frames, dimensions), which lack their look-ahead."""
        ...


@runtime_checkable
class FrontEnd(Protocol):
    """Turns samples into frames.

    Frame i stands for the span ``[i * period, (i + 1) * period)`` of the recording, in seconds.
    """

    @property
    def name(self) -> str:
        """Name in the registry."""
        ...

    @property
    def rate(self) -> int:
        """Sampling rate that it expects, in Hz."""
        ...

    @property
    def period(self) -> float:
        """Seconds per frame."""
        ...

    @property
    def dimensions(self) -> int:
        """Features per frame."""
        ...

    @property
    def homogeneous(self) -> bool:
        """True if a gain scales the frames, False if it shifts them."""
        ...

    @property
    def context(self) -> float:
        """Seconds that a frame sees on either side of its middle."""
        ...

    def loudness(self, frames: F32) -> F32:
        """Return the compressed loudness of frames, shape (n,); a gain scales it.

        Parameters
        ----------
        frames : ndarray, shape (n, dimensions), float32
            What the front end made.
        """
        ...

    def __call__(self, x: F32) -> F32:
        """Return the features, shape (frames, dimensions), of samples, shape (n,)."""
        ...

    def stream(self) -> FeatureStream:
        """Return what takes a recording that arrives in chunks."""
        ...


def _log_mel() -> FrontEnd:
    from kwspot.features.mel import LogMel

    return LogMel()


def _mfcc() -> FrontEnd:
    from kwspot.features.mfcc import MFCC

    return MFCC()


def _cepstra() -> FrontEnd:
    from kwspot.features.cepstra import RootCepstra

    return RootCepstra()


def _speech() -> FrontEnd:
    from kwspot.features.speech import SpeechEmbedding

    return SpeechEmbedding()


def _auto() -> FrontEnd:
    from kwspot.errors import MissingExtra

    try:
        return _speech()
    except MissingExtra:
        return _cepstra()


_REGISTRY: Registry[FrontEnd] = Registry(
    "front end",
    {
        "auto": _auto,
        "cepstra": _cepstra,
        "mel": _log_mel,
        "mfcc": _mfcc,
        "speech": _speech,
    },
)


def register(name: str, make: Callable[[], FrontEnd]) -> None:
    """Add a front end to the registry.

    Parameters
    ----------
    name : str
        What users and model files call it.
    make : callable
        Returns the front end; called each time that one is asked for, so it may import what is
        heavy.

    Raises
    ------
    ValueError
        If the name is taken.

    Examples
    --------
    >>> register("my-mel", lambda: front_end("mel"))
    >>> "my-mel" in front_ends()
    True
    >>> del _REGISTRY["my-mel"]
    """
    _REGISTRY.add(name, make)


def front_ends() -> tuple[str, ...]:
    """Return the names of all front ends, sorted.

    Examples
    --------
    >>> front_ends()
    ('auto', 'cepstra', 'mel', 'mfcc', 'speech')
    """
    return _REGISTRY.names()


def front_end(name: str) -> FrontEnd:
    """Make the front end of a name.

    Parameters
    ----------
    name : str
        See `front_ends`; "auto" is "speech" where it is installed, else "cepstra".

    Returns
    -------
    FrontEnd

    Raises
    ------
    ValueError
        If there is none.
    MissingExtra
        If its extra is not installed.

    Examples
    --------
    >>> front_end("cepstra").period
    0.02
    """
    return _REGISTRY.make(name)
