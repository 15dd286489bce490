"""Build a network from an empty stack in a real browser, by pointer and by keyboard alone, and train it on real digits."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import real_data_folder
from tests.e2e.conftest import start_server

pytestmark = pytest.mark.e2e
#: Little enough for a minute on a busy machine.
SMALL_RUN = "data=mnist&images=2000&epochs=3&batch=32&seed=1"


@pytest.fixture(scope="module")
def mnist_server(tmp_path_factory):
    data = real_data_folder()
    if data is None:
        pytest.skip("no real data")
    server = start_server(tmp_path_factory.mktemp("app") / "runs", data)
    yield server
    server.process.terminate()
    server.process.wait(20)


def layers(page):
    return page.get_by_role("listbox", name="Layers of the network").get_by_role("option")


def names(page):
    return [text.split("\n")[0] for text in layers(page).locator("b").all_inner_texts()]


def expect_names(page, *expected):
    expect(layers(page).locator("b")).to_have_text([*expected, "Output"])


def tab_to(page, label):
    """Press Tab until the control called `label` has the focus."""
    seen = []
    for _ in range(120):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("""() => { let e = document.activeElement;
            while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
            return e ? e.getAttribute('aria-label') || e.innerText || '' : ''; }"""))
        if seen[-1].split("\n")[-1].strip() == label:
            return
    raise AssertionError(f"Tab never reached {label!r}, but {seen}")


def test_an_act_that_the_server_never_sees_comes_with_the_next(server, new_tab):
    page = new_tab().page
    lost = []

    def connect(socket):
        to_server = socket.connect_to_server()
        # As on a busy server, which sees of several messages the newest only.
        socket.on_message(lambda message: lost.append(message) if b'"remove"' in message and not lost
                          else to_server.send(message))

    page.route_web_socket(re.compile("_stcore/stream"), connect)
    page.goto(f"{server.url}/train?net=1~d20~d30~d40&data=digits")
    expect(layers(page)).to_have_count(4)
    layers(page).nth(0).click()
    page.keyboard.press("Delete")
    while not lost:
        page.evaluate("new Promise(requestAnimationFrame)")
    page.keyboard.press("Delete")
    expect(layers(page)).to_have_count(2)
    expect(layers(page).nth(0)).to_contain_text("40")


def train_and_read_accuracy(page):
    page.get_by_role("button", name="Train", exact=True).click()
    metric = page.get_by_test_id("stMetric").filter(has_text="Test accuracy").first
    expect(metric).to_be_visible(timeout=180_000)
    return float(metric.get_by_test_id("stMetricValue").inner_text().rstrip(" %"))


def test_a_cnn_is_built_by_pointer_and_learns_digits(mnist_server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{mnist_server.url}/train?net=1&{SMALL_RUN}")
    expect(page.get_by_text("To repair the output:")).to_be_visible()
    for number, kind in enumerate(("Convolution", "Pooling", "Dense", "Dropout"), start=1):
        page.get_by_role("button", name=kind, exact=True).click()
        expect(layers(page)).to_have_count(number + 1)
    page.get_by_role("button", name="Put Flatten before it").click()
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense", "Dropout")
    layers(page).nth(0).click()
    filters = page.get_by_role("spinbutton", name="Filters")
    filters.fill("16")
    filters.press("Enter")
    expect(layers(page).nth(0)).to_contain_text("16 filters")
    layers(page).nth(4).drag_to(layers(page).nth(2))  # dropout before Flatten
    expect_names(page, "Convolution", "Pooling", "Dropout", "Flatten", "Dense")
    page.get_by_role("button", name="Undo").click()
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense", "Dropout")
    expect(page).to_have_url(re.compile(r"net=1~c16~m2~f~d64~o0\.25"))
    assert train_and_read_accuracy(page) > 85
    assert tab.complaints == []


def test_a_cnn_is_built_by_keyboard_alone_and_learns_digits(mnist_server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(f"{mnist_server.url}/train?net=1&{SMALL_RUN}")
    expect(layers(page)).to_have_count(1)
    for number, kind in enumerate(("Convolution", "Pooling", "Flatten", "Dense", "Batch normalisation"), start=1):
        tab_to(page, kind)
        page.keyboard.press("Enter")
        expect(layers(page)).to_have_count(number + 1)
    tab_to(page, "Layers of the network")
    page.keyboard.press("Alt+ArrowUp")
    expect_names(page, "Convolution", "Pooling", "Flatten", "Batch normalisation", "Dense")
    page.keyboard.press("Delete")
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense")
    page.keyboard.press("d")
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense", "Dense")
    page.keyboard.press("Control+z")
    expect_names(page, "Convolution", "Pooling", "Flatten", "Dense")
    page.keyboard.press("Home")
    tab_to(page, "Filters")
    page.keyboard.press("Control+a")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(layers(page).nth(0)).to_contain_text("8 filters")
    expect(page).to_have_url(re.compile("net=1~c8~m2~f~d64"))
    assert train_and_read_accuracy(page) > 85
    assert tab.complaints == []
