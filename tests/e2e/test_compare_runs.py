"""The Runs page by pointer and keyboard: filter, star, compare, choose in a chart, take files away."""

import csv
import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from lib.runs import RunStore
from tests.many_runs import fill

pytestmark = pytest.mark.e2e


@pytest.fixture
def full_server(tmp_path, new_server):
    """A server whose store has 60 runs that nobody trained."""
    home = tmp_path / "full"
    store = RunStore(home)
    fill(store, 60)
    store.close()
    return new_server(home)


def downloaded(page, button):
    with page.expect_download() as download:
        button.click()
    return download.value


def test_runs_are_filtered_starred_compared_and_taken_away(full_server, new_tab):
    tab = new_tab(accept_downloads=True)
    page = tab.page
    page.goto(f"{full_server.url}/runs")
    expect(page.get_by_text("1–10 of 60 runs")).to_be_visible()
    page.get_by_label("Search").fill("CNN adam")
    page.get_by_label("Search").press("Enter")
    rows = page.locator("tbody tr")
    expect(page.get_by_text(re.compile(r"1–10 of \d+ runs"))).not_to_have_text(re.compile("60"))
    for text in rows.locator(".called").all_inner_texts():
        assert "CNN" in text and "adam" in text
    # A star, and a sort by the best figure.
    star = rows.first.get_by_role("button", name=re.compile("^Star"))
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="test accuracy").click()
    expect(page.get_by_role("columnheader", name=re.compile("test accuracy"))).to_have_attribute("aria-sort", "descending")
    # Three runs over each other.
    for index in range(3):
        rows.nth(index).get_by_role("checkbox").click()
    expect(page.get_by_text("3 ticked")).to_be_visible()
    expect(page.locator(".st-key-runs_accuracy_chart svg.marks .mark-line path").first).to_be_visible()
    # Files.
    svg = downloaded(page, page.get_by_role("button", name="accuracy by epochs", exact=False).filter(has_text="SVG"))
    drawn = ElementTree.parse(svg.path())
    assert drawn.getroot().tag.endswith("svg") and svg.suggested_filename == "accuracy-by-epochs.svg"
    texts = " ".join("".join(node.itertext()) for node in drawn.iter() if node.tag.endswith("text"))
    assert "accuracy by epochs" in texts and "epoch" in texts
    png = downloaded(page, page.get_by_role("button", name="accuracy by epochs", exact=False).filter(has_text="PNG"))
    with open(png.path(), "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    page.get_by_role("button", name="Download", exact=False).filter(has_text="Download").click()
    table = downloaded(page, page.get_by_role("button", name="Runs (CSV)"))
    with open(table.path(), encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 3 and all("CNN" in line["name"] for line in lines)
    page.keyboard.press("Escape")
    # The link keeps the filter, the order and the ticks; the store keeps the star.
    page.reload()
    expect(page.get_by_text("3 ticked")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("CNN adam")
    page.get_by_text("Starred", exact=True).click()
    expect(page.get_by_text("1–1 of 1 run")).to_be_visible()
    assert tab.complaints == []


def test_a_frame_in_the_scatter_ticks_its_runs(full_server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{full_server.url}/runs?runs_view=Scatter")
    chart = page.locator(".st-key-runs_scatter_chart svg.marks")
    points = chart.locator(".mark-symbol path")
    expect(points.first).to_be_visible()
    points.first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("64")
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 5)
    page.mouse.down()
    for share in (0.3, 0.6, 0.97):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * 0.8 * box["height"])
    page.mouse.up()
    button = page.get_by_role("button", name=re.compile(r"^Tick these \d+ runs$"))
    expect(button).to_be_visible()
    count = re.search(r"\d+", button.inner_text()).group()
    button.click()
    expect(page.get_by_text(re.compile(rf"60 runs · {count} ticked"))).to_be_visible()
    assert tab.complaints == []


@pytest.mark.parametrize("width", [1400, 1024, 420])
def test_the_list_fits_every_screen(width, full_server, new_tab):
    page = new_tab(viewport={"width": width, "height": 900}).page
    page.goto(f"{full_server.url}/runs")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    scroll = page.locator(".scroll")
    assert scroll.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), "columns give way before the table scrolls"
    expect(page.get_by_role("columnheader", name=re.compile("test accuracy"))).to_be_visible()
