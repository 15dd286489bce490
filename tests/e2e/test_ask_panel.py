"""A run has just finished: draw for it with a real pointer, and it answers."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_permuted_pixels import stroke

pytestmark = pytest.mark.e2e


def test_a_finished_run_is_asked_about_a_drawing(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/train?data=digits&images=500&net=light_cnn&epochs=2&stopping=False")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name="Ask it yourself")).to_be_visible(timeout=180_000)
    expect(page.get_by_text("Shown: a test image")).to_be_visible()
    gets = page.get_by_alt_text("What the network gets")
    before = gets.get_attribute("src")
    pad = page.get_by_role("img", name="Draw a digit here")
    pad.scroll_into_view_if_needed()
    stroke(page, pad, [(0.5, 0.15), (0.5, 0.85)])
    expect(page.get_by_text("Shown: your drawing")).to_be_visible()
    expect(gets).not_to_have_attribute("src", before)
    page.get_by_role("button", name="Clear the pad").click()
    expect(page.get_by_text("Shown: a test image")).to_be_visible()
    page.get_by_role("button", name="A test image").click()
    expect(gets).not_to_have_attribute("src", before)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []
