"""The Tell the time page: a clock in hand, every network's answer, photographs, sweeps."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from lib.core.clock import PERIOD, ClockTime, Glare, Pose, Style, circular_error, random_clock, render
from lib.core.clock.photo import cut_out, open_photo
from lib.core.errors import LabError
from lib.core.heads import HEADS
from lib.core.process import process_wide
from lib.core.runs import RunState
from lib.core.specs import RunSpec
from lib.jobs.background import Background
from lib.ui.components.clock_dial import clock_dial, dial_pose, set_dial
from lib.ui.fragments import fragment
from lib.ui.resources import runner
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.words import as_text

KEY = "clock"
SIZE = 150
#: Networks of the user's own on the bench; more would slow every answer down.
MAX_OWN = 3
FAMILY_TITLES = {"course": "the course's clock", "varied": "clocks of all kinds"}
#: As many colours as networks; the first is our reader's.
COLORS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C", "#6A3D9A", "#B15928", "#1B9E77",
          "#A6761D")
_SESSION = {"persist_state": "session"}
_NUMBERS = {"tilt": (1.0, 0.6, 1.0), "side": (0, -180, 180), "scale": (0.8, 0.4, 1.0), "glare": (0.0, 0.0, 1.0),
            "noise": (0, 0, 40), "blur": (0.0, 0.0, 3.0)}


def bench() -> Any:
    """All clock networks: the shipped ones, and the newest ones trained here. Loaded on first use, shared by all."""
    own = _own_networks()
    kept = process_wide("clock_bench", dict)
    key = tuple(path.parent.name for _, _, path in own)
    if kept.get("key") != key:
        from lib.models.clock_bench import ClockBench

        # A dict's update is one step for other threads: they see the old bench or the new one.
        kept.update(key=key, bench=ClockBench(own))
    return kept["bench"]


def _own_networks() -> list[tuple[str, RunSpec, Path]]:
    """Title, spec and file of the newest clock networks trained here."""
    found = []
    for record in runner().store.records():
        path = runner().store.folder(record.id) / "model.keras"
        fits = record.spec.task == "clock" and record.state in (RunState.FINISHED, RunState.STOPPED) and path.exists()
        if fits and len(found) < MAX_OWN:
            found.append((f"Yours: {HEADS[record.spec.head.kind].title} ({record.id[:4]})", record.spec, path))
    return found


# --- what the clock looks like ------------------------------------------------------------


def look_controls() -> tuple[Pose, Style]:
    """Choose the kind of clock and how it stands; its turn comes from the dial."""
    remember("clocks", "course", one_of(FAMILY_TITLES))
    remember("look", 0, within(int, 0, 99_999))
    kind, another = st.columns([3, 1], vertical_alignment="bottom")
    family = kind.segmented_control("Draw", list(FAMILY_TITLES), format_func=FAMILY_TITLES.get, key="clocks", required=True,
                                    **_SESSION)
    another.button("Another one", icon=":material/shuffle:", on_click=_another, width="stretch")
    for key, (default, low, high) in _NUMBERS.items():
        remember(key, default, within(type(default), low, high))
    columns = st.columns(6)
    values = {
        "tilt": columns[0].slider("Tilt (axis ratio)", 0.6, 1.0, step=0.02, key="tilt", **_SESSION),
        "side": columns[1].slider("Tilted towards (°)", -180, 180, step=5, key="side", **_SESSION),
        "scale": columns[2].slider("Size", 0.4, 1.0, step=0.02, key="scale", **_SESSION),
        "glare": columns[3].slider("Glare", 0.0, 1.0, step=0.1, key="glare", **_SESSION),
        "noise": columns[4].slider("Noise", 0, 40, key="noise", **_SESSION),
        "blur": columns[5].slider("Blur (pixels)", 0.0, 3.0, step=0.1, key="blur", **_SESSION),
    }
    look = st.session_state["look"]
    publish({"clocks": family, "look": look, **values},
            {"clocks": "course", "look": 0, **{key: default for key, (default, _, _) in _NUMBERS.items()}})
    pose = Pose(axis_ratio=values["tilt"], tilt_direction=float(values["side"]), scale=values["scale"])
    return pose, dressed(family, look, values["glare"], values["noise"], values["blur"])


def dressed(family: str, look: int, glare: float, noise: float, blur: float) -> Style:
    """Clock number `look` of a family, with the light and camera that were asked for."""
    _, style = random_clock(np.random.default_rng([look, 77]), family)
    if not style.face.marks_twelve:
        # The dial can be turned here, so every clock needs a mark at its 12.
        style = replace(style, face=replace(style.face, numerals="arabic", numeral_tone=255.0 - style.face.tone))
    spot = (Glare(0.15, -0.35, 0.12 + 0.1 * glare, 1.0, 0.5 * glare, 0.6),) if glare > 0 else ()
    lens = replace(style.lens, noise=float(noise), blur=blur, quality=0, resolution=1.0, motion=0.0, invert=False)
    return replace(style, glares=spot, streaks=(), lens=lens)


def _another() -> None:
    st.session_state["look"] = (st.session_state["look"] + 1) % 100_000


# --- the bench ----------------------------------------------------------------------------


def bench_panel(pose: Pose, style: Style) -> None:
    """The dial with every network's answer; reruns alone while it is dragged."""
    try:
        networks = bench()  # here, so that a drag does not ask the run store for new networks
    except LabError as error:
        st.error(as_text(error), icon=":material/broken_image:")
        st.stop()
    fragment(_bench)(pose, style, networks)


