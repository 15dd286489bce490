"""What only a browser shows: deep links, live curves, refreshes, second tabs, a killed server."""

import re

import pytest
from playwright.sync_api import expect

from lib.ui.frame import PAGES

pytestmark = pytest.mark.e2e
#: Slow enough to be watched, quick to stop.
LONG_RUN = "/train?net=a4_512_512&epochs=5000&seed=3"


def step_shown(page) -> int:
    metric = page.get_by_test_id("stMetric").filter(has_text=re.compile("^Step"))
    return int(metric.get_by_test_id("stMetricValue").inner_text().replace(",", ""))


def wait_for_more_steps(page, steps: int) -> int:
    page.wait_for_function(
        """steps => [...document.querySelectorAll('[data-testid=stMetric]')].some(m => m.innerText.startsWith('Step')
           && Number(m.querySelector('[data-testid=stMetricValue]').innerText.replaceAll(',', '')) > steps)""", arg=steps,
    )
    return step_shown(page)


def press_train(page) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("This epoch")).to_be_visible()


def run_id(page) -> str:
    return re.search(r"run=(\w+)", page.url).group(1)


@pytest.mark.parametrize("name", [page.name for page in PAGES[1:]])
def test_a_deep_link_to_a_cold_server_shows_the_page_in_its_frame(name, new_server, new_tab):
    tab = new_tab()
    tab.page.goto(f"{new_server().url}/{name}")
    question = next(page.question for page in PAGES if page.name == name)
    expect(tab.page.get_by_role("heading", name=question)).to_be_visible()
    expect(tab.page.get_by_test_id("stSidebarNavLink")).to_have_count(len(PAGES))
    expect(tab.page.get_by_text("Page not found")).to_have_count(0)
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_without_an_error(scheme, server, new_tab):
    tab = new_tab(color_scheme=scheme)
    tab.page.goto(server.url)
    for info in PAGES:
        tab.page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(re.escape(info.title) + "$")).click()
        heading = "Neural Lab" if info is PAGES[0] else info.question
        expect(tab.page.get_by_role("heading", name=heading)).to_be_visible()
        expect(tab.page.get_by_test_id("stException")).to_have_count(0)
        # Images of a page that is left while they are on their way are gone from the server: the browser would complain.
        tab.page.wait_for_function("[...document.images].every(image => image.complete)")
    assert tab.complaints == []


def test_a_run_is_watched_left_found_again_shared_and_stopped(server, new_tab):
    page = new_tab().page
    page.goto(server.url + LONG_RUN)
    press_train(page)
    steps = wait_for_more_steps(page, 0)
    steps = wait_for_more_steps(page, steps)
    this_run = run_id(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text("MLP 512-512").first).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
    steps = wait_for_more_steps(page, steps)
    assert run_id(page) == this_run
    page.reload()
    steps = wait_for_more_steps(page, steps)
    second = new_tab().page
    second.goto(page.url)
    wait_for_more_steps(second, steps)
    stranger = new_tab().page
    stranger.goto(server.url + "/train")
    expect(stranger.get_by_text("No run yet")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()
    expect(second.get_by_text("How good is it?")).to_be_visible()
    expect(page.get_by_text("stopped", exact=True)).to_be_visible()


def test_the_chart_stays_while_its_data_change(server, new_tab):
    page = new_tab().page
    page.goto(server.url + LONG_RUN)
    press_train(page)
    canvas = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg.marks").first
    expect(canvas).to_be_visible()
    steps = wait_for_more_steps(page, 0)
    canvas.evaluate("node => { node.dataset.marked = 'yes' }")
    for _ in range(3):
        steps = wait_for_more_steps(page, steps)
    assert canvas.evaluate("node => node.dataset.marked") == "yes"
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()


def test_a_tiny_run_ends_with_figures_and_a_clicked_cell_shows_its_images(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/train?net=softmax_regression&epochs=3&seed=7")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Test accuracy").first).to_be_visible()
    expect(page.get_by_text("All 3 epochs done")).to_be_visible()
    chart = page.locator("[data-testid=stVegaLiteChart]").nth(3)  # after loss, accuracy, and validation images
    chart.scroll_into_view_if_needed()
    marks = chart.locator("canvas, svg").first
    expect(marks).to_be_visible()
    box = marks.bounding_box()
    # The upper left cell of the matrix: zeros taken for zeros.
    page.mouse.click(box["x"] + 0.14 * box["width"], box["y"] + 0.06 * box["height"])
    expect(page.get_by_text("that the network calls")).to_be_visible()
    assert tab.complaints == []


def test_a_link_restores_the_set_up_and_the_url_follows_the_controls(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=light_cnn&rate=0.02&batch=48&seed=11")
    expect(page.get_by_text("Adam 0.02, batch 48")).to_be_visible()
    expect(page.get_by_text("seed 11.")).to_be_visible()
    page.get_by_label("Batch size").fill("24")
    page.get_by_label("Batch size").press("Enter")
    expect(page).to_have_url(re.compile(r"batch=24"))
    other = new_tab().page
    other.goto(page.url)
    expect(other.get_by_text("Adam 0.02, batch 24")).to_be_visible()


def test_after_a_kill_the_run_is_interrupted_and_goes_on(new_server, new_tab):
    first = new_server()
    page = new_tab().page
    page.goto(first.url + "/train?net=a5_64_64&epochs=4000&stopping=False")
    press_train(page)
    wait_for_more_steps(page, 200)
    this_run = run_id(page)
    first.kill()
    second = new_server(first.home)
    page.goto(f"{second.url}/train?run={this_run}")
    expect(page.get_by_text("interrupted", exact=True)).to_be_visible()
    steps = wait_for_more_steps(page, 0)
    page.get_by_role("button", name="Resume").click()
    wait_for_more_steps(page, steps)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()


def test_no_page_asks_anybody_outside(server, new_tab):
    """Nothing leaves this computer: a request to another host is recorded, and blocked so that nothing depends on it."""
    tab, outside = new_tab(), []

    def only_ours(route):
        if route.request.url.startswith((server.url, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    tab.page.context.route("**/*", only_ours)
    for page in PAGES:
        tab.page.goto(f"{server.url}/{'' if page is PAGES[0] else page.name}")
        expect(tab.page.get_by_test_id("stMainBlockContainer").get_by_role("heading").first).to_be_visible()
        tab.page.wait_for_load_state("networkidle")
    assert outside == []
