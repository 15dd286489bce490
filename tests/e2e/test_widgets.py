"""The app's own components in a browser, without a server: what they draw and send when they are clicked or touched."""

import pytest

from tests.conftest import ROOT
from tests.e2e.conftest import PATIENCE

pytestmark = pytest.mark.e2e

#: Mounts a component; `sent` collects what it sends, and `show` gives it other data.
_MOUNT = """
const place = document.body.appendChild(document.createElement("div")), sent = [];
let number = 0, data = {};
const setStateValue = (name, value) => sent.push([name, structuredClone(value)]);
const show = more => {
  data = {...data, ...more, number: ++number};
  mounted({parentElement: place, data, setStateValue, setTriggerValue: () => {}});
};
Object.assign(window, {place, sent, show});
"""


@pytest.fixture
def widget(new_tab):
    """name, its first data -> the page with that component alone."""
    def mount(name, data):
        page = new_tab().page
        page.set_content("<body></body>")
        shared, own = ((ROOT / f"lib/ui/widgets/{each}.js").read_text() for each in ("shared", name))
        own = own.replace("export default", "const mounted =")
        page.evaluate(f"first => {{ {shared}; {own}; {_MOUNT}; show(first); }}", data)
        return page

    return mount


def frame(number):
    return {"id": number, "x": 0.04 * number + 0.02, "y": 0.3, "d": 0.03, "path": "", "image": "", "more": [],
            "text": "1:00", "note": "", "sure": True}


PHOTO = {"image": "data:,", "alt": "", "ratio": 0.75, "chosen": None, "revision": "a", "ack": 0, "empty": "", "most": 24}


def sent(page, name):
    return page.evaluate("name => sent.filter(one => one[0] === name).map(one => one[1])", name)


def test_a_frame_that_was_just_made_is_the_chosen_one(widget):
    page = widget("photo_frames", {**PHOTO, "clocks": [frame(0), frame(2)]})
    page.get_by_role("button", name="Frame another clock").click()
    (edits,) = sent(page, "edits")
    assert edits[0]["id"] == 1 and sent(page, "chosen") == [1], "the lowest number that is free"
    page.evaluate("more => show(more)", {"clocks": [frame(0), frame(2), frame(1)], "ack": edits[0]["seq"]})
    rows = page.get_by_role("listitem").get_by_role("button")
    rows.nth(0).click()
    rows.nth(2).click()
    assert sent(page, "chosen") == [1, 0, 1]


def test_the_frame_that_keys_move_is_the_chosen_one(widget):
    page = widget("photo_frames", {**PHOTO, "clocks": [frame(0), frame(5)]})
    page.get_by_role("button", name="Clock 2").first.press("ArrowDown")
    page.wait_for_function("sent.some(one => one[0] === 'edits')", timeout=PATIENCE)
    assert sent(page, "chosen") == [5]


def test_after_another_image_a_click_on_the_first_frame_counts(widget):
    page = widget("photo_frames", {**PHOTO, "clocks": [frame(0), frame(1)]})
    rows = page.get_by_role("listitem").get_by_role("button")
    rows.nth(1).click()
    page.evaluate("more => show(more)", {"revision": "b"})
    rows.nth(0).click()
    assert sent(page, "chosen") == [1, 0]


def test_no_more_frames_than_an_image_takes(widget):
    page = widget("photo_frames", {**PHOTO, "clocks": [frame(number) for number in range(24)]})
    add = page.get_by_role("button", name="Frame another clock")
    assert add.is_disabled() and "at most 24 frames" in page.get_by_role("status").text_content()
    page.get_by_role("button", name="Remove this one").click()
    assert add.is_enabled() and page.get_by_role("status").text_content() == ""