def _bench(pose: Pose, style: Style, networks: Any) -> None:
    if networks.left_out:
        st.warning(f"Left out, since its file is damaged: {as_text(', '.join(networks.left_out))}. Delete the run on the "
                   "Runs page, or train it again.", icon=":material/broken_image:")
    place = st.container()
    buttons = st.container(horizontal=True)
    buttons.button("Random time", icon=":material/casino:", key="random_time", on_click=_random_time)
    chosen = buttons.segmented_control("Show on the dial", ["ghost hands", "ring of classes", "point on the circle"],
                                       default="ghost hands", key="dial_extra", required=True, **_SESSION)
    current = dial_pose(KEY)
    image = render(ClockTime.from_minutes(current.minutes), replace(pose, rotation=current.rotation), style, SIZE)
    answers = networks.ask(image[None])[0]
    shown = answer_rows(answers, current.minutes) | _extra(answers, chosen)
    with place:
        clock_dial(KEY, image=data_uri(image), alt=f"The picture that the networks see: {time_text(current.minutes)}",
                   caption="What the networks see: 150 x 150 grey pixels.", **shown)


def _random_time() -> None:
    rng = np.random.default_rng()
    set_dial(KEY, int(rng.integers(PERIOD)), float(rng.integers(360)))


def answer_rows(answers: list, true: float | None) -> dict[str, Any]:
    """Table rows and ghost hands of the answers; without a true time there is no error."""
    rows, ghosts = [], []
    for index, answer in enumerate(answers):
        color = COLORS[index % len(COLORS)]
        error = None if true is None else float(circular_error(true, answer.minutes))
        rows.append({"name": answer.title, "text": time_text(answer.minutes), "color": color,
                     "error": "" if error is None else f"{error:.0f} min", "good": error is not None and error <= 1})
        ghosts.append({"minutes": answer.minutes, "color": color})
    return {"rows": rows, "answers": ghosts}


def _extra(answers: list, chosen: str) -> dict[str, Any]:
    """What is drawn instead of ghost hands."""
    if chosen == "ring of classes":
        ring = next((a for a in answers if a.kind == "classes_72"), answers[0])
        values = np.exp(ring.outputs) if ring.kind == "reader" else ring.outputs
        return {"answers": [], "probability": np.round(values.astype(float), 4).tolist()}
    if chosen == "point on the circle":
        point = next((a for a in answers if a.kind == "sincos_time"), None)
        if point is not None:
            return {"answers": [], "point": {"x": float(point.outputs[1]), "y": float(point.outputs[0])}}
    return {}


def time_text(minutes: float) -> str:
    """"10:08" for 608."""
    whole = round(minutes) % PERIOD
    return f"{whole // 60 or 12}:{whole % 60:02d}"


def data_uri(image: np.ndarray) -> str:
    """A grey picture, uint8 (H, W), as a URI that can stand in a page."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


# --- a photograph -------------------------------------------------------------------------


def photo_panel() -> None:
    """Ask all networks about a picture of the user's own."""
    file = st.file_uploader("A picture of a clock", type=["jpg", "jpeg", "png", "webp", "gif", "bmp"], key="clock_photo",
                            max_upload_size=20)
    if file is None:
        st.caption("Photograph, drawing or film frame. Turn and crop it until the dial fills most of the square.")
        return
    try:
        picture = open_photo(file.getvalue())
    except LabError as error:
        st.error(as_text(error), icon=":material/broken_image:")
        return
    left, right = st.columns([2, 3])
    with left:
        x = st.slider("Left to right", 0.0, 1.0, 0.5, 0.01, key="photo_x")
        y = st.slider("Top to bottom", 0.0, 1.0, 0.5, 0.01, key="photo_y")
        share = st.slider("Crop", 0.2, 1.4, 1.0, 0.02, key="photo_share")
        turn = st.slider("Turn (°)", -180, 180, 0, key="photo_turn")
    image = cut_out(picture, SIZE, x, y, share, turn)
    answers = bench().ask(image[None])[0]
    with right:
        st.image(image, width=300, caption="What the networks see", alt="The cropped picture")
        st.dataframe([{"asked as": a.title, "answer": time_text(a.minutes)} for a in answers], hide_index=True)
        confidence = float(np.exp(answers[0].outputs).max())
        st.caption(f"Our reader gives this time a probability of {confidence:.0%}.")


