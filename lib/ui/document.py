"""The HTML document that a tab starts from: Streamlit's own, with a script and styles of ours and two cookies.

What a page or a component could do only after the page is drawn is so there before Streamlit's front end starts: no page is
drawn twice or moves when its styles come, and no late message of a component meets a click on the way to another page.
"""

from __future__ import annotations

import functools
import secrets
from pathlib import Path

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import config, file_util

from lib.ui import cookies
from lib.ui.teacher import digest_of, is_teacher

_SCRIPT = Path(__file__).with_suffix(".js")
_STYLE = Path(__file__).with_name("frame.css")
_YEAR = 365 * 24 * 3600


class _PageName(StringConvertor):
    """What stands for a page in an address, or for one that there is not: no file, and nothing that Streamlit serves."""

    regex = "[^/._][^/.]*"


register_url_convertor("page", _PageName())


def document_routes() -> list[Route]:
    """Of every page, for `st.App`: they come before Streamlit's own."""
    return [Route(served_at(name), _document) for name in ("", "{name:page}")]


def served_at(name: str) -> str:
    """The path of `name` on this server, which may be set below another site's."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return f"/{base}/{name}" if base else f"/{name}"


def _document(request: Request) -> HTMLResponse:
    response = HTMLResponse(_html(), headers={"Cache-Control": "no-cache"})
    if not cookies.is_token(request.cookies.get(cookies.BROWSER)):
        _keep(request, response, cookies.BROWSER, secrets.token_urlsafe(18))
    said = request.query_params.get("teacher")
    if said is not None and is_teacher(digest_of(said)):
        _keep(request, response, cookies.TEACHER, digest_of(said))
    return response


@functools.cache
def _html() -> str:
    index = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    # Below the line that gives a phone's window its width: above it, the width is that of a desktop.
    index = index.replace("<title>", f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script><title>", 1)
    # Streamlit puts its own into the head; of two equally specific rules the later one holds.
    return index.replace("<body>", f"<body><style>{_STYLE.read_text(encoding='utf-8')}</style>", 1)


def _keep(request: Request, response: HTMLResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https")
