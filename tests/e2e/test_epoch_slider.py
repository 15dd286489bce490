"""The slider over a run's epochs, in a real browser while the run trains."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_app import LONG_RUN, press_train

pytestmark = pytest.mark.e2e
_SHOWN = re.compile(r"After epoch (\d+) of (\d+)")


def shown(page) -> tuple[int, int]:
    """The epoch on show, and the newest one."""
    found = _SHOWN.search(page.locator("output").inner_text())
    return int(found.group(1)), int(found.group(2))


def wait_for(page, condition: str, than: int) -> tuple[int, int]:
    """Wait until `condition` holds for the epoch on `show`, the `newest` one and `than`."""
    # The slider is in a shadow root, which a locator sees into and document.querySelector does not.
    page.wait_for_function(
        f"""than => {{
          const host = [...document.querySelectorAll('*')].find(n => n.shadowRoot && n.shadowRoot.querySelector('output'));
          const found = host && host.shadowRoot.querySelector('output').textContent.match(/epoch (\\d+) of (\\d+)/);
          if (!found) return false;
          const [show, newest] = [Number(found[1]), Number(found[2])];
          return {condition};
        }}""", arg=than)
    return shown(page)


def test_the_slider_is_dragged_back_while_the_run_trains_and_stays_there(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + LONG_RUN)
    press_train(page)
    slider = page.get_by_label("After epoch")
    expect(slider).to_be_visible()
    follow = page.get_by_role("button", name="Follow the newest")
    _, newest = wait_for(page, "newest > than && show === newest", 6)  # it follows the run
    expect(follow).to_be_hidden()
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + box["width"] - 8 - step * (box["width"] - 12) / 8, middle)
    chosen, _ = shown(page)
    assert chosen < newest
    page.mouse.up()
    expect(follow).to_be_visible()
    weights = page.get_by_alt_text(f"First-layer weights after epoch {chosen}", exact=True)
    expect(weights).to_be_visible()
    image, (_, newest) = weights.get_attribute("src"), shown(page)
    now, _ = wait_for(page, "newest > than", newest + 1)
    assert now == chosen  # new epochs came and pulled nothing forward
    assert weights.get_attribute("src") == image
    slider.focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "show > than", chosen)
    follow.click()
    wait_for(page, "show === newest && newest > than", newest + 1)
    expect(follow).to_be_hidden()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("How good is it?")).to_be_visible()
    expect(slider).to_be_visible()
    assert tab.complaints == []
