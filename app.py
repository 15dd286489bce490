"""Neural Lab. Start with `streamlit run app.py`.

The script that Streamlit runs for every page is lib/ui/router/main.py. It does not stand here because
Streamlit takes a folder `pages/` beside its main script for an older kind of multi-page app: on a fresh
server, a first request for /train would then run that page without the app's frame around it.
"""

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib.ui.document import document_routes
from lib.ui.home.card_images import card_routes


@contextlib.asynccontextmanager
async def announce_and_interrupt(_: st.App) -> AsyncIterator[None]:
    """Say where the teacher's token is; when told to end (SIGTERM, Ctrl+C), stop what trains, so that it can be resumed."""
    from lib.ui.teacher import announce_teacher

    words = announce_teacher()
    if words:
        print(words, flush=True)
    yield
    from lib.ui.lab import lab

    lab().shut_down()


def show_error(error: Exception) -> bool:
    """The last resort for errors outside of a page's script, for instance in what a button calls."""
    from lib.ui.faults import show_fault

    return show_fault(error)


app = st.App("lib/ui/router/main.py", lifespan=announce_and_interrupt, routes=[*document_routes(), *card_routes()],
             on_script_error=show_error)
