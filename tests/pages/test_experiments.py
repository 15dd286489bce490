"""The Experiments page and the Results page without a browser."""

from __future__ import annotations

import json
import time

import pytest

from lib.catalog.report_grids import EXPERIMENTS
from lib.measures.forecast import StepCost
from lib.measures.results import figure_experiment, networks_of
from lib.ui.experiments.controls import first_experiment
from lib.ui.experiments.forecast import Calibrator, about
from lib.ui.lab import lab
from lib.ui.resources import sweeps
from lib.ui.results import table as reported_table
from tests.conftest import ROOT
from tests.fakes import endless_train, failing_train, fake_train

TINY = {"exp": "a4_activation", "exp_data": "digits", "exp_epochs": "2", "exp_seeds": "2", "exp_images": "200"}


def launch(app):
    return app.button(key="exp_launch").click().run()


def finish(app, sweep_id):
    deadline = time.monotonic() + 30
    while sweeps().record(sweep_id).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return app.run()


def markdown(app):
    return " ".join(element.value for element in app.markdown)


def charts(app):
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def test_a_launched_grid_is_trained_and_read(open_page, use_runner):
    use_runner(fake_train)
    app = launch(open_page("experiments", **TINY))
    assert not app.exception
    (record,) = sweeps().records()
    assert record.experiment.trial_count == 6 and record.experiment.epochs == 2
    app = finish(app, record.id)
    assert not app.exception
    assert {r.state for r in sweeps().results(record.id)} == {"finished"}
    assert "finished" in markdown(app) and "6 of 6 runs done" in " ".join(p.proto.text for p in app.get("progress"))
    assert "Best: " in markdown(app)
    assert len(charts(app)) == 2, "the grid and the figure"


def test_every_figure_can_be_drawn(open_page, use_runner):
    use_runner(fake_train)
    query = {**TINY, "exp": "a4_optimizer", "exp_seeds": "1", "exp_axis_learning_rate": "0.01|0.05"}
    app = launch(open_page("experiments", **query))
    app = finish(app, sweeps().records()[0].id)
    for figure in ("curves", "heatmap", "factor", "table"):
        control = next(c for c in app.get("button_group") if c.key == "live_figure_a4_optimizer")
        app = control.set_value(figure).run()
        assert not app.exception
        assert len(app.dataframe) == (figure == "table")
        if figure == "curves":
            key = "live_a4_optimizer_metric"
            app = app.selectbox(key=key).set_value("accuracy of both").run()
            assert not app.exception and "while the network trains" in " ".join(
                caption.value for caption in app.caption)
        assert len(charts(app)) == {"table": 1, "curves": 2, "heatmap": 2, "factor": 2}[figure], figure


def test_the_grid_is_edited_by_controls_and_by_links(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", exp="a6_logarithmic", exp_axis_l2="1e-06|0.01", exp_data="digits", exp_seeds="2",
                    exp_more="dropout")
    assert app.multiselect(key="exp_axis_l2").value == ["1e-06", "0.01"]
    assert app.multiselect(key="exp_axis_dropout").value == ["0.0", "0.2", "0.5"]
    app.multiselect(key="exp_axis_dropout").set_value(["0.5"]).run()
    launch(app)
    experiment = sweeps().records()[0].experiment
    assert [axis.values for axis in experiment.axes] == [(1e-06, 0.01), (0.5,)]
    assert experiment.seeds == (0, 1) and experiment.dataset == "digits"
    sweeps().stop(sweeps().records()[0].id)


