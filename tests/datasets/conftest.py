import os
import socket
import sys
from pathlib import Path

import pytest

from lib.datasets.memory import shared_memory

REPOSITORY = Path(__file__).resolve().parents[2]
_written: list[str] | None = None
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _watch(event, args):
    """Audit hook: note what would change a file system, whoever runs the tests (root may write to read-only folders)."""
    if _written is None:
        return
    if event == "open" and isinstance(args[2], int) and args[2] & _WRITING:
        _written.append(str(args[0]))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod"):
        _written.append(f"{event} {args[0]}")


sys.addaudithook(_watch)


@pytest.fixture
def written():
    """The paths that the test opened for writing, made or removed since the fixture started."""
    global _written
    _written = []
    yield _written
    _written = None


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    connect = socket.socket.connect

    def only_here(self, address):
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test tried to reach {address}")
        return connect(self, address)

    def no_names(host, *args, **kwargs):
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(f"a test tried to look up {host}")
        return resolve(host, *args, **kwargs)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", only_here)
    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def data_home(monkeypatch, tmp_path):
    """An empty data folder, an empty home and an empty memory."""
    folder = tmp_path / "data"
    monkeypatch.setenv("NEURAL_LAB_DATA", str(folder))
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "home"))
    shared_memory().clear()
    yield folder
    shared_memory().clear()


_REAL = os.environ.get("NEURAL_LAB_DATA") or str(REPOSITORY.parent / "shared" / "data")


@pytest.fixture
def real_data(monkeypatch, data_home):
    """The folder of the real files; skips where there is none."""
    folder = Path(_REAL)
    if not (folder / "mnist").is_dir():
        pytest.skip(f"no real data files at {folder}; set NEURAL_LAB_DATA to a folder that has them")
    monkeypatch.setenv("NEURAL_LAB_DATA", str(folder))
    return folder
