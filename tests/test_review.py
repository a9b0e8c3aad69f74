"""What a person made of a report: the file, and what is learned from it."""

import json
import shutil
from pathlib import Path

import pytest
from commands import assert_refused, run, run_json
from hypothesis import given
from hypothesis import strategies as st

from kwspot import Keyword
from kwspot.audio import digest
from kwspot.enrol import enrol_reviewed
from kwspot.errors import AudioError, FormatError, NothingFound
from kwspot.review import FORMAT, Review


def item(recording="a.wav", decision="accepted", start=0.5, end=1.0, **more):
    fields = {"recording": recording, "digest": "0" * 64, "keyword": "hello"}
    return fields | {"decision": decision, "start": start, "end": end} | more


def text(items, **more):
    fields = {"format": FORMAT, "about": "learn", "keyword": "hello", "items": items}
    return json.dumps(fields | more)


def judged(keyword, decisions, **more):
    """A review of a keyword's occurrences, as a report would save it."""
    items = [
        item(place.clip, decision, place.start, place.end, digest=digest(place.clip), **more)
        for place, decision in zip(keyword.occurrences, decisions, strict=True)
    ]
    return text(items, confidence=0.75)


def test_what_is_taken_depends_on_whose_choice_it_was():
    places = [
        item(decision="accepted"),
        item(decision="rejected", start=1, end=2),
        item(decision="undecided", start=2, end=3),
        item(decision="undecided", start=3, end=4, found={"present": False}),
    ]
    starts = {about: [one.start for one in Review.from_json(text(places, about=about)).taken]
              for about in ("learn", "spot")}  # fmt: skip
    assert starts == {"learn": [0.5, 2], "spot": [0.5]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no JSON"),
        ("[" * 100000, "no JSON"),
        ("[]", "format None"),
        (text([]).replace("review/1", "review/2"), "'kwspot.review/2'"),
        (json.dumps({"format": FORMAT, "about": "learn", "keyword": "x"}), "no 'items'"),
        (text({}), "'items' is dict"),
        (text([1]), "item 1 is int"),
        (text([item(), item(decision="maybe")]), "item 2: the decision is 'maybe'"),
        (text([item(digest="abc")]), "'abc', no SHA-256"),
        (text([item(start=2)]), "from 2 to 1 s"),
        (text([item(start=-1)]), "from -1 to 1 s"),
        (text([item(end=float("inf"))]), "inf, no number"),
        (text([item(end=True)]), "True, no number"),
        (text([item(end="1")]), "'1', no number"),
        (text([item(recording=5)]), "'recording' is int"),
        (text([item()], confidence=2), "confidence is 2"),
    ],
)
def test_a_damaged_review_is_refused(content, words, tmp_path):
    path = tmp_path / "x.review.json"
    path.write_text(content)
    with pytest.raises(FormatError) as caught:
        Review.load(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


LEAVES = st.none() | st.booleans() | st.floats() | st.text()
KEYS = st.sampled_from(["items", "format", "start"])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_nothing_but_a_format_error_comes_of_any_json(value):
    with pytest.raises(FormatError):
        Review.from_json(json.dumps(value))
    try:
        Review.from_json(text([value]))
    except FormatError:
        pass
    else:
        raise AssertionError(value)


def test_learning_again_takes_what_was_accepted_as_it_was_left(clips):
    run_json("learn", "clips", "-o", "hello.kws", "--json")
    keyword = Keyword.load("hello.kws")
    content = json.loads(judged(keyword, ["accepted", "rejected", "undecided"] + ["accepted"] * 2))
    content["items"][0] |= {"start": 0.1, "end": 0.7}
    Path("r.json").write_text(json.dumps(content))
    (found,) = run_json("learn", "clips", "--review", "r.json", "-o", "again.kws", "--json")
    assert found["keyword"] == "hello"
    assert found["confidence"] == 0.75  # one was left to the machine
    names = [place.clip for place in keyword.occurrences]
    assert [place["clip"] for place in found["occurrences"]] == [names[0], *names[2:]]
    first = found["occurrences"][0]
    assert (first["start"], first["end"]) == (0.1, 0.7)


def test_recordings_are_known_by_their_content(clips):
    run("learn", "clips", "-o", "hello.kws")
    keyword = Keyword.load("hello.kws")
    Path("r.json").write_text(judged(keyword, ["accepted"] * 5))
    clips.rename("moved")
    (found,) = run_json("learn", "moved", "--review", "r.json", "-o", "a.kws", "--json")
    assert all(place["clip"].startswith("moved") for place in found["occurrences"])
    assert_refused(run("learn", "--review", "r.json", "-o", "a.kws"), "clips/", "is not there")
    Path("r.json").rename("moved/r.json")
    (found,) = run_json("learn", "--review", "moved/r.json", "-o", "a.kws", "--json")
    assert len(found["occurrences"]) == 5
    assert found["confidence"] == 1


def test_a_wrong_recording_is_noticed(clips):
    run("learn", "clips", "-o", "hello.kws")
    keyword = Keyword.load("hello.kws")
    Path("r.json").write_text(judged(keyword, ["accepted"] * 5))
    shutil.copy("clips/conf-kicked.wav", "clips/conf-extended.wav")
    for names in (["clips"], []):
        refused = run("learn", *names, "--review", "r.json", "-o", "a.kws")
        assert_refused(refused, "clips/conf-extended.wav is not the recording that was reviewed")
    with pytest.raises(AudioError, match="content differs"):
        keyword.extend(review=Review.load("r.json"))


def test_clips_that_are_in_no_review_are_searched(clips):
    run("learn", "clips", "-o", "hello.kws")
    first = Keyword.load("hello.kws")
    names = [place.clip for place in first.occurrences]
    content = json.loads(judged(first, ["accepted"] * 5))
    content["items"] = content["items"][:3]
    keyword = enrol_reviewed([Review.from_json(json.dumps(content))], names)
    assert [place.clip for place in keyword.occurrences] == names
    for place, was in zip(keyword.occurrences[3:], first.occurrences[3:], strict=True):
        assert min(place.end, was.end) - max(place.start, was.start) > 0.3


def test_extend_takes_accepted_places_and_no_others(clips, samples, model):
    keyword = Keyword.load(model)
    hits = [(path, keyword.spot(path)) for path in samples["find"]]
    items = [
        item(path, decision, hit.start, hit.end, digest=digest(path), keyword="conference")
        for (path, found), decision in zip(hits, ["accepted", "rejected", "undecided"], strict=True)
        for hit in found
    ]
    review = Review.from_json(text(items, about="spot"))
    more = keyword.extend(samples["find"], review=review)
    assert len(more.examples) == len(keyword.examples) + 1
    assert more.examples[-1].occurrence.clip == samples["find"][0]
    assert more.examples[-1].occurrence.start == items[0]["start"]
    (only,) = more.rivals
    assert only.occurrence.clip == samples["find"][1]
    nothing = Review.from_json(text(items[2:], about="spot"))
    assert keyword.extend(samples["find"][2:], review=nothing) is keyword


def test_what_was_rejected_scores_less(samples, model):
    keyword, path = Keyword.load(model), samples["find"][0]
    (hit,) = keyword.spot(path)
    here = {"digest": digest(path), "keyword": "conference"}
    wrong = item(path, "rejected", hit.start, hit.end, **here)
    review = Review.from_json(text([wrong], about="spot"))
    again = keyword.extend(review=review).spot(path)
    assert max((one.score for one in again), default=0) < hit.score
    learned = Review.from_json(text([wrong], about="learn"))  # there was nothing to confuse yet
    assert keyword.extend(review=learned) is keyword
    right = item(samples["learn"][0], start=1.41, end=2.06, **here)
    right["digest"] = digest(samples["learn"][0])
    keyword = enrol_reviewed([Review.from_json(text([wrong, right], about="spot"))])
    assert [one.occurrence.clip for one in keyword.rivals] == [path]


def test_two_places_of_one_recording_are_two_examples(samples, model):
    keyword, path = Keyword.load(model), samples["learn"][0]
    both = [item(path, "accepted", at, at + 0.5, digest=digest(path), keyword="conference")
            for at in (0.2, 1.4)]  # fmt: skip
    more = keyword.extend(review=Review.from_json(text(both)))
    assert [place.occurrence.start for place in more.examples[-2:]] == [0.2, 1.4]


def test_a_review_that_leaves_nothing_or_several_words_is_refused(clips):
    path = "clips/conf-kicked.wav"
    here = {"digest": digest(path), "start": 1.4, "end": 2.0}
    Path("none.json").write_text(text([item(path, "rejected", **here)]))
    result = run("learn", "--review", "none.json", "-o", "a.kws")
    assert_refused(result, "accepts no place of 'hello'")
    with pytest.raises(NothingFound):
        enrol_reviewed([Review.load("none.json")])
    two = [item(path, **here), item(path, keyword="bye", **here)]
    Path("two.json").write_text(text(two))
    assert_refused(run("learn", "--review", "two.json", "-o", "a.kws"), "'hello', 'bye'")
    chosen = run("learn", "--review", "two.json", "--label", "bye", "-o", "a.kws")
    assert chosen.exit_code == 0
    assert Keyword.load("a.kws").name == "bye"
    assert_refused(run("learn", "--review", "clips/conf-kicked.wav", "-o", "a.kws"), "cannot be")
    assert run("learn", "--review", "two.json", "--from-labels", "x", "-o", "a").exit_code == 2
