"""Saved networks: names, limits, whose they are, and a file that is damaged."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.base.errors import RunError
from lib.runs import OwnNetworks, Visitor
from lib.runs.own_networks import FILE, MOST
from lib.spec.specs import DenseSpec, FlattenSpec
from lib.spec.stack import LONGEST_TITLE, Stack
from tests.strategies import stacks

MINE, OTHER, TEACHER = Visitor("a"), Visitor("b"), Visitor("c", steers_all=True)
SMALL = Stack((FlattenSpec(), DenseSpec(8)))


@pytest.fixture
def networks(tmp_path):
    return OwnNetworks(tmp_path / "home")


def test_a_network_is_saved_found_by_another_process_renamed_and_deleted(networks, tmp_path):
    networks.save(SMALL, "  My \n net ", MINE)
    (found,) = OwnNetworks(tmp_path / "home").all()
    assert found.name == "My net" and found.stack.layers == SMALL.layers and found.stack.title == "My net"
    networks.rename("my NET", "Better", MINE)
    assert [saved.name for saved in networks.all()] == ["Better"] and networks.named("better").stack.title == "Better"
    networks.delete("Better", MINE)
    assert networks.all() == ()


def test_saving_again_replaces_ones_own_and_nobody_elses(networks):
    networks.save(SMALL, "Net", MINE)
    networks.save(Stack((FlattenSpec(),)), "net", MINE)
    assert [saved.stack.layers for saved in networks.all()] == [(FlattenSpec(),)]
    for deed in (lambda: networks.save(SMALL, "Net", OTHER), lambda: networks.rename("Net", "X", OTHER),
                 lambda: networks.delete("Net", OTHER)):
        with pytest.raises(RunError, match="another browser"):
            deed()
    networks.delete("Net", TEACHER)


def test_names_are_distinct_not_empty_and_short(networks):
    networks.save(SMALL, "One", MINE)
    networks.save(SMALL, "x" * 500, MINE)
    assert max(len(saved.name) for saved in networks.all()) == LONGEST_TITLE
    with pytest.raises(RunError, match="Another network"):
        networks.rename("One", "X" * LONGEST_TITLE, MINE)
    with pytest.raises(RunError, match="needs a name"):
        networks.save(SMALL, " \n\x00 ", MINE)
    with pytest.raises(RunError, match="no saved network"):
        networks.delete("Two", MINE)


def test_there_is_a_most(networks):
    for number in range(MOST):
        networks.save(SMALL, f"Net {number}", MINE)
    with pytest.raises(RunError, match=f"at most {MOST}"):
        networks.save(SMALL, "One more", MINE)
    networks.save(SMALL, "net 7", MINE)  # in place of one
    assert len(networks.all()) == MOST


def test_threads_that_save_at_once_lose_nothing(networks):
    threads = [threading.Thread(target=networks.save, args=(SMALL, f"Net {n}", MINE)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(networks.all()) == 12


@pytest.mark.parametrize("content", [
    b"", b"null", b"[]", b"\xff\xfe", b'{"format": 2, "networks": []}', b'{"format": 1}', b"[" * 100_000,
    b'{"format": 1, "networks": {"a": 1}}', b'{"format": 1, "networks": "ab"}',
])
def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(content, networks):
    networks.path.parent.mkdir()
    networks.path.write_bytes(content)
    for deed in (networks.all, lambda: networks.save(SMALL, "Net", MINE), lambda: networks.delete("Net", MINE)):
        with pytest.raises(RunError, match="cannot be read"):
            deed()
    assert networks.path.read_bytes() == content and networks.path.name == FILE


def entry(name, text="1~f", **more):
    return {"name": name, "text": text, "browser": "a", "saved": 1} | more


@pytest.mark.parametrize("bad", [
    None, "x", [], {"name": "x"}, entry("x", "1~d0"), entry("x", "9~f"), entry(" "), entry("x", saved="1"),
    entry("x", saved=10**400), entry("x", "1" + "~f" * 5000), entry("ONE"),
])
def test_one_entry_that_cannot_be_read_takes_no_other_with_it_and_stays(bad, networks):
    networks.path.parent.mkdir()
    networks.path.write_text(json.dumps({"format": 1, "networks": [entry("One"), bad, entry("Two")]}))
    assert [saved.name for saved in networks.all()] == ["One", "Two"]
    networks.save(SMALL, "Three", MINE)
    networks.delete("Two", MINE)
    assert [saved.name for saved in OwnNetworks(networks.path.parent).all()] == ["One", "Three"]
    assert bad in json.loads(networks.path.read_text())["networks"]
    networks.path.rename(networks.path.with_suffix(".away"))
    networks.save(SMALL, "Four", MINE)
    assert [saved["name"] for saved in json.loads(networks.path.read_text())["networks"]] == ["Four"], "it is a new file"


def test_a_name_with_an_invisible_letter_is_saved_and_one_of_an_older_version_is_read(networks):
    saved = networks.save(SMALL, "My \u200b net", MINE)
    assert saved.name == "My net" and OwnNetworks(networks.path.parent).all() == (saved,)
    networks.path.write_text(json.dumps({"format": 1, "networks": [entry("My  net")]}))
    assert [saved.name for saved in networks.all()] == ["My net"]
    networks.delete("My net", MINE)
    assert networks.all() == ()


def test_a_file_that_is_put_right_is_read_again(networks):
    networks.save(SMALL, "Net", MINE)
    good = networks.path.read_bytes()
    networks.path.write_text("damaged")
    with pytest.raises(RunError):
        networks.all()
    networks.path.write_bytes(good)
    assert [saved.name for saved in networks.all()] == ["Net"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stacks, st.text(min_size=1, max_size=80))
def test_whatever_is_saved_is_read_back(networks, stack, name):
    try:
        saved = networks.save(stack, name, MINE)
    except RunError as error:
        assert error.problem == "A network needs a name."
        return
    found = OwnNetworks(networks.path.parent).named(saved.name)
    assert found.stack.layers == stack.layers and found.stack.head == stack.head
