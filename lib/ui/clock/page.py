"""The Tell the time page: a clock in hand, every network's answer, photographs, sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.heads import HEADS
from lib.clockface import PERIOD, ClockTime, Glare, Pose, Style, circular_error, render
from lib.clockface.photo import cut_out, open_photo
from lib.runs.background import Background
from lib.ui.clock.networks import bench, mean_errors
from lib.ui.fragments import fragment
from lib.ui.loading import draw_steadily, loaded
from lib.ui.problems import show_problem
from lib.ui.screen import few_columns
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.clock_dial import chosen_hands, clock_dial, dial_pose, set_dial
from lib.ui.widgets.pictures import data_uri
from lib.ui.words import as_text

KEY = "clock"
SIZE = 150
#: Answers this close count as right, and those of the right class of a network that knows classes only.
RIGHT_MINUTES = 1
#: Behind an error that is as small as the classes of the network allow.
_CLASS_MARK = " *"
_SESSION: dict[str, Any] = {"persist_state": "session"}


def bench_panel(pose: Pose, style: Style) -> None:
    """The dial with every network's answer; reruns alone while it is dragged."""
    try:
        errors = mean_errors()
        # The networks here, so that a drag does not ask the run store.
        draw_steadily(lambda: networks_loaded(errors),
                      lambda ready: fragment(_bench)(pose, style, bench() if ready else None, errors))
    except LabError as error:
        show_problem(error)
        st.stop()


def networks_loaded(errors: Mapping[str, Any]) -> bool:
    """Whether the bench of the networks called as in `errors` can answer at once; loads it beside the page."""
    blank = np.zeros((1, SIZE, SIZE), np.uint8)
    return loaded(f"clocks {list(errors)}", lambda: bench().predict(blank))


def _bench(pose: Pose, style: Style, networks: Any, errors: Mapping[str, float | None]) -> None:
    if networks is not None and networks.left_out:
        st.warning(f"Left out, since its file is damaged: {as_text(', '.join(networks.left_out))}. Delete the run on the "
                   "Runs page, or train it again.", icon=":material/broken_image:")
    place = st.container()
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    buttons.button("Random time", icon=":material/casino:", key="random_time", on_click=_random_time)
    chosen = buttons.segmented_control("Show on the dial", ["hands", "ring of classes", "point on the circle"],
                                       default="hands", key="dial_extra", required=True, **_SESSION)
    current = dial_pose(KEY)
    image = render(ClockTime.from_minutes(current.minutes), replace(pose, rotation=current.rotation), style, SIZE)
    answers = networks.predict(image[None])[0] if networks is not None else []
    rows = answer_rows(answers, current.minutes, errors, chosen_hands(KEY, list(errors)))
    extra = _extra(answers, chosen)
    extra["note"] += _class_words(rows, answers)
    with place:
        clock_dial(KEY, image=data_uri(image), alt=f"The image that the networks see: {time_text(current.minutes)}",
                   caption="What the networks see: 150 x 150 grey pixels.", rows=rows, **extra)


def _random_time() -> None:
    rng = np.random.default_rng()
    set_dial(KEY, int(rng.integers(PERIOD)), float(rng.integers(360)))


def answer_rows(answers: list, true: float | None, errors: Mapping[str, float | None],
                colors: Mapping[str, str]) -> list[dict[str, Any]]:
    """A table row for each network of `errors` (title -> stored mean error) that has answered, in that order.

    `colors` has the networks whose hands are on the dial; without a true time there is no error, and a network that
    is still loading has no answer.
    """
    said = {answer.title: answer.minutes for answer in answers}
    coarse = {answer.title: coarseness(answer.kind) for answer in answers}
    rows = []
    for title in [*(t for t in errors if t in said or not said), *(t for t in said if t not in errors)]:
        minutes = said.get(title)
        off = None if true is None or minutes is None else float(circular_error(true, minutes))
        stored = errors.get(title)
        mark = _CLASS_MARK if off is not None and RIGHT_MINUTES < off <= coarse.get(title, 0.0) else ""
        rows.append({
            "name": title, "minutes": minutes, "text": "…" if minutes is None else time_text(minutes),
            "color": colors.get(title), "off": "" if off is None else f"{off:.0f} min{mark}",
            "right": None if off is None else bool(mark) or off <= RIGHT_MINUTES,
            "stored": "–" if stored is None else f"{stored:.1f} min",
        })
    return rows


def coarseness(kind: str) -> float:
    """By how many minutes the right class's answer may be off: half the class's width; 0 for a head without classes."""
    head = HEADS.get(kind)
    return 0.0 if head is None or head.classes is None else (PERIOD / head.classes - 1) / 2


