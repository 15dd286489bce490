"""Doomed trainings are refused before they begin."""

import http.server
import threading

import pytest

from lib.base.errors import DataError
from lib.datasets import DATASETS, check_obtainable, check_sizes
from lib.datasets.download import no_answer
from lib.datasets.registry import remote_files
from lib.datasets.source import RemoteFile
from lib.spec.specs import DataSpec


@pytest.fixture(autouse=True)
def no_data(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_DATA", str(tmp_path))


@pytest.mark.parametrize(("size", "fits"), [(None, True), (1350, True), (1351, False), (5000, False)])
def test_no_more_images_than_there_are(size, fits):
    if fits:
        check_sizes(DataSpec("digits", size))
        return
    with pytest.raises(DataError, match="at most 1,350 training images") as error:
        check_sizes(DataSpec("digits", size))
    assert error.value.remedy


@pytest.mark.parametrize("name", DATASETS)
def test_every_set_can_be_learned_whole(name):
    check_sizes(DataSpec(name))


def test_what_is_here_or_drawn_needs_no_network(monkeypatch):
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: pytest.fail("nobody should be asked"))
    check_obtainable([DataSpec("digits"), DataSpec("clocks_course_75")])


def test_a_set_that_can_be_downloaded_is_no_problem(monkeypatch):
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "")
    check_obtainable([DataSpec("mnist"), DataSpec("cifar10")])


def test_without_a_network_there_is_one_message_for_all_sets(monkeypatch):
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "no connection")
    with pytest.raises(DataError) as error:
        check_obtainable([DataSpec("mnist"), DataSpec("mnist", 500), DataSpec("cifar10"), DataSpec("digits")])
    message = str(error.value)
    assert message.startswith("MNIST and CIFAR-10 are not on this machine and cannot be fetched: no connection.")
    assert "Digits" in error.value.remedy and "http" not in message
    for remote in (*remote_files("mnist"), *remote_files("cifar10")):
        assert remote.sha256 not in message and remote.sha256 in error.value.details


def test_images_that_only_the_user_has_are_asked_for():
    with pytest.raises(DataError, match="put there by hand"):
        check_obtainable([DataSpec("cats")])


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "words"), [(200, ""), (403, ""), (405, ""), (404, "404"), (503, "503")])
def test_a_mirror_that_refuses_to_be_asked_may_still_send(server, status, words):
    assert words in no_answer(RemoteFile("a/b", "0" * 64, 1, (f"{server}/{status}",)))
    assert bool(words) == bool(no_answer(RemoteFile("a/b", "0" * 64, 1, (f"{server}/{status}",))))


def test_one_mirror_is_enough(server):
    assert no_answer(RemoteFile("a/b", "0" * 64, 1, ("http://127.0.0.1:9/none", f"{server}/200"))) == ""
    assert no_answer(RemoteFile("a/b", "0" * 64, 1, ("http://127.0.0.1:9/none",))) == "no connection"
