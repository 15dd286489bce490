"""Back leads to the page before, with its controls as they were left; editing makes no history."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def edit(page, label, value):
    page.get_by_label(label).fill(value)
    page.get_by_label(label).press("Enter")


def go_to(page, title):
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(title + "$")).click()


def test_back_leads_to_the_page_before_and_restores_its_controls(server, new_tab):
    page = new_tab().page
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    go_to(page, "Train")
    expect(page.get_by_label("Batch size")).to_be_visible()
    for batch in ("24", "25", "26"):
        edit(page, "Batch size", batch)
        expect(page).to_have_url(re.compile(f"batch={batch}"))
    go_to(page, "Runs")
    expect(page.get_by_role("heading", name="Which run was better, and why?")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Batch size")).to_have_value("26")
    expect(page).to_have_url(re.compile("batch=26"))
    page.go_back()
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Batch size")).to_have_value("26")


def test_a_link_after_edits_brings_its_own_controls(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?batch=31")
    expect(page.get_by_label("Batch size")).to_have_value("31")
    edit(page, "Batch size", "32")
    expect(page).to_have_url(re.compile("batch=32"))
    page.goto(server.url + "/train?epochs=7")
    expect(page.get_by_label("Epochs, at most")).to_have_value("7")
    expect(page.get_by_label("Batch size")).to_have_value("16")


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1024, 768)])
def test_the_train_button_is_above_the_fold_and_the_set_up_folds_while_a_run_is_watched(width, height, server, new_tab):
    page = new_tab(viewport={"width": width, "height": height}).page
    page.goto(server.url + "/train?net=a5_64_64&epochs=5000&stopping=False&seed=5")
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_in_viewport()
    expect(page.get_by_label("Batch size")).to_be_visible()
    button.click()
    expect(page.get_by_text("This epoch")).to_be_visible()
    expect(page.get_by_label("Batch size")).to_be_hidden()
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_in_viewport()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()


def test_an_edit_before_the_page_is_whole_makes_no_history(server, new_tab):
    page = new_tab().page
    page.goto(server.url)
    assert page.evaluate("history.length") == 2, "the empty tab and this page"
    go_to(page, "Train")
    edit(page, "Batch size", "24")
    expect(page).to_have_url(re.compile("batch=24"))
    assert page.evaluate("history.length") == 3


def test_back_leads_to_the_tab_that_was_open_and_to_nothing_of_the_page_after(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/tell_time")
    page.get_by_role("tab", name="Why?").click()
    expect(page).to_have_url(re.compile(r"Why%3F|Why\?"))
    left = page.url
    go_to(page, "Train")
    expect(page.get_by_label("Batch size")).to_be_visible()
    edit(page, "Batch size", "24")
    expect(page).to_have_url(re.compile("batch=24"))
    page.go_back()
    expect(page.get_by_role("tab", name="Why?")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(left)


def test_back_from_a_link_that_sets_up_a_page_leads_to_the_address_before(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/lessons?lesson=learning_rate")
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    left = page.url
    page.get_by_role("link", name="Set it up on Train").first.click()
    expect(page.get_by_label("Batch size")).to_be_visible()
    expect(page).to_have_url(re.compile("/train.*rate="))
    page.go_back()
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    expect(page).to_have_url(left)