@pytest.mark.parametrize(("query", "words"), [
    ({"exp": "a6_logarithmic", "exp_axis_l2": "much"}, "L2 factor has no value 'much'"),
    ({"exp": "custom", "exp_more": "units", "exp_axis_units": "x-y"}, "Units cannot be read"),
    ({"exp": "b3_default", "exp_data": "digits", "exp_more": "units", "exp_axis_units": "1" * 6}, "Dense units is out of"),
])
def test_a_grid_that_cannot_be_says_why(query, words, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", **query)
    assert not app.exception
    assert words in " ".join(error.value for error in app.error)


def test_a_figure_that_was_printed_of_another_data_set_is_no_line(open_page, use_runner):
    use_runner(fake_train)
    own = EXPERIMENTS["a6_logarithmic"]
    app = launch(open_page("experiments", **{**TINY, "exp": own.name}))
    (record,) = sweeps().records()
    assert own.references and record.experiment.dataset == "digits" != own.dataset and not record.experiment.references
    app = finish(app, record.id)
    assert not app.exception and "figures of the report" not in " ".join(caption.value for caption in app.caption)


def test_pause_resume_stop_and_forget(open_page, use_runner):
    use_runner(endless_train)
    app = launch(open_page("experiments", **TINY))
    sweep_id = sweeps().records()[0].id
    app = app.button(key="sweep_pause").click().run()
    assert sweeps().record(sweep_id).state == "paused"
    app = app.button(key="sweep_resume").click().run()
    assert sweeps().record(sweep_id).state == "running"
    app = app.button(key="sweep_stop").click().run()
    assert sweeps().record(sweep_id).state == "stopped"
    app = app.button(key="sweep_delete").click().run()
    assert not app.exception and sweeps().records() == ()


def test_failed_trials_are_explained(open_page, use_runner):
    use_runner(failing_train)
    app = launch(open_page("experiments", **TINY))
    app = finish(app, sweeps().records()[0].id)
    assert "The loss is not a number." in markdown(app)
    assert app.button(key="sweep_retry")


def test_the_forecast_counts_runs_and_time(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", **TINY)
    deadline = time.monotonic() + 10
    while "at most about" not in markdown(app):
        assert time.monotonic() < deadline
        app = app.run()
    assert "**6 runs** (3 cells x 2 seeds)" in markdown(app)


def test_a_network_that_cannot_be_timed_says_so_and_leaves_the_others_alone(open_page, use_runner):
    def measure(spec, info):
        if spec.architecture.name.startswith("a5"):
            raise ValueError("no such network")
        return StepCost(0.5, 0.01, 0.0001)

    use_runner(fake_train)
    lab().use(calibrator=Calibrator(measure))

    def forecast(words, **grid):
        deadline, app = time.monotonic() + 30, open_page("experiments", **TINY | grid)
        while words not in markdown(app):
            assert time.monotonic() < deadline, markdown(app)[-300:]
            app = app.run()

    forecast("timing the network failed", exp="a5")
    forecast("at most about")
    forecast("timing the network failed", exp="a5")


@pytest.mark.parametrize("name", ["a1", "a2", "a5", "b5_cnn", "d8"])
def test_experiments_of_every_kind_open(name, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", exp=name)
    assert not app.exception and not app.error
    assert app.button(key="exp_launch")


def test_every_section_of_the_results_opens(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("results")
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == len(reported_table.REPORTED)
    assert set(table["scale"]) <= {"as the report", "reduced", "other network", "not measured"}
    assert (table["difference"] == "")[table["scale"] != "as the report"].all(), "a difference needs equal training"
    assert (table["device"].str.startswith("CPU") | (table["device"] == "")).all()
    app = open_page("results", section="B")
    assert set(app.dataframe[0].value["system"]) == {"B1", "B2", "B3", "B4", "B5"}


def test_a_figure_is_launched_with_its_own_cells_only(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    chosen = next(r for r in reported_table.REPORTED if r.id == "A1.model3_mnist")
    experiment = reported_table.figure_experiment(chosen)
    assert experiment.trial_count == 1
    assert experiment.trials()[0].spec.data.dataset == "mnist"


def test_durations_are_rounded():
    assert [about(s) for s in (2, 42, 70, 1500, 7300, 4 * 86400)] == ["5 s", "40 s", "1 min", "25 min", "2 h 00 min",
                                                                     "4 days"]


def without_figures(monkeypatch):
    """What was measured says nothing about what is launched, and takes most of the page's time."""
    monkeypatch.setattr("lib.ui.results.table.stored_rows", lambda: [])
    monkeypatch.setattr("lib.ui.results.table.light_rows", lambda: [])


def select_row(app, index):
    app.session_state["results_table"] = {"selection": {"rows": [index], "columns": [], "cells": []}}
    return app.run()


def test_a_selected_figure_is_launched_from_the_results(open_page, use_runner):
    use_runner(endless_train)
    app = select_row(open_page("results", section="B"), 0)
    assert not app.exception
    assert "CNN model 4" in markdown(app) and app.button(key="results_full").label == "Launch 1 run, as the report"
    app.button(key="results_laptop").click().run()
    (record,) = sweeps().records()
    assert record.experiment.name == "b1" and record.experiment.trial_count == 1
    assert [trial.spec.data.train_size for trial in record.experiment.trials()] == [1000]
    sweeps().stop(record.id)


def test_every_row_launches_what_it_says(open_page, use_runner, monkeypatch):
    """Both buttons of every row that has them: the row's network, data and cell, with the experiment's seeds."""
    use_runner(fake_train)
    launched = []
    monkeypatch.setattr("lib.ui.results.table.launch", lambda experiment: launched.append(experiment))
    without_figures(monkeypatch)
    app, seen = open_page("results"), set()
    for index, reported in enumerate(reported_table.REPORTED):
        what = (reported.experiment, reported.cell, reported.data)
        if not reported.experiment or what in seen:
            continue
        seen.add(what)
        app = select_row(app, index)
        assert not app.exception and reported.what in markdown(app)
        for key in ("results_full", "results_laptop"):
            launched.clear()
            label = app.button(key=key).label
            app = app.button(key=key).click().run()
            (experiment,) = launched
            assert label.startswith(f"Launch {experiment.trial_count} run"), reported.id
            whole = EXPERIMENTS[reported.experiment]
            assert_is_row(reported, experiment, whole if key == "results_full" else whole.reduced())
    assert len(seen) > 80


def assert_is_row(reported, experiment, whole):
    """Exactly those trials of the whole experiment that the row is about."""
    def belongs(trial):
        cell = dict(trial.cell)
        fits = all(cell[name] in (value if isinstance(value, tuple) else (value,)) for name, value in reported.cell)
        return fits and (not reported.data or trial.spec.data.dataset == reported.data)

    expected = {trial.digest for trial in whole.trials() if belongs(trial)}
    assert expected and {trial.digest for trial in experiment.trials()} == expected, reported.id
    assert experiment.seeds == whole.seeds
    names = {experiment.network.format(**dict(cell)) for cell in experiment.cells()}
    assert names == set(networks_of(reported)), reported.id


def test_every_row_opens_as_what_it_says(open_page, use_runner, monkeypatch):
    """The controls of the Experiments page describe the row's runs, whatever they were set to before."""
    use_runner(fake_train)
    shown = []
    monkeypatch.setattr("lib.ui.experiments.launch.forecast_panel", lambda experiment, trials: shown.append(experiment))
    monkeypatch.setattr("lib.ui.experiments.figures.stored_results", lambda experiment, rows: ([], []))
    without_figures(monkeypatch)
    wanted = {figure_experiment(r).name: r for r in reported_table.REPORTED if r.experiment}  # one row of each experiment
    rows = [r for r in reported_table.REPORTED if r.id in ("A1.model3_mnist", "A4.adagrad", "A2.relu_tanh_relu.loss")]
    app = open_page("experiments", exp="a4_optimizer", exp_axis_learning_rate="0.5", exp_seeds="7", exp_images="123",
                    exp_more="dropout")
    for reported in [*rows, *wanted.values()]:
        app.switch_page(str(ROOT / "pages" / "results.py")).run()
        app = select_row(app, reported_table.REPORTED.index(reported))
        shown.clear()
        app = app.button(key="results_open").click().run()
        assert not app.exception and not app.error, reported.id
        expected = figure_experiment(reported)
        assert [trial.digest for trial in shown[-1].trials()] == [trial.digest for trial in expected.trials()], reported.id


def test_a_launched_row_is_what_the_page_then_shows(open_page, use_runner):
    use_runner(endless_train)
    app = open_page("experiments", exp="a1", exp_axis_model="6", exp_seeds="3")
    app.switch_page(str(ROOT / "pages" / "results.py")).run()
    index = next(i for i, r in enumerate(reported_table.REPORTED) if r.id == "A1.model3_fashion_mnist")
    app = select_row(app, index).button(key="results_laptop").click().run()
    assert not app.exception
    assert app.multiselect(key="exp_axis_model").value == ["3"] and app.number_input(key="exp_seeds").value == 1
    assert app.button(key="exp_launch").label == "Launch 1 run"
    sweeps().stop(sweeps().records()[0].id)


# --- doomed, and empty ----------------------------------------------------------------------


def test_without_images_and_network_nothing_is_launched(open_page, use_runner, monkeypatch):
    runner = use_runner(fake_train)
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "no connection")
    app = launch(open_page("experiments", **{**TINY, "exp_data": "mnist"}))
    assert not app.exception and sweeps().records() == () and runner.store.records() == ()
    (error,) = app.error
    assert "MNIST is not on this machine" in error.value and "Digits" in error.value
    assert len(error.value.splitlines()) == 2 and "http" not in error.value
    (details,) = [expander for expander in app.expander if expander.label == "Details"]
    assert "SHA-256" in details.markdown[0].value


def test_a_row_of_the_results_is_refused_in_the_same_way(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "no connection")
    app = select_row(open_page("results", section="B"), 0).button(key="results_full").click().run()
    assert not app.exception and sweeps().records() == () and len(app.error) == 1


def test_more_images_than_there_are_cannot_be_launched(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", **{**TINY, "exp_images": "5000"})
    (error,) = app.error
    assert "at most 1,350 training images" in error.value
    assert not [button for button in app.button if button.key == "exp_launch"]


def test_equal_failures_are_told_once(open_page, use_runner):
    use_runner(failing_train)
    app = launch(open_page("experiments", **TINY))
    app = finish(app, sweeps().records()[0].id)
    assert markdown(app).count("The loss is not a number.") == 1 and "and 3 more" in markdown(app)


def test_an_empty_page_has_one_button_that_launches_a_grid(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", exp="custom")
    assert "Nothing has been measured yet" in markdown(app)
    app = app.button(key="first_grid").click().run()
    (record,) = sweeps().records()
    assert record.experiment.trial_count == 6 and record.experiment.dataset == "digits"
    app = finish(app, record.id)
    assert not app.exception and "6 of 6 runs done" in " ".join(p.proto.text for p in app.get("progress"))
    assert app.multiselect(key="exp_nets").value == ["softmax_regression", "a5_64_64"], "the controls say the same"
    assert [c.key for c in app.multiselect] == ["exp_nets", "exp_more"], "networks are chosen in one place"
    assert "No hidden layer, MLP 64-64; Digits (small, offline); all images; 5 epochs; seeds 0, 1, 2." in markdown(app)
    assert [t.digest for t in sweeps().trials(record.id)] == [t.digest for t in first_experiment().trials()]


def test_a_link_that_asks_for_too_much_memory_is_answered_with_a_sentence(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.spec.memory_need.free_bytes", lambda: 20 * 10**9)
    asked = []
    monkeypatch.setattr("lib.ui.experiments.forecast._measure", lambda *spec: asked.append(spec))
    app = open_page("experiments", exp="custom", exp_nets="b5_cnn1_003", exp_data="cifar10", exp_more="batch_size",
                    exp_axis_batch_size="65536")
    assert not app.exception and "does not fit into memory" in " ".join(error.value for error in app.error)
    assert asked == [], "nothing was built because a link was opened"


@pytest.mark.parametrize(("system", "words"), [("A1", "Test accuracy of every network"), ("B4", "Feature maps")])
def test_the_report_s_image_is_drawn_from_stored_rows(system, words, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("results", section=system[0])
    shown = [r for r in reported_table.REPORTED if r.system[0] == system[0]]
    index = next(number for number, r in enumerate(shown) if r.system == system)
    app.session_state["results_table"] = {"selection": {"rows": [index], "columns": [], "cells": []}}
    app.run()
    assert not app.exception and words in markdown(app)
    assert "What the report leaves open, and what is taken here" in [expander.label for expander in app.expander]
