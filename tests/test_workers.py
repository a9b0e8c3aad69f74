"""Who does the work, on one machine; and errors that go from process to process."""

import pickle
import threading

import pytest

from kwspot.errors import AudioError, ClusterError, KwspotError, MissingExtra, TooFewClips
from kwspot.evaluation.truth import TruthError
from kwspot.scale import cluster
from kwspot.workers import in_order, threads


class Begun:
    """A task that is done when its result is asked for, and knows what became of it."""

    def __init__(self, task):
        self.task, self.state = task, "waiting"

    def result(self):
        if self.task == "bad":
            raise AudioError("bad", hint="none")
        self.state = "done"
        return self.task

    def cancel(self):
        self.state = "cancelled"


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_the_order_of_the_tasks(jobs):
    assert list(threads(jobs)(pow, ((n, 2) for n in range(50)))) == [n * n for n in range(50)]


def test_threads_work_side_by_side():
    barrier = threading.Barrier(3, timeout=10)
    assert sorted(threads(3)(barrier.wait, [()] * 3)) == [0, 1, 2]


def test_tasks_are_taken_as_there_are_hands():
    taken = []

    def tasks():
        for number in range(10):
            taken.append(number)
            yield number

    results = in_order(Begun, tasks(), 3)
    assert next(results) == 0
    assert taken == [0, 1, 2]
    assert [*results] == list(range(1, 10))


def test_what_was_not_begun_is_given_up_after_an_error():
    begun = []

    def submit(task):
        begun.append(Begun(task))
        return begun[-1]

    with pytest.raises(AudioError):
        list(in_order(submit, [1, "bad", 3, 4], 3))
    assert [one.state for one in begun] == ["done", "waiting", "cancelled", "cancelled"]


@pytest.mark.parametrize(
    "error",
    [
        KwspotError("found", hint="do"),
        TooFewClips(1, 2),
        MissingExtra("this", "that"),
        TruthError("found", hint="do"),
    ],
)
def test_errors_arrive_as_they_were_sent(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.__dict__) == (str(error), error.__dict__)


def test_a_scheduler_that_does_not_answer_is_named():
    with (
        pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:9"),
        cluster("tcp://127.0.0.1:9", timeout=0.2),
    ):
        pass
