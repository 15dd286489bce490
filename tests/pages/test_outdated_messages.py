"""What a component of the browser sent before it saw what Python set since is answered, and undoes nothing."""

import base64
import json

import numpy as np
from streamlit.testing.v1 import AppTest


def pad_page():
    import numpy as np
    import streamlit as st

    from lib.ui.widgets.draw_pad import drawn_ink, fill_pad

    if st.session_state.pop("press", False):
        fill_pad("pad", np.full((56, 56), 7, np.uint8))
    st.json({"ink": int(drawn_ink("pad")[0, 0]), "ack": st.session_state["pad_drawing"][1]})


def map_page():
    import streamlit as st

    from lib.ui.widgets.latent_map import map_place, set_place

    map_place("map", (0.0, 0.0))
    if st.session_state.pop("press", False):
        set_place("map", 7.0, 7.0)
    st.json({"ink": map_place("map", (0.0, 0.0))[0], "ack": st.session_state["map_place"][2]})


def drawing(value, seq, revision):
    ink = base64.b64encode(np.full(56 * 56, value, np.uint8).tobytes()).decode()
    return {"pad": {"drawing": {"ink": ink, "seq": seq, "revision": revision}},
            "map": {"place": {"x": value, "y": value, "seq": seq, "revision": revision}}}


def check(page, key):
    app = AppTest.from_function(page).run()

    def shown(value=None, seq=0, revision=0, press=False):
        app.session_state["press"] = press
        if value is not None:
            app.session_state[key] = drawing(value, seq, revision)[key]
        app.run()
        assert not app.exception
        found = json.loads(app.json[0].value)
        return found["ink"], found["ack"]

    assert shown(3, 1, 0) == (3, 1)
    assert shown(press=True) == (7, 1)
    assert shown(4, 2, 0) == (7, 2), "made before the browser saw the press: answered, and not taken"
    assert shown(5, 3, 1) == (5, 3)


def test_the_pad_keeps_what_python_put_on_it():
    check(pad_page, "pad")


def test_the_map_stays_where_python_moved_it():
    check(map_page, "map")


def component_page():
    import streamlit as st

    from lib.ui.widgets.draw_pad import draw_pad

    draw_pad("pad", st.session_state.get("label", "Draw"))


def test_data_are_numbered_where_they_change():
    app = AppTest.from_function(component_page)

    def number(label):
        app.session_state["label"] = label
        (mounted,) = app.run().get("bidi_component")
        return json.loads(mounted.proto.json)["number"]

    assert [number(label) for label in ("a", "a", "b", "a")] == [1, 1, 2, 3]
