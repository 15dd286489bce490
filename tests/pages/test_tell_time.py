"""The clock page without a browser: what the dial sends, what the networks answer, what a bad image says."""

import io
import re
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib.base.errors import CheckpointError, DataError
from lib.base.percent import percent_text
from lib.catalog.heads import HEADS
from lib.catalog.report_grids import BACKGROUND
from lib.clockface import Pose, render
from lib.clockface.photo import MAX_BYTES, cut_out, open_photo
from lib.clockface.table import PLANKS
from lib.measures.clock_background import TABLE_TITLE
from lib.measures.clock_figures import GALLERY, reading_figures
from lib.models.checkpoints import manifest
from lib.models.clock_bench import Answer
from lib.spec.runs import RunRecord, RunState
from lib.ui import loading
from lib.ui.clock import measured
from lib.ui.clock import networks as clock_networks
from lib.ui.clock import page as clock_page
from lib.ui.clock.answers import answer_rows, class_words, time_text
from lib.ui.clock.look import FAMILY_TITLES, Look, dressed
from lib.ui.clock.measured import rivals_text
from lib.ui.clock.networks import READER, mean_errors, network_colors
from lib.ui.lab import lab
from lib.ui.widgets.clock_dial import MOST_HANDS, DialPose, parse_pose
from tests.fakes import fake_train, tiny_run_spec
from tests.pages.test_digit_pages import html
from tests.pages.test_pages import only_record, texts

#: As it is without the fake that stands for it in these tests.
REAL_BENCH = clock_networks.bench


class FakeBench:
    """Networks that always say 10:10 and 3:00."""

    left_out = ()

    def predict(self, images):
        ring = np.full(72, 1 / 72, np.float32)
        return [[Answer("Our reader", "reader", 610.0, np.log(np.full(720, 1 / 720, np.float32))),
                 Answer("72 classes", "classes_72", 180.0, ring)] for _ in images]

    def minutes(self, images):
        return {"Our reader": np.full(len(images), 610.0), "72 classes": np.full(len(images), 180.0)}


@pytest.fixture(autouse=True)
def _fake_bench(monkeypatch):
    use_bench(monkeypatch, FakeBench)


def use_bench(monkeypatch, bench):
    for module in (clock_networks, clock_page):
        monkeypatch.setattr(module, "bench", bench)


def sent_to_the_dial(app):
    import json

    (component,) = [c for c in app.get("bidi_component") if c.proto.component_name.endswith("clock_dial")]
    return json.loads(component.proto.json)


