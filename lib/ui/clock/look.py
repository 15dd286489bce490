"""What the clock on the dial looks like: its kind, how it stands, light and camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lib.clockface import Glare, Pose, Style, random_style, seen_from
from lib.ui.url_state import one_of, publish, remember, within

FAMILY_TITLES = {"course": "the course's clock", "table": "on its table", "varied": "clocks of all kinds"}
_NUMBERS = {"tilt": (1.0, 0.6, 1.0), "side": (0, -180, 180), "scale": (0.8, 0.4, 1.0), "glare": (0.0, 0.0, 1.0),
            "camera_noise": (0, 0, 40), "blur": (0.0, 0.0, 3.0), "background": (0, -180, 180)}
#: What links called one of them until November 2026; the session has "noise" for the page that cleans digits.
_FORMER = {"camera_noise": "noise"}
#: Six of them in a row on a laptop.
_SLIDER_WIDTH = 140


@dataclass(frozen=True)
class Look:
    """A clock of `family` (a key of `FAMILY_TITLES`): how it stands, the upright one's look, and degrees by which a
    background that turns with the dial is rotated further."""

    pose: Pose
    style: Style
    family: str
    background: float = 0.0

    def seen(self, pose: Pose) -> Style:
        """The look of the clock that stands like `pose`."""
        return seen_from(self.style, replace(pose, rotation=pose.rotation + self.background), self.family)


def chosen_look() -> Look:
    """What `look_controls` say, before they are drawn. The clock's turn comes from the dial."""
    remember("clocks", "course", one_of(FAMILY_TITLES))
    remember("look", 0, within(int, 0, 99_999))
    for key, (default, low, high) in _NUMBERS.items():
        remember(key, default, within(type(default), low, high), _FORMER.get(key, ""))
    state = st.session_state
    pose = Pose(axis_ratio=state["tilt"], tilt_direction=float(state["side"]), scale=state["scale"])
    family = state["clocks"] or "course"
    style = dressed(family, state["look"], state["glare"], state["camera_noise"], state["blur"])
    return Look(pose, style, family, float(state["background"]))


def look_controls() -> None:
    """Choose the kind of clock and how it stands; drawn below the dial, which is there sooner that way."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Draw", list(FAMILY_TITLES), format_func=FAMILY_TITLES.__getitem__, key="clocks",
                             required=True, persist_state="session")
        st.button("Another one", icon=":material/shuffle:", key="another_clock", on_click=_another)
    with st.container(horizontal=True):
        _slider("Tilt (axis ratio)", "tilt", 0.02)
        _slider("Tilted towards (°)", "side", 5)
        _slider("Size", "scale", 0.02)
        _slider("Glare", "glare", 0.01)
        _slider("Noise", "camera_noise", 1)
        _slider("Blur (pixels)", "blur", 0.1)
        if st.session_state["clocks"] == "table":
            _slider("Background rotation (°)", "background", 5, "Rotates table and light and not the dial. A network that "
                    "reads the numerals gives the same answer.")
    defaults = {"clocks": "course", "look": 0, **{key: default for key, (default, _, _) in _NUMBERS.items()}}
    publish({key: st.session_state[key] for key in defaults}, defaults)


def _slider(label: str, key: str, step: float, words: str | None = None) -> None:
    _, low, high = _NUMBERS[key]
    st.slider(label, low, high, step=step, key=key, width=_SLIDER_WIDTH, help=words, persist_state="session")


def dressed(family: str, look: int, glare: float, noise: float, blur: float) -> Style:
    """Clock number `look` of a family, with the light and camera that were asked for."""
    style = random_style(np.random.default_rng([look, 77]), family)
    if not style.face.marks_twelve:
        # The dial can be turned here, so every clock needs a mark at its 12.
        style = replace(style, face=replace(style.face, numerals="arabic", numeral_tone=255.0 - style.face.tone))
    spot = (Glare(0.15, -0.35, 0.12 + 0.1 * glare, 1.0, 0.5 * glare, 0.6),) if glare > 0 else ()
    lens = replace(style.lens, noise=float(noise), blur=blur, quality=0, resolution=1.0, motion=0.0, invert=False)
    return replace(style, glares=spot, streaks=(), lens=lens)


def _another() -> None:
    st.session_state["look"] = (st.session_state["look"] + 1) % 100_000
