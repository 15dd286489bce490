"""A run is steered with the pointer: paused, changed, forked; what was done is there after a reload and a killed server."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_app import LONG_RUN, press_train, run_id, step_shown, wait_for_more_steps

pytestmark = pytest.mark.e2e


def button(page, name):
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def click(page, target):
    """A real press of the pointer in the middle of what is to be seen there."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()


def enter(page, label, value):
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def pause(page):
    click(page, button(page, "Pause"))
    expect(page.get_by_text("its state is saved")).to_be_visible()


def test_the_rate_is_changed_mid_run_and_the_run_is_forked(new_server, new_tab):
    server = new_server()
    page = new_tab().page
    page.goto(server.url + LONG_RUN)
    press_train(page)
    wait_for_more_steps(page, 100)
    pause(page)
    steps = step_shown(page)
    click(page, button(page, "One step"))
    expect(page.get_by_text(f"Paused after step {steps + 1:,}")).to_be_visible()
    click(page, page.get_by_role("radio", name="Change"))
    enter(page, "New learning rate", "1e9")
    click(page, button(page, "Change it"))
    expect(page.get_by_text("above 0, at most 1000")).to_be_visible()
    enter(page, "New learning rate", "0.001")
    expect(page.get_by_text("above 0, at most 1000")).to_have_count(0)
    click(page, button(page, "Change it"))
    change = re.compile(rf"step {steps + 2:,}: learning rate 0.01 → 0.001")
    expect(page.get_by_text(change)).to_be_visible()
    mark = page.locator("svg text", has_text="learning rate 0.01 → 0.001")
    expect(mark.first).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Paused after step {steps + 1:,}")).to_be_visible()
    expect(mark.first).to_be_visible()
    parent = run_id(page)
    server.kill()
    again = new_server(server.home)
    page.goto(f"{again.url}/train?run={parent}")
    expect(page.get_by_text("interrupted", exact=True)).to_be_visible()
    assert step_shown(page) == steps + 1
    click(page, button(page, "Resume"))
    wait_for_more_steps(page, steps + 200)
    click(page, page.get_by_role("radio", name="Fork"))
    enter(page, "After epoch", "1")
    enter(page, "Epochs in all", "3")
    enter(page, "New batch size", "64")
    click(page, button(page, "Fork it"))
    expect(page.get_by_text(re.compile("forked from .* after epoch 1"))).to_be_visible()
    fork = run_id(page)
    assert fork != parent
    # One worker: the fork waits until its parent has ended.
    page.goto(f"{again.url}/train?run={parent}")
    click(page, button(page, "Stop"))
    expect(page.get_by_text("How good is it?")).to_be_visible()
    page.goto(f"{again.url}/train?run={fork}")
    expect(page.get_by_text("All 3 epochs done")).to_be_visible()
    expect(page.get_by_text("batch 32 → 64", exact=False).first).to_be_visible()
