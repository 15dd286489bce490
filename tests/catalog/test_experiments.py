"""Experiments as values: trials, fields, JSON, and every grid of the reports."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.catalog.experiments import (
    Axis,
    Experiment,
    base_spec,
    cell_label,
    experiment_from_dict,
    experiment_to_dict,
)
from lib.catalog.fields import FIELDS
from lib.catalog.report_grids import EXPERIMENTS
from lib.spec.summary import summarise

#: Grid -> trials at the report's own scale.
COUNTS = {
    "a1": 36, "a2": 81, "a3": 36, "a4_default": 5,
    "a4_initializer": 20, "a4_activation": 15, "a4_regularisation": 20, "a4_batch_norm": 10,
    "a4_layers": 25, "a4_optimizer": 60, "a5": 3, "a6_logarithmic": 15, "a6_linear": 15, "a6_none": 3, "b1": 12, "b2": 18,
    "b2_default": 3, "b3_initializer": 20, "b3_optimizer": 60, "b3_default": 5, "b3_cnn1": 5, "b4": 3, "b5_mlp": 3,
    "b5_cnn": 3, "c1": 8, "c2": 4, "d5": 4, "d8": 4, "d8_overlap": 2, "d11": 18,
}
GRID = Experiment("grid", "A grid", "?", "a6_500_300", (Axis("l2", (0.0, 0.001)), Axis("batch_size", (16, 32, 64))), (0, 1))


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_report_grids_have_as_many_trials_as_the_report_ran(name, count):
    assert EXPERIMENTS[name].trial_count == count == len(EXPERIMENTS[name].trials())


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_every_grid_can_be_trained_read_back_and_cut(experiment):
    trials = experiment.trials()
    twins = 2 * len(experiment.seeds) if experiment.name == "a3" else 0  # report 002 made two changes that change nothing
    assert len({trial.digest for trial in trials}) == len(trials) - twins, "no two cells are the same run"
    assert len(trials) == experiment.trial_count, "the values of every cell go together"
    assert experiment_from_dict(json.loads(json.dumps(experiment_to_dict(experiment)))) == experiment
    small = experiment.reduced()
    assert small.trial_count <= experiment.trial_count
    for cell in small.cells():
        assert small.spec(cell).train.epochs <= experiment.spec(cell).train.epochs


def test_systems_of_the_reports_are_all_there():
    wanted = {f"A{i}" for i in range(1, 7)} | {f"B{i}" for i in range(1, 6)} | {"C1", "C2"} | {f"D{i}" for i in range(1, 12)}
    assert {experiment.system for experiment in EXPERIMENTS.values()} == wanted


def test_transfer_networks_take_three_channels():
    for name in ("b5_mlp", "b5_cnn"):
        for trial in EXPERIMENTS[name].trials():
            rows = summarise(trial.spec.architecture, (32, 32, 3))
            assert trial.spec.data.dataset == "cifar10" and rows[-1].output_shape == (10,)


def test_the_whole_grid_comes_with_the_first_seed_first():
    seeds = [trial.seed for trial in GRID.trials()]
    assert seeds == [0] * 6 + [1] * 6
    assert [dict(trial.cell)["batch_size"] for trial in GRID.trials()][:4] == [16, 32, 64, 16]


def test_an_unchanged_cell_is_the_presets_own_run():
    spec = EXPERIMENTS["a6_logarithmic"].spec((("l2", 0.0005),))
    assert spec == base_spec("a6_500_300")


def test_values_reach_the_spec():
    spec = EXPERIMENTS["a4_optimizer"].spec((("optimizer", "adam"), ("learning_rate", 0.05)))
    assert (spec.train.optimizer, spec.train.learning_rate) == ("adam", 0.05)
    assert FIELDS["optimizer"].apply(base_spec("a4_512_512"), "adam").train.learning_rate == 0.001
    spec = EXPERIMENTS["a4_layers"].spec((("units", "1024-1024"),))
    assert [layer.kind for layer in spec.architecture.layers] == ["flatten", "dense", "dropout", "dense", "dropout", "dense"]
    assert [layer.units for layer in spec.architecture.layers if layer.kind == "dense"] == [1024, 1024, 10]
    spec = EXPERIMENTS["b3_batch_norm"].spec((("batch_norm", "on"),))
    kinds = [layer.kind for layer in spec.architecture.layers]
    assert kinds.count("batch_norm") == kinds.count("conv") == 5
    spec = EXPERIMENTS["a4_regularisation"].spec((("regularisation", "l1"),))
    assert {layer.l1 for layer in spec.architecture.layers[:-1] if layer.kind == "dense"} == {0.001}
    assert not any(layer.kind == "dropout" for layer in spec.architecture.layers)
    assert EXPERIMENTS["c1"].spec(EXPERIMENTS["c1"].cells()[3]).data.permutation is not None


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_field_can_be_varied(field):
    values = field.suggestions or ("mnist", "digits")
    axis = Axis(field.name, values)
    experiment = replace(GRID, axes=(axis,), seeds=(0,))
    if field.name in ("dataset",):
        assert len(experiment.trials()) == len(values)
        return
    assert len({trial.digest for trial in experiment.trials()}) == len(values)
    assert [field.value_of(str(value)) for value in values] == list(values)


@pytest.mark.parametrize("make", [
    lambda: replace(GRID, axes=(Axis("nothing", (1,)),)),
    lambda: replace(GRID, axes=(Axis("l2", (0.1,)), Axis("l2", (0.2,)))),
    lambda: replace(GRID, network="a1_model{model}_relu"),
    lambda: replace(GRID, seeds=()), lambda: replace(GRID, seeds=(1, 1)), lambda: replace(GRID, metric="beauty"),
    lambda: replace(GRID, seeds=tuple(range(400))), lambda: Axis("l2", ()), lambda: Axis("l2", (1, 1)),
    lambda: replace(GRID, network="unknown").trials(), lambda: FIELDS["l2"].value_of("many"),
    lambda: FIELDS["activation"].value_of("swish"), lambda: experiment_from_dict({"name": "x", "surprise": 1}),
    lambda: experiment_from_dict([]), lambda: experiment_from_dict({"name": "x"}),
])
def test_mistakes_are_explained(make):
    with pytest.raises(SpecError):
        make()


@pytest.mark.parametrize(("units", "problem"), [("0", "Dense units"), ("a-b", "Units cannot be read")])
def test_a_cell_whose_values_do_not_go_together_is_refused(units, problem):
    experiment = replace(GRID, axes=(Axis("units", ("128", units)),))
    assert experiment.spec((("units", "128"),)).architecture.layers
    with pytest.raises(SpecError, match=problem):
        experiment.trials()


axes = st.lists(st.sampled_from(["l2", "learning_rate", "dropout", "batch_size", "activation"]), unique=True, max_size=3)


@given(axes, st.lists(st.integers(0, 100), unique=True, min_size=1, max_size=4), st.randoms())
def test_the_grid_is_the_product_and_its_runs_do_not_depend_on_order(names, seeds, random):
    chosen = [Axis(name, FIELDS[name].suggestions) for name in names]
    experiment = replace(GRID, axes=tuple(chosen), seeds=tuple(seeds))
    trials = experiment.trials()
    product = len(seeds)
    for axis in chosen:
        product *= len(axis.values)
    assert len(trials) == experiment.trial_count == product
    shuffled = list(chosen)
    random.shuffle(shuffled)
    other = replace(experiment, axes=tuple(shuffled), seeds=tuple(reversed(seeds)))
    assert {trial.digest for trial in other.trials()} == {trial.digest for trial in trials}
    assert experiment_from_dict(json.loads(json.dumps(experiment_to_dict(experiment)))) == experiment


def test_labels_are_words():
    assert cell_label((("l2", 5.623e-06), ("activation", "relu"))) == "5.62e-06, relu"
    assert GRID.trials()[0].label == "0, 16, seed 0"


def test_clocks_of_another_set_keep_their_split_and_own_ones_do_not():
    drawn = EXPERIMENTS["d2"].spec((("network", "d2_mae"),)).data
    other, own = (replace(EXPERIMENTS["d2"], dataset=name).spec((("network", "d2_mae"),)).data
                  for name in ("clocks_course_150", "clocks_own"))
    assert other == replace(drawn, dataset="clocks_course_150") and other.validation_size == 1800
    assert own.validation_size is None, "there may be fewer of them"