def _class_words(rows: list[dict[str, Any]], answers: list) -> str:
    """What the mark behind an error means, for the networks that have it; "" where none has."""
    marked = {row["name"] for row in rows if row["off"].endswith(_CLASS_MARK)}
    widths = sorted({PERIOD // HEADS[answer.kind].outputs[0] for answer in answers if answer.title in marked})
    if not widths:
        return ""
    return f" * The right class: with classes of {' or '.join(map(str, widths))} minutes no answer is nearer."


def _extra(answers: list, chosen: str) -> dict[str, Any]:
    """What is drawn instead of the networks' hands, and whose it is."""
    if chosen == "ring of classes" and answers:
        ring = next((a for a in answers if a.kind == "classes_72"), answers[0])
        values = np.exp(ring.outputs) if ring.kind == "reader" else ring.outputs
        return {"hands": False, "probability": np.round(values.astype(float), 4).tolist(),
                "note": f"Round the dial: the probabilities of “{ring.title}”."}
    if chosen == "point on the circle":
        point = next((a for a in answers if a.kind == "sincos_time"), None)
        if point is not None:
            return {"hands": False, "point": {"x": float(point.outputs[1]), "y": float(point.outputs[0])},
                    "note": f"The point: what “{point.title}” puts out."}
    return {"hands": True, "note": "Ticked: their hands are on the dial."}


def time_text(minutes: float) -> str:
    """"10:08" for 608."""
    whole = round(minutes) % PERIOD
    return f"{whole // 60 or 12}:{whole % 60:02d}"


# --- a photograph -------------------------------------------------------------------------


def photo_panel() -> None:
    """Ask all networks about an image of the user's own."""
    file = st.file_uploader("An image of a clock", type=["jpg", "jpeg", "png", "webp", "gif", "bmp"], key="clock_photo",
                            max_upload_size=20)
    if file is None:
        st.caption("Photograph, drawing or film frame. Turn and crop it until the dial fills most of the square.")
        return
    try:
        picture = open_photo(file.getvalue())
    except LabError as error:
        show_problem(error)
        return
    left, right = st.columns([2, 3])
    with left:
        x = st.slider("Left to right", 0.0, 1.0, 0.5, 0.01, key="photo_x", **_SESSION)
        y = st.slider("Top to bottom", 0.0, 1.0, 0.5, 0.01, key="photo_y", **_SESSION)
        share = st.slider("Crop", 0.2, 1.4, 1.0, 0.02, key="photo_share", **_SESSION)
        turn = st.slider("Turn (°)", -180, 180, 0, key="photo_turn", **_SESSION)
    image = cut_out(picture, SIZE, x, y, share, turn)
    with right:
        st.image(image, width=300, caption="What the networks see", alt="The cropped image")
        if networks_loaded(mean_errors()):
            _photo_answers(image)


def _photo_answers(image: np.ndarray) -> None:
    answers = bench().predict(image[None])[0]
    rows = answer_rows(answers, None, mean_errors(), {})
    st.dataframe([{"asked as": row["name"], "answer": row["text"], "mean error on test clocks": row["stored"]}
                  for row in rows], hide_index=True, height="content", column_order=few_columns("asked as", "answer"))
    confidence = float(np.exp(answers[0].outputs).max())
    st.caption(f"Our reader gives this time a probability of {percent_text(confidence)}.")


# --- sweeps -------------------------------------------------------------------------------

SWEEPS = {
    "time": "time shown (all 720 minutes)", "rotation": "turn of the dial (°)", "tilt": "tilt (axis ratio)",
    "glare": "glare",
}
_TIMES_PER_VALUE = 24


@dataclass(frozen=True)
class Sweep:
    """What is measured: error against `what`, for a clock that stands and looks like this."""

    what: str
    pose: Pose
    style: Style


def sweep_panel(pose: Pose, style: Style) -> None:
    """Error of every network against one thing that changes, for the clock above as it is turned there."""
    what = st.segmented_control("Error against", list(SWEEPS), format_func=SWEEPS.__getitem__, default="time", key="sweep",
                                required=True, **_SESSION)
    before = st.session_state.get("sweep_job")
    if st.button("Measure", icon=":material/monitoring:", key="sweep_go"):
        wanted = Sweep(what, replace(pose, rotation=dial_pose(KEY).rotation), style)
        if before is not None:
            before[1].cancel()
        before = wanted, Background(lambda report: measure_sweep(wanted.what, wanted.pose, wanted.style, report))
        st.session_state["sweep_job"] = before
    if before is None:
        return
    sweep, job = before
    # The dial's turn is left out: it reruns alone, and the caption says at which turn this was measured.
    if (sweep.what, replace(sweep.pose, rotation=0.0), sweep.style) != (what, replace(pose, rotation=0.0), style):
        st.info("The curves of before were of another clock or against something else: press **Measure** for these.",
                icon=":material/refresh:")
        return
    fragment(_sweep_result, run_every=None if job.done else 0.5)(sweep, job)


def _sweep_result(sweep: Sweep, job: Background) -> None:
    if not job.done:
        st.progress(job.progress, text=f"Drawing and asking: {percent_text(job.progress, 0)}")
        return
    if st.session_state.get("sweep_shown") != id(job):
        st.session_state["sweep_shown"] = id(job)
        st.rerun()  # once more, without the timer
    from lib.charts.clocks import error_chart, error_rows, mean_rows

    x, true, predicted = job.result
    rows = error_rows(x, true, predicted, smooth=15 if sweep.what == "time" else 1)
    rows = rows if sweep.what == "time" else mean_rows(rows)
    show_chart(st, error_chart(rows, SWEEPS[sweep.what]), alt=f"Error of every network against {SWEEPS[sweep.what]}")
    means = "Mean of 15 neighbouring minutes." if sweep.what == "time" else f"Mean over {_TIMES_PER_VALUE} times."
    turned = "" if sweep.what == "rotation" else f" The dial was turned by {sweep.pose.rotation:.0f}°."
    st.caption(means + turned)


def measure_sweep(what: str, pose: Pose, style: Style, report: Any) -> tuple[np.ndarray, np.ndarray, dict]:
    """x (N,), true minutes (N,) and every network's minutes; `report(share)` is told how far it is."""
    rng = np.random.default_rng(0)
    times = np.arange(PERIOD) if what == "time" else rng.integers(0, PERIOD, _TIMES_PER_VALUE)
    values: Any = {"time": [0.0], "rotation": np.arange(0, 360, 15.0), "tilt": np.arange(0.6, 1.001, 0.04),
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
