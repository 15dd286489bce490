"""The latent code that a network of the page Inside is given: drawn at random, number by number as one likes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib.ui.inside.choice import LINK_DEFAULTS, Choice
from lib.ui.url_state import publish, put, remember, within
from lib.ui.widgets.image_picker import Gallery
from lib.ui.words import as_text

#: How far the slider goes: a normal distribution rarely gives more.
_LIMIT = 4.0


@dataclass(frozen=True)
class Code:
    """What a network draws from: `values` float32 (n,), the latent code and behind it the class that it is told, one-hot."""

    values: np.ndarray
    what: str

    @property
    def digest(self) -> int:
        """The same for the same code, in this process."""
        return hash(self.values.tobytes())


def remember_code() -> None:
    """After a link: the code that it names."""
    remember("code", 0, within(int, 0, 2**31 - 1))
    remember("values", "", lambda text: _values_text(_changed(text)))
    remember_told()


def remember_told() -> None:
    """After a link: the class that the network is told."""
    remember("told", 0, within(int, 0, 100_000))


def told_control(choice: Choice, gallery: Gallery) -> int:
    """Choose the class that the network is told; 0 where it is told none."""
    if not choice.part.is_told_class:
        return 0
    put("told", min(st.session_state["told"], len(gallery.names) - 1))
    st.selectbox("Class that it is told", range(len(gallery.names)), format_func=lambda n: gallery.names[n], key="told",
                 persist_state="session")
    publish({"told": st.session_state["told"]}, LINK_DEFAULTS)
    return st.session_state["told"]


def picked_code(size: int, told: int, classes: int) -> Code:
    """The code on the page for a network that is given `size` numbers, the last `classes` of them the class it is told."""
    free = size - classes
    values = np.random.default_rng([st.session_state["code"], 7]).standard_normal(size).astype(np.float32)
    changed = {index: value for index, value in _changed(st.session_state["values"]).items() if index < free}
    for index, value in changed.items():
        values[index] = value
    values[free:] = 0
    if classes:
        values[free + told] = 1
    publish({"code": st.session_state["code"], "values": _values_text(changed)}, LINK_DEFAULTS)
    return Code(values, "a latent code of your own" if changed else f"random latent code {st.session_state['code']}")


def code_controls(code: Code, classes: int, chosen: int) -> None:
    """Another code, and a slider for its number `chosen`."""
    st.button("Another latent code", icon=":material/casino:", key="inside_code_next", on_click=_another, width="stretch",
              help="Draws every number from a normal distribution.")
    free = len(code.values) - classes
    index = min(chosen, free - 1)
    value = float(np.clip(code.values[index], -_LIMIT, _LIMIT))
    # Its key holds the number: each has a slider of its own, which stands where the code is.
    key = f"inside_code_{st.session_state['code']}_{index}"
    put(key, round(value, 2))
    st.slider(f"Number {index + 1} of {free}", -_LIMIT, _LIMIT, step=0.05, key=key, on_change=_set, args=(index, key),
              help="Click another value of the latent code, at the top of the layers, for its slider.")
    if st.session_state["values"]:
        st.button("As it was drawn", icon=":material/undo:", key="inside_code_undo", on_click=_undo, width="stretch")


def _another() -> None:
    st.session_state["code"] += 1
    _undo()


def _undo() -> None:
    st.session_state["values"] = ""


def _set(index: int, key: str) -> None:
    changed = _changed(st.session_state["values"]) | {index: float(st.session_state[key])}
    st.session_state["values"] = _values_text(changed)


def _changed(text: str) -> dict[int, float]:
    """Index -> value of "3:1.5_7:-2" (counted from 1); raises ValueError for anything else."""
    found = {}
    for part in text.split("_") if text else ():
        index, _, value = part.partition(":")
        found[within(int, 1, 100_000)(index) - 1] = within(float, -_LIMIT, _LIMIT)(value)
    return found


def _values_text(changed: dict[int, float]) -> str:
    return "_".join(f"{index + 1}:{value:g}" for index, value in sorted(changed.items()))


def code_words(code: Code, gallery: Gallery, choice: Choice) -> str:
    """What is given, for a caption."""
    told = f", class {as_text(gallery.names[st.session_state['told']])}" if choice.part.is_told_class else ""
    return f"{code.what}{told}"
