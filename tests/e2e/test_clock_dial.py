"""Dragging the clock with a real pointer: the table follows."""

import math
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def open_clock(server, tab):
    tab.page.goto(server.url + "/tell_time")
    dial = tab.page.get_by_role("group", name=re.compile("^Clock: drag"))
    expect(dial).to_be_visible()
    # Once the networks have answered nothing below the dial moves any more.
    expect(answer(tab.page)).to_have_text(re.compile(r"^\d+:\d\d$"))
    return tab.page, dial


def place(dial, minutes_on_dial, share):
    """Page coordinates of a direction on the dial (in minutes) at a share of its half width."""
    box = dial.bounding_box()
    angle, radius = 2 * math.pi * minutes_on_dial / 60, share * box["width"] / 2
    return (box["x"] + box["width"] / 2 + radius * math.sin(angle), box["y"] + box["height"] / 2 - radius * math.cos(angle))


def answer(page):
    return page.get_by_role("row").filter(has_text="Our reader").get_by_role("cell").nth(1)


def drag(page, dial, path, share):
    page.mouse.move(*place(dial, path[0], share))
    page.mouse.down()
    for minute in path[1:]:
        page.mouse.move(*place(dial, minute, share), steps=3)
    page.mouse.up()


def shown_time(page):
    return page.locator(".time")


def test_hands_and_rim_can_be_dragged_and_every_answer_follows(server, new_tab):
    tab = new_tab()
    page, dial = open_clock(server, tab)
    expect(shown_time(page)).to_have_text("10:08")
    drag(page, dial, [8, 15, 22, 30], share=0.5)  # the minute hand
    expect(shown_time(page)).to_have_text("10:30")
    expect(answer(page)).to_have_text(re.compile(r"10:(29|30|31)"))
    drag(page, dial, [30, 45, 58, 5], share=0.5)  # across the 12: the hour goes with it
    expect(shown_time(page)).to_have_text("11:05")
    drag(page, dial, [55.4, 45, 35], share=0.3)  # the hour hand
    expect(shown_time(page)).to_have_text(re.compile(r"^[67]:\d\d$"))
    rim = page.get_by_role("slider", name="Turn of the dial in degrees")
    drag(page, dial, [0, 7.5, 15], share=0.87)
    assert 80 <= int(rim.get_attribute("aria-valuenow")) <= 100
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []


def test_the_keyboard_reaches_everything_and_the_pose_survives_a_visit_elsewhere(server, new_tab):
    page, _ = open_clock(server, new_tab())
    page.get_by_role("slider", name="Minute hand").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(shown_time(page)).to_have_text("10:12")
    expect(answer(page)).to_have_text(re.compile(r"10:1[123]"))
    page.get_by_role("slider", name="Hour hand").focus()
    page.keyboard.press("ArrowLeft")
    expect(shown_time(page)).to_have_text("9:12")
    expect(answer(page)).to_have_text(re.compile(r"9:1[123]"))
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Tell the time").click()
    expect(shown_time(page)).to_have_text("9:12")
    page.get_by_role("slider", name="Minute hand").focus()
    page.keyboard.press("ArrowRight")
    expect(shown_time(page)).to_have_text("9:13")
    expect(answer(page)).to_have_text(re.compile(r"9:1[234]"))


def test_the_table_chooses_whose_hands_are_on_the_dial(server, new_tab):
    tab = new_tab()
    page, _ = open_clock(server, tab)
    expect(answer(page)).to_have_text("10:08")
    pairs = page.locator("g.ghost")
    expect(pairs).to_have_count(3)
    for pair in pairs.all():  # one colour, two hands, the hour hand shorter
        hour, minute = (abs(float(line.get_attribute("y2"))) for line in pair.locator("line").all())
        assert hour < minute
    boxes = page.get_by_role("checkbox")
    boxes.nth(1).uncheck()
    expect(pairs).to_have_count(2)
    boxes.nth(6).check()
    expect(pairs).to_have_count(3)
    row = page.get_by_role("row").nth(7)
    expect(page.locator(f"g.ghost[data-name='{row.get_by_role('cell').first.inner_text()}']")).to_have_count(1)
    dot = row.locator(".dot").evaluate("e => getComputedStyle(e).backgroundColor")
    ghost = page.locator("g.ghost").nth(2).evaluate("e => getComputedStyle(e).stroke")
    assert dot == ghost  # the same colour in table and dial
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Tell the time").click()
    expect(page.get_by_role("checkbox").nth(6)).to_be_checked()
    expect(page.get_by_role("checkbox").nth(1)).not_to_be_checked()
    assert tab.complaints == []


def test_a_touch_screen_turns_the_hands(server, new_tab):
    page, dial = open_clock(server, new_tab(has_touch=True))
    x, y = place(dial, 8, 0.5)
    page.touchscreen.tap(x, y)
    expect(shown_time(page)).to_have_text("10:08")
    page.get_by_role("button", name="Random time").tap()
    expect(shown_time(page)).not_to_have_text("10:08")
