"""A small grid on the bundled digits, from the button to the reading."""

import re

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
    expect(page.get_by_text("Best: 0.03")).to_be_visible()
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


@pytest.mark.parametrize(("width", "in_view"), [
    (1400, ["system", "what", "the report", "ours", "difference", "scale", "data"]),
    (1024, ["system", "what", "the report", "ours", "difference"]), (420, ["what", "the report", "ours"])])
def test_a_selected_result_is_told_in_view_below_the_table_and_the_figures_are_its_first_columns(
        width, in_view, server, new_tab):
    page = new_tab(viewport={"width": width, "height": 900}).page
    page.goto(f"{server.url}/results")
    table = page.get_by_test_id("stDataFrame")
    titles = table.locator("canvas th")  # those in view
    expect(titles.filter(has_text=in_view[-1])).to_have_count(1)
    assert titles.all_inner_texts()[:len(in_view)] == in_view
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 54)
    expect(page.get_by_text(re.compile("^The report said 96.5 %"))).to_be_in_viewport(ratio=0.5)
    expect(table).to_be_in_viewport(ratio=0.9)


#: Every chart: width and height of its plot, the least contrast of its text, labels that leave the image or are cut.
MEASURE = """() => {
  const color = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const page = light(color(getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor));
  return [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks')].map((svg) => {
    const plot = svg.querySelector('.role-frame path.background').getBoundingClientRect();
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('.role-axis text')].filter((text) => text.textContent);
    const contrast = (text) => {
      const own = light(color(getComputedStyle(text).fill));
      return (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05);
    };
    const isCut = (text) => {
      const { left, right } = text.getBoundingClientRect();
      return left < box.left - 3 || right > box.right + 3 || text.textContent.includes('…');
    };
    return { width: plot.width, height: plot.height, contrast: Math.min(...texts.map(contrast)),
             cut: texts.filter(isCut).map((text) => text.textContent) };
  });
}"""
STORED = (("experiments?exp=a6_logarithmic", "Learning curves"), ("experiments?exp=a3", "Against a choice"),
          ("experiments?exp=a3", "All cells"), ("experiments?exp=a1", "Learning curves"), ("results", ""))


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1024, "dark"), (420, "light")])
def test_plots_are_large_and_their_words_whole_and_readable(width, scheme, server, new_tab):
    tab = new_tab(color_scheme=scheme)
    page = tab.page
    page.set_viewport_size({"width": width, "height": 4000})
    for url, figure in STORED:
        page.goto(f"{server.url}/{url}")
        if figure:
            page.get_by_text(figure, exact=True).click()
            caption = {"Learning curves": "A line is the mean", "Against a choice": "Marks with bars",
                       "All cells": "The stronger the blue"}[figure]
            expect(page.get_by_text(caption)).to_be_visible()
        expect(page.locator("[data-testid=stVegaLiteChart] svg.marks").first).to_be_visible()
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        charts = page.evaluate(MEASURE)
        assert charts, url
        for chart in charts:
            assert chart["height"] >= 280 and chart["contrast"] >= 4.5 and chart["cut"] == [], (url, figure, chart)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{url} is wider than the window"
    assert tab.complaints == []


def test_without_images_and_network_one_message_says_what_to_do(new_server, new_tab, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    server, page = new_server(), new_tab().page
    page.goto(f"{server.url}/experiments?exp=a5&exp_data=mnist&exp_seeds=2")
    page.get_by_role("button", name="Launch 2 runs").click()
    alert = page.get_by_test_id("stAlertContentError")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("MNIST is not on this machine")
    expect(page.get_by_text("SHA-256").first).not_to_be_visible()
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_text("SHA-256").first).to_be_visible()
    page.goto(f"{server.url}/runs")
    expect(page.get_by_text("MNIST")).to_have_count(0)


def test_an_empty_page_of_runs_leads_to_training(new_server, new_tab):
    page = new_tab().page
    page.goto(f"{new_server().url}/runs")
    expect(page.get_by_alt_text("A drawing of what will be here")).to_be_visible()
    assert page.evaluate("document.querySelector('img[alt^=\"A drawing\"]').naturalWidth > 0")
    page.get_by_role("button", name="Train a first network").click()
    expect(page.get_by_role("heading", name="What happens when this network learns these images?")).to_be_visible()
