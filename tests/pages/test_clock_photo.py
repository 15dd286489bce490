"""An image of one's own on the clock page: what was found is shown, and what the user corrects is read again."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib.measures.clock_confidence import Reading
from lib.models.photo_clocks import Notes, PhotoClock
from lib.ui.clock import networks as clock_networks
from lib.ui.clock import page as clock_page
from lib.ui.clock import photo as clock_photo
from lib.ui.clock.photo import dial_path, said, seen_besides
from lib.ui.widgets.photo_frames import FrameEdit, parse_edit
from tests.fakes import fake_train
from tests.pages.test_pages import texts
from tests.pages.test_tell_time import FakeBench


def scores(**shares):
    """Logarithms of probabilities (720,): m<minute>=share, the rest spread."""
    values = np.full(720, (1 - sum(shares.values())) / 720)
    for name, share in shares.items():
        values[int(name[1:])] += share
    return np.log(values)


class FakePhotoReader:
    """Finds a clock that shows 4:38 for sure and one that may show 4:38 or 7:23; what is framed by hand shows 1:00."""

    def __init__(self):
        self.looked = 0

    def clocks(self, image):
        self.looked += 1
        sure, unsure = scores(m278=0.97), scores(m278=0.5, m443=0.45)
        return [PhotoClock((0.3, 0.3, 0.1, 0.0, 0.1), sure, 0.99, (0.0, 0.0, 0.0)),
                PhotoClock((0.7, 0.4, 0.12, 0.01, 0.08), unsure, 0.8, (0.0, 0.0, 0.0))]

    def middle(self, image):
        return []

    def at(self, image, x, y, diameter):
        return PhotoClock((x, y, diameter / 2, 0.0, diameter / 2), scores(m60=0.97), 1.0, (0.0, 0.0, 0.0))


@pytest.fixture(autouse=True)
def photo_reader(monkeypatch):
    reader = FakePhotoReader()
    monkeypatch.setattr(clock_photo, "photo_reader", lambda: reader)
    monkeypatch.setattr(clock_photo, "reading_figures", lambda: {"temperature": 1.0, "sure_from": 0.7})
    for module in (clock_networks, clock_page, clock_photo):
        monkeypatch.setattr(module, "bench", FakeBench)
    return reader


def shown(app):
    (component,) = [c for c in app.get("bidi_component") if c.proto.component_name.endswith("photo_frames")]
    return json.loads(component.proto.json)


def open_scene(open_page, use_runner, **query):
    use_runner(fake_train)
    app = open_page("tell_time", photo_from="scene", **query)
    assert not app.exception
    return app


def edit(app, *more, **values):
    """One edit, or one and `more` that are on their way at the same time."""
    edits = [{"id": 0, "x": 0.5, "y": 0.5, "d": 0.2, "seq": 1} | one for one in (values, *more)]
    app.session_state["photo_frames"] = {"edits": edits}
    app.run()
    assert not app.exception
    return {clock["id"]: clock for clock in shown(app)["clocks"]}


def test_every_clock_is_framed_with_its_time_and_doubt(open_page, use_runner):
    sure, unsure = shown(open_scene(open_page, use_runner))["clocks"]
    assert (sure["text"], sure["sure"]) == ("4:38", True) and "97 %" in sure["note"]
    assert (unsure["text"], unsure["sure"]) == ("4:38?", False)
    assert unsure["note"] == "not sure: 4:38 (50 %) or 7:23 (45 %)"
    assert sure["image"].startswith("data:image/png") and sure["path"].startswith("M400.0 300.0L")
    assert sure["x"] == 0.3 and sure["d"] == pytest.approx(0.2)


def test_a_corrected_frame_is_read_and_the_image_is_not_searched_again(open_page, use_runner, photo_reader):
    app = open_scene(open_page, use_runner)
    clocks = edit(app)
    assert clocks[0]["text"] == "1:00" and clocks[0]["x"] == 0.5 and clocks[1]["text"] == "4:38?"
    assert shown(app)["ack"] == 1 and photo_reader.looked == 1
    assert set(edit(app, id=2, seq=2)) == {0, 1, 2}  # another one
    assert set(edit(app, id=1, d=0, seq=3)) == {0, 2}  # removed
    assert set(edit(app, id=0, d=0, seq=3)) == {0, 2}  # an old message


def test_of_two_corrections_on_their_way_at_once_none_is_lost(open_page, use_runner, photo_reader):
    app = open_scene(open_page, use_runner)
    clocks = edit(app, {"id": 0, "x": 0.6, "seq": 3}, id=2, seq=2)
    assert set(clocks) == {0, 1, 2} and clocks[0]["x"] == 0.6 and shown(app)["ack"] == 3
    assert set(edit(app, {"id": 1, "d": 0, "seq": 4}, id=0, d=0, seq=3)) == {0, 2}, "what was answered counts once"


@pytest.mark.parametrize("sent", [None, 3, "edits", [None, {"id": 0}], {"id": 0}])
def test_nonsense_about_frames_changes_nothing(sent, open_page, use_runner, photo_reader):
    app = open_scene(open_page, use_runner)
    app.session_state["photo_frames"] = {"edits": sent}
    assert not app.run().exception and len(shown(app)["clocks"]) == 2


def test_another_image_begins_anew(open_page, use_runner, photo_reader):
    app = open_scene(open_page, use_runner)
    edit(app)
    before = shown(app)
    app.button(key="another_scene").click().run()
    after = shown(app)
    assert after["revision"] != before["revision"] and after["image"] != before["image"]
    assert [clock["text"] for clock in after["clocks"]] == ["4:38", "4:38?"] and photo_reader.looked == 2
    app.toggle(key="photo_mirrored").set_value(True).run()
    assert shown(app)["revision"] != after["revision"] and photo_reader.looked == 3


def test_the_other_networks_are_asked_about_the_chosen_clock(open_page, use_runner):
    app = open_scene(open_page, use_runner)
    assert "of clock 1" in app.expander[0].label
    app.session_state["photo_frames"] = {"chosen": 1}
    app.run()
    assert "of clock 2" in app.expander[0].label
    assert list(app.dataframe[0].value["answer"]) == ["10:10", "3:00"]


def test_an_image_without_clocks_says_what_to_do(open_page, use_runner, photo_reader):
    photo_reader.clocks = lambda image: []
    data = shown(open_scene(open_page, use_runner))
    assert not data["clocks"] and "Frame one" in data["empty"]


def test_a_clock_that_fills_the_image_is_read_where_none_was_found(open_page, use_runner, photo_reader):
    photo_reader.clocks = lambda image: []
    photo_reader.middle = lambda image: [photo_reader.at(image, 0.5, 0.4, 0.6)]
    (clock,) = shown(open_scene(open_page, use_runner))["clocks"]
    assert (clock["text"], clock["d"]) == ("1:00", pytest.approx(0.6))


def test_a_file_is_turned_as_its_camera_meant_it(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time")
    image, buffer = Image.new("RGB", (300, 200), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    image.save(buffer, "JPEG", exif=exif)
    app.file_uploader(key="clock_photo").upload("clock.jpg", buffer.getvalue(), "image/jpeg").run()
    assert not app.exception
    assert shown(app)["ratio"] == pytest.approx(1.5)
    app.file_uploader(key="clock_photo").upload("clock.jpg", b"no image", "image/jpeg").run()
    assert "cannot be used" in texts(app.error)


@pytest.mark.parametrize("query", [{"scene": "-3"}, {"scene": "x"}, {"photo_from": "moon"}])
def test_nonsense_in_a_link_is_ignored(query, open_page, use_runner):
    use_runner(fake_train)
    assert not open_page("tell_time", **query).exception


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                    lambda inner: st.dictionaries(st.sampled_from(["id", "x", "y", "d", "seq"]), inner, max_size=5))


@given(JSON)
def test_whatever_a_browser_sends_is_an_edit_or_ignored(payload):
    sent = parse_edit(payload)
    assert sent is None or (0 <= sent.id < 24 and 0 <= sent.x <= 1 and 0 <= sent.d <= 2)


def test_a_good_edit_is_taken():
    assert parse_edit({"id": 3, "x": 0.5, "y": 0.2, "d": 0.1, "seq": 7}) == FrameEdit(3, 0.5, 0.2, 0.1, 7)


def test_a_probability_is_never_all_or_none():
    assert said(Reading(278, 1.0, 443, 0.0), 0.7)["note"] == "sure: over 99 %"
    assert said(Reading(278, 0.4, 443, 0.001), 0.7)["note"] == "not sure: 4:38 (40 %) or 7:23 (under 1 %)"


NOTED = {"temperature": 1.0, "sure_from": 0.7, "notes": {"second_from": 0.6, "mirrored_from": 0.9}}


@pytest.mark.parametrize(("second", "mirrored", "said_of_it"), [
    (0.59, 0.89, []), (0.61, 0.5, ["second hand"]), (0.0, 0.91, ["7:22"]), (1.0, 1.0, ["7:22", "second hand"])])
def test_second_hands_and_mirrors_are_named_where_they_were_seen_surely(second, mirrored, said_of_it):
    words = seen_besides(Notes(second, mirrored, scores(m442=0.9)), NOTED)
    assert len(words) == len(said_of_it) and all(part in line for part, line in zip(said_of_it, words, strict=True))


def test_nothing_is_said_that_was_not_measured():
    assert seen_besides(Notes(1.0, 1.0, scores(m442=0.9)), {"temperature": 1.0}) == seen_besides(None, NOTED) == ()


def test_an_oval_dial_is_drawn_as_it_lies():
    points = np.array([[float(v) for v in pair.split()] for pair in dial_path((0.5, 0.4, 0.2, 0.0, 0.1))[1:-1].split("L")])
    assert points[:, 0].max() == pytest.approx(700) and points[:, 1].max() == pytest.approx(500)
