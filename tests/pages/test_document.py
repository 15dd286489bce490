"""The document that every tab starts from: its script, and what it lets the browser keep."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.routing import Match
from streamlit import config

from lib.ui import cookies, document
from lib.ui.frame import PAGES
from lib.ui.home.card_images import card_html, card_image, card_routes
from lib.ui.teacher import digest_of

TEACHER = "the wörd of the teacher; 教師"
KEPT = f"{cookies.BROWSER}=a-browser-of-mine-1234"


def ask(path="/", kept="", scheme="http", **query):
    """The answer to a browser that keeps the cookies `kept`."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": urlencode(query).encode(),
             "headers": [(b"cookie", kept.encode())], "scheme": scheme, "server": ("lab.example", 80)}
    (route,) = routes_to(path)
    return route.endpoint(Request(scope))


def routes_to(path):
    return [route for route in document.document_routes()
            if route.matches({"type": "http", "method": "GET", "path": path})[0] is Match.FULL]


def set_by(answer):
    """The cookies that `answer` sets, by name."""
    jar = SimpleCookie()
    for name, value in answer.raw_headers:
        if name == b"set-cookie":
            jar.load(value.decode())
    return jar


@pytest.mark.parametrize("path", ["/", *(f"/{page.name}" for page in PAGES), "/no_such_page"])
def test_every_page_starts_with_the_script_before_streamlits_own_and_the_styles_after_them(path):
    answer = ask(path, net="light_cnn")
    text = answer.body.decode()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-cache"
    assert text.index("history.pushState") < text.index('<script type="module"') and 'id="root"' in text
    assert f"{cookies.WIDTH}=${{window.innerWidth}}" in text
    assert text.index("</head>") < text.index("st-key-beside_")


@pytest.mark.parametrize("path", [
    "/favicon.png", "/_stcore/health", "/_stcore", "/static/js/index.js", "/home_cards/train.webp",
])
def test_what_is_no_page_is_left_to_others(path):
    assert not routes_to(path)


def test_the_pages_are_found_below_the_path_that_a_proxy_gives_the_app(monkeypatch):
    monkeypatch.setattr(config, "get_option", lambda name: {"server.baseUrlPath": "/class/lab/"}[name])
    assert routes_to("/class/lab/") and routes_to("/class/lab/train") and not routes_to("/train")
    assert card_html(card_image("train", dark=True), "Train").startswith('<img src="/class/lab/home_cards/train_dark.webp?')
    assert [route.path for route in card_routes()] == ["/class/lab/home_cards"]


def test_a_browser_keeps_one_word_that_its_scripts_cannot_read():
    word = set_by(ask())[cookies.BROWSER]
    assert cookies.is_token(word.value) and word["httponly"] and word["samesite"] == "lax" and word["path"] == "/"
    assert not set_by(ask("/train", KEPT)), "it is kept"
    assert set_by(ask())[cookies.BROWSER].value != word.value


@pytest.mark.parametrize("word", ["short", "x" * 65, "two words and more"])
def test_a_strange_word_is_replaced(word):
    assert cookies.is_token(set_by(ask(kept=f"{cookies.BROWSER}={word}"))[cookies.BROWSER].value)


def test_a_teachers_link_is_kept_as_a_mark_and_a_wrong_one_takes_nothing_away(monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", TEACHER)
    kept = set_by(ask("/train", KEPT, teacher=TEACHER))[cookies.TEACHER]
    assert kept.value == digest_of(TEACHER) and kept["httponly"]
    for wrong in ("", TEACHER[:-1], "\x00", "é" * 500):
        assert not set_by(ask("/train", KEPT, teacher=wrong))


def test_cookies_of_a_secure_connection_travel_on_no_other():
    assert set_by(ask(scheme="https"))[cookies.BROWSER]["secure"] and not set_by(ask())[cookies.BROWSER]["secure"]
