"""Two browsers on a server that a class can reach: one starts a run, the other watches it, the teacher steers it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_run_is_steered_from_its_browser_and_by_the_teacher(new_server, new_tab):
    server = new_server(None, "--server.address", "0.0.0.0")
    token = (server.home / "teacher-token").read_text().strip()
    owner, other = new_tab(), new_tab()
    owner.page.goto(f"{server.url}/train?net=a4_512_512&epochs=5000&seed=3")
    owner.page.get_by_role("button", name="Train", exact=True).click()
    stop = owner.page.get_by_role("button", name="Stop")
    expect(stop).to_be_enabled()
    expect(owner.page.get_by_text("This epoch")).to_be_visible()
    other.page.goto(owner.page.url)
    theirs = other.page.get_by_role("button", name="Stop")
    expect(other.page.get_by_text("This epoch")).to_be_visible()
    expect(theirs).to_be_disabled()
    owner.page.reload()  # a new session of the same browser
    expect(stop).to_be_enabled()
    other.page.goto(f"{owner.page.url}&teacher={token}")
    expect(theirs).to_be_enabled()
    expect(other.page).not_to_have_url(f"{owner.page.url}&teacher={token}")
    other.page.goto(owner.page.url)  # the browser keeps the teacher's link
    expect(theirs).to_be_enabled()
    assert token not in other.page.url and token not in other.page.content()
    theirs.click()
    expect(owner.page.get_by_role("button", name="Resume")).to_be_enabled()
    log = next(server.home.parent.glob("server-*.log")).read_text()
    assert "teacher-token" in log and token not in log
    assert owner.complaints == [] and other.complaints == []
