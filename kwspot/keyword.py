"""What was learned: examples of a word, how to compare with them, and what the costs mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from kwspot import __version__
from kwspot.base import Result
from kwspot.errors import TooFewClips
from kwspot.features import front_end as front_end_named
from kwspot.judging import best_place, costs_apart, judged, word_cost, word_costs
from kwspot.match.agreement import Contest, leave_one_out, nearest_cost
from kwspot.match.calibrate import Calibration
from kwspot.recording import Recording, listen, listen_to
from kwspot.reviewed import match
from kwspot.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from kwspot.audio import Source
    from kwspot.evidence import Evidence
    from kwspot.features import FrontEnd
    from kwspot.features.word import Utterance
    from kwspot.match.alarms import Tail
    from kwspot.recording import Example
    from kwspot.results import Detections, Occurrence
    from kwspot.review import Review
    from kwspot.reviewed import Span
    from kwspot.show.spans import Recordings

F32 = npt.NDArray[np.float32]

_THRESHOLD = 0.5  # of a keyword for which no rate of false alarms was asked


@dataclass(frozen=True, eq=False)
class Keyword(Result):
    """A word that can be recognised in new audio.

    Made by `kwspot.learn` from recordings that share the word, or by `from_examples` from
    recordings cut to it; kept in a ``.kws`` file.

    Attributes
    ----------
    name : str
        What detections call it.
    front_end : str
        Name of the front end that made its features.
    examples : tuple of Example
        What it was learned from.
    calibration : Calibration
        What its costs mean.
    confidence : float
        0 to 1: how sure it is that the examples are the same word.
    absent : tuple of Occurrence
        The best guess in recordings that do not seem to hold the word; not learned from.
    rivals : tuple of Example
        Words that must not be taken for it.
    background : Tail, optional
        How often everyday sound is taken for it, if some was heard.
    false_alarms_per_hour : float, optional
        For how many the threshold is set.
    evidence : Evidence, optional
        Why this word was taken for the one that the recordings share.
    sketch : Sketch, optional
        What tells cheaply where a costly front end need not listen for it, and in words alone
        counts beside it.
    created : str
        When, ISO 8601 in UTC.
    version : str
        The kwspot that made it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> word, silence = rng.normal(size=8000), np.zeros(8000)
    >>> keyword = Keyword.from_examples([(word, 16000)] * 3, front_end="cepstra", name="hiss")
    >>> [hit.keyword for hit in keyword.spot((np.concatenate([silence, word, silence]), 16000))]
    ['hiss']
    """

    FORMAT: ClassVar[str] = "kwspot.keyword/1"

    name: str
    front_end: str
    examples: tuple[Example, ...]
    calibration: Calibration
    confidence: float
    created: str
    version: str
    absent: tuple[Occurrence, ...] = ()
    rivals: tuple[Example, ...] = ()
    background: Tail | None = None
    false_alarms_per_hour: float | None = None
    evidence: Evidence | None = None
    sketch: Sketch | None = None

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Where the word was found, then the best guesses in clips that seem to lack it."""
        return (*(example.occurrence for example in self.examples), *self.absent)

    @property
    def threshold(self) -> float:
        """Least score of a detection, 0 to 1, unless another is asked for."""
        if self.background is None or self.false_alarms_per_hour is None:
            return _THRESHOLD
        return float(self.calibration.in_stream(self.background.cost(self.false_alarms_per_hour)))

    @property
    def expected_false_alarms(self) -> tuple[float, float, float] | None:
        """How many per hour at the threshold, and their 95 % interval; None without background."""
        if self.background is None:
            return None
        cost = self.calibration.cost_at(self.threshold)
        return (self.background.rate(cost), *self.background.interval(cost))

    @property
    def prior(self) -> F32:
        """Mean to expect of a recording at level 1, shape (d,), float32."""
        mean: F32 = np.mean([example.mean for example in self.examples], axis=0, dtype=np.float32)
        return mean

    def stream_templates(self) -> list[F32]:
        """Return the examples as within a recording, each of shape (m, d) and unit length."""
        return [example.within() for example in self.examples]

    def whole_templates(self) -> list[F32]:
        """Return the examples as when cut out, each of shape (m, d) and unit length."""
        return [example.alone(self.front_end) for example in self.examples]

    def contest(self) -> Contest:
        """Return what follows a stream of frames that are normalised around `prior`."""
        rivals = [rival.within() for rival in self.rivals]
        return Contest(self.stream_templates(), rivals, self.calibration.weights.margin)

    def whole_cost(self, utterance: Utterance) -> float:
        """Return what an utterance cut to one word costs.

        Parameters
        ----------
        utterance : Utterance
            Its frames, and those of its sketch.
        """
        return word_cost(self, utterance, word_costs(self, utterance))

    def spot(self, audio: Source, **options: Any) -> Detections:
        """Find the word in a recording: `kwspot.spot` with this keyword alone."""
        from kwspot.spot import spot

        return spot(audio, [self], **options)

    def extend(self, clips: Sequence[Source] = (), *, review: Review | None = None) -> Keyword:
        """Add examples: the best place in each of more recordings that hold the word.

        Parameters
        ----------
        clips : sequence of path, bytes, binary file object or tuple (samples, rate)
            Each holds the word somewhere, unless the review says otherwise.
        review : Review, optional
            What a person made of a report: recordings that are in it give the places that were
            accepted, and no other. Those that are missing in `clips` are read from their path.
            Rejected detections become counter-examples, see `against`.

        Returns
        -------
        Keyword
            A new one; this one stays as it is.

        Raises
        ------
        AudioError
            If a clip cannot be read, is shorter than the word, or is not what was reviewed.
        FormatError
            If the review is not about this keyword.
        """
        front_end = front_end_named(self.front_end)
        reviews = [review] if review is not None else []
        spans, rejected, others = match(reviews, clips, word=self.name)
        recordings, places = listen_to(spans, front_end)
        searched = listen(others, front_end)
        places += [best_place(self, recording, front_end) for recording in searched]
        recordings += searched
        if not recordings:
            return self.against(spans=rejected)
        cuts = map(Recording.cut, recordings, places, repeat(front_end))
        rough = replace(self, examples=(*self.examples, *cuts))
        pairs = leave_one_out(rough.stream_templates(), [one.digest for one in rough.examples])
        templates = [others for others, _ in pairs[len(self.examples) :]]
        added, background = judged(rough.prior, recordings, places, templates, front_end)
        extended = replace(
            self,
            examples=(*self.examples, *added),
            calibration=self.calibration.pooled(background),
            sketch=self.sketch and self.sketch.extended(recordings, places, front_end),
            created=_now(),
        )
        return extended._settled().against(spans=rejected)

    def against(self, clips: Sequence[Source] = (), *, spans: Sequence[Span] = ()) -> Keyword:
        """Add counter-examples: in each clip, what is most like the word but is another.

        Parameters
        ----------
        clips : sequence of path, bytes, binary file object or tuple (samples, rate)
            None holds the word; each holds one that is confused with it.
        spans : sequence of (source, start, end)
            Such words themselves: a recording, and a span in seconds.

        Returns
        -------
        Keyword
            A new one; this one stays as it is. Hear background after this, not before.

        Raises
        ------
        AudioError
            If a clip cannot be read, or is shorter than the word.
        """
        front_end = front_end_named(self.front_end)
        recordings = listen(clips, front_end)
        places = [best_place(self, recording, front_end) for recording in recordings]
        marked, marks = listen_to(spans, front_end)
        pairs = zip([*recordings, *marked], [*places, *marks], strict=True)
        rivals = [recording.cut(place, front_end) for recording, place in pairs]
        if not rivals:
            return self
        return replace(self, rivals=(*self.rivals, *rivals), created=_now())

    def _settled(self) -> Keyword:
        """Complete the calibration by what the examples cost."""
        calibration = replace(
            self.calibration,
            genuine=float(np.median([example.cost for example in self.examples])),
            whole=float(np.median([nearest_cost(costs) for costs in costs_apart(self)])),
        )
        return replace(self, calibration=calibration)

    def plot(self, ax: Axes | None = None, *, recordings: Recordings = None) -> Axes:
        """Draw the recordings it was learned from with its places, see `kwspot.Discovery.plot`."""
        from kwspot.show.spans import draw_lanes

        return draw_lanes(self.occurrences, ax, recordings)

    def _repr_html_(self) -> str:
        from kwspot.show.card import places_card

        told = {name: getattr(self, name) for name in ("front_end", "confidence", "threshold")}
        words = [self.name] * len(self.occurrences)
        return places_card(f"Keyword {self.name!r}", told, self.occurrences, words=words)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as JSON knows them, arrays as lists; a ``.kws`` file is far smaller."""
        from kwspot.keyword_file import to_fields

        return to_fields(self)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Keyword:
        """Read what `to_fields` made; a `ModelError` if something is missing."""
        from kwspot.keyword_file import from_fields

        return from_fields(fields)

    def save(self, path: str | Path) -> None:
        """Write a ``.kws`` file, all at once or not at all.

        Parameters
        ----------
        path : path
            File to write or replace.

        Raises
        ------
        OutputError
            If it cannot be written; a file that stood there is untouched.
        """
        from kwspot.keyword_file import save

        save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Keyword:
        """Read a ``.kws`` file, see `save`.

        Raises
        ------
        ModelError
            If it cannot be read, is damaged, or of a newer kwspot.
        """
        from kwspot.keyword_file import load

        return load(path)

    @classmethod
    def from_examples(
        cls, recordings: Sequence[Source], *, name: str = "keyword", front_end: str = "auto"
    ) -> Keyword:
        """Learn from recordings that are already cut to the word.

        Parameters
        ----------
        recordings : sequence of path, bytes, binary file object or tuple (samples, rate)
            Each holds the word and, around it, at most silence.
        name : str
            What detections call it.
        front_end : str
            Name of the front end.

        Raises
        ------
        AudioError
            If a recording cannot be read, is silent or too short.
        TooFewClips
            If there is none.
        """
        chosen = front_end_named(front_end)
        heard = listen(recordings, chosen)
        return cls.enrol(name, chosen, heard, [one.loud_place(chosen) for one in heard], 1.0)

    @classmethod
    def enrol(
        cls,
        name: str,
        front_end: FrontEnd,
        recordings: Sequence[Recording],
        places: Sequence[Occurrence],
        confidence: float,
    ) -> Keyword:
        """Make a keyword of places of the word and the recording of each.

        Parameters
        ----------
        name, front_end, confidence : str, FrontEnd, float
            As the attributes.
        recordings, places : sequence of Recording, sequence of Occurrence
            A place in each; where the word is not present, it is only a guess.

        Raises
        ------
        TooFewClips
            If no recording holds the word.
        """
        present = [place.present for place in places]
        recordings = list(compress(recordings, present))
        found = list(compress(places, present))
        if not found:
            raise TooFewClips(0, 1)
        rough = cls(
            name=name,
            front_end=front_end.name,
            examples=tuple(map(Recording.cut, recordings, found, repeat(front_end))),
            calibration=Calibration.typical(front_end.name),
            confidence=confidence,
            absent=tuple(place for place in places if not place.present),
            sketch=Sketch.of(recordings, found, front_end),
            created=_now(),
            version=__version__,
        )
        pairs = leave_one_out(rough.stream_templates(), [one.digest for one in rough.examples])
        templates = [others for others, _ in pairs]
        examples, background = judged(rough.prior, recordings, found, templates, front_end)
        return replace(
            rough, examples=tuple(examples), calibration=rough.calibration.pooled(background)
        )._settled()


def _now() -> str:
    """Return date and time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
