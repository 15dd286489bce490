"""Train a network of one's own on the page that asks about it: the page's controls, one button, the run below or beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, fields, replace
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.catalog.presets import DEFAULT_PRESET, PRESETS
from lib.catalog.tasks import Task
from lib.runs import run_home
from lib.spec.runs import RunSnapshot, RunState
from lib.spec.specs import DataSpec, RunSpec
from lib.ui.faults import show_problem
from lib.ui.panels.epoch_scrubber import scrubber_panel
from lib.ui.panels.run import run_panel
from lib.ui.resources import runner
from lib.ui.visitors import submit_run
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.number_field import number_field

#: Numbers of training images to choose from; None stands for all.
SIZES: tuple[int | None, ...] = (None, 500, 1000, 2000, 5000, 10000, 20000)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the controls describe: a run and its name. `blocked`: the images are not there, and the page says so."""

    spec: RunSpec
    name: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """What every run has: images, epochs, seed."""

    data: DataSpec
    epochs: int
    seed: int


def training_panel(
    key: str, tasks: Sequence[Task], controls: Callable[[], Setup], watch: Callable[[RunSnapshot], None] | None = None,
    waiting: str = "", beside: bool = False,
) -> None:
    """The controls of a page, "Train it", and the run that was started last here, or else the newest of these tasks.

    `controls` may raise LabError, which is shown in their place. `watch` draws more of the run than its curves, the images
    of its epochs where it is None. `waiting` is said while there is no run; `beside`: the run beside the controls.
    """
    left, right = st.columns([3, 7], gap="large") if beside else (st.container(), st.container())
    with left:
        digest = _start(key, controls)
    run_id = _shown(st.session_state.get(f"{key}_run"), tasks, digest)
    with right:
        if run_id is None:
            if waiting:
                st.info(waiting, icon=":material/school:")
            return
        snapshot = run_panel(run_id)
        if snapshot is not None:
            (watch or _images)(snapshot)


def _start(key: str, controls: Callable[[], Setup]) -> str:
    """Draw the controls and the button; the digest of what they describe, "" where that is nothing."""
    try:
        setup = controls()
    except LabError as error:
        show_problem(error)
        return ""
    if st.button("Train it", type="primary", icon=":material/play_arrow:", key=f"{key}_start", disabled=setup.blocked):
        try:
            with st.spinner("Looking for the images"):
                datasets.check_obtainable([setup.spec.data], run_home())
            st.session_state[f"{key}_run"] = submit_run(setup.spec, setup.name)
        except LabError as error:
            show_problem(error)
    return setup.spec.digest


def _shown(started: str | None, tasks: Sequence[Task], digest: str) -> str | None:
    """The run that was started last here, unless it was deleted; else the newest run of exactly this spec, else of these
    tasks; failed ones are left out of the latter."""
    records = runner().store.records()
    if any(record.id == started for record in records):
        return started
    names = {task.name for task in tasks}
    theirs = [record for record in records if record.spec.task in names]
    same = [record.id for record in theirs if record.spec.digest == digest]
    return next(iter([*same, *(record.id for record in theirs if record.state != RunState.FAILED)]), None)


def _images(snapshot: RunSnapshot) -> None:
    scrubber_panel(snapshot.record, live=not snapshot.state.is_final)


def budget_controls(key: str, sets: Mapping[str, datasets.DatasetInfo], epochs: int, columns: int = 4) -> Budget:
    """Choose images among `sets`, how many, epochs and seed; at first the first set that is on this machine."""
    default = next((name for name in sets if datasets.available(name, home=run_home())), "digits")
    if st.session_state.get(f"{key}_data", default) not in sets:  # the user's own set was removed or replaced
        st.session_state[f"{key}_data"] = default
    st.session_state.setdefault(f"{key}_data", default)
    places = (side_by_side(f"{key}_common", 4, "controls") if columns == 4
              else [place for _ in range(4 // columns) for place in st.columns(columns)])
    data, size, budget, seed = places
    name = data.selectbox("Images", list(sets), format_func=lambda n: sets[n].title, key=f"{key}_data",
                          persist_state="session")
    images = size.selectbox("Training images", SIZES, key=f"{key}_images", persist_state="session",
                            format_func=lambda n: "all" if n is None else f"{n:,}")
    # A network with another usual number of epochs brings it along: its field is another one.
    return Budget(DataSpec(name, images), number_field(budget, "Epochs", 1, 1000, f"{key}_epochs_{epochs}", epochs),
                  number_field(seed, "Seed", 0, 2**31 - 1, f"{key}_seed", 0))


def described_controls(key: str, task: Task, sets: Mapping[str, datasets.DatasetInfo] | None = None) -> Setup:
    """Controls for a task that needs none of its own: a preset of the Train page, images, and what its settings may be."""
    network = PRESETS[st.selectbox("Network", list(PRESETS), index=list(PRESETS).index(DEFAULT_PRESET), key=f"{key}_net",
                                   format_func=lambda name: PRESETS[name].title, persist_state="session")]
    budget = budget_controls(key, sets or {name: info for name, info in datasets.DATASETS.items() if info.kind == "classes"},
                             network.train.epochs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = {setting.name: _setting(f"{key}_setting_{setting.name}", setting) for setting in fields(task.settings)
                  if setting.name not in task.settings.internal}
    given = {name: value for name, value in chosen.items() if value != getattr(task.settings(), name)}
    usual = task.monitors[0] if task.monitors else network.train.monitor
    train = replace(network.train, epochs=budget.epochs, monitor=usual,
                    patience=network.train.patience if task.monitors else None)
    spec = RunSpec(network.architecture, budget.data, train, budget.seed, task.name, settings=task.settings.given(**given))
    return Setup(spec, f"{task.title.capitalize()} · {datasets.DATASETS[budget.data.dataset].title} · seed {budget.seed}")


def _setting(key: str, setting: Field[Any]) -> Any:
    """The control of one setting, within its range."""
    rule, label = setting.metadata, setting.name.replace("_", " ").capitalize()
    default: Any = setting.default
    if rule["kind"] is bool:
        return st.toggle(label, default, key=key, persist_state="session")
    if rule["kind"] is str and rule["choices"]:
        return st.selectbox(label, rule["choices"], format_func=lambda word: word or "none", key=key, width=180,
                            persist_state="session")
    if rule["kind"] is str:
        return st.text_input(label, default, key=key, width=180, persist_state="session")
    low, high = (rule["kind"](rule[bound]) for bound in ("low", "high"))
    return number_field(st, label, low, high, key, default, width=160)
