"""The pages that are drawn on, at the widths of a laptop, a tablet and a phone."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

WIDTHS = (1400, 1024, 420)
PADS = {"tell_time": "svg[role=group]", "permuted_pixels": "canvas", "denoise": "canvas", "invent_digits": "canvas"}
#: A slider that belongs to what is on the pad; it may not push the pad off a phone's screen.
SLIDERS = {"tell_time": ".st-key-tilt", "denoise": ".st-key-level", "invent_digits": ".st-key-mix_share"}
#: Whether the first element of a selector, in shadow roots too, is at least 240 pixels wide and inside the window.
WIDE_ENOUGH = """([selector, width]) => {
  const find = root => {
    for (const e of root.querySelectorAll("*")) {
      if (e.matches(selector)) return e;
      const inner = e.shadowRoot && find(e.shadowRoot);
      if (inner) return inner;
    }
  };
  const box = find(document).getBoundingClientRect();
  return box.width >= 240 && box.right <= width;
}"""


@pytest.mark.parametrize("name", PADS)
def test_pad_and_dial_are_wide_enough_and_come_before_their_sliders(name, server, new_tab):
    page = new_tab().page
    page.goto(f"{server.url}/{name}")
    pad = page.locator(PADS[name]).first
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        expect(pad).to_be_visible()
        # The browser lays columns out anew in its own time.
        page.wait_for_function(WIDE_ENOUGH, arg=[PADS[name], width])
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    if name in SLIDERS:
        slider = page.locator(SLIDERS[name])
        expect(slider).to_be_visible()
        assert pad.bounding_box()["y"] + pad.bounding_box()["height"] <= slider.bounding_box()["y"]


@pytest.mark.parametrize("name", [*PADS, "cat_faces"])
def test_a_page_begins_at_its_top(name, server, new_tab):
    page = new_tab().page
    page.goto(f"{server.url}/{name}")
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile(r"\?$"))
    # The text of the heading, without its own space above; the style sheet may come a moment later.
    page.wait_for_function("""() => { const e = document.querySelector("h1");
      return e.getBoundingClientRect().top + parseFloat(getComputedStyle(e).paddingTop) < 70; }""")


@pytest.mark.parametrize("query", ["", "?projector=1"])
def test_with_the_sidebar_folded_nothing_covers_the_title(query, server, new_tab):
    page = new_tab().page
    page.goto(f"{server.url}/denoise{query}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if not query:
        page.get_by_test_id("stSidebarHeader").hover()
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    page.wait_for_function("""() => { const e = document.querySelector("h1"), box = e.getBoundingClientRect();
      const bar = document.querySelector("[data-testid=stHeader]").getBoundingClientRect();
      return box.top + parseFloat(getComputedStyle(e).paddingTop) >= bar.bottom; }""")


def test_a_phone_says_its_own_width_and_not_that_of_a_desktop(server, new_tab):
    page = new_tab(viewport={"width": 420, "height": 900}, is_mobile=True, has_touch=True).page
    page.goto(f"{server.url}/denoise")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "neural-lab-width=420" in page.evaluate("document.cookie")


def test_on_a_narrow_window_the_menu_folds_after_a_choice_and_is_folded_in_a_new_document(server, new_tab):
    page = new_tab(viewport={"width": 420, "height": 900}, is_mobile=True, has_touch=True).page
    menu, opens = page.get_by_test_id("stSidebarNav"), page.get_by_test_id("stExpandSidebarButton")
    page.goto(f"{server.url}/denoise")
    opens.tap()
    expect(menu).to_be_in_viewport()
    menu.get_by_role("link", name="Results").tap()
    expect(page.get_by_role("heading", name="Do we get what the reports got?")).to_be_visible()
    expect(menu).not_to_be_in_viewport()
    for leave in (page.go_back, page.reload, lambda: page.goto(f"{server.url}/lessons")):
        opens.tap()
        expect(menu).to_be_in_viewport()
        leave()
        expect(opens).to_be_visible()
        expect(menu).not_to_be_in_viewport()


#: The contrast of an element's text with its own background.
CONTRAST = """element => {
  const light = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index], 0);
  const style = getComputedStyle(element), lights = [light(style.color), light(style.backgroundColor)];
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_on_the_primary_colour_can_be_read(scheme, server, new_tab):
    page = new_tab(color_scheme=scheme).page
    page.goto(f"{server.url}/experiments?exp=custom")
    for filled in (page.get_by_role("button", name=re.compile("Launch")).first, page.locator("[data-tag]").first):
        expect(filled).to_be_visible()
        assert filled.evaluate(CONTRAST) >= 4.5