PAD = {"side": 28, "label": "Draw a digit here", "revision": 0, "ink": "", "ack": 0}
#: A pointer event of the finger `id` on what `selector` finds, at (x, y) from its corner.
_TOUCH = """([selector, kind, x, y, id]) => {
  const node = place.querySelector(selector), box = node.getBoundingClientRect();
  node.setPointerCapture = () => {}; // these fingers are made up
  node.dispatchEvent(new PointerEvent(kind, {pointerId: id, clientX: box.left + x, clientY: box.top + y, buttons: 1}));
}"""
_INK_AT = """([x, y]) => place.querySelector("canvas").getContext("2d").getImageData(x, y, 1, 1).data[3]"""


def test_the_hint_of_the_pad_is_there_exactly_while_it_is_blank(widget):
    page = widget("draw_pad", PAD)
    hint = page.get_by_text("Draw a digit here")
    for touch in (("pointerdown", 50, 50, 1), ("pointermove", 90, 90, 1), ("pointerup", 90, 90, 1)):
        page.evaluate(_TOUCH, ("canvas", *touch))
    assert not hint.is_visible()
    page.get_by_role("button", name="Clear the pad").click()
    assert hint.is_visible()
    page.get_by_role("button", name="Undo").click()
    assert not hint.is_visible(), "the drawing is back"
    page.get_by_role("button", name="Undo").click()
    assert hint.is_visible()


def test_a_second_finger_draws_no_line_across_the_pad(widget):
    page = widget("draw_pad", PAD)
    for touch in (("pointerdown", 20, 20, 1), ("pointermove", 30, 20, 1), ("pointerdown", 250, 250, 2),
                  ("pointermove", 240, 250, 2), ("pointerup", 240, 250, 2), ("pointermove", 200, 20, 1),
                  ("pointerup", 200, 20, 1)):
        page.evaluate(_TOUCH, ("canvas", *touch))
    assert page.evaluate(_INK_AT, [120, 20]) == 255, "the first finger's stroke goes on"
    assert [page.evaluate(_INK_AT, at) for at in ([130, 130], [240, 250])] == [0, 0]


def test_a_second_finger_on_a_hand_of_the_clock_does_not_drag_it(widget):
    page = widget("clock_dial", {"minutes": 60, "rotation": 0, "revision": 0, "rows": [], "most": 3, "ack": 0})
    hand = page.get_by_role("slider", name="Minute hand")
    hand.evaluate("node => { node.id = 'minute'; }")
    for kind, x, id in (("pointerdown", 0, 1), ("pointerdown", 400, 2), ("pointermove", 400, 2), ("pointerup", 400, 2)):
        page.evaluate(_TOUCH, ("#minute", kind, x, 0, id))
    before = hand.get_attribute("aria-valuenow")
    page.evaluate(_TOUCH, ("#minute", "pointermove", 0, 0, 1))
    assert hand.get_attribute("aria-valuenow") == before
    page.evaluate(_TOUCH, ("#minute", "pointermove", 400, 0, 1))
    assert hand.get_attribute("aria-valuenow") != before, "the first finger still drags it"


def test_a_range_of_runs_begins_on_the_page_that_is_shown(widget):
    def rows(page):
        return [{"id": f"p{page}r{number}", "name": f"run {number}", "fork": "", "note": "", "under": "", "message": "",
                 "starred": False, "mine": True, "color": None, "cells": {}} for number in range(10)]

    column = {"key": "name", "title": "run", "rank": 1, "number": False, "label": "name"}
    page = widget("run_table", {
        "columns": [column], "rows": rows(1), "chosen": [], "ack": 0, "revision": 0, "words": "", "page": 1, "pages": 2,
        "size": 10, "sizes": [10], "sort": {"key": "name", "descending": False}})
    page.get_by_role("checkbox", name="Compare run 2").click()
    page.evaluate("more => show({...more, chosen: ['p1r2'], ack: 1e12})", {"rows": rows(2), "page": 2})
    page.get_by_role("checkbox", name="Compare run 7").click(modifiers=["Shift"])
    assert sent(page, "chosen")[-1]["ids"] == ["p1r2", "p2r7"]
    page.get_by_role("checkbox", name="Compare run 5").click(modifiers=["Shift"])
    assert sent(page, "chosen")[-1]["ids"] == ["p1r2", "p2r7", "p2r5", "p2r6"]