def test_the_dial_shows_every_answer_and_its_error(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time")
    assert not app.exception
    data = sent_to_the_dial(app)
    assert [row["text"] for row in data["rows"]] == ["10:10", "3:00"]
    assert [row["off"] for row in data["rows"]] == ["2 min", "292 min"]
    stored = [manifest()[f"clocks/{name}"]["metrics"]["test_minutes"] for name in ("reader", "classes_72")]
    assert [row["stored"] for row in data["rows"]] == [f"{minutes:.1f} min" for minutes in stored]
    assert data["image"].startswith("data:image/png;base64,")


class ManyBench(FakeBench):
    """All shipped networks, each an hour later than the one before."""

    def predict(self, images):
        titles = list(mean_errors())
        return [[Answer(title, "", 60.0 * n, np.zeros(2)) for n, title in enumerate(titles)] for _ in images]


def colors(app):
    return {row["name"]: row["color"] for row in sent_to_the_dial(app)["rows"] if row["color"]}


def test_three_networks_have_hands_at_first_and_the_table_chooses_others(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    use_bench(monkeypatch, ManyBench)
    app = open_page("tell_time")
    names = list(mean_errors())
    assert list(colors(app)) == names[:3]  # the best by their stored errors
    before = colors(app)
    app.session_state["clock"] = {"hands": [names[0], names[2], names[7]]}
    app.run()
    after = colors(app)
    assert set(after) == {names[0], names[2], names[7]}
    assert after[names[2]] == before[names[2]]  # who stays on the dial keeps its colour
    assert len(set(after.values())) == 3
    app.session_state["clock"] = {"hands": []}
    app.run()
    assert colors(app) == {}
    app.session_state["clock"] = {"hands": [*names, "nobody", 7]}
    app.run()
    assert len(colors(app)) == len(set(colors(app).values())) == MOST_HANDS


def lightness_and_colour(text):
    """CIE L*a*b* of "#rrggbb"."""
    rgb = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    x, y, z = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_colours_of_networks_can_be_told_apart():
    places = [lightness_and_colour(color) for color in network_colors([]).values()]
    assert min(np.linalg.norm(a - b) for n, a in enumerate(places) for b in places[:n]) > 30


def test_a_network_has_one_colour_wherever_it_is_shown():
    shipped, own = network_colors([]), ["Yours: 72 classes (b)", "Yours: 24 classes (a)"]
    found = network_colors(own)
    assert {title: found[title] for title in shipped} == shipped
    assert found == network_colors([*reversed(own), "72 classes"])


def test_the_clock_is_there_before_its_networks(open_page, use_runner, monkeypatch):
    arrived = threading.Event()

    def slow_bench():
        arrived.wait(60)
        return FakeBench()

    use_runner(fake_train)
    use_bench(monkeypatch, slow_bench)
    monkeypatch.setattr(loading, "GRACE_SECONDS", 0.0)
    lab().loading.clear()
    app = open_page("tell_time")
    data = sent_to_the_dial(app)
    assert data["image"].startswith("data:image/png;base64,")
    assert {row["text"] for row in data["rows"]} == {"…"}
    errors = [error for error in mean_errors().values() if error is not None]
    assert f"{min(errors):.1f} min" in [row["stored"] for row in data["rows"]]
    assert "Loading the networks" in texts(app.caption)
    arrived.set()
    for job in lab().loading.values():
        job.wait(60)
    app.run()
    assert [row["text"] for row in sent_to_the_dial(app)["rows"]] == ["10:10", "3:00"]


def test_curves_of_another_clock_are_not_shown(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="Where do they fail?")
    app.button(key="sweep_go").click().run(timeout=120)
    app.session_state["sweep_job"][1].wait(120)
    assert app.run().get("vega_lite_chart")
    app.segmented_control(key="sweep").set_value("tilt").run()
    assert not app.get("vega_lite_chart")
    assert "of another clock" in texts(app.info)
    app.segmented_control(key="sweep").set_value("time").run()
    assert app.get("vega_lite_chart")
    app.slider(key="camera_noise").set_value(20).run()
    assert not app.get("vega_lite_chart")


def test_missing_checkpoints_are_a_message(open_page, use_runner, monkeypatch):
    def missing():
        raise CheckpointError("reader.npz is missing.", remedy="Restore checkpoints/ from the repository.")

    use_runner(fake_train)
    use_bench(monkeypatch, missing)
    app = open_page("tell_time")
    assert not app.exception
    assert "Restore checkpoints/" in texts(app.error)


def test_a_pose_from_the_browser_is_answered(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time")
    app.session_state["clock"] = {"pose": {"minutes": 609, "rotation": 45.0, "seq": 3}}
    app.run()
    data = sent_to_the_dial(app)
    assert (data["minutes"], data["rotation"], data["ack"]) == (609, 45.0, 3)
    assert data["rows"][0]["off"] == "1 min"
    assert data["rows"][0]["right"] is True
    assert data["rows"][1]["right"] is False


def test_what_was_dragged_before_a_press_was_seen_does_not_undo_it(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time")
    app.session_state["clock"] = {"pose": {"minutes": 609, "rotation": 45.0, "seq": 1, "revision": 0}}
    app.button(key="random_time").click().run()
    pressed = sent_to_the_dial(app)
    assert pressed["revision"] == 1
    # The browser was still waiting for an answer to its first pose; now it sends what was dragged meanwhile.
    app.session_state["clock"] = {"pose": {"minutes": 611, "rotation": 45.0, "seq": 2, "revision": 0}}
    app.run()
    after = sent_to_the_dial(app)
    assert (after["minutes"], after["rotation"]) == (pressed["minutes"], pressed["rotation"]) and after["ack"] == 2
    app.session_state["clock"] = {"pose": {"minutes": 612, "rotation": 45.0, "seq": 3, "revision": 1}}
    app.run()
    assert sent_to_the_dial(app)["minutes"] == 612


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                    lambda inner: st.dictionaries(st.sampled_from(["minutes", "rotation", "seq"]), inner, max_size=3))


@given(JSON)
def test_whatever_a_browser_sends_is_a_pose_or_ignored(payload):
    pose = parse_pose(payload)
    assert pose is None or (0 <= pose.minutes < 720 and 0 <= pose.rotation < 360)


def test_a_good_pose_is_taken():
    assert parse_pose({"minutes": 719.6, "rotation": -10, "seq": 2}) == DialPose(0, 350.0, 2)


@pytest.mark.parametrize("query", [{"tilt": "9"}, {"clocks": "cuckoo"}, {"look": "-1"}, {"noise": "nan"}, {"side": "1e9"}])
def test_nonsense_in_a_link_is_ignored(query, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", **query)
    assert not app.exception


def test_a_head_of_ones_own_is_queued(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("tell_time", clock_tab="Train your own")
    app.selectbox(key="clock_net").set_value("light_sincos_hands").run()
    app.button(key="clock_start").click().run()
    assert not app.error
    spec = only_record(runner).spec
    assert (spec.task, spec.head.kind, spec.data.dataset) == ("clock", "sincos_hands", "clocks_wall_75")


def test_a_sweep_draws_every_network(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="Where do they fail?")
    app.button(key="sweep_go").click().run(timeout=120)
    app.session_state["sweep_job"][1].wait(120)
    app.run()
    assert not app.exception
    assert app.get("vega_lite_chart")


def test_measured_figures_come_from_the_manifest(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="What we measured")
    assert not app.exception and "guessing gives 180" in texts(app.caption)
    ours, theirs = app.table[0].value, app.table[len(app.table) - 1].value
    medians = [float(value) for value in ours["median (min)"]]
    assert len(ours) == 9 and medians == sorted(medians)
    assert "clocks_" not in texts(app.caption) and "after upright ones" in texts(app.caption)
    printed = dict(zip(ours["network"], ours["reports' mean (min)"], strict=True))
    assert printed["Hour class + minute number"] == "3.1" and printed["Sine and cosine of the time"] == "–"
    assert "94.42 %" in set(theirs["printed"])  # with the digits of the report


def test_every_turn_and_kind_of_answer_has_its_row(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="What we measured")
    turns = next(table.value for table in app.table if "135° to 180°" in table.value)
    kinds = next(table.value for table in app.table if "answer" in table.value)
    assert set(turns["network"]) <= set(HEADS[kind].title for kind in HEADS)
    assert "hands swapped" in set(kinds["answer"])
    assert app.get("vega_lite_chart")


def test_how_sure_the_reader_is_comes_from_stored_figures(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="How sure is our reader?")
    assert not app.exception and app.get("vega_lite_chart")
    figures = reading_figures()
    assert f"{100 * figures['families']['varied']['ece']:.1f} points" in [metric.value for metric in app.metric]
    assert any("all clocks" in set(table.value.get("clocks", ())) for table in app.table)
    rows = {row["what it looked at"]: row for table in app.table if "what it looked at" in table.value
            for row in table.value.to_dict("records")}
    assert {name: row["clocks that it found"] for name, row in rows.items()} == {
        name: row["false"] for name, row in figures["scenes"]["without_clocks"].items()}
    assert f"opened in {figures['scenes']['phone']['open']:.2f} s" in texts(app.caption)


def test_second_hands_and_mirrors_have_their_stored_figures(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="How sure is our reader?")
    tables = [table.value for table in app.table]
    seconds = next(table for table in tables if "with a second hand" in table)
    mirrors = next(table for table in tables if "called mirrored in a mirror" in table)
    notes = reading_figures()["notes"]
    assert list(seconds["clocks"]) == [name for name, row in notes["second"].items() if row["with"]]
    kinds = [(name, kind) for name, found in notes["mirrored"].items() for kind in found]
    assert len(mirrors) == len(kinds) and "clocks of all kinds: no numerals" in set(mirrors["clocks"])


def test_what_the_reader_gets_wrong_is_shown(open_page, use_runner):
    use_runner(fake_train)
    shown = html(open_page("tell_time", clock_tab="How sure is it?"))
    assert "not found" in shown and shown.count("<figure") >= 20  # clocks misread, and clocks missed


def test_what_the_rivals_get_wrong_is_shown(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", clock_tab="What we measured")
    gallery = re.search(r'class="rivals">(.*?)</table>', html(app))[1]
    assert gallery.count("<img") == GALLERY[0] and gallery.count("<span") == 8 * GALLERY[0]
    for line in gallery.split("<tr>")[2:]:
        shows = re.search(r"<td>(\d+:\d\d)</td>", line)[1]
        assert f'<span class="answer-wrong">{shows}</span>' not in line
    assert "answer-wrong" in gallery and "answer-right" in gallery


def test_the_page_says_what_the_stored_figures_say(monkeypatch):
    def entry(kind, mean):
        return {"task": "clock", "spec": {"head": {"kind": kind}}, "metrics": {"test_minutes": mean}, "curriculum": {}}

    kinds = {"clocks/a": entry("sincos_hands", 21.04), "clocks/b": entry("circular", 180.0),
             "clocks/c": entry("classes_24", 23.0)}
    ours = {"clocks/reader": {"task": "clock_reader", "metrics": {"test_within_1": 0.998}}}
    monkeypatch.setattr("lib.models.checkpoints.manifest", lambda *folder: ours | kinds)
    assert rivals_text() == ("On dials turned by any angle the best of them, sine and cosine of both hands, is 21.0 minutes "
                             "off on average; circular loss only guesses. Our reader is right to a minute in 99.8 % of "
                             "cases.")
    del kinds["clocks/a"], kinds["clocks/c"]
    assert "all of them guess" in rivals_text()


def test_the_best_network_of_the_text_is_the_first_small_one_of_the_table():
    small = [title for title in mean_errors() if title != READER]
    assert f"the best of them, {small[0][0].lower()}{small[0][1:]}," in rivals_text()


def test_clocks_that_only_the_reader_has_learned_say_so(open_page, use_runner):
    use_runner(fake_train)
    assert "only our reader" not in sent_to_the_dial(open_page("tell_time"))["note"]
    note = sent_to_the_dial(open_page("tell_time", clocks="varied"))["note"]
    right = reading_figures()["families"]["varied"]["kinds"]["right"]
    assert "only our reader has learned clocks of all kinds" in note and percent_text(right) in note


def test_a_head_that_cannot_be_trained_says_so_where_it_was_asked_for(open_page, use_runner, monkeypatch):
    def refused(specs, home):
        raise DataError("These clocks cannot be had.")

    runner = use_runner(fake_train)
    monkeypatch.setattr("lib.datasets.check_obtainable", refused)
    app = open_page("tell_time", clock_tab="Train your own")
    app.button(key="clock_start").click().run()
    assert "These clocks cannot be had." in texts(app.error) and not runner.records()


def test_once_the_run_of_the_panel_is_deleted_the_newest_other_one_is_shown(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("tell_time", clock_tab="Train your own")
    for _ in range(2):
        app = app.button(key="clock_start").click().run()
        runner.wait(app.session_state["clock_run"], timeout=20)
    runner.delete(app.session_state["clock_run"])
    (other,) = runner.records()
    app = app.run()
    assert not app.warning and not app.exception and other.name in texts(app.markdown)
    runner.delete(other.id)
    app = app.run()
    assert not app.warning and not app.exception


def test_every_look_can_be_turned():
    for look in range(20):
        for family in FAMILY_TITLES:
            assert dressed(family, look, 0.5, 3, 0.5).face.marks_twelve


def test_on_its_table_the_background_turns_with_the_dial(open_page, monkeypatch):
    seen = []

    def noted(time, pose, style, size):
        seen.append((pose.rotation, style.scene.angle))
        return render(time, pose, style, size)

    monkeypatch.setattr("lib.ui.clock.page.render", noted)
    app = open_page("tell_time", clocks="table")
    app.button(key="random_time").click().run()
    assert not app.exception
    assert len({turn for turn, _ in seen}) > 1
    assert all(angle == turn + PLANKS for turn, angle in seen)
    app.slider(key="background").set_value(90).run()
    assert not app.exception
    assert seen[-1][1] == seen[-1][0] + PLANKS + 90


def test_who_learned_on_the_table_is_asked_there_only(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    use_bench(monkeypatch, ManyBench)
    monkeypatch.setattr(ManyBench, "predict", lambda self, images: [
        [Answer(title, "", 0.0, np.zeros(2)) for title in mean_errors("table")] for _ in images])
    for family in FAMILY_TITLES:
        shown = {row["name"] for row in sent_to_the_dial(open_page("tell_time", clocks=family))["rows"]}
        assert (TABLE_TITLE in shown) == (family == "table"), family


def test_a_background_alone_turns_where_it_belongs_to_the_dial(open_page):
    app = open_page("tell_time", clocks="course", background="90")
    assert not app.exception and "background" not in {slider.key for slider in app.slider}
    styles = [Look(Pose(rotation=30.0), dressed(family, 0, 0.0, 0, 0.0), family, 90.0) for family in ("course", "table")]
    assert styles[0].seen(styles[0].pose) == styles[0].style
    assert styles[1].seen(styles[1].pose).scene.angle == 30.0 + 90.0 + PLANKS


def test_what_the_reports_networks_read_is_said_from_the_store(monkeypatch):
    found = {"system": "D3", "experiment": "d3", "cell": {"network": "d3_two_heads"}, "test_minutes": 4.0}
    alone = {"experiment": BACKGROUND, "cell": {"network": "d3_two_heads"}, "test_minutes": 179.0}
    shown = {}
    monkeypatch.setattr(measured.st, "markdown", lambda text: shown.setdefault("title", text))
    monkeypatch.setattr(measured.st, "table", lambda rows, **_: shown.setdefault("rows", rows))
    monkeypatch.setattr(measured.st, "caption", lambda text: shown.update(caption=text))
    monkeypatch.setattr(measured, "stored_rows", lambda: [alone])
    measured._on_turned_background()
    assert shown == {}, "nothing is said of what was not measured"
    monkeypatch.setattr(measured, "stored_rows", lambda: [alone, found | {"background_minutes": 170.0}])
    measured._on_turned_background()
    (row,) = shown["rows"]
    assert list(row.values()) == ["D3: Hour class + minute regression", "4.0", "170.0", "179.0"]
    assert "Of these networks 1 of 1 read its clocks and are lost" in shown["caption"]
    monkeypatch.setattr(measured, "stored_rows", lambda: [found | {"background_minutes": 5.0}])
    measured._on_turned_background()
    assert "lost" not in shown["caption"]


def test_times_are_written_as_on_a_clock():
    assert [time_text(m) for m in (0, 59.6, 608, 719.9)] == ["12:00", "1:00", "10:08", "12:00"]


@pytest.mark.parametrize(("kind", "minutes", "off", "right"), [
    ("classes_72", 604.5, "4 min *", True), ("classes_72", 614.5, "6 min", False), ("classes_720", 607.0, "1 min", True),
    ("classes_720", 606.0, "2 min", False), ("reader", 604.0, "4 min", False), ("sincos_time", 608.4, "0 min", True),
])
def test_an_answer_of_the_right_class_is_as_right_as_it_can_be(kind, minutes, off, right):
    (row,) = answer_rows([Answer("A", kind, minutes, np.zeros(1))], 608.0, {"A": 1.0}, {})
    assert (row["off"], row["right"]) == (off, right)
    words = class_words([row], [Answer("A", kind, minutes, np.zeros(1))])
    assert ("classes of 10 minutes" in words) == off.endswith("*")


def test_without_a_true_time_there_is_no_error():
    (row,) = answer_rows([Answer("A", "reader", 5.0, np.zeros(720))], None, {"A": 1.0}, {})
    assert (row["off"], row["right"]) == ("", None)


def image(mode="RGB", size=(60, 40)):
    buffer = io.BytesIO()
    Image.new(mode, size, 200).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_image_becomes_a_square_of_the_asked_size():
    square = cut_out(open_photo(image()), 150, 0.5, 0.5, 1.2, 30)
    assert square.shape == (150, 150)
    assert square.dtype == np.uint8


def test_turning_the_crop_turns_the_image_clockwise():
    image = Image.new("L", (101, 101), 0)
    image.paste(255, (46, 0, 55, 30))  # a mark at the top
    turned = cut_out(image, 101, turn=90)
    assert turned[40:60, 75:].mean() > 5 * turned[:25, 40:60].mean()


@pytest.mark.parametrize(("content", "message"), [
    (b"", "broken"), (b"hello", "broken"), (image()[:60], "broken"), (b"0" * (MAX_BYTES + 1), "too large"),
])
def test_a_bad_image_says_what_is_wrong(content, message):
    with pytest.raises(DataError, match=message):
        open_photo(content)


def test_an_image_bomb_is_not_decoded():
    buffer = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(buffer, "PNG")
    with pytest.raises(DataError, match="too large"):
        open_photo(buffer.getvalue())


def test_a_network_that_was_trained_further_is_loaded_again(use_runner, monkeypatch):
    use_runner(fake_train)
    ended = [1.0]
    run = RunRecord("run", "run", tiny_run_spec(), RunState.FINISHED, 0.0)
    monkeypatch.setattr(clock_networks, "_own_networks", lambda: {"Yours": replace(run, ended=ended[0])})
    monkeypatch.setattr("lib.models.clock_bench.ClockBench", lambda given: (given, object()))
    lab().networks.forget("clock_bench")
    first = REAL_BENCH()
    assert REAL_BENCH() is first
    ended[0] = 2.0
    assert REAL_BENCH() is not first
    lab().networks.forget("clock_bench")
