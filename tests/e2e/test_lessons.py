"""A lesson as a student takes it: predict, open the set-up, train it, come back, compare."""

import re

import pytest
from playwright.sync_api import expect

from lib.base.percent import percent_text
from lib.catalog.lessons import LESSONS
from lib.measures.lessons import training_row

pytestmark = pytest.mark.e2e


def test_a_lesson_is_taken_step_by_step_and_its_runs_are_compared(server, new_tab):
    tab, lesson = new_tab(), LESSONS["over_fitting"]
    page = tab.page
    page.goto(f"{server.url}/lessons")
    card = page.get_by_test_id("stColumn").filter(has_text=lesson.title)
    card.get_by_role("button", name="Open").click()
    expect(page).to_have_url(re.compile(f"lesson={lesson.name}"))
    run = "none yet"
    for number, spec in enumerate(lesson.specs[:2], start=1):
        step = page.locator(f".st-key-lesson_step_{number}")
        step.get_by_text("What you will see").click()
        measured = step.get_by_test_id("stMetric").filter(has_text="Test accuracy")
        expect(measured).to_contain_text(percent_text(training_row(spec)["test_accuracy"]))
        step.get_by_role("link", name="Set it up on Train").click()
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page).not_to_have_url(re.compile(f"run={run}"))
        expect(page).to_have_url(re.compile("run="))
        run = re.search(r"run=(\w+)", page.url).group(1)
        expect(page.get_by_test_id("stMetric").filter(has_text="Test accuracy").first).to_be_visible(timeout=120_000)
        page.get_by_role("link", name=f"Back to the lesson “{lesson.title}”").click()
    expect(page.get_by_text("Your run:")).to_have_count(2)
    page.get_by_role("link", name="Compare your 2 runs").click()
    expect(page.get_by_text("2 runs", exact=False).first).to_be_visible()
    assert tab.complaints == []
