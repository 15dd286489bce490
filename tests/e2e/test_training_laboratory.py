"""The training laboratory from an empty stack to a script to take home, and what helps on the way, with a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import real_data_folder
from tests.e2e.conftest import start_server
from tests.e2e.test_app import run_id, wait_for_more_steps
from tests.e2e.test_compare_runs import downloaded
from tests.e2e.test_editor import expect_names, layers, tab_to
from tests.e2e.test_steering import button, click, enter

pytestmark = pytest.mark.e2e
#: Images, epochs, batch and seed of a run that lasts until it is stopped.
LONG = "images=1000&epochs=2000&batch=32&seed=1&stopping=False"
#: One that is over in seconds.
SHORT = "net=softmax_regression&data=digits&epochs=2&seed=2&stopping=False"


@pytest.fixture(scope="module")
def lab_server(tmp_path_factory):
    """A server with the real data sets where they are on this machine."""
    folder = tmp_path_factory.mktemp("laboratory")
    server = start_server(folder / "runs", real_data_folder() or folder / "no data")
    yield server
    server.process.terminate()
    server.process.wait(20)


def shown_epochs(page, least):
    """Wait until the run on show has ended so many epochs."""
    page.wait_for_function(
        """least => [...document.querySelectorAll('[data-testid=stMetric]')].some(m => m.innerText.startsWith('Epoch')
           && Number(m.querySelector('[data-testid=stMetricValue]').innerText) > least)""", arg=least)


def test_a_network_is_built_steered_forked_compared_opened_and_taken_home(lab_server, new_tab):
    tab = new_tab(accept_downloads=True)
    page = tab.page
    data = "mnist" if real_data_folder() else "digits"
    page.goto(f"{lab_server.url}/train?net=1&data={data}&{LONG}")
    # Built by pointer and by keyboard.
    expect(layers(page)).to_have_count(1)
    for number, kind in enumerate(("Convolution", "Pooling", "Dense"), start=1):
        page.get_by_role("button", name=kind, exact=True).click()
        expect(layers(page)).to_have_count(number + 1)
    page.get_by_role("button", name="Put Flatten before it").click()
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense")
    layers(page).nth(0).click()
    tab_to(page, "Filters")
    page.keyboard.press("Control+a")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(layers(page).nth(0)).to_contain_text("8 filters")
    # Trained, and its rate changed on the way.
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("This epoch")).to_be_visible(timeout=180_000)
    shown_epochs(page, 2)
    first = run_id(page)
    page.get_by_role("radio", name="Change").click()
    enter(page, "New learning rate", "0.0005")
    click(page, button(page, "Change it"))
    mark = page.locator("svg text", has_text="learning rate 0.001 → 0.0005")
    expect(mark.first).to_be_visible()
    wait_for_more_steps(page, 0)
    click(page, button(page, "Stop"))
    expect(page.get_by_text(re.compile(r"Stopped in epoch \d+"))).to_be_visible()
    # Forked.
    page.get_by_role("radio", name="Fork").click()
    enter(page, "Fork after epoch", "1")
    enter(page, "Epochs in all", "2")
    click(page, button(page, "Fork it"))
    expect(page.get_by_text("All 2 epochs done")).to_be_visible()
    second = run_id(page)
    assert second != first
    # Taken home.
    page.get_by_text("Export: script").click()
    script = downloaded(page, page.get_by_role("button", name="Script (.py)"))
    text = script.path().read_text(encoding="utf-8")
    compile(text, "script", "exec")
    assert "import keras" in text and "lib." not in text
    # Compared.
    page.goto(f"{lab_server.url}/runs")
    for row in (0, 1):
        page.locator("tbody tr").nth(row).get_by_role("checkbox").click()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    expect(page.locator(".st-key-runs_accuracy_chart svg.marks .mark-line path").first).to_be_visible()
    # Opened.
    page.goto(f"{lab_server.url}/inside?inside=run:{second}&layer=1")
    expect(page.get_by_role("button", name=re.compile("1 Convolution 8 x 3x3"))).to_be_visible()
    expect(page.get_by_text("Prediction", exact=True)).to_be_visible(timeout=180_000)
    expect(page.get_by_text("products").first).to_be_visible()
    assert tab.complaints == []


def test_a_learning_rate_takes_a_comma_and_an_empty_field_its_last_value_back(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/train?{SHORT}&rate=0.5")
    rate = page.get_by_label("Learning rate", exact=True)
    for typed, shown in (("0,005", "0.005"), ("abc", "0.005"), ("1e-2", "0.01"), ("", "0.01")):
        rate.press("Control+a")
        rate.press("Delete")
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
        expect(rate).to_have_value(shown)
        page.wait_for_url(re.compile(rf"rate={shown}(&|$)"))
        expect(page.get_by_text(f"received none, so {shown} stays")).to_have_count(int(typed in ("", "abc")))
    expect(page.get_by_text(re.compile("0.01, batch"))).to_be_visible()
    assert tab.complaints == []


def test_a_learning_rate_is_found_and_set(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/train?{SHORT}&rate=0.5")
    button(page, "Range test").click()
    use = page.get_by_role("button", name=re.compile(r"^Use [\d.e-]+$"))
    expect(use).to_be_visible(timeout=180_000)
    rate = use.inner_text().split()[-1]
    expect(page.locator(".st-key-rate_search canvas, .st-key-rate_search svg.marks").first).to_be_visible()
    click(page, use)
    page.wait_for_url(re.compile(rf"rate={re.escape(rate)}(&|$)"))
    page.get_by_text("Images, network and training").click()
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value(rate)
    click(page, button(page, "Close"))
    expect(use).to_have_count(0)
    assert tab.complaints == []


def test_a_search_is_closed_while_it_goes_on(new_server, new_tab):
    page = new_tab().page
    page.goto(f"{new_server().url}/train?net=b1_model6&data=digits&seed=3")  # each of its steps takes a while
    button(page, "Divide by three").click()
    search = page.locator(".st-key-rate_search")
    expect(search.get_by_role("button", name="Stop")).to_be_visible()
    search.get_by_role("button", name="Close").click()
    expect(search).to_have_count(0)
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^training"))).to_be_visible()


def test_optimisers_race_and_a_winner_is_named(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/train?{SHORT}")
    button(page, "Race optimisers").click()
    race = page.locator(".st-key-race")
    expect(race.get_by_text("All runs have the same images")).to_be_visible()
    expect(race.get_by_text(re.compile("Adadelta", re.IGNORECASE)).first).to_be_visible()
    expect(race.get_by_test_id("stAlert").filter(has_text=re.compile("best|ahead|wins", re.IGNORECASE))).to_be_visible(
        timeout=180_000)
    click(page, race.get_by_role("button", name="Close"))
    expect(race).to_have_count(0)
    assert tab.complaints == []


def test_a_network_of_ones_own_is_saved_offered_elsewhere_and_deleted(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/train?net=1~f~d24&data=digits")
    field = page.get_by_label("Name of this network")
    field.fill("Laboratory 24")
    field.press("Enter")
    click(page, button(page, "Save"))
    expect(page.get_by_text("Saved as “Laboratory 24”")).to_be_visible()
    other = new_tab().page
    other.goto(f"{server.url}/inside?inside=preset:softmax_regression")
    other.get_by_label("Network", exact=True).click()
    other.keyboard.type("Laboratory")
    expect(other.get_by_role("option", name=re.compile("Laboratory 24"))).to_be_visible()
    click(page, button(page, "Delete"))
    expect(page.get_by_text("“Laboratory 24” is deleted")).to_be_visible()
    assert tab.complaints == []


def test_a_mistake_on_the_map_is_clicked_and_looked_into(server, new_tab):
    tab = new_tab()
    page = tab.page
    # Nobody has trained it, so that nearly everything is a mistake.
    page.goto(f"{server.url}/inside?inside=preset:softmax_regression&inside_tab=Map+of+test+images")
    way = page.get_by_role("radio", name="t-SNE")
    expect(way).to_be_visible(timeout=180_000)
    click(page, way)
    chart = page.locator("svg.marks[aria-label*='Map of test images'], .st-key-inside_map_tsne svg.marks")
    expect(chart.first).to_contain_text("t-SNE, first number", timeout=180_000)
    mistakes = page.locator(".st-key-inside_map_tsne svg.marks .mark-symbol").last.locator("path")
    expect(mistakes.nth(20)).to_be_visible()
    shown = page.get_by_alt_text(re.compile(r"Test image \d+"))
    first = shown.get_attribute("alt")
    mistakes.nth(20).click(force=True)
    expect(shown).not_to_have_attribute("alt", first)
    expect(page.get_by_text(re.compile(r"It is .*; the network says .*: wrong"))).to_be_visible()
    index = int(shown.get_attribute("alt").split()[-1])
    page.get_by_role("button", name="Look inside with this image").click()
    expect(page.get_by_text("Shown: a test image")).to_be_visible()
    page.wait_for_url(re.compile(rf"image={index}(&|$)"))
    assert tab.complaints == []


def test_the_layers_of_a_preset_are_opened_and_changed(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{server.url}/train?net=a5_64_64&data=digits")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    page.get_by_text("Layers: look at them and change them").click()
    expect_names(page, "Flatten", "Dense", "Dense")
    page.get_by_role("button", name="Dropout", exact=True).click()
    expect_names(page, "Flatten", "Dense", "Dense", "Dropout")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect_names(page, "Flatten", "Dense", "Dense")  # still open, though the network is the preset again
    expect(page).to_have_url(re.compile("net=a5_64_64"))
    assert tab.complaints == []
