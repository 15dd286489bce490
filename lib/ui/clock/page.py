"""The Tell the time page: a clock in hand, every network's answer, sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.clockface import PERIOD, ClockTime, Glare, render
from lib.runs.background import Background
from lib.ui.clock.answers import answer_rows, class_words, time_text
from lib.ui.clock.look import Look
from lib.ui.clock.measured import unlearned_words
from lib.ui.clock.networks import SIZE, bench, mean_errors, network_colors, networks_loaded
from lib.ui.faults import show_problem
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.loading import draw_steadily
from lib.ui.screen import legend_columns
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.clock_dial import chosen_hands, clock_dial, dial_pose, set_dial
from lib.ui.widgets.images import data_uri
from lib.ui.words import as_text

KEY = "clock"


def bench_panel(look: Look) -> None:
    """The dial with every network's answer; reruns alone while it is dragged."""
    try:
        errors = mean_errors(look.family)
        colors = network_colors(errors)
        # The networks here, so that a drag asks neither the run store nor the manifest.
        draw_steadily(lambda: networks_loaded(errors),
                      lambda ready: fragment(_bench)(look, bench() if ready else None, errors, colors))
    except LabError as error:
        show_problem(error)
        st.stop()


def _bench(look: Look, networks: Any, errors: Mapping[str, float | None], colors: Mapping[str, str]) -> None:
    if networks is not None and networks.left_out:
        st.warning(f"Left out, since its file is damaged: {as_text(', '.join(networks.left_out))}. Delete the run on the "
                   "Runs page, or train it again.", icon=":material/broken_image:")
    place = st.container()
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    buttons.button("Random time", icon=":material/casino:", key="random_time", on_click=_random_time)
    chosen = buttons.segmented_control("Show on the dial", ["hands", "ring of classes", "point on the circle"],
                                       default="hands", key="dial_extra", required=True, persist_state="session")
    current = dial_pose(KEY)
    pose = replace(look.pose, rotation=current.rotation)
    image = render(ClockTime.from_minutes(current.minutes), pose, look.seen(pose), SIZE)
    said = networks.predict(image[None])[0] if networks is not None else []
    answers = [answer for answer in said if answer.title in errors]
    rows = answer_rows(answers, current.minutes, errors, chosen_hands(KEY, errors, colors))
    extra = _extra(answers, chosen)
    extra["note"] += f" Mean error: on test clocks.{class_words(rows, answers)}{unlearned_words(look.family)}"
    with place:
        clock_dial(KEY, image=data_uri(image), alt=f"The image that the networks see: {time_text(current.minutes)}",
                   caption="What the networks see: 150 x 150 grey pixels.", rows=rows, **extra)


def _random_time() -> None:
    rng = np.random.default_rng()
    set_dial(KEY, int(rng.integers(PERIOD)), float(rng.integers(360)))


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
                    "note": f"The point: the output of “{point.title}”."}
    return {"hands": True, "note": "Ticked: their hands are on the dial."}


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
    look: Look

    def at(self, rotation: float) -> Sweep:
        """The same with the dial turned so far."""
        return replace(self, look=replace(self.look, pose=replace(self.look.pose, rotation=rotation)))


def sweep_panel(look: Look) -> None:
    """Error of every network against one thing that changes, for the clock above as it is turned there."""
    what = st.segmented_control("Error against", list(SWEEPS), format_func=SWEEPS.__getitem__, default="time", key="sweep",
                                required=True, persist_state="session")
    before = st.session_state.get("sweep_job")
    if st.button("Measure", icon=":material/monitoring:", key="sweep_go"):
        wanted = Sweep(what, look).at(dial_pose(KEY).rotation)
        if before is not None:
            before[1].cancel()
        before = wanted, Background(lambda report: measure_sweep(wanted, report))
        st.session_state["sweep_job"] = before
    if before is None:
        return
    sweep, job = before
    # The dial's turn is left out: it reruns alone, and the caption says at which turn this was measured.
    if sweep.at(0.0) != Sweep(what, look).at(0.0):
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
        draw_page_again()  # once more, without the timer
    from lib.charts.clocks import error_chart, error_rows, mean_rows

    x, true, predicted = job.result
    rows = error_rows(x, true, predicted, smooth=15 if sweep.what == "time" else 1)
    rows = rows if sweep.what == "time" else mean_rows(rows)
    chart = error_chart(rows, SWEEPS[sweep.what], network_colors(predicted), legend_columns())
    show_chart(st, chart, alt=f"Error of every network against {SWEEPS[sweep.what]}")
    means = "Mean of 15 neighbouring minutes." if sweep.what == "time" else f"Mean over {_TIMES_PER_VALUE} times."
    turned = "" if sweep.what == "rotation" else f" The dial was turned by {sweep.look.pose.rotation:.0f}°."
    st.caption(means + turned)


def measure_sweep(sweep: Sweep, report: Any) -> tuple[np.ndarray, np.ndarray, dict]:
    """x (N,), true minutes (N,) and every network's minutes; `report(share)` is told how far it is."""
    what, rng = sweep.what, np.random.default_rng(0)
    times = np.arange(PERIOD) if what == "time" else rng.integers(0, PERIOD, _TIMES_PER_VALUE)
    values: Any = {"time": [0.0], "rotation": np.arange(0, 360, 15.0), "tilt": np.arange(0.6, 1.001, 0.04),
              "glare": np.arange(0.0, 1.01, 0.125)}[what]
    cases = [(value, int(minute)) for value in values for minute in times]
    images = np.empty((len(cases), SIZE, SIZE), np.uint8)
    predicted: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(cases), 60):
        block = slice(start, start + 60)
        for index, (value, minute) in enumerate(cases[block]):
            images[start + index] = _case_image(sweep, value, minute)
        for name, minutes in bench().minutes(images[block]).items():
            predicted.setdefault(name, []).append(minutes)
        report(min(1.0, (start + 60) / len(cases)))
    true = np.array([minute for _, minute in cases])
    x = true.astype(float) if what == "time" else np.array([value for value, _ in cases])
    asked = mean_errors(sweep.look.family)
    return x, true, {name: np.concatenate(parts) for name, parts in predicted.items() if name in asked}


def _case_image(sweep: Sweep, value: float, minute: int) -> np.ndarray:
    what, pose = sweep.what, sweep.look.pose
    if what == "rotation":
        pose = replace(pose, rotation=float(value))
    if what == "tilt":
        pose = replace(pose, axis_ratio=float(np.clip(value, 0.3, 1.0)))
    style = sweep.look.seen(pose)
    if what == "glare" and value > 0:
        style = replace(style, glares=(Glare(0.15, -0.35, 0.12 + 0.1 * value, 1.0, 0.5 * value, 0.6),))
    return render(ClockTime.from_minutes(minute), pose, style, SIZE)
