"""What a new visitor meets in the first minutes, on the data of every computer: sensible, whole and consistent figures."""

import re

import pytest
from playwright.sync_api import expect

from lib.ui.frame import PAGES

pytestmark = pytest.mark.e2e
#: In the page: the texts that are cut off by the box they stand in.
CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(node => {
  const style = getComputedStyle(node);
  return node.childElementCount === 0 && node.innerText && node.innerText.trim() && node.checkVisibility()
    && style.overflowX !== 'visible' && style.textOverflow === 'ellipsis' && node.scrollWidth > node.clientWidth + 1;
}).map(node => node.innerText)"""


def metric(page, label):
    box = page.get_by_test_id("stMetric").filter(has_text=label)
    return box.get_by_test_id("stMetricValue")


def stop(page):
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()


def test_the_light_cnn_reads_most_of_the_smallest_data_set(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=light_cnn&seed=1&epochs=6")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(metric(page, "Test accuracy").first).to_be_visible()
    assert float(metric(page, "Test accuracy").first.inner_text().rstrip(" %")) > 80


def test_home_and_the_sidebar_say_how_far_a_run_is(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=a4_512_512&epochs=5000&stopping=False&seed=2")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("This epoch")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile(r"training: \d+ %"))).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_test_id("stMain").get_by_text(re.compile(r"\d %")).first).to_be_visible()
    expect(page.get_by_text("Building the network")).to_have_count(0)
    page.go_back()
    stop(page)


def test_a_run_that_stops_early_promises_no_number_of_epochs(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=a4_512_512&epochs=5000&stopping=True&patience=5000&seed=2")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("^Ends when it stops improving"))).to_be_visible()
    stop(page)


def test_a_link_to_a_run_brings_the_set_up_that_it_was_trained_with(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=softmax_regression&epochs=2&batch=48&rate=0.02&seed=9")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("All 2 epochs done")).to_be_visible()
    run = re.search(r"run=\w+", page.url).group(0)
    other = new_tab().page
    other.goto(f"{server.url}/train?{run}")
    expect(other.get_by_text("All 2 epochs done")).to_be_visible()
    expect(other).to_have_url(re.compile("batch=48"))
    other.get_by_text("Images, network and training").click()
    expect(other.get_by_label("Batch size")).to_have_value("48")
    expect(other.get_by_label("Epochs, at most")).to_have_value("2")


def test_two_runs_that_differ_have_names_that_say_so(server, new_tab):
    page = new_tab().page
    for batch in (40, 56):
        page.goto(f"{server.url}/train?net=softmax_regression&epochs=2&batch={batch}&seed=4")
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text("All 2 epochs done")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
    for batch in (40, 56):
        expect(page.locator("tbody tr .called", has_text=re.compile(f"batch (size )?{batch}"))).to_be_visible()


def test_regularisation_says_what_it_takes_out_of_this_network(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=a1_model3_relu&reg=none")
    expect(page.get_by_text("Takes out the network's own dropout")).to_be_visible()


@pytest.mark.parametrize("width", [1400, 1024])
def test_no_text_is_cut_off(width, server, new_tab):
    page = new_tab(viewport={"width": width, "height": 900}).page
    cut = {}
    for name in [page.name for page in PAGES]:
        page.goto(server.url + ("/" if name == PAGES[0].name else f"/{name}"))
        expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        page.wait_for_load_state("networkidle")
        cut[name] = page.evaluate(CUT_OFF)
    assert not any(cut.values()), cut
    page.add_style_tag(content="[data-testid=stMetricValue], [data-testid=stMain] button p { max-width: 1ch }")
    assert page.evaluate(CUT_OFF), "the test would not see a text that is cut off"


def test_images_of_the_home_page_arrive_also_where_the_visitor_has_been_elsewhere_meanwhile(server, new_tab):
    tab = new_tab()
    page = tab.page
    held = []
    page.route(re.compile(r"\.(webp|jpe?g|png)(\?|$)"), lambda route: held.append(route))
    page.goto(server.url)
    expect(page.get_by_alt_text("What the page Train shows")).to_have_count(1)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
    expect(page.get_by_text("Every run of this machine")).to_be_visible()
    assert held
    for route in held:
        answer = page.request.get(route.request.url)
        assert answer.status == 200 and answer.headers["content-type"].startswith("image/"), route.request.url
        route.continue_()
    page.unroute_all()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    arrived = "[...document.querySelectorAll('img[alt^=\"What the page\"]')].filter(image => image.naturalWidth).length"
    page.wait_for_function(f"{arrived} === {len(PAGES) - 1}")
    assert tab.complaints == []


def test_change_one_thing_and_train_again_leads_to_the_new_run(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/train?net=softmax_regression&epochs=2&seed=11")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("All 2 epochs done")).to_be_visible()
    seed = page.get_by_label("Seed", exact=True)
    expect(seed).to_be_hidden()  # folded: the run is what one looks at
    page.get_by_text("Images, network and training").click()
    seed.fill("12")
    seed.press("Enter")
    expect(page.get_by_text("seed 12").first).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(seed).to_be_hidden()
    expect(page.get_by_text("All 2 epochs done")).to_be_in_viewport()


#: Pages with what the browser draws only when its script has come, by its key.
DRAWN_LATE = {"inside": "inside_pad", "permuted_pixels": "lens_pad", "denoise": "denoise_pad", "invent_digits": "invent_pad",
              "tell_time": "clock", "invent_digits?invent_tab=Latent+map": "invent_map",
              "train?net=1~f~d24": "layer_diagram"}


@pytest.mark.parametrize(("page_name", "key"), DRAWN_LATE.items())
@pytest.mark.parametrize("width", [1400, 420])
def test_there_is_room_for_what_is_drawn_late(server, new_tab, page_name, key, width):
    page = new_tab(viewport={"width": width, "height": 900}).page
    page.goto(f"{server.url}/{page_name}")
    box = page.get_by_test_id("stElementContainer").and_(page.locator(f".st-key-{key}"))
    expect(box.locator("canvas, [role=listbox], svg, [role=option]").first).to_be_visible()
    room, height = box.evaluate("box => [parseFloat(getComputedStyle(box).minHeight), box.getBoundingClientRect().height]")
    assert 0.75 * height <= room <= height
