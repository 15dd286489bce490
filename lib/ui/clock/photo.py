"""An image of the user's own: its clocks are found and read, and what was found can be corrected."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, ImageOps

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.clockface.photo import cut_at, open_photo
from lib.clockface.scenes import draw_scene, frame_diameter
from lib.images.decoding import EXTENSIONS, MAX_BYTES
from lib.measures.clock_confidence import Reading, reading
from lib.measures.clock_figures import reading_figures
from lib.ui.clock.answers import answer_rows, time_text
from lib.ui.clock.networks import bench, mean_errors, networks_loaded, photo_reader
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.loading import begin
from lib.ui.screen import few_columns
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.widgets.images import data_uri, image_html, photo_uri
from lib.ui.widgets.photo_frames import FrameEdit, chosen_frame, frame_edits, photo_frames

KEY = "photo_frames"
SOURCES = {"file": "a file", "camera": "the camera", "scene": "a drawn scene"}
_SCENE_SIDE = 1000


@dataclass(frozen=True, slots=True)
class Photo:
    """An image in colours and in grey; `name` tells it from any other."""

    colours: Image.Image
    grey: Image.Image
    name: str


def photo_panel() -> None:
    """Choose an image; its clocks with their times."""
    remember("photo_from", "file", one_of(SOURCES))
    remember("scene", 1, within(int, 0, 99_999))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control("An image from", list(SOURCES), format_func=SOURCES.__getitem__, key="photo_from",
                                      required=True, persist_state="session") or "file"
        if source == "scene":
            st.button("Another scene", icon=":material/shuffle:", key="another_scene", on_click=_another_scene)
        mirrored = st.toggle("It is mirrored", key="photo_mirrored", persist_state="session",
                             help="A mirrored clock looks like a clock that shows another time. Only numerals and words "
                                  "give it away: where they are seen to run backwards, it is said; else say it here.")
    publish({"photo_from": source, "scene": st.session_state["scene"]}, {"photo_from": "file", "scene": 1})
    try:
        photo = _photo(source, mirrored)
        if photo is None:
            st.caption("A photograph, a drawing or a film frame with one or more clocks of any kind, anywhere in it. It "
                       "stays on the computer that runs this app and is not stored.")
            begin("photo reader", lambda: photo_reader().warm_up())
        elif networks_loaded(mean_errors()):
            fragment(_framed)(photo)
    except LabError as error:
        show_problem(error)


def _another_scene() -> None:
    st.session_state["scene"] = (st.session_state["scene"] + 1) % 100_000


def _photo(source: str, mirrored: bool) -> Photo | None:
    """The image that was chosen, None while there is none; raises DataError for one that cannot be used."""
    if source == "scene":
        number = st.session_state["scene"]
        return _turned_round(_scene(number), f"scene {number}", mirrored)
    if source == "camera":
        file = st.camera_input("Hold it before a clock", key="clock_camera")
    else:
        file = st.file_uploader("An image with clocks", type=[name[1:] for name in EXTENSIONS], key="clock_photo",
                                max_upload_size=MAX_BYTES >> 20)
    if file is None:
        return None
    content = file.getvalue()
    return _turned_round(open_photo(content, "RGB"), hashlib.sha256(content).hexdigest(), mirrored)


def _turned_round(colours: Image.Image, name: str, mirrored: bool) -> Photo:
    colours = ImageOps.mirror(colours) if mirrored else colours
    return Photo(colours, colours.convert("L"), f"{name} {mirrored}")


def _scene(number: int) -> Image.Image:
    """A scene with one to three clocks, drawn by code."""
    rng = np.random.default_rng([number, 901])
    shares = np.exp(rng.uniform(np.log(0.12), np.log(0.5), int(rng.integers(1, 4)))).tolist()
    return Image.fromarray(draw_scene(rng, _SCENE_SIDE, shares, things=5, aspect=0.75)[0]).convert("RGB")


# --- its clocks ---------------------------------------------------------------------------


def _framed(photo: Photo) -> None:
    """The image with its clocks, those corrected by the user included; reruns alone after every correction."""
    found = _clocks_of(photo)
    clocks: dict[int, Any] = found["clocks"]
    figures = reading_figures()
    shown = [clock_row(number, clock, photo.grey, figures) for number, clock in clocks.items()]
    photo_frames(KEY, photo_uri(photo.colours), photo.grey.height / photo.grey.width, shown, photo.name, found["seq"])
    chosen = chosen_frame(KEY)
    if clocks:
        number = chosen if chosen in clocks else next(iter(clocks))
        with st.expander(f"What the other networks say of clock {list(clocks).index(number) + 1}", icon=":material/groups:"):
            _others(_cut(photo.grey, clocks[number].frame))


def _clocks_of(photo: Photo) -> dict[str, Any]:
    """What is known of this image: `clocks` by number, and `seq`, the last correction that was taken in."""
    edits = frame_edits(KEY)
    kept: dict[str, Any] = st.session_state.get("photo_found", {})
    if kept.get("name") != photo.name:
        with st.spinner("Looking for clocks …"):
            reader = photo_reader()
            clocks = dict(enumerate(reader.clocks(photo.grey) or reader.middle(photo.grey)))
        kept = {"name": photo.name, "clocks": clocks, "seq": edits[-1].seq if edits else 0}
        st.session_state["photo_found"] = kept
    for edit in edits:
        if edit.seq > kept["seq"]:
            kept["seq"] = edit.seq
            _correct(kept["clocks"], edit, photo.grey)
    return kept


def _correct(clocks: dict[int, Any], edit: FrameEdit, grey: Image.Image) -> None:
    if edit.d > 0:
        clocks[edit.id] = photo_reader().at(grey, edit.x, edit.y, edit.d)
    else:
        clocks.pop(edit.id, None)


def clock_row(number: int, clock: Any, grey: Image.Image, figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the image shows of one clock: its frame, its time, how sure the reader is of it, and what else it saw."""
    x, y, *_ = clock.frame
    read = reading(clock.scores, figures["temperature"])
    return {"id": number, "x": x, "y": y, "d": frame_diameter(clock.frame), "path": dial_path(clock.frame),
            "image": data_uri(_cut(grey, clock.frame)), "more": seen_besides(clock.notes, figures),
            **said(read, figures["sure_from"])}


