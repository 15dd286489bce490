"""Runs beside each other: labels, colours, groups of seeds, and which was better."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.percent import percent_text, points_text
from lib.measures.comparison import (
    EACH_RUN,
    EVERYTHING,
    best_words,
    color_fields,
    color_labels,
    default_field,
    explained_share,
    explanations,
    natural_order,
    run_labels,
    seed_groups,
    with_all_seeds,
)
from lib.measures.figures import FIGURES, main_figure, shared_figures
from lib.spec.changes import Change
from lib.spec.runs import RunRecord, RunState
from tests.fakes import tiny_run_spec

ACCURACY = FIGURES["test_accuracy"]


def record(name, spec=None, run_id="", state=RunState.FINISHED, **metrics):
    return RunRecord(run_id or f"id of {name}", name, spec or tiny_run_spec(), state, 0.0, metrics=metrics)


def with_train(seed=0, **changes):
    spec = tiny_run_spec(seed=seed)
    return replace(spec, train=replace(spec.train, **changes))


def with_rate(rate, seed=0):
    return with_train(seed, learning_rate=rate)


# --- labels and colours -------------------------------------------------------------------


def test_equal_runs_keep_apart_by_their_ids():
    records = [record("a", run_id="1234ab"), record("a", run_id="5678cd")]
    assert run_labels(records) == ["a (1234)", "a (5678)"] == [group.label for group in seed_groups(records, EACH_RUN)]


def test_what_may_give_the_colour_is_what_differs():
    records = [record("a", with_rate(0.1, 0)), record("b", with_rate(0.2, 1)), record("c", with_train(1, batch_size=64))]
    assert color_fields(records) == ["learning rate", "batch", EVERYTHING, "seed", EACH_RUN]
    assert color_fields(records[:1]) == [EACH_RUN]
    assert color_labels(records, "learning rate") == ["learning rate 0.1", "learning rate 0.2", "learning rate 0.001"]
    assert color_labels(records, EVERYTHING)[2] == "learning rate 0.001, batch 64"
    assert color_labels(records, EACH_RUN) == color_labels(records, "no such fact") == ["a", "b", "c"]


def test_the_fact_that_explains_most_of_the_figure_gives_the_colour():
    records = [record(f"{rate} {batch} {seed}", with_train(seed, learning_rate=rate, batch_size=batch),
                      test_accuracy=0.9 + rate + 0.0001 * batch / 64 + 0.00001 * seed)
               for rate in (0.01, 0.02) for batch in (32, 64) for seed in (0, 1)]
    assert default_field(records) == "learning rate"
    assert next(iter(explanations(records, ACCURACY))) == "learning rate"
    assert list(explanations(records[:4], ACCURACY)) == ["batch"], "the rate is the same in these"
    unmeasured = [replace(each, metrics={}) for each in records]
    assert default_field(unmeasured) in ("learning rate", "batch")
    assert default_field([record("a", with_rate(0.1, 0)), record("b", with_rate(0.1, 1))]) == EACH_RUN


def test_where_nothing_explains_the_figure_the_fact_that_tells_all_runs_apart_gives_the_colour():
    raced = [record(name, with_train(optimizer=name, learning_rate=rate), test_accuracy=accuracy)
             for name, rate, accuracy in (("sgd", 0.01, 0.97), ("momentum", 0.01, 0.9), ("adam", 0.001, 0.97),
                                          ("rmsprop", 0.001, 0.9))]
    assert default_field(raced) == "optimiser"


_LABELLED = st.lists(st.tuples(st.sampled_from("abc"), st.floats(-100, 100)), min_size=1, max_size=12)


@given(_LABELLED)
def test_a_share_is_at_most_one_and_depends_on_no_name_or_unit(pairs):
    labels, values = [label for label, _ in pairs], [value for _, value in pairs]
    share = explained_share(labels, values)
    if share is None:
        return
    assert share <= 1
    assert explained_share([{"a": "x", "b": "y", "c": "z"}[label] for label in labels], values) == pytest.approx(share)
    assert explained_share(labels, [1000 * value for value in values]) == pytest.approx(share, abs=1e-6)


def test_a_label_that_decides_the_value_explains_all_and_chance_explains_nothing():
    assert explained_share(["a", "a", "b", "b"], [1, 1, 2, 2]) == pytest.approx(1)
    assert explained_share(["a", "b", "a", "b"], [1, 1, 2, 2]) < 0
    assert explained_share(["a", "b", "c"], [1, 2, 3]) is None, "a label for each value says nothing"
    assert explained_share(["a", "a", "b"], [1, 1, 1]) is None, "there is nothing to explain"


def test_numbers_come_in_their_order_and_words_as_they_are():
    assert natural_order(["rate 0.5", "rate 0.01", "rate 0.5", "rate 0.1"]) == ["rate 0.01", "rate 0.1", "rate 0.5"]
    assert natural_order(["1,000 images", "500 images"]) == ["500 images", "1,000 images"]
    assert natural_order(["tanh", "relu"]) == ["tanh", "relu"]
    assert natural_order(["epochs 3, rate 2", "epochs 1, rate 5"]) == ["epochs 3, rate 2", "epochs 1, rate 5"]


# --- groups of seeds ----------------------------------------------------------------------


def test_runs_alike_but_for_the_seed_are_a_group():
    records = [record("a", with_rate(0.1, 0)), record("b", with_rate(0.2, 0)), record("c", with_rate(0.1, 1))]
    groups = seed_groups(records, "learning rate")
    assert [(group.title, [r.name for r in group.records]) for group in groups] == [
        ("learning rate 0.1 (n = 2)", ["a", "c"]), ("learning rate 0.2", ["b"])]
    assert [group.seeds for group in seed_groups(records, EACH_RUN)] == [1, 1, 1]
    assert [group.color for group in seed_groups(records, "seed")] == ["seed 0", "seed 0", "seed 1"]


def test_what_the_network_is_called_makes_no_other_training():
    spec = with_rate(0.1)
    other = replace(spec, architecture=replace(spec.architecture, name="mine"), seed=1)
    (group,) = seed_groups([record("a", spec), record("b", other)], "learning rate")
    assert group.seeds == 2


def test_groups_that_differ_in_much_are_called_by_their_colour_and_not_by_the_name_of_one_seed():
    records = [record(f"rate {rate}, seed {seed}", with_train(seed, learning_rate=rate, batch_size=batch, epochs=epochs,
                                                              patience=patience, optimizer=optimizer))
               for rate, batch, epochs, patience, optimizer in ((0.1, 8, 2, 1, "sgd"), (0.2, 16, 3, 2, "adam"))
               for seed in (0, 1)]
    titles = [group.title for group in seed_groups(records, "learning rate")]
    assert titles == ["learning rate 0.1 (n = 2)", "learning rate 0.2 (n = 2)"]


_RUNS = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([8, 16]), st.integers(0, 3), st.floats(0, 1)),
                 min_size=1, max_size=10)


@given(_RUNS, st.sampled_from(["learning rate", "batch", "seed", EVERYTHING, EACH_RUN]))
def test_groups_hold_every_run_once_and_have_labels_of_their_own(choices, field):
    records = [record(f"run {n}", with_train(seed, learning_rate=rate, batch_size=batch), test_accuracy=accuracy)
               for n, (rate, batch, seed, accuracy) in enumerate(choices)]
    groups = seed_groups(records, field)
    assert sorted(r.id for group in groups for r in group.records) == sorted(r.id for r in records)
    assert len({group.label for group in groups}) == len(groups)
    for group in groups:
        assert len({replace(r.spec, seed=0) for r in group.records}) == 1
        assert group.seeds == len(group.counted) == len({r.spec.seed for r in group.records})
        values = [r.metrics["test_accuracy"] for r in group.counted]
        spread = group.spread(ACCURACY)
        assert min(values) - 1e-9 <= spread.mean <= max(values) + 1e-9 and spread.count == len(values)


def test_a_repeated_seed_is_no_second_measurement_and_a_finished_run_counts():
    stopped = record("stopped", with_rate(0.1, 0), state=RunState.STOPPED, test_accuracy=0.2)
    finished = record("finished", with_rate(0.1, 0), test_accuracy=0.9)
    other = record("other", with_rate(0.1, 1), test_accuracy=0.8)
    (group,) = seed_groups([stopped, finished, other], "learning rate")
    assert group.seeds == 2 and group.counted == (finished, other)
    assert group.spread(ACCURACY).mean == pytest.approx(0.85)


def test_a_stopped_run_does_not_count_beside_whole_ones():
    whole = [record(f"{seed}", with_rate(0.1, seed), test_accuracy=0.9) for seed in (0, 1)]
    stopped = record("stopped", with_rate(0.1, 2), state=RunState.STOPPED, test_accuracy=0.2)
    others = [record(f"other {seed}", with_rate(0.01, seed), test_accuracy=0.8) for seed in range(3)]
    diverged = record("diverged", with_rate(0.1, 3), state=RunState.FAILED, test_accuracy=0.1, diverged=1.0)
    assert words(*whole, stopped, *others).startswith("Best test accuracy: learning rate 0.1 (n = 2) with 90.0 %")
    (group,) = seed_groups([*whole, stopped, diverged], "learning rate")
    assert group.counted == (*whole, diverged), "what it comes to is known"
    (group,) = seed_groups([stopped], "learning rate")
    assert group.counted == (stopped,)
    assert "learning rate 0.1 (1 done)" in words(stopped, *others, done={"stopped": 1})


# --- which was better ---------------------------------------------------------------------


def words(*records, done=None):
    groups = seed_groups(records, default_field(records))
    return best_words(groups, lambda each: (done or {}).get(each.name, each.spec.train.epochs))


def test_the_better_run_is_named_with_its_lead():
    slow, fast = record("slow", with_rate(0.1), test_accuracy=0.9), record("fast", with_rate(0.2), test_accuracy=0.926)
    text = words(slow, fast)
    assert text.startswith("Best test accuracy: learning rate 0.2 with 92.6 %, 2.6 points better than learning rate 0.1.")
    assert "luck" in text
    clocks = [record("a", with_rate(0.1), test_minutes=5.0), record("b", with_rate(0.2), test_minutes=9.0)]
    assert words(*clocks).startswith("Best test error: learning rate 0.1 with 5.0 min, 4.0 min better than")
    assert words(record("a"), record("b")) == ""


def test_runs_that_are_level_are_named_together():
    rates = {0.1: 0.9, 0.2: 0.95, 0.3: 0.95, 0.4: 0.95}
    raced = [record(str(rate), with_rate(rate), test_accuracy=accuracy) for rate, accuracy in rates.items()]
    assert words(*raced).startswith("Best test accuracy: learning rate 0.2, learning rate 0.3 and learning rate 0.4 with "
                                    "95.0 %, 5.0 points better than learning rate 0.1.")
    assert words(*raced[1:3]).startswith("Best test accuracy: learning rate 0.2 and learning rate 0.3 with 95.0 %. One run")


def test_means_over_seeds_say_how_many():
    records = [record(f"{rate} {seed}", with_rate(rate, seed), test_accuracy=rate + 0.01 * seed)
               for rate in (0.1, 0.2) for seed in (0, 1)]
    assert words(*records) == (
        "Best test accuracy: learning rate 0.2 (n = 2) with 20.5 % ± 0.7, 10.0 points better than learning rate 0.1 (n = 2)."
        " Means over 2 seeds of each: a lead smaller than the deviations may be chance.")
    assert "A single run can be luck" in words(*records[:3])


def test_runs_of_other_images_are_not_compared():
    mnist = replace(with_rate(0.1), data=replace(with_rate(0.1).data, dataset="mnist"))
    mixed = words(record("a", with_rate(0.2), test_accuracy=0.9), record("b", mnist, test_accuracy=0.8))
    assert "cannot be compared" in mixed and "better" not in mixed


def test_a_lead_is_the_difference_of_what_is_shown():
    def lead(better, worse, figure="test_accuracy"):
        return words(record("a", with_rate(0.1), **{figure: better}), record("b", with_rate(0.2), **{figure: worse}))

    assert "97.3 %, 0.3 points better" in lead(0.9734, 0.9696), "97.3 and 97.0 are shown"
    assert "97.3 %, less than 0.1 points better" in lead(0.9734, 0.9726)
    assert "2.2 min, 0.1 min better" in lead(2.16, 2.34, "test_minutes")
    assert "0.1234, 0.0001 better" in lead(0.12344, 0.12351, "test_loss")


def test_a_run_that_early_stopping_ended_is_called_by_the_epochs_that_it_did():
    short, long = with_train(epochs=20), with_train(epochs=200, patience=10)
    runs = [record("short", short, test_accuracy=0.973), record("long", long, test_accuracy=0.97)]
    groups = seed_groups(runs, "epochs")
    assert [group.color for group in groups] == ["20 epochs", "at most 200 epochs"]
    assert "than at most 200 epochs, patience 10 (59 done)." in words(*runs, done={"long": 59})
    assert "Best test accuracy: 20 epochs, no early stopping with" in words(*runs)
    again = [record(f"{each.name} again", replace(each.spec, seed=1), **each.metrics) for each in runs]
    assert "(n = 2, 59 to 61 done)" in words(*runs, *again, done={"long": 59, "long again": 61})


def test_a_fact_that_a_run_lacks_is_no_part_of_its_label():
    steered = replace(with_train(epochs=5), changes=(Change(1, 8, learning_rate=0.5),))
    labels = color_labels([record("a", with_train(epochs=3)), record("b", steered)], EVERYTHING)
    assert labels == ["3 epochs", "5 epochs, changed learning rate 0.5 from epoch 2, step 9"]
    alone = color_labels([record("a", with_train(epochs=5)), record("b", steered)], "changed")
    assert alone[0] == "unchanged"


def test_runs_that_are_not_drawn_count_in_the_means_of_their_groups():
    runs = [record(f"{rate} {seed}", with_rate(rate, seed), test_accuracy=rate + 0.01 * seed)
            for rate in (0.1, 0.2, 0.3) for seed in (0, 1)]
    drawn = [runs[0], runs[1], runs[2]]
    groups = with_all_seeds(seed_groups(drawn, "learning rate"), "learning rate", runs)
    assert [[each.name for each in group.records] for group in groups] == [["0.1 0", "0.1 1"], ["0.2 0", "0.2 1"]]
    apart = seed_groups(drawn, EACH_RUN)
    assert with_all_seeds(apart, EACH_RUN, runs) == apart


def test_a_figure_that_is_no_number_is_none():
    bad = record("a", test_accuracy=float("nan"), test_loss=2.0)
    assert main_figure(bad).name == "test_loss" and shared_figures([bad]) == [FIGURES["test_loss"]]
    assert main_figure(record("b")) is None


def test_accuracies_have_one_form():
    assert percent_text(0.98149) == "98.1 %" and percent_text(1) == "100.0 %"
    assert points_text(0.0042) == "0.4" and points_text(0.01, sign=True) == "+1.0"
    assert points_text(-0.0004, sign=True) == "-0.04", "not -0.0"
