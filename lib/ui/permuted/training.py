"""Train the four networks side by side: controls, live curves, the gap, a table beside the report's."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.catalog.networks import is_own, network_named, network_title
from lib.catalog.permuted import CNN_PRESETS, CONTESTANTS, EPOCHS, SHIPPED_DATA, SHIPPED_PRESETS, comparison_spec
from lib.runs import run_home
from lib.spec.memory_need import check_memory
from lib.spec.permutations import PermutationSpec, make_permutation
from lib.spec.runs import RunState
from lib.spec.specs import DataSpec
from lib.spec.summary import multiply_add_count, summarise
from lib.ui.faults import answering, show_problem
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.networks import own_choices
from lib.ui.permuted.measured import reported_table
from lib.ui.permuted.runs import Cell, CellView, Plan, find_runs, look_at, permutation_title, start_missing
from lib.ui.resources import runner
from lib.ui.screen import few_columns
from lib.ui.train.controls import ALL_IMAGES, TRAIN_SIZES, dataset_infos
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.visitors import may_steer, not_yours, steer_run
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.number_field import number_field
from lib.ui.words import as_text, state_badge

REFRESH_SECONDS = 1.0


def comparison_panel(data: str, spec: PermutationSpec) -> None:
    """Everything about training the comparison of this permutation."""
    if spec.is_identity:
        st.info("Choose a permutation above: without one the two versions are the same.", icon=":material/shuffle:")
        return
    try:
        plan = _plan_controls(data, spec)
        specs = plan.specs()
        _check_cnn(plan)
        make_permutation(spec, *dataset_infos()[plan.data.dataset].image_shape[:2])
    except LabError as error:
        show_problem(error)
        return
    found = find_runs(specs)
    runs = {cell: found[cell] for cell in specs if cell in found}
    _start_button(plan, specs, runs)
    if runs:
        live = _is_live(look_at(runs))
        fragment(_live_part, run_every=REFRESH_SECONDS if live else None)(plan, runs, live)


def _check_cnn(plan: Plan) -> None:
    """Raise SpecError for a network that does not fit the images or the memory."""
    info = dataset_infos()[plan.data.dataset]
    spec = comparison_spec(plan.cnn, plan.data, plan.permutation, 0)
    summarise(spec.architecture, info.image_shape)
    check_memory(spec, info.image_shape, plan.data.train_size or info.train_images)


# --- controls -----------------------------------------------------------------------------


def _plan_controls(data: str, spec: PermutationSpec) -> Plan:
    infos = dataset_infos()
    default_set = data if datasets.available(data, home=run_home()) else "digits"
    defaults = {"train_on": default_set, "lens_images": ALL_IMAGES, "lens_cnn": SHIPPED_PRESETS["cnn"], "lens_seeds": 1,
                "lens_seed": 0, "mlp_epochs": EPOCHS[SHIPPED_PRESETS["mlp"]], "cnn_epochs": EPOCHS[SHIPPED_PRESETS["cnn"]]}
    parsers = {"train_on": one_of(infos), "lens_images": one_of(TRAIN_SIZES), "lens_cnn": _cnn_of_link,
               "lens_seeds": within(int, 1, 5), "lens_seed": within(int, 0, 2**31 - 10), "mlp_epochs": within(int, 1, 500),
               "cnn_epochs": within(int, 1, 500)}
    for key, parse in parsers.items():
        remember(key, defaults[key], parse)
    if st.session_state["train_on"] not in infos:
        st.session_state["train_on"] = default_set
    first, second = st.columns([1, 1]), st.columns([1, 1, 1, 1])
    first[0].selectbox("Train on", list(infos), format_func=lambda n: infos[n].title, key="train_on",
                       persist_state="session")
    own = {name: label for name, label in own_choices().items() if network_named(name).family == "CNN"}
    networks = list(dict.fromkeys([*CNN_PRESETS, *own, st.session_state["lens_cnn"]]))
    first[1].selectbox(f"CNN beside the {network_title(SHIPPED_PRESETS['mlp'])}", networks, key="lens_cnn",
                       persist_state="session",
                       format_func=lambda name: own.get(name) or network_title(name),
                       help="Networks with convolutions that you built on Train are offered too.")
    second[0].selectbox("Training images", TRAIN_SIZES, key="lens_images", persist_state="session",
                        format_func=lambda n: n if n == ALL_IMAGES else f"{n:,}")
    number_field(second[1], "Seeds", 1, 5, "lens_seeds",
                 help="Several runs of each network: curves become means with a band.")
    number_field(second[2], "MLP epochs", 1, 500, "mlp_epochs")
    number_field(second[3], "CNN epochs", 1, 500, "cnn_epochs")
    values = {key: st.session_state[key] for key in defaults}
    publish(values, defaults)
    size, start = values["lens_images"], values["lens_seed"]
    chosen = DataSpec(values["train_on"], None if size == ALL_IMAGES else int(size))
    return Plan(values["lens_cnn"], chosen, spec, tuple(range(start, start + values["lens_seeds"])), values["mlp_epochs"],
                values["cnn_epochs"])


def _cnn_of_link(text: str) -> str:
    return text if is_own(text) and network_named(text).family == "CNN" else one_of(CNN_PRESETS)(text)


def _start_button(plan: Plan, specs: Mapping[Cell, Any], runs: Mapping[Cell, str]) -> None:
    info = dataset_infos()[plan.data.dataset]
    work = multiply_add_count(summarise(network_named(plan.cnn).architecture, info.image_shape))
    words = [f"The CNN needs {work / 1e6:,.1f} M multiply-adds an image" + (": hours on a CPU." if work > 2e7 else ".")]
    if not datasets.available(plan.data.dataset, home=run_home()):
        words.append(f"{info.title} will be downloaded first ({info.bytes / 1e6:.0f} MB).")
    words.append("Both versions of a network start from the same weights and see the images in the same order.")
    complete = len(runs) == len(specs) and all(_is_done(view) for view in look_at(runs).values())
    button, text = st.columns([2, 5], vertical_alignment="center")
    text.caption(" ".join(words))
    if button.button(f"Train {len(specs)} networks", type="primary", icon=":material/play_arrow:", key="lens_start",
                     width="stretch", disabled=complete):
        start_missing(specs, info.title)
        st.rerun()


def _is_done(view: CellView) -> bool:
    return str(view.state) in ("finished", "queued", "running")


def _is_live(views: Mapping[Cell, CellView]) -> bool:
    return any(not view.state.is_final for view in views.values())


# --- while they train ---------------------------------------------------------------------


def _live_part(plan: Plan, runs: Mapping[Cell, str], was_live: bool) -> None:
    views = look_at(runs)
    live = _is_live(views)
    if was_live and not live:
        draw_page_again()  # the page is built once more, without the timer
    _states(plan, views)
    if live:
        records = [runner().store.record(run_id) for cell, run_id in runs.items() if not views[cell].state.is_final]
        own = tuple(record.id for record in records if may_steer(record))
        st.button("Stop all", icon=":material/stop:", key="lens_stop", on_click=answering(_stop),
                  args=(own,), **({} if own else not_yours(*records)))
    _curves(views)
    _table(plan, views)


def _stop(run_ids: tuple[str, ...]) -> None:
    for run_id in run_ids:
        steer_run("stop", run_id)


def _states(plan: Plan, views: Mapping[Cell, CellView]) -> None:
    if len(views) == len(plan.specs()) and all(str(view.state) == "finished" for view in views.values()):
        st.markdown(f"{state_badge(RunState.FINISHED)} All {len(views)} runs.")
        return
    for place, contestant in zip(st.columns(4), CONTESTANTS, strict=True):
        lines = [f"**{contestant.title}**"]
        for (key, seed), view in views.items():
            if key == contestant.key:
                message = view.message if str(view.state) in ("failed", "interrupted") else view.progress
                seed_text = f"Seed {seed}: " if len(plan.seeds) > 1 else ""
                lines.append(f"{seed_text}{state_badge(view.state)} {as_text(message)}")
        place.markdown("  \n".join(lines))


def _curves(views: Mapping[Cell, CellView]) -> None:
    from lib.charts.permuted import accuracy_chart, accuracy_rows, gap_chart, gap_rows

    histories = {cell: view.epochs for cell, view in views.items()}
    left, right = side_by_side("lens_curves", kind="charts")
    show_chart(left, accuracy_chart(accuracy_rows(histories)), key="lens_accuracy",
               alt="Validation accuracy of the four networks by epoch")
    show_chart(right, gap_chart(gap_rows(histories)), key="lens_gap",
               alt="Validation accuracy on original minus on permuted pixels by epoch, for MLP and CNN")


def _table(plan: Plan, views: Mapping[Cell, CellView]) -> None:
    rows = result_rows(plan, views)
    if not rows:
        return
    percent = st.column_config.NumberColumn(format="%.2f")
    ours, theirs = side_by_side("lens_results", kind="charts")
    with ours:
        st.markdown("**These runs**")
        st.dataframe(rows, hide_index=True, height="content", column_order=few_columns("network", "pixels", "test"),
                     column_config=dict.fromkeys(("training", "validation", "test"), percent))
        words = f"Permuted: {permutation_title(plan.permutation)}, seed {plan.permutation.seed}."
        st.caption(f"{words} In percent: means over the seeds that have finished, at their best validation epoch; training "
                   "accuracy as counted while training, with dropout.")
    if plan.data.dataset in SHIPPED_DATA:
        with theirs:
            reported_table(plan.data.dataset)


def result_rows(plan: Plan, views: Mapping[Cell, CellView]) -> list[dict[str, Any]]:
    """A row for each network with finished runs: accuracies in percent, mean over seeds."""
    rows = []
    for contestant in CONTESTANTS:
        done = [view for (key, _), view in views.items()
                if key == contestant.key and view.state == RunState.FINISHED and view.epochs]
        if not done:
            continue
        best = [view.epochs[int(view.metrics["best_epoch"]) - 1] if "best_epoch" in view.metrics else view.epochs[-1]
                for view in done]
        preset = network_named(SHIPPED_PRESETS["mlp"] if contestant.role == "mlp" else plan.cnn)
        rows.append({
            "network": preset.title, "pixels": "permuted" if contestant.permuted else "original",
            "training": 100 * mean(log.metrics["accuracy"] for log in best),
            "validation": 100 * mean(log.metrics.get("val_accuracy", float("nan")) for log in best),
            "test": 100 * mean(view.metrics["test_accuracy"] for view in done),
        })
    return rows
