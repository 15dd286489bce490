"""A tab's session is one for all pages: no page may find another's value under a key of its own."""


from lib.ui.frame import PAGES, page_script
from tests.fakes import fake_train

#: Keys that mean the same on every page: those of the frame, and of which data set the images are.
SHARED = {"projector", "browser_mark", "page_history", "images_of"}


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
