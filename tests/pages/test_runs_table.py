"""What the Runs page computes from the selected runs."""

import io
import json
import re
import zipfile
from dataclasses import replace

from lib.ui.runs.table import delete_runs, histories_zip
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec


def test_histories_come_as_one_table_a_run(use_runner):
    runner = use_runner(fake_train)
    ids = [runner.submit(tiny_run_spec()) for _ in range(2)]
    for run_id in ids:
        runner.wait(run_id, timeout=20)
    archive = zipfile.ZipFile(io.BytesIO(histories_zip([runner.store.record(run_id) for run_id in ids])))
    assert sorted(archive.namelist()) == sorted(f"{run_id}.csv" for run_id in ids)
    assert archive.read(f"{ids[0]}.csv").startswith(b"epoch,step,seconds")


def test_a_run_in_flight_is_not_deleted(use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    delete_runs([runner.store.record(run_id)])
    assert [record.id for record in runner.store.records()] == [run_id]
    train.release()
    runner.wait(run_id, timeout=20)
    delete_runs([runner.store.record(run_id)])
    assert runner.store.records() == ()


# --- the selected runs over each other --------------------------------------------------------


def compared(open_page, count):
    """The Runs page with its first `count` rows selected."""
    app = open_page("runs")
    app.session_state["runs_table"] = {"selection": {"rows": list(range(count)), "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def pictures(app):
    """Title of the vertical axis -> specification of every chart of the page."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    return {spec["layer"][0]["encoding"]["y"]["title"]: spec for spec in specs}


def html_of(app):
    return " ".join(element.proto.body for element in app.get("html"))


def train_all(runner, specs):
    for number, spec in enumerate(specs):
        runner.wait(runner.submit(spec, name=f"run <{number}>"), timeout=20)


def with_rate(rate, seed=0):
    spec = tiny_run_spec(seed=seed)
    return replace(spec, train=replace(spec.train, learning_rate=rate))


def test_runs_are_coloured_by_what_differs(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1, 0), with_rate(0.1, 1), with_rate(0.5, 0)])
    app = compared(open_page, 3)
    spec = pictures(app)["accuracy"]
    assert spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["learning rate 0.5", "learning rate 0.1"]
    assert spec["height"] >= 280 and list(pictures(app)) == ["accuracy", "loss"]
    assert "learning rate 0.5" in html_of(app), "the legend is text of the page"


def test_the_differences_are_a_table_in_words(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1), with_rate(0.5)])
    page = html_of(compared(open_page, 2))
    assert "learning rate</th>" in page and "<td>0.1</td>" in page and "<td>0.5</td>" in page
    assert "test accuracy" in page and re.search(r"<td>\d+\.\d %</td>", page)
    assert "run &lt;0&gt;" in page and "run <0>" not in page, "names are the user's"


def test_networks_without_an_accuracy_have_no_empty_picture(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [replace(tiny_run_spec(), task="reverse"), replace(tiny_run_spec(), task="gan")])
    assert list(pictures(compared(open_page, 2))) == ["loss"]
    assert list(pictures(compared(open_page, 1))) == ["loss"], "a curve of which there is no epoch is not drawn"


def test_figures_that_no_run_has_have_no_column(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [tiny_run_spec()])
    table = open_page("runs").dataframe[0].value
    assert "test error" not in table and table["test accuracy"].tolist()[0] > 1, "percent, not a share"