def seen_besides(notes: Any, figures: Mapping[str, Any]) -> tuple[str, ...]:
    """What was seen of a dial beside its time, as far as stored measurements allow to say it."""
    known = figures.get("notes")
    if notes is None or known is None:
        return ()
    words = []
    if notes.mirrored >= known["mirrored_from"]:
        read = reading(notes.scores, figures["temperature"])
        words.append(f"Mirrored: its numerals run backwards. In a mirror it shows {time_text(read.minutes)}.")
    if notes.second >= known["second_from"]:
        words.append("A second hand was seen and ignored.")
    return tuple(words)


def said(read: Reading, sure_from: float) -> dict[str, Any]:
    """The time in words: one where the reader is sure, else the two likeliest."""
    if read.probability >= sure_from:
        return {"text": time_text(read.minutes), "note": f"sure: {_chance(read.probability)}", "sure": True}
    both = [f"{time_text(minutes)} ({_chance(share)})"
            for minutes, share in ((read.minutes, read.probability), (read.other, read.other_probability))]
    return {"text": f"{time_text(read.minutes)}?", "note": f"not sure: {both[0]} or {both[1]}", "sure": False}


def _chance(share: float) -> str:
    """A probability in whole percent that is never none or all."""
    return "over 99 %" if share >= 0.995 else "under 1 %" if share < 0.005 else percent_text(share, 0)


def dial_path(frame: Sequence[float]) -> str:
    """The dial's edge as an SVG path in thousandths of the image's width."""
    return "M" + "L".join(f"{1000 * x:.1f} {1000 * y:.1f}" for x, y in dial_edge(frame)) + "Z"


def dial_edge(frame: Sequence[float] | np.ndarray, points: int = 48) -> list[tuple[float, float]]:
    """Points on the edge of the dial in `frame` (x, y, a, b, d), in the frame's own unit."""
    x, y, a, b, d = (float(value) for value in frame)
    turns = [2 * math.pi * step / points for step in range(points)]
    return [(x + a * math.cos(t) + b * math.sin(t), y + b * math.cos(t) + d * math.sin(t)) for t in turns]


def _cut(grey: Image.Image, frame: tuple[float, ...]) -> np.ndarray:
    """The square that the networks see of the clock in `frame`, uint8 (150, 150)."""
    return cut_at(grey, frame[0], frame[1], frame_diameter(frame))[0]


def _others(image: np.ndarray) -> None:
    """Every network's answer for one cut-out clock."""
    errors: Mapping[str, float | None] = mean_errors()
    rows = answer_rows(bench().predict(image[None])[0], None, errors, {})
    left, right = st.columns([1, 3])
    left.html(image_html(image, "The clock, cut out of the image", "150px"))
    left.caption("What the networks see")
    right.dataframe([{"network": row["name"], "answer": row["text"], "mean error on test clocks": row["stored"]}
                     for row in rows], hide_index=True, height="content",
                    column_order=few_columns("network", "answer"))
