"""A tab's session is one for all pages: no page may find another's value under a key of its own."""

import pytest

from lib.ui.frame import PAGES, page_script
from tests.fakes import fake_train, tiny_run_spec

#: Keys that mean the same on every page: those of the frame, and of which data set the images are.
SHARED = {"projector", "images_of"}


def keys_of(app):
    return {key for key in app.session_state._state.filtered_state if not key.startswith("_")}


def test_no_two_pages_have_a_key_in_common(open_page, use_runner):
    use_runner(fake_train)
    owners: dict[str, list[str]] = {}
    for page in PAGES:
        for key in keys_of(open_page(page.name)) - SHARED:
            owners.setdefault(key, []).append(page.name)
    assert {key: pages for key, pages in owners.items() if len(pages) > 1} == {}


def test_an_older_link_has_its_noise_and_another_page_its_own(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("tell_time", noise="7")
    assert app.slider(key="camera_noise").value == 7 and "noise" not in app.query_params
    for name in list(app.query_params):
        del app.query_params[name]  # as a click in the navigation does
    app.switch_page(page_script("denoise")).run()
    assert not app.exception and not app.error
    assert app.session_state["noise"] == "salt_pepper"


def widgets_told(app):
    """The keys of the widgets whose value the server sends to the browser, which takes it instead of its own."""
    found, nodes = [], [app._tree]
    while nodes:
        node = nodes.pop()
        nodes += getattr(node, "children", {}).values()
        if getattr(getattr(node, "proto", None), "set_value", False):
            found.append(getattr(node, "key", None) or str(node))
    return found


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_a_rerun_gives_no_widget_a_value(name, open_page, use_runner):
    # What the visitor chose while the page was on its way would be undone.
    use_runner(fake_train)
    app = open_page(name)
    app.run()
    assert not app.exception
    assert widgets_told(app) == []


@pytest.mark.parametrize("name", ["train", "runs", "experiments", "home", "inside"])
def test_nor_does_it_beside_a_run_that_has_ended(name, open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(), "tab", "Tiny")
    runner.wait(run_id, 60)
    app = open_page(name, **({"run": run_id} if name == "train" else {}))
    app.run()
    assert not app.exception
    assert widgets_told(app) == []
