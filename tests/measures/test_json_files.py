"""Files that are parsed once for each of their versions."""

import json
import os

import pytest

from lib.base.json_files import read_json, write_json


def test_a_file_is_parsed_once_until_it_changes(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text("[1, 2]")
    first = read_json(path)
    assert first == [1, 2]
    assert read_json(path) is first
    path.write_text("[1, 2, 3]")
    assert read_json(path) == [1, 2, 3]
    path.write_text("[3, 2, 1]")
    os.utime(path, ns=(0, 0))  # of the same size; a coarse clock might give it the same time too
    assert read_json(path) == [3, 2, 1]


def test_what_is_written_is_read_and_a_value_that_is_no_json_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "new folder" / "figures.json"
    write_json(path, {"b": [1.5], "a": None}, sort_keys=True)
    assert path.read_text() == '{\n "a": null,\n "b": [\n  1.5\n ]\n}\n'
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == {"a": None, "b": [1.5]} and list(path.parent.iterdir()) == [path]


def test_a_missing_file_is_the_default_and_a_broken_one_says_so(tmp_path):
    assert read_json(tmp_path / "none.json", ()) == ()
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        read_json(tmp_path / "broken.json")
