"""A clock to take in hand: drag its hands, turn its dial, see networks' answers as hands. Streamlit component v2.

In a fragment: read `dial_pose` first, draw what follows from it, and mount `clock_dial` last, into a container
reserved above. The browser sends its next pose only when the last one has been answered, so a drag never piles up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, is_outdated, last_sent, revise, revision

_mount = component("clock_dial")
#: As many pairs of hands as can be told apart on a dial.
MOST_HANDS, DEFAULT_HANDS = 6, 3


@dataclass(frozen=True, slots=True)
class DialPose:
    """Whole minutes after 12:00 in 0-719, the dial's turn in degrees clockwise, and the browser's message number."""

    minutes: int = 608
    rotation: float = 0.0
    seq: int = 0


def parse_pose(payload: object) -> DialPose | None:
    """The pose in what the browser sent; None for anything else. Never trust a browser."""
    values = sent_numbers(payload, ("minutes", "rotation", "seq"))
    if values is None:
        return None
    minutes, rotation, seq = values
    return DialPose(round(minutes) % 720, float(rotation) % 360.0, int(seq))


def dial_pose(key: str) -> DialPose:
    """The pose of the dial called `key`: the browser's last one, or the one set by `set_dial`, at first 10:08.

    The component's own state is lost when another page is shown, so the pose is kept beside it.
    """
    kept: DialPose = st.session_state.setdefault(f"{key}_pose", DialPose())
    sent = parse_pose(last_sent(key, "pose"))
    if sent is not None and sent.seq > kept.seq:
        kept = replace(kept, seq=sent.seq) if is_outdated(key, "pose") else sent
        st.session_state[f"{key}_pose"] = kept
    return kept


def set_dial(key: str, minutes: int, rotation: float) -> None:
    """Move the dial from Python; the browser follows when it is next drawn."""
    kept = dial_pose(key)
    st.session_state[f"{key}_pose"] = DialPose(minutes % 720, rotation % 360.0, kept.seq)
    revise(key)


def chosen_hands(key: str, names: Iterable[str], colors: Mapping[str, str]) -> dict[str, str]:
    """Whose hands are on the dial called `key`, with their colours: those ticked in its table, at first three.

    Only `names` count. A network whose colour of `colors` is on the dial already takes another of them.
    """
    sent = last_sent(key, "hands")
    names, kept = list(names), st.session_state.get(f"{key}_hands")
    wanted = names[:DEFAULT_HANDS] if kept is None else [name for name in kept if name in names]
    if isinstance(sent, list):
        wanted = [name for name in names if name in sent][:MOST_HANDS]
    st.session_state[f"{key}_hands"] = wanted
    free = [color for color in dict.fromkeys(colors.values()) if color not in {colors[name] for name in wanted}]
    found: dict[str, str] = {}
    for name in wanted:
        found[name] = free.pop(0) if colors[name] in found.values() else colors[name]
    return found


def clock_dial(key: str, **shown: Any) -> None:
    """Mount the dial.

    `shown` may have `rows` (dicts of name, minutes, text, color or None, off, right, stored), `hands` (whether those of
    coloured rows are drawn), `note` (about the table), `image` (a data: URI), `alt`, `caption`, `probability` (values
    round the dial) and `point` (x, y on the unit circle, y up).
    """
    pose = dial_pose(key)
    # A new session of the component starts counting at 0 again, whatever was kept from an earlier one.
    sent = parse_pose(last_sent(key, "pose"))
    if sent is None and pose.seq:
        st.session_state[f"{key}_pose"] = pose = DialPose(pose.minutes, pose.rotation, 0)
        revise(key)
    # Tuples: for a list Streamlit imports pandas, to ask whether it is a table.
    shown = {name: tuple(value) if isinstance(value, list) else value for name, value in shown.items()}
    data = {
        "minutes": pose.minutes, "rotation": pose.rotation, "ack": pose.seq,
        "revision": revision(key), "most": MOST_HANDS, **shown,
    }
    _mount(key=key, data=data, default={"pose": None, "hands": None}, on_pose_change=ignore, on_hands_change=ignore)
