"""The Runs page: its list, what can be done with the ticked runs, and the comparison."""

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.charts.overlay import overlay_styles
from lib.measures.comparison import seed_groups
from lib.measures.history import cell_text
from lib.spec.rate_search import RANGE, search_run
from lib.spec.runs import ChangeRequest, RunRecord, RunState
from lib.ui.runs.actions import delete_runs
from lib.ui.runs.differences import difference_table
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec
from tests.many_runs import clock_record, fill, made_accuracy, made_spec
from tests.pages.runs_list import column, has_table, link, shown, table, tick_first


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


def compared(open_page, count, **query):
    """The Runs page with its first `count` rows ticked."""
    app = tick_first(open_page("runs", **query), count)
    assert not app.exception
    return app


def charts(app):
    """Title of the vertical axis -> specification of every chart of the page."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    return {spec["layer"][0]["encoding"]["y"]["title"]: spec for spec in specs}


def html_of(app):
    return " ".join(element.proto.body for element in app.get("html"))


def captions(app):
    return " ".join(element.value for element in app.caption)


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
    spec = charts(app)["accuracy"]
    assert spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["learning rate 0.1", "learning rate 0.5"]
    assert spec["height"] >= 280 and list(charts(app)) == ["accuracy", "loss"]
    assert "learning rate 0.5" in html_of(app), "the legend is text of the page"
    colors = {row["id"]: row["color"] for row in table(app)["rows"]}
    assert len(set(colors.values())) == 2, "the ticks have the colours of the curves"


def test_a_search_for_a_rate_is_not_compared_with_trained_networks_unless_it_is_ticked(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1), with_rate(0.5), search_run(tiny_run_spec(), RANGE)])
    app = open_page("runs")
    assert "the first 2 runs" in html_of(app) and app.selectbox(key="runs_color").value == "learning rate"
    assert "learning rate 10" in html_of(compared(open_page, 3)), "a ticked one is"


def test_the_user_chooses_what_gives_the_colour(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1, 0), with_rate(0.1, 1), with_rate(0.5, 0)])
    app = compared(open_page, 3)
    app = app.selectbox(key="runs_color").select("seed").run()
    assert charts(app)["accuracy"]["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["seed 0", "seed 1"]
    assert link(app)["runs_color"] == "seed"


def test_seeds_are_a_mean_with_their_number_and_can_be_taken_apart(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1, seed) for seed in range(3)] + [with_rate(0.5)])
    app = compared(open_page, 4, runs_view="What differs")
    assert "<td>0, 1, 2</td>" in html_of(app), "the table says which seeds"
    assert "(n = 3)" in html_of(app), "the sentence says how many"
    app = compared(open_page, 4)
    assert app.toggle(key="runs_mean").value
    app = app.toggle(key="runs_mean").set_value(False).run()
    assert link(app)["runs_mean"] == "False" and not app.exception


def test_the_differences_are_a_table_in_words(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [with_rate(0.1), with_rate(0.5)])
    page = html_of(compared(open_page, 2, runs_view="What differs"))
    assert "learning rate</th>" in page and "<td>0.1</td>" in page and "<td>0.5</td>" in page
    assert "test accuracy" in page and re.search(r"<td>\d+\.\d %</td>", page)
    assert page.index("test accuracy</th>") < page.index("learning rate</th>"), "what came of it stands where it is seen"
    assert '<th scope="col">n</th>' not in page and '<th scope="col">seeds</th>' not in page, "one run of each"
    assert "run &lt;0&gt;" in page and "run <0>" not in page, "names are the user's"


def test_networks_without_an_accuracy_have_no_empty_chart(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [replace(tiny_run_spec(), task="reverse"), replace(tiny_run_spec(), task="gan")])
    assert list(charts(compared(open_page, 2))) == ["loss"]
    assert list(charts(compared(open_page, 1))) == ["loss"], "a curve of which there is no epoch is not drawn"


def test_figures_that_no_run_has_have_no_column(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [tiny_run_spec()])
    app = open_page("runs")
    keys = [each["key"] for each in table(app)["columns"]]
    assert "test_minutes" not in keys and column(app, "test_accuracy")[0].endswith(" %"), "percent, not a share"


def test_runs_of_other_tasks_have_figures_of_their_own(open_page, use_runner):
    runner = use_runner(fake_train)
    fill(runner.store, 3)
    runner.store.create(clock_record(0))
    app = open_page("runs")
    assert column(app, "test_minutes") == ["5.0 min", "", "", ""] and column(app, "test_accuracy")[0] == ""
    assert table(app)["rows"][0]["under"].startswith("5.0 min · finished"), "also where there is room for one column"
    assert "the first 1 run of the list" in html_of(app), "a clock's loss says nothing about a classifier's"


def test_replicates_that_are_not_drawn_count_and_other_data_sets_are_not_mixed_in(open_page, use_runner):
    runner = use_runner(fake_train)
    spec = tiny_run_spec(seed=9)
    train_all(runner, [replace(spec, data=replace(spec.data, dataset="mnist"))]
              + [with_rate(rate, seed) for rate in (0.1, 0.5) for seed in range(5)])
    page = html_of(open_page("runs"))
    assert "the first 8 runs" in page and page.count("(n = 5)") == 2 and "drawn or not" in page
    assert "Means over 5 seeds" in page


def test_runs_of_two_data_sets_are_not_called_better(open_page, use_runner):
    runner = use_runner(fake_train)
    spec = tiny_run_spec()
    train_all(runner, [replace(spec, data=replace(spec.data, dataset="mnist")), spec])
    assert "the first 1 run of" in html_of(open_page("runs")), "those that can be compared with the first of the list"
    page = html_of(compared(open_page, 2))
    assert "cannot be compared" in page and "Best test accuracy" not in page


def test_a_fork_says_where_it_comes_from(open_page, use_runner):
    runner = use_runner(fake_train)
    fill(runner.store, 2)
    fork = replace(runner.store.record("made0001"), id="fork1", name="the fork", parent="made0001", forked_epoch=5)
    runner.store.create(fork)
    runner.store.create(replace(fork, id="fork2", parent="gone"))
    app = open_page("runs", runs_text="fork")
    assert [row["fork"] for row in table(app)["rows"]] == [
        "fork of a run that was deleted, after epoch 5",
        f"fork of {runner.store.record('made0001').name}, after epoch 5"]


def test_one_run_shows_its_specification(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [tiny_run_spec()])
    app = compared(open_page, 1, runs_view="What differs")
    assert json.loads(app.json[0].value)["task"] == "classify"


# --- scatter and parallel coordinates ---------------------------------------------------------


@pytest.fixture
def many(use_runner):
    runner = use_runner(fake_train)
    fill(runner.store, 40)
    return runner


def test_a_scatter_shows_every_listed_run(open_page, many):
    app = open_page("runs", runs_view="Scatter")
    (spec,) = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    assert spec["encoding"]["x"]["title"] == "learning rate", "what matters most"
    assert "40 listed runs" in captions(app) and "learning rate" in captions(app)
    app = app.selectbox(key="runs_along").select("optimiser").run()
    assert link(app)["runs_along"] == "optimiser" and not app.exception


def test_a_frame_in_a_chart_ticks_its_runs(open_page, many):
    app = open_page("runs", runs_view="Scatter")
    best = max(made_accuracy(number) for number in range(40))
    app.session_state["runs_scatter"] = {"selection": {"brush": {"x": ["0.001"], "value": [best - 1e-6, best + 1e-6]}}}
    app.run()
    assert app.button(key="runs_tick_framed").label == "Tick this run"
    app.button(key="runs_tick_framed").click().run()
    (ticked,) = table(app)["chosen"]
    assert many.store.record(ticked).metrics["test_accuracy"] == best


def test_parallel_coordinates_keep_the_runs_that_pass_through_a_frame(open_page, many):
    app = open_page("runs", runs_view="Parallel coordinates")
    assert app.pills(key="runs_axes").value[0] == "learning rate" and "seed" not in app.pills(key="runs_axes").value
    app.session_state["runs_parallel"] = {"selection": {"brush": {"axis": ["test accuracy"], "share": [0.99, 1.1]}}}
    app.run()
    values = [made_accuracy(number) for number in range(40)]
    top = sum(value >= min(values) + 0.99 * (max(values) - min(values)) for value in values)
    assert app.button(key="runs_tick_framed").label == f"Tick these {top} runs" and not app.exception


def test_without_a_figure_or_a_difference_there_is_a_sentence(open_page, use_runner):
    runner = use_runner(fake_train)
    train_all(runner, [tiny_run_spec()])
    assert "Nothing differs" in captions(open_page("runs", runs_view="Scatter"))
    runner.store.update(runner.records()[0].id, metrics={})
    assert "final figure" in captions(open_page("runs", runs_view="Parallel coordinates"))


# --- the list -------------------------------------------------------------------------------


def test_the_list_is_filtered_and_the_filter_is_in_the_link(open_page, many):
    app = open_page("runs", runs_text='"rate 0.01 " "seed 2"')
    assert shown(app) and all("rate 0.01 " in name and "seed 2" in name for name in shown(app))
    app = open_page("runs")
    app = app.text_input(key="runs_text").input("CNN sgd").run()
    app = app.selectbox(key="runs_metric").select("test_accuracy").run()
    app = app.number_input(key="runs_least").set_value(90.0).run()
    address = link(app)
    assert (address["runs_text"], address["runs_metric"], address["runs_least"]) == ("CNN sgd", "test_accuracy", "90.0")
    again = open_page("runs", **address)
    assert shown(again) == shown(app) != []
    assert all(float(cell.removesuffix(" %")) >= 90 for cell in column(again, "test_accuracy"))


def test_nothing_that_meets_the_conditions_leads_back(open_page, many):
    app = open_page("runs", runs_text="no such run")
    assert not has_table(app) and "No run meets" in " ".join(m.value for m in app.markdown)
    app = app.button(key="runs_none").click().run()
    assert len(table(app)["rows"]) == 10 and "runs_text" not in link(app)


def test_a_star_filters_and_belongs_to_the_run(open_page, many):
    app = compared(open_page, 2)
    app = app.button(key="runs_star").click().run()
    assert sum(record.starred for record in many.store.records()) == 2
    app = app.toggle(key="runs_starred").set_value(True).run()
    assert len(shown(app)) == 2 and link(app)["runs_starred"] == "True"
    app = app.button(key="runs_star").click().run()
    assert not any(record.starred for record in many.store.records()), "all of them had one"


def test_a_note_is_kept_and_shown_as_text(open_page, many):
    app = compared(open_page, 1)
    record = many.store.record(table(app)["chosen"][0])
    note = "**look** at <b>epoch 3</b>\nthen lower the rate"
    app.text_area[0].input(note)
    app = app.button(key="runs_write_note").click().run()
    assert many.store.record(record.id).note == note
    assert note in [text.value for text in app.text], "not as Markdown"
    assert table(app)["rows"][0]["note"] == " ".join(note.split())
    assert shown(open_page("runs", runs_text="EPOCH 3"))[0] == record.name, "notes are searched"


def name_field(app):
    (field,) = [each for each in app.text_input if each.label == "Name"]
    return field


def test_a_note_and_a_name_written_in_another_tab_are_not_undone_by_save(open_page, many):
    app = compared(open_page, 1)
    run_id, name = table(app)["chosen"][0], "renamed in another tab " + "x" * 150
    many.write_note(run_id, "written in another tab")
    many.rename(run_id, name)
    app.run()
    assert app.text_area[0].value == "written in another tab" and name_field(app).value == name
    for save in ("runs_write_note", "runs_rename"):
        app = app.button(key=save).click().run()
    record = many.store.record(run_id)
    assert (record.note, record.name) == ("written in another tab", name)


def test_a_blank_name_is_refused_in_words(open_page, many):
    app = compared(open_page, 1)
    before = many.store.records()
    name_field(app).input("   ")
    app = app.button(key="runs_rename").click().run()
    (toast,) = app.toast
    assert "Expected: 1 to 200 characters. Received: none. Write a name." in toast.value
    assert many.store.records() == before


def test_any_column_sorts_and_runs_without_a_value_come_last(open_page, many):
    many.store.update("made0005", metrics={})
    for order, best in (("-test_accuracy", max), ("test_accuracy", min)):
        app = open_page("runs", runs_sort=order, runs_size="50")
        values = [float(cell.removesuffix(" %")) for cell in column(app, "test_accuracy")[:-1]]
        assert values == sorted(values, reverse=best is max) and table(app)["rows"][-1]["id"] == "made0005"
    for key in [each["key"] for each in table(app)["columns"]]:
        assert not app.selectbox(key="runs_sort").select(key).run().exception


def test_every_head_of_a_filtered_list_sorts_it(open_page, many, monkeypatch):
    def heads_only(key, heads, rows, ask, **shown):
        import streamlit as st

        for head in heads:
            st.button(head.title, key=f"head_{head.key}", on_click=ask, args=("sort", head.key))
        st.json({"heads": [head.key for head in heads], "sort": shown["sort"]["key"]})

    many.store.create(clock_record(0))
    monkeypatch.setattr("lib.ui.runs.table.run_table", heads_only)
    app = open_page("runs", runs_task="classify")
    heads = json.loads(app.json[0].value)["heads"]
    assert "best_val_accuracy" in heads, "classifiers alone have a second figure"
    for head in heads:
        app = app.button(key=f"head_{head}").click().run()
        assert json.loads(app.json[0].value)["sort"] == head
        assert app.selectbox(key="runs_sort").value.removeprefix("-") == head


def test_a_long_list_is_shown_by_pages(open_page, use_runner):
    runner = use_runner(fake_train)
    ids = fill(runner.store, 500)
    app = open_page("runs")
    assert [row["id"] for row in table(app)["rows"]] == ids[:-11:-1] and table(app)["words"] == "1–10 of 500 runs"
    assert len(app.get("vega_lite_chart")) == 2, "and a few runs are drawn, not all"
    last = open_page("runs", runs_page="50", runs_size="10")
    assert [row["id"] for row in table(last)["rows"]] == ids[9::-1]
    beyond = open_page("runs", runs_page="77")
    assert table(beyond)["page"] == 50, "a page that is not there is the last one"


def test_of_many_ticked_runs_the_page_says_how_many_are_drawn_and_lets_choose(open_page, use_runner):
    ids = fill(use_runner(fake_train).store, 60)
    app = open_page("runs", runs_chosen="|".join(ids))
    assert "Drawn are the first 40 of 60 ticked runs." in html_of(app)
    app = app.selectbox(key="runs_drawn").select(80).run()
    assert not app.exception and "Drawn are the first" not in html_of(app) and link(app)["runs_drawn"] == "80"
    few = open_page("runs", runs_chosen="|".join(ids[:5]))
    assert not [box for box in few.selectbox if box.key == "runs_drawn"]


def test_a_steered_run_has_its_changes_marked_on_the_curves(open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=4))
    runner.wait(run_id, 20)
    runner.extend(run_id, 2, ChangeRequest(0.5))
    runner.wait(run_id, 20)
    app = open_page("runs", runs_chosen=run_id)
    assert not app.exception
    for chart in app.get("vega_lite_chart"):
        marks = json.loads(chart.proto.spec)["layer"][-1]["layer"]
        assert [layer["mark"]["type"] for layer in marks] == ["rule", "point"]


def test_what_is_ticked_is_in_the_link_and_stays_while_the_list_changes(open_page, many):
    app = open_page("runs", runs_chosen="made0003|made0007|gone")
    assert table(app)["chosen"] == ["made0003", "made0007"]
    app = app.text_input(key="runs_text").input("CNN").run()
    assert "2 ticked, 2 of them not in this list" in table(app)["words"]
    revision = table(app)["revision"]
    app = app.button(key="runs_untick").click().run()
    assert table(app)["revision"] == revision + 1, "or the browser would keep its ticks"
    assert table(app)["chosen"] == [] and "runs_chosen" not in link(app)


def test_requests_that_make_no_sense_are_not_answered(many):
    def page():
        import streamlit as st

        from lib.ui.runs.columns import run_columns
        from lib.ui.runs.table import _asked

        columns = run_columns((), {})
        st.session_state.update(runs_sort="-started", runs_page=1, runs_size=10)
        for asked in (("sort", "nothing"), ("sort", 3), ("page", 0), ("page", True), ("size", 10**9), ("star", {}),
                      ("star", {"id": "nobody", "on": True}), ("other", None)):
            _asked(columns, *asked)
        st.json({key: st.session_state[key] for key in ("runs_sort", "runs_page", "runs_size")})

    app = AppTest.from_function(page).run()
    assert not app.exception and not any(record.starred for record in many.store.records())
    assert json.loads(app.json[0].value) == {"runs_sort": "-started", "runs_page": 1, "runs_size": 10}


def test_a_narrow_table_says_in_words_what_differs():
    records = [RunRecord(str(n), f"run {n}", made_spec(n), RunState.FINISHED, 0.0,
                         metrics={"test_accuracy": made_accuracy(n), "test_loss": 1.0}) for n in range(9)]
    groups = seed_groups(records, "learning rate")
    styles = overlay_styles(group.color for group in groups)
    wide, narrow = difference_table(groups, styles), difference_table(groups, styles, narrow=True)
    for made in (wide, narrow):
        assert made.count("<tr>") == 4 and made.count("<b>") == 1, "the best accuracy; all losses are alike"
        assert "learning rate 0.001" in made and "<td>3</td>" in made
    assert "test loss</th>" in wide and "seeds</th>" in wide
    assert "test loss</th>" not in narrow and "seeds</th>" not in narrow and "learning rate</th>" not in narrow


# --- files ----------------------------------------------------------------------------------


def test_files_of_the_ticked_runs(open_page, many):
    from lib.ui.runs.actions import _curves_file, runs_csv

    compared(open_page, 2)
    records = many.store.records()[:2]
    head, *rows = _curves_file(records).splitlines()
    assert head.startswith("id,name,seed,epoch,step,seconds,loss,accuracy") and len(rows) == 24
    assert runs_csv(records).splitlines()[0].startswith("id,name,starred,note,state")


def test_event_files_come_as_a_zip(many):
    pytest.importorskip("tensorflow")
    from lib.ui.runs.actions import _events_file

    names = zipfile.ZipFile(io.BytesIO(_events_file(many.store.records()[:2]))).namelist()
    assert len(names) == 4 and all("events.out.tfevents" in name for name in names)


def test_nothing_in_a_file_is_a_formula(many):
    many.store.rename("made0000", "=1+1")
    many.store.write_note("made0000", "@SUM(A1)")
    from lib.measures.history import curves_csv, runs_csv

    record = many.store.record("made0000")
    assert cell_text("=1+1") in runs_csv([record]) and "'@SUM(A1)" in runs_csv([record])
    assert ",=1+1," not in runs_csv([record]) + curves_csv([(record, many.store.epochs(record.id))])


def test_deleting_asks_with_names_and_leaves_the_others(open_page, many):
    app = compared(open_page, 7)
    question = " ".join(text.value for text in app.markdown)
    assert "Delete 7 runs, their curves and models?" in question and "and 2 more" in question and "taken back" in question
    app = app.button(key="runs_delete").click().run()
    assert len(many.store.records()) == 33 and table(app)["words"] == "1–10 of 33 runs"


def test_a_run_that_is_held_reads_paused(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(tiny_run_spec(), "tab", "Held")
    train.wait_for_starts(1)
    app = open_page("runs")
    assert table(app)["rows"][0]["cells"]["state"] == "running"
    assert "1 running." in [caption.value for caption in app.caption]
    runner.pause(run_id)
    assert runner.paused() == {run_id}
    app.run()
    assert table(app)["rows"][0]["cells"]["state"] == "paused"
    assert "1 paused." in [caption.value for caption in app.caption]
    runner.resume_paused(run_id)
    assert runner.paused() == set()
    train.release()
