"""Changes of a run: what can be asked for, the spec afterwards, and where steps fall."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.spec.changes import Change
from lib.spec.specs import ArchitectureSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec, run_from_dict, to_dict
from lib.spec.steering import (
    change_texts,
    changed,
    checked_batch,
    checked_epochs,
    checked_rate,
    extended,
    origin_digest,
    place_text,
    up_to,
)
from lib.spec.step_plan import StepPlan
from lib.spec.words import differences

SPEC = RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax"))), train=TrainSpec(batch_size=10, epochs=6))
COSINE = replace(SPEC, settings=(("decay", "cosine"),))
kinds = st.one_of(
    st.builds(lambda v: {"learning_rate": v}, st.floats(0, 1000, allow_nan=False)),
    st.builds(lambda v: {"batch_size": v}, st.integers(1, 60)), st.builds(lambda v: {"epochs": v}, st.integers(1, 50)))
some_changes = st.lists(
    st.builds(lambda e, s, k: Change(e, s, **k), st.integers(0, 9), st.integers(0, 90), kinds), max_size=4)


@given(some_changes)
def test_changes_survive_json_and_decide_the_digest(changes):
    spec = replace(SPEC, changes=tuple(changes))
    again = run_from_dict(json.loads(json.dumps(to_dict(spec))))
    assert again == spec and again.digest == spec.digest
    assert (spec.digest == SPEC.digest) == (not any(change.trains_otherwise for change in changes))
    assert origin_digest(spec) == origin_digest(SPEC) != origin_digest(replace(SPEC, seed=1))
    assert [change.step for change in spec.changes] == sorted(change.step for change in changes)


def test_a_spec_without_changes_is_written_as_before():
    assert "changes" not in to_dict(SPEC)


@pytest.mark.parametrize("bad", [
    3, [3], [{"epoch": 0}], [{"epoch": 0, "step": 0}], [{"epoch": 0, "step": 0, "learning_rate": math.nan}],
    [{"epoch": 0, "step": 0, "batch_size": 0}], [{"epoch": 0, "step": 0, "batch_size": 2, "epochs": 3}],
    [{"epoch": "x", "step": 0, "epochs": 3}], [{"epoch": 0, "step": -1, "epochs": 3}],
    [{"epoch": 0, "step": 0, "epochs": 3, "other": 1}],
])
def test_changes_that_make_no_sense_are_refused(bad):
    with pytest.raises(SpecError):
        run_from_dict(to_dict(SPEC) | {"changes": bad})


@given(st.integers(1, 60), st.dictionaries(st.integers(0, 8), st.integers(1, 80), max_size=4))
def test_the_plan_counts_every_step(images, batches):
    spec = SPEC
    for epoch in sorted(batches):
        spec = replace(spec, changes=(*spec.changes, Change(epoch, StepPlan(spec, images).first_step(epoch),
                                                            batch_size=batches[epoch])))
    plan, size, first = StepPlan(spec, images), SPEC.train.batch_size, 0
    for epoch in range(12):
        size = batches.get(epoch, size)
        assert plan.batch_size(epoch) == min(size, images) and plan.steps(epoch) == math.ceil(images / min(size, images))
        assert plan.first_step(epoch) == first and plan.epochs_done(first) == epoch
        first += plan.steps(epoch)


@given(st.integers(0, 29), st.integers(1, 60))
def test_without_a_change_the_schedule_is_the_number_of_the_step(step, images):
    steps = math.ceil(images / min(10, images))
    share = StepPlan(COSINE, images).schedule_share(step // steps, step)
    assert share == min(step / (6 * steps), 1.0)


def test_the_schedule_goes_by_epochs_where_batches_change():
    plan = StepPlan(replace(COSINE, changes=(Change(2, 10, batch_size=25),)), 50)
    shares = [plan.schedule_share(0, 0), plan.schedule_share(1, 5), plan.schedule_share(2, 10), plan.schedule_share(2, 11)]
    assert shares == pytest.approx([0, 1 / 6, 2 / 6, 2.5 / 6])


def test_a_change_of_nothing_is_none_and_a_second_one_replaces_the_first():
    assert changed(SPEC, 50, 1, 7, SPEC.train.learning_rate, 10) == SPEC
    once = changed(SPEC, 50, 1, 7, 0.5, 20)
    assert once.changes == (Change(1, 7, learning_rate=0.5), Change(2, 10, batch_size=20))
    twice = changed(once, 50, 1, 7, 0.1, 25)
    assert twice.changes == (Change(1, 7, learning_rate=0.1), Change(2, 10, batch_size=25))
    assert changed(twice, 50, 1, 8, None, 10).changes == (Change(1, 7, learning_rate=0.1),), "back before it began"
    assert changed(SPEC, 50, 2, 10, None, 20).changes == (Change(2, 10, batch_size=20),), "at once between two epochs"


def test_an_extension_is_more_epochs_and_a_note():
    longer = extended(SPEC, 50, 6, 9)
    assert longer.train == replace(SPEC.train, epochs=9) and longer.changes == (Change(6, 30, epochs=9),)
    assert longer.digest == replace(SPEC, train=longer.train).digest
    assert extended(SPEC, 50, 3, 6) == SPEC
    assert dict(extended(COSINE, 50, 6, 9).settings) == {"decay": "cosine", "decay_epochs": 6}
    assert dict(extended(extended(COSINE, 50, 6, 9), 50, 9, 12).settings)["decay_epochs"] == 6


def test_a_fork_begins_without_what_was_changed_later():
    spec = changed(changed(SPEC, 50, 1, 7, 0.5), 50, 3, 17, 0.1, 25)
    assert up_to(spec, 50, 3).changes == (Change(1, 7, learning_rate=0.5),)
    assert up_to(spec, 50, 1).changes == () and up_to(spec, 50, 4).changes == spec.changes[:2]


def test_changes_in_words():
    spec = extended(changed(changed(SPEC, 50, 1, 7, 0.5, 25), 50, 3, 13, 0.1), 50, 6, 7)
    assert [words for _, words in change_texts(spec, 50)] == [
        "learning rate 0.001 → 0.5", "batch 10 → 25", "learning rate 0.5 → 0.1", "extended to 7 epochs"]
    assert change_texts(changed(COSINE, 50, 0, 2, 0.5), 50)[0][1] == "learning rate schedule → 0.5"
    assert place_text(Change(2, 1199, learning_rate=0.1)) == "epoch 3, step 1,200"
    assert differences([SPEC, spec])["changed"] == [
        "–", "learning rate 0.5 from epoch 2, step 8; batch size 25 from epoch 3, step 11; learning rate 0.1 from epoch 4, "
        "step 14"]


@pytest.mark.parametrize("value", [0, -1, 1e9, pytest.param(10**400, id="huge"), math.nan, math.inf, "1", None, True])
def test_rates_batches_and_epochs_that_cannot_be_are_sentences(value, monkeypatch):
    for check in (checked_rate, checked_epochs, lambda v: checked_batch(v, SPEC, 50, None)):
        with pytest.raises(SpecError, match="cannot be used"):
            check(value)
    with pytest.raises(SpecError, match=r"Received: 51\. There are 50 training images"):
        checked_batch(51, SPEC, 50, None)
    monkeypatch.setattr("lib.spec.memory_need.free_bytes", lambda: 1000)
    with pytest.raises(SpecError, match="does not fit into memory"):
        checked_batch(50, SPEC, 50, (8, 8, 1))
