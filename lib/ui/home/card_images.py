"""The images of the home page's cards, and where the browser gets them.

They are files with an address that stays; `lib/ui/widgets/images.py` says why they are not shown by `st.image`.
"""

from __future__ import annotations

import html
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lib.ui.document import served_at

#: Cut from the pages themselves.
_FOLDER = Path(__file__).with_name("cards")
_ADDRESS = "home_cards"


def card_image(page: str, dark: bool) -> Path:
    """Where the image of a page's card is, of one theme; scripts/screenshots.py makes them."""
    return _FOLDER / f"{page}_{'dark' if dark else 'light'}.webp"


def card_routes() -> list[Mount]:
    """The images' addresses, for `st.App`."""
    return [Mount(served_at(_ADDRESS), StaticFiles(directory=_FOLDER))]


def card_html(image: Path, alt: str) -> str:
    """The <img> of a card; a changed file has another address, so no browser shows an older one."""
    address = f"{served_at(_ADDRESS)}/{image.name}?{image.stat().st_mtime_ns}"
    return f'<img src="{address}" alt="{html.escape(alt, quote=True)}" style="width:100%;display:block;border-radius:8px">'
