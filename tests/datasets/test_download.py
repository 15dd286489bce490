import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lib.base.errors import DataError
from lib.datasets import download
from lib.datasets.download import fetch
from tests.datasets.files import remote_file

CONTENT = bytes(range(256)) * 2000


class Handler(BaseHTTPRequestHandler):
    """/good, /other (same length, other bytes), /short (ends early), /long, everything else 404."""

    def do_GET(self):
        self.server.asked.append(self.path)
        body = {
            "/good": CONTENT, "/other": bytes(len(CONTENT)), "/short": CONTENT, "/clean-cut": CONTENT[:-7],
            "/long": CONTENT * 3,
        }.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client may have had enough
            self.wfile.write(body[: len(body) // 2] if self.path == "/short" else body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def remote(server):
    return lambda *paths: remote_file(CONTENT, *(server.url + path for path in paths))


def everything_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_downloaded_with_progress(remote, data_home):
    seen = []
    path = fetch(remote("/good"), data_home, lambda text, fraction: seen.append((text, fraction)))
    assert path.read_bytes() == CONTENT
    assert everything_below(data_home) == ["toy/toy.gz"]
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert all("toy.gz" in text for text, _ in seen)


def test_a_whole_file_is_only_read(remote, data_home, server, written):
    fetch(remote("/good"), data_home)
    del written[:], server.asked[:]
    fetch(remote("/good"), data_home)
    assert written == [] and server.asked == []


@pytest.mark.parametrize("broken", ["/other", "/short", "/clean-cut", "/long", "/missing"])
def test_the_next_mirror_helps(remote, data_home, server, broken):
    assert fetch(remote(broken, "/good"), data_home).read_bytes() == CONTENT
    assert server.asked == [broken, "/good"]
    assert everything_below(data_home) == ["toy/toy.gz"]


@pytest.mark.parametrize("broken", ["/other", "/short", "/clean-cut", "/long", "/missing"])
def test_nothing_is_left_of_a_bad_download(remote, data_home, broken):
    with pytest.raises(DataError) as caught:
        fetch(remote(broken), data_home)
    assert everything_below(data_home) == []
    assert broken in caught.value.received


def test_all_down_says_what_to_do(data_home):
    nobody = remote_file(CONTENT, "http://127.0.0.1:9/a", "http://127.0.0.1:9/b")
    with pytest.raises(DataError) as caught:
        fetch(nobody, data_home)
    error = caught.value
    assert "toy.gz" in error.problem and nobody.sha256 in error.expected
    assert "/a: no connection" in error.received and "/b: no connection" in error.received
    assert str(data_home / "toy" / "toy.gz") in error.remedy and "'digits' works without a network" in error.remedy


def test_a_damaged_file_is_replaced(remote, data_home):
    (data_home / "toy").mkdir(parents=True)
    (data_home / "toy" / "toy.gz").write_bytes(CONTENT[:1000])
    assert fetch(remote("/good"), data_home).read_bytes() == CONTENT


def test_a_damaged_file_stays_when_no_mirror_has_a_better_one(remote, data_home):
    (data_home / "toy").mkdir(parents=True)
    (data_home / "toy" / "toy.gz").write_bytes(CONTENT[:1000])
    with pytest.raises(DataError, match="damaged or cut short"):
        fetch(remote("/missing"), data_home)
    assert (data_home / "toy" / "toy.gz").read_bytes() == CONTENT[:1000]


def test_a_read_only_folder_without_the_file_is_explained(remote, data_home, monkeypatch, written):
    monkeypatch.setattr(download, "is_writable", lambda folder: False)
    with pytest.raises(DataError, match="cannot be written to") as caught:
        fetch(remote("/good"), data_home)
    assert "NEURAL_LAB_DATA" in caught.value.remedy
    assert written == []


@pytest.mark.parametrize("reason", [RuntimeError, ValueError, OSError, KeyboardInterrupt])
def test_progress_may_stop_a_download(remote, data_home, server, reason):
    def stop(text, fraction):
        if fraction:
            raise reason("stopped")

    with pytest.raises(reason, match="stopped"):
        fetch(remote("/good", "/good"), data_home, stop)
    assert server.asked == ["/good"]
    assert everything_below(data_home) == []


def test_another_downloader_can_be_passed(data_home):
    def fake_downloader(url, target, pooch):
        with open(target, "wb") as file:
            file.write(CONTENT)

    remote = remote_file(CONTENT, "fake://somewhere/toy.gz")
    assert fetch(remote, data_home, downloader=fake_downloader).read_bytes() == CONTENT


def test_connecting_has_a_limit():
    connect, read = download.TIMEOUT
    assert connect <= 5 and read <= 30
