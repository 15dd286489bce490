"""The Experiments page and the Results page without a browser."""

from __future__ import annotations

import json
import time

import pytest

from lib.ui import reported_table
from lib.ui.experiments_forecast import about
from lib.ui.resources import sweeps
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
    assert "Best so far" in markdown(app)
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
            assert not app.exception and "dashed" in " ".join(caption.value for caption in app.caption)
        assert len(charts(app)) == {"table": 1, "curves": 3, "heatmap": 2, "factor": 2}[figure], figure


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


def test_a_selected_figure_is_launched_from_the_results(open_page, use_runner):
    use_runner(endless_train)
    app = open_page("results", section="B")
    app.session_state["results_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert "CNN model 4" in markdown(app) and app.button(key="results_full").label == "Launch 1 run, as the report"
    app.button(key="results_laptop").click().run()
    (record,) = sweeps().records()
    assert record.experiment.name == "b1" and record.experiment.trial_count == 1
    assert [trial.spec.data.train_size for trial in record.experiment.trials()] == [1000]
    sweeps().stop(record.id)


def test_a_link_that_asks_for_too_much_memory_is_answered_with_a_sentence(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.core.memory_need.free_bytes", lambda: 20 * 10**9)
    asked = []
    monkeypatch.setattr("lib.ui.experiments_forecast._measure", lambda *spec: asked.append(spec))
    app = open_page("experiments", exp="custom", exp_nets="b5_cnn1_003", exp_data="cifar10", exp_more="batch_size",
                    exp_axis_batch_size="65536")
    assert not app.exception and "does not fit into memory" in " ".join(error.value for error in app.error)
    assert asked == [], "nothing was built because a link was opened"


@pytest.mark.parametrize(("system", "words"), [("A1", "Test accuracy of every network"), ("B4", "Feature maps")])
def test_the_report_s_picture_is_drawn_from_stored_rows(system, words, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("results", section=system[0])
    shown = [r for r in reported_table.REPORTED if r.system[0] == system[0]]
    index = next(number for number, r in enumerate(shown) if r.system == system)
    app.session_state["results_table"] = {"selection": {"rows": [index], "columns": [], "cells": []}}
    app.run()
    assert not app.exception and words in markdown(app)
    assert "What the report leaves open" in [expander.label for expander in app.expander]
