"""A run is steered with the pointer: paused, changed, forked; what was done is there after a reload and a killed server."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_app import LONG_RUN, press_train, run_id, step_shown, wait_for_more_steps

pytestmark = pytest.mark.e2e
#: What has not moved for so many frames stands still.
STILL = 15


def button(page, name):
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def click(page, target):
    """A press of the pointer in the middle of what is to be seen there, once the page is drawn and stands still.

    A page that grows between press and release moves away under the pointer, and then nothing was pressed.
    """
    place, app = None, page.get_by_test_id("stApp")
    for _ in range(1000):
        target.scroll_into_view_if_needed()
        before, place = place, target.bounding_box()
        if place == before and app.get_attribute("data-test-script-state") == "notRunning":
            break
        page.evaluate("frames => new Promise(done => { const next = () => frames-- ? requestAnimationFrame(next) : done();"
                      " next(); })", STILL)
    target.hover()
    page.mouse.down()
    page.mouse.up()


def enter(page, label, value):
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def pause(page) -> int:
    """Hold the run; after which step."""
    click(page, button(page, "Pause"))
    note = page.get_by_text("its state is saved")
    expect(note).to_be_visible()
    return int(re.search(r"after step ([\d,]+)", note.inner_text()).group(1).replace(",", ""))


def test_the_rate_is_changed_mid_run_and_outlasts_a_reload_and_a_killed_server(new_server, new_tab):
    server = new_server()
    page = new_tab().page
    page.goto(server.url + LONG_RUN)
    press_train(page)
    wait_for_more_steps(page, 100)
    steps = pause(page)
    click(page, button(page, "One step"))
    expect(page.get_by_text(f"Paused after step {steps + 1:,}")).to_be_visible()
    page.get_by_role("radio", name="Change").click()
    enter(page, "New learning rate", "1e9")
    click(page, button(page, "Change it"))
    expect(page.get_by_text("above 0, at most 1000")).to_be_visible()
    enter(page, "New learning rate", "0.001")
    click(page, button(page, "Change it"))
    expect(page.get_by_text(f"step {steps + 2:,}: learning rate 0.01 → 0.001")).to_be_visible()
    mark = page.locator("svg text", has_text="learning rate 0.01 → 0.001")
    expect(mark.first).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Paused after step {steps + 1:,}")).to_be_visible()
    expect(mark.first).to_be_visible()
    run = run_id(page)
    server.kill()
    page.goto(f"{new_server(server.home).url}/train?run={run}")
    expect(page.get_by_text("interrupted", exact=True)).to_be_visible()
    assert step_shown(page) == steps + 1
    expect(mark.first).to_be_visible()
    click(page, button(page, "Resume"))
    wait_for_more_steps(page, steps + 100)


def test_a_run_is_forked_with_other_batches(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=softmax_regression&epochs=3&seed=7&stopping=False")
    click(page, button(page, "Train"))
    expect(page.get_by_text("All 3 epochs done")).to_be_visible()
    parent = run_id(page)
    page.get_by_role("radio", name="Fork").click()
    enter(page, "Fork after epoch", "1")
    enter(page, "Epochs in all", "4")
    enter(page, "New batch size", "64")
    click(page, button(page, "Fork it"))
    expect(page.get_by_text(re.compile("forked from .* after epoch 1"))).to_be_visible()
    expect(page.get_by_text("All 4 epochs done")).to_be_visible()
    assert run_id(page) != parent
    expect(page.locator("svg text", has_text="→ 64").first).to_be_visible()
