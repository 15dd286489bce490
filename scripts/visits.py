"""Visits to a running app without a browser: the websocket messages that one would send, timers of fragments included.

For scripts that need many visitors on a machine where as many browsers would be the load that is measured.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 120.0


class Visit:
    """One visitor of the app on `port`. `buttons` are those of the page, by label; `errors` what it showed as errors."""

    def __init__(self, port: int) -> None:
        self._socket = connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None)
        self._timers: dict[str, tuple[float, float]] = {}
        self._page = ("", "")
        self.buttons: dict[str, str] = {}
        self.errors: list[str] = []
        self.query = ""
        self.refreshes = 0

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def open(self, page: str, query: str = "") -> float:
        """Open a page; seconds until all of it has arrived."""
        self._page, self.query = (page, ""), query
        return self._run()

    def press(self, label: str) -> float:
        """Press the button with this label; seconds until the page has followed."""
        return self._run(pressed=self.buttons[label])

    def watch(self, until: threading.Event, seconds: float = float("inf")) -> None:
        """Stay on the page as a browser does: rerun its fragments when their time has come.

        It ends when the event is set, or after so many seconds.
        """
        end = time.monotonic() + seconds
        while not until.is_set() and (now := time.monotonic()) < end:
            for fragment in list(self._timers):
                # One that another's rerun has taken from the page is never answered.
                interval, due = self._timers.get(fragment, (0.0, float("inf")))
                if due <= now:
                    self._timers[fragment] = (interval, now + interval)
                    self._run(fragment)
                    self.refreshes += 1
            until.wait(0.02)

    def _run(self, fragment: str = "", pressed: str = "") -> float:
        began = time.perf_counter()
        message = BackMsg()
        client = message.rerun_script
        client.query_string, (client.page_name, client.page_script_hash) = self.query, self._page
        client.fragment_id, client.is_auto_rerun = fragment, bool(fragment)
        client.context_info.timezone, client.context_info.locale = "Etc/UTC", "en"
        if pressed:
            client.widget_states.widgets.add(id=pressed, trigger_value=True)
        self._socket.send(message.SerializeToString())
        while not self._take(ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE))):
            pass
        return time.perf_counter() - began

    def _take(self, message: ForwardMsg) -> bool:
        """Note what matters of a message; True when the script has run to its end."""
        kind = message.WhichOneof("type")
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self._timers.clear()
            self.buttons.clear()
            self.errors.clear()
        elif kind == "navigation":
            self._page = ("", message.navigation.page_script_hash)
        elif kind == "auto_rerun":
            interval = message.auto_rerun.interval
            self._timers[message.auto_rerun.fragment_id] = (interval, time.monotonic() + interval)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta":
            self._note(message.delta.new_element)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _note(self, element: object) -> None:
        kind = element.WhichOneof("type")
        if kind == "button" and not element.button.disabled:
            self.buttons[element.button.label] = element.button.id
        elif kind == "exception" or (kind == "alert" and element.alert.format == element.alert.ERROR):
            self.errors.append(str(element))


@contextlib.contextmanager
def viewers(port: int, count: int, page: str, query: str) -> Iterator[list[Visit]]:
    """`count` visitors who watch this page meanwhile, each in a thread."""
    until, visits = threading.Event(), [Visit(port) for _ in range(count)]

    def watch(visit: Visit) -> None:
        with contextlib.suppress(ConnectionClosed):
            visit.open(page, query)
            visit.watch(until)

    threads = [threading.Thread(target=watch, args=(visit,), daemon=True) for visit in visits]
    for thread in threads:
        thread.start()
    try:
        yield visits
    finally:
        until.set()
        for thread in threads:
            thread.join(PATIENCE)
        for visit in visits:
            visit.close()
