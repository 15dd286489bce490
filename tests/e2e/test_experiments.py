"""A small grid on the bundled digits, from the button to the reading."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
QUERY = "exp=custom&exp_nets=softmax_regression&exp_more=learning_rate&exp_axis_learning_rate=0.001|0.03" \
        "&exp_data=digits&exp_seeds=2&exp_epochs=2&exp_images=300"


def test_a_grid_is_launched_watched_and_read(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/experiments?{QUERY}")
    expect(page.get_by_text("4 runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Launch 4 runs").click()
    expect(page.get_by_text("of 4 runs done")).to_be_visible()
    expect(page.get_by_text("4 of 4 runs done")).to_be_visible()
    expect(page.get_by_text("Best so far: 0.03")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("4 of 4 runs done")).to_be_visible()
    expect(page.get_by_text("4 of them trained before")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []


def test_the_results_open_and_lead_to_the_experiment(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/results?section=B")
    expect(page.get_by_role("heading", name="Do we get what the reports got?")).to_be_visible()
    expect(page.get_by_text("not measured").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []
