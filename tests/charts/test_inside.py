"""The map of test images: rows, then its marks."""

import numpy as np

from lib.charts.inside import map_chart, map_rows


def test_rows_say_what_an_image_is_and_what_it_was_taken_for():
    rows = map_rows(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([1, 0]), np.array([1, 1]), ("a", "b"))
    assert rows.to_dict("list") == {"x": [0.0, 2.0], "y": [1.0, 3.0], "image": [0, 1], "class": ["b", "a"],
                                    "answer": ["b", "b"], "right": [True, False]}


def test_a_click_selects_an_image_and_mistakes_have_marks_of_their_own():
    rows = map_rows(np.zeros((3, 2)), np.array([0, 1, 1]), np.array([0, 1, 0]), ("a", "b"))
    chart = map_chart(rows, ("a", "b"), ("one", "two")).to_dict()
    (selection,) = [p for p in chart["params"] if p["name"] == "image"]
    assert selection["select"]["fields"] == ["image"]
    filters = [layer.get("transform", [{}])[0].get("filter") for layer in chart["layer"]]
    assert filters[:2] == ["datum.right", "!datum.right"]
    color = chart["layer"][0]["encoding"]["color"]["scale"]
    assert color["domain"] == ["a", "b"] and len(set(color["range"])) == 2
