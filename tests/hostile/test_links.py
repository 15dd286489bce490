"""Whatever a link or a browser says: every page shows itself, with a message where it must, and text as text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.base.errors import TrainingError
from lib.catalog.fields import FIELDS
from lib.catalog.presets import PRESETS
from lib.images.drawing import parse_drawing
from lib.measures.history import history_csv, runs_csv
from lib.spec.runs import EpochLog
from lib.ui.fragments import chosen_rows
from lib.ui.frame import PAGES
from lib.ui.widgets.clock_dial import parse_pose
from lib.ui.widgets.epoch_slider import parse_slider
from lib.ui.widgets.latent_map import parse_place
from lib.ui.widgets.network_view import parse_pick
from lib.ui.widgets.photo_frames import parse_edit
from lib.ui.widgets.run_table import parse_asked, parse_chosen
from lib.ui.widgets.stack_diagram import parse_act
from lib.ui.words import as_text
from tests.fakes import PATIENCE, StepwiseTrain, fake_train, tiny_run_spec

#: Every parameter that a page reads from its address.
PARAMETERS = {
    "train": ("run", "data", "images", "family", "net", "optimizer", "rate", "batch", "epochs", "stopping", "patience",
              "reg", "reg_dropout", "reg_l2", "seed", "split", "monitor"),
    "experiments": ("exp", "sweep", "exp_more", "exp_nets", "exp_axis_units", "exp_axis_learning_rate", "exp_data",
                    "exp_images", "exp_epochs", "exp_seeds", "exp_seed"),
    "inside": ("inside", "part", "layer", "unit", "pixel", "image", "dropout", "noisy", "code", "values", "told",
               "inside_tab"),
    "runs": ("run", "runs_text", "runs_starred", "runs_data", "runs_family", "runs_task", "runs_state", "runs_metric",
             "runs_least", "runs_most", "runs_sort", "runs_page", "runs_size", "runs_chosen", "runs_view", "runs_color",
             "runs_drawn", "runs_axis", "runs_smoothing", "runs_split", "runs_mean", "runs_figure", "runs_along"),
    "home": ("run",), "results": ("section",), "lessons": (),
    "invent_digits": ("invent_tab",), "cat_faces": ("cats_tab",),
    "denoise": ("denoise_tab", "images_of", "noise", "level", "noise_seed"),
    "permuted_pixels": ("lens_tab", "images_of", "shuffle", "block", "moved", "shuffle_seed", "train_on", "lens_images",
                        "lens_cnn", "lens_seeds", "lens_seed", "mlp_epochs", "cnn_epochs"),
    "tell_time": ("clocks", "look", "tilt", "side", "scale", "glare", "noise", "camera_noise", "blur"),
}
MARKUP = "![x](http://127.0.0.1:9/p.png) <img src=x> **b** `c` $d$ :red[e] :smile: [f](http://127.0.0.1:9)"
VALUES = ["²", "5" * 5000, "l1|l2|l1", "1e400", "-1e400", "nan", "", "\x00", "\U0001f600" * 50, "../../etc/passwd", "|||",
          "64-" * 300, "'; DROP TABLE runs; --", "custom:nul", MARKUP,
          "1~d1000000", "1~m28~m2~t%2A%2Ab%2A%2A%20%3Aa%3A", "9~f"]
#: What Markdown and Streamlit would make of MARKUP if nobody escaped it.
_LIVE = ("![x]", " <img", " **b", " `c", " $d", " :red[e", " [f](", ":smile:")


def drawn_texts(app):
    """The text of every element that Streamlit reads as Markdown."""
    kinds = ("markdown", "caption", "error", "warning", "info", "success", "title", "header", "subheader", "toast", "metric",
             "button", "expander", "tab", "progress")
    for kind in kinds:
        for element in app.get(kind):
            yield from (str(getattr(element, name, "") or "") for name in ("value", "label", "text", "help"))


def check(app):
    assert not app.exception, [e.message for e in app.exception]
    shown = " ".join(drawn_texts(app))
    assert "unexpected error" not in shown and "Traceback" not in shown
    assert not [mark for mark in _LIVE if mark in shown]


for _page in PARAMETERS:
    PARAMETERS[_page] = tuple(dict.fromkeys((*PARAMETERS[_page], "lesson")))  # every page leads back to a lesson


def test_the_list_of_parameters_names_every_page():
    assert set(PARAMETERS) == {page.name for page in PAGES}


#: Pages that draw with networks take long; they get one value of each kind.
_SLOW = ("inside", "denoise", "invent_digits", "cat_faces", "permuted_pixels", "tell_time")
_FEW = ("²", "5" * 5000, "1e400", "", MARKUP)


@pytest.mark.parametrize(("page", "value"), [
    pytest.param(page, value, id=f"{page}-{ascii(value)[:20]}")
    for page in PARAMETERS for value in (_FEW if page in _SLOW else VALUES)])
def test_a_page_survives_every_parameter_with_a_hostile_value(page, value, open_page, use_runner):
    use_runner(fake_train)
    check(open_page(page, **dict.fromkeys(PARAMETERS[page], value)))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:20])
def test_a_grid_of_ones_own_survives_hostile_axes(value, open_page, use_runner):
    use_runner(fake_train)
    axes = dict.fromkeys((f"exp_axis_{name}" for name in FIELDS), value)
    check(open_page("experiments", exp="custom", exp_more="|".join(FIELDS), **axes))
    check(open_page("experiments", exp="custom", exp_more=value, exp_nets=value, exp_axis_units=value))


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_VALUE = st.one_of(st.sampled_from(VALUES), _TEXT, st.integers().map(str), st.floats().map(str),
                   st.lists(st.sampled_from([*FIELDS, *PRESETS, "digits", "64"]), max_size=4).map("|".join))


@pytest.mark.parametrize("page", ["train", "experiments", "results"])
def test_pages_survive_any_link(page, open_page, use_runner):
    use_runner(fake_train)

    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(PARAMETERS[page]), _VALUE, max_size=4))
    def visit(query):
        check(open_page(page, **query))

    visit()


# --- names and messages -------------------------------------------------------------------


def broken_train(spec, folder, on_event, control):
    """Fail with a message that holds what somebody wrote."""
    raise TrainingError(f"It cannot be done: {MARKUP}")


def test_names_and_messages_are_shown_as_text(open_page, use_runner):
    runner = use_runner(broken_train)
    run_id = runner.submit(tiny_run_spec(), name=MARKUP)
    runner.wait(run_id, PATIENCE)
    check(open_page("runs"))
    app = open_page("train", run=run_id)
    check(app)
    assert as_text(MARKUP) in " ".join(drawn_texts(app))
    assert as_text(f"It cannot be done: {MARKUP}") in " ".join(drawn_texts(app))


def test_the_name_of_a_run_that_trains_is_shown_as_text(open_page, use_runner):
    train = StepwiseTrain()
    run_id = use_runner(train).submit(tiny_run_spec(), name=MARKUP)
    train.wait_for_starts(1)
    for app in (open_page("home"), open_page("train", run=run_id), open_page("runs")):
        check(app)
    assert as_text(MARKUP) in " ".join(drawn_texts(open_page("home")))
    train.release()


@pytest.mark.parametrize(("text", "shown"), [
    ("MLP 3, relu · Digits · seed 0", "MLP 3, relu · Digits · seed 0"), ("a_b*c", r"a\_b\*c"), ("# x", r"\# x"),
    ("- x", r"\- x"),
    ("1. x", r"1\. x"), ("12:30", "12:30"), (":red[x]", r"\:red\[x\]"), ("a\n\n# b", "a # b"), ("$1$", r"\$1\$"),
    ("custom:toy", r"custom\:toy"), ("&lt;", r"\&lt;"), (r"\*", r"\\\*"),
])
def test_text_is_escaped_where_markdown_would_take_it_for_more(text, shown):
    assert as_text(text) == shown


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\t=1"])
def test_no_cell_is_a_formula(text, use_runner):
    log = EpochLog(0, 1, 1.0, {text: -0.5, "loss": 0.5})
    header, row = history_csv([log]).splitlines()
    assert header.split(",")[3].strip('"').startswith("'") and header.endswith(",loss") and row.endswith("-0.5,0.5")
    runner = use_runner(fake_train)
    runner.wait(runner.submit(tiny_run_spec(), name=text), PATIENCE)
    (_, line) = runs_csv(runner.store.records()).splitlines()
    assert line.split(",")[1].strip('"') == f"'{text.strip()}"


# --- what components send -----------------------------------------------------------------

_NUMBER = st.one_of(st.just(float("inf")), st.just(10**400), st.just(-(10**400)), st.just(float("nan")), st.booleans(),
                    st.none(), st.text(max_size=3), st.integers(), st.floats(),
                    st.lists(st.integers() | st.text(max_size=2), max_size=2))
_PAYLOAD = st.one_of(_NUMBER, st.dictionaries(
    st.sampled_from(["minutes", "rotation", "seq", "x", "y", "ink", "epoch", "ids", "what", "value", "layer", "unit", "row",
                     "column", "do", "at", "to"]), _NUMBER, max_size=8))


@settings(max_examples=300)
@given(_PAYLOAD)
def test_a_component_may_send_anything(payload):
    pose, place, drawing = parse_pose(payload), parse_place(payload), parse_drawing(payload)
    edit = parse_edit(payload)
    assert edit is None or (0 <= edit.x <= 1 and 0 <= edit.d <= 2)
    act = parse_act(payload)
    assert act is None or min(act.at, act.to, act.seq) >= 0
    slider = parse_slider(payload)
    assert slider is None or slider.epoch is None or slider.epoch >= 0
    pick = parse_pick(payload)
    assert pick is None or all(type(value) is int for value in (pick.layer, pick.unit, pick.row, pick.column))
    assert pose is None or (0 <= pose.minutes < 720 and 0 <= pose.rotation <= 360)
    assert place is None or all(abs(value) < 1e9 for value in place)
    assert drawing is None or drawing[0].shape == (56, 56)
    chosen, asked = parse_chosen(payload), parse_asked(payload)
    assert chosen is None or (all(isinstance(run_id, str) for run_id in chosen[0]) and isinstance(chosen[1], int))
    assert asked is None or isinstance(asked[0], str)


def test_ticks_are_ids_in_order_each_once():
    assert parse_chosen({"ids": ["b", "a", "b"], "seq": 3}) == (("b", "a"), 3)
    assert parse_chosen({"ids": ["x"] * 10_001, "seq": 3}) is None and parse_chosen({"ids": "ab", "seq": 3}) is None


class _Event:
    def __init__(self, rows):
        self.selection = self
        self.rows = rows


def test_a_table_may_send_any_rows():
    assert chosen_rows(_Event([0, 2, 3, -1, True, 1.0, float("inf"), None, "1", 10**400, 1]), 3) == [0, 2, 1]