# --- sweeps -------------------------------------------------------------------------------

SWEEPS = {
    "time": "time shown (all 720 minutes)", "rotation": "turn of the dial (°)", "tilt": "tilt (axis ratio)",
    "glare": "glare",
}
_TIMES_PER_VALUE = 24


def sweep_panel(pose: Pose, style: Style) -> None:
    """Error of every network against one thing that changes, for the clock above as it is turned there."""
    what = st.segmented_control("Error against", list(SWEEPS), format_func=SWEEPS.get, default="time", key="sweep",
                                required=True, **_SESSION)
    if st.button("Measure", icon=":material/monitoring:", key="sweep_go"):
        turned = replace(pose, rotation=dial_pose(KEY).rotation)
        before = st.session_state.get("sweep_job")
        if before is not None:
            before[1].cancel()
        st.session_state["sweep_job"] = what, Background(lambda report: measure_sweep(what, turned, style, report))
    job = st.session_state.get("sweep_job")
    if job is not None:
        fragment(_sweep_result, run_every=None if job[1].done else 0.5)(*job)


def _sweep_result(what: str, job: Any) -> None:
    if not job.done:
        st.progress(job.progress, text=f"Drawing and asking: {job.progress:.0%}")
        return
    if st.session_state.get("sweep_shown") != id(job):
        st.session_state["sweep_shown"] = id(job)
        st.rerun()  # once more, without the timer
    from lib.charts.clocks import error_chart, error_rows, mean_rows

    x, true, predicted = job.result
    rows = error_rows(x, true, predicted, smooth=15 if what == "time" else 1)
    rows = rows if what == "time" else mean_rows(rows)
    st.altair_chart(error_chart(rows, SWEEPS[what]), alt=f"Error of every network against {SWEEPS[what]}")
    st.caption("Mean of 15 neighbouring minutes." if what == "time" else f"Mean over {_TIMES_PER_VALUE} times.")


def measure_sweep(what: str, pose: Pose, style: Style, report: Any) -> tuple[np.ndarray, np.ndarray, dict]:
    """x (N,), true minutes (N,) and every network's minutes; `report(share)` is told how far it is."""
    rng = np.random.default_rng(0)
    times = np.arange(PERIOD) if what == "time" else rng.integers(0, PERIOD, _TIMES_PER_VALUE)
    values = {"time": [0.0], "rotation": np.arange(0, 360, 15.0), "tilt": np.arange(0.6, 1.001, 0.04),
              "glare": np.arange(0.0, 1.01, 0.125)}[what]
    cases = [(value, int(minute)) for value in values for minute in times]
    images = np.empty((len(cases), SIZE, SIZE), np.uint8)
    predicted: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(cases), 60):
        block = slice(start, start + 60)
        for index, (value, minute) in enumerate(cases[block]):
            images[start + index] = _case_image(what, value, minute, pose, style)
        for name, minutes in bench().minutes(images[block]).items():
            predicted.setdefault(name, []).append(minutes)
        report(min(1.0, (start + 60) / len(cases)))
    true = np.array([minute for _, minute in cases])
    x = true.astype(float) if what == "time" else np.array([value for value, _ in cases])
    return x, true, {name: np.concatenate(parts) for name, parts in predicted.items()}


def _case_image(what: str, value: float, minute: int, pose: Pose, style: Style) -> np.ndarray:
    if what == "rotation":
        pose = replace(pose, rotation=float(value))
    if what == "tilt":
        pose = replace(pose, axis_ratio=float(np.clip(value, 0.3, 1.0)))
    if what == "glare" and value > 0:
        style = replace(style, glares=(Glare(0.15, -0.35, 0.12 + 0.1 * value, 1.0, 0.5 * value, 0.6),))
    return render(ClockTime.from_minutes(minute), pose, style, SIZE)



