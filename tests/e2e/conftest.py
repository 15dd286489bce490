"""The app in a process of its own, and a real browser to look at it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts.find_chromium import HELP, find
from tests.conftest import ROOT

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
#: What Streamlit's own front end probes for; not the app's errors.
NOT_OURS = re.compile(r"favicon|fivetran|Failed to load resource|ERR_NAME_NOT|ERR_INTERNET|Permissions-Policy")
PATIENCE = 60_000


@dataclass
class Server:
    """The app, listening at `url`."""

    url: str
    process: subprocess.Popen
    home: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


def start_server(home: Path, data: Path, script: str = "app.py", *options: str) -> Server:
    """Start the app on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true", "--server.port", str(port),
               *options]
    environment = {**os.environ, "NEURAL_LAB_HOME": str(home), "NEURAL_LAB_DATA": str(data)}
    with open(home.parent / f"server-{port}.log", "wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).read()
            return Server(url, process, home)
        except OSError:
            assert process.poll() is None, Path(log.name).read_text()
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail(HELP)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts cold servers with empty run and data folders; `new_server(home)` takes up an old run folder.

    More texts are options of Streamlit.
    """
    servers: list[Server] = []

    def start(home: Path | None = None, *options: str) -> Server:
        servers.append(start_server(home or tmp_path / "runs", tmp_path / "no data", "app.py", *options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module."""
    folder = tmp_path_factory.mktemp("app")
    server = start_server(folder / "runs", folder / "no data")
    yield server
    server.process.terminate()
    server.process.wait(20)


@dataclass
class Tab:
    """A browser tab and what its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def new_tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; each is a visitor of its own."""
    contexts = []

    def open_(**options: object) -> Tab:
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **options})
        contexts.append(context)
        tab = Tab(context.new_page())
        tab.page.set_default_timeout(PATIENCE)
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.on("console", lambda message: tab.complaints.append(message.text)
                    if message.type == "error" and not NOT_OURS.search(message.text) else None)
        return tab

    expect.set_options(timeout=PATIENCE)
    yield open_
    for context in contexts:
        context.close()
