"""Searching a learning rate on data small enough for a unit test."""

from dataclasses import replace

import pytest

from lib.base.errors import SpecError
from lib.models.rate_search import search_rate
from lib.spec.rate_search import RANGE, SEARCH, SEARCHES, THIRDS, search_of, search_run
from lib.spec.runs import ChangeRequest, EpochLog, RunControl, RunStarted, StepLog
from lib.spec.specs import ArchitectureSpec, DenseSpec, FlattenSpec
from tests.tiny import MLP, tiny_dataset, tiny_spec


def search(spec, kind, control=None, listen=None):
    events = []

    def on_event(event):
        events.append(event)
        if listen is not None:
            listen(event)

    result = search_rate(search_run(spec, kind), tiny_dataset(), on_event, control or RunControl())
    return result, events


def steps(events):
    logs = [event for event in events if type(event) is StepLog]
    return [pair for log in logs for pair in zip(log.metrics["learning_rate"], log.metrics["loss"], strict=True)]


def test_a_range_test_raises_the_rate_and_suggests_one_that_learns():
    spec = tiny_spec(MLP, 3)
    result, events = search(spec, RANGE)
    assert result.state == "finished" and 0.0001 < result.metrics["suggested_rate"] < 1
    assert result.metrics["lowest_rate"] / 10 == pytest.approx(result.metrics["suggested_rate"], rel=0.05)
    assert f"{result.metrics['lowest_rate']:.2g}" in result.message
    tried = [rate for rate, _ in steps(events)]
    assert tried == sorted(tried) and tried == SEARCHES[RANGE].rates()[: len(tried)]
    (started,) = [event for event in events if type(event) is RunStarted]
    assert started.steps_per_epoch == SEARCHES[RANGE].steps
    assert steps(search(spec, RANGE)[1]) == steps(events), "the same seed gives the same search"


def test_dividing_by_three_starts_each_attempt_anew():
    # A step of SGD multiplies these weights by 1 - rate, so that rates above 2 diverge.
    decaying = ArchitectureSpec((FlattenSpec(), DenseSpec(8, "linear", l2=0.5), DenseSpec(3, "softmax")))
    result, events = search(tiny_spec(decaying, 3, optimizer="sgd"), THIRDS)
    attempts = [event.metrics for event in events if type(event) is EpochLog]
    assert len(attempts) > 1 and [attempt["learned"] for attempt in attempts] == [0.0] * (len(attempts) - 1) + [1.0]
    assert {attempt["before"] for attempt in attempts} == {attempts[0]["before"]}, "from the same first weights"
    assert result.metrics["suggested_rate"] == pytest.approx(attempts[-1]["learning_rate"], rel=0.05)


def test_a_network_that_cannot_learn_gets_no_suggestion():
    spec = tiny_spec(ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax"))))
    dataset = tiny_dataset()
    blank = replace(dataset, x_train=dataset.x_train * 0)
    events = []
    result = search_rate(search_run(spec, RANGE), blank, events.append, RunControl())
    assert "suggested_rate" not in result.metrics and "did not fall" in result.message


@pytest.mark.parametrize("kind", [RANGE, THIRDS])
def test_a_stop_ends_the_search_without_a_suggestion(kind):
    control = RunControl()
    result, events = search(tiny_spec(), kind, control, lambda event: type(event) is StepLog and control.request_stop())
    assert result.state == "stopped" and result.metrics == {} and len(steps(events)) == 10


def test_a_pause_holds_although_a_change_was_asked_for():
    class Held(RunControl):
        waits = 0

        def wait_if_paused(self):
            self.waits += 1
            if self.waits > 1:
                self.resume()
            super().wait_if_paused()

    control = Held()
    control.request_change(ChangeRequest(learning_rate=0.5))
    control.pause()
    result, _events = search(tiny_spec(MLP, 3), RANGE, control)
    assert control.waits == 2 and result.state == "finished"


def test_a_search_is_told_from_a_training():
    spec = replace(tiny_spec(patience=3, epochs=9), settings=(("decay", "cosine"), ("augment", "pen")))
    found = search_run(spec, RANGE)
    assert search_of(found) == SEARCHES[RANGE] and search_of(spec) is None
    assert dict(found.settings) == {SEARCH: RANGE, "augment": "pen"} and found.digest != spec.digest
    assert found.digest == search_run(replace(spec, train=replace(spec.train, epochs=2, learning_rate=0.5)), RANGE).digest
    with pytest.raises(SpecError, match="Unknown search"):
        search_run(spec, "guess")
    with pytest.raises(SpecError, match="does not search"):
        search_rate(spec, tiny_dataset(), lambda event: None, RunControl())
