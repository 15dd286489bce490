"""The controls of the Train page, and the run spec that they describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lib import datasets
from lib.core.memory_need import check_memory
from lib.core.presets import DEFAULT_PRESET, PRESETS, Preset
from lib.core.results import reported_words
from lib.core.specs import (
    DEFAULT_LEARNING_RATES,
    OPTIMIZERS,
    ArchitectureSpec,
    DataSpec,
    RunSpec,
    TrainSpec,
    with_classes,
    with_dropout,
    with_l2,
)
from lib.core.summary import multiply_add_count, parameter_count, summarise
from lib.ui.resources import run_home
from lib.ui.url_state import one_of, publish, remember, within

ALL_IMAGES = "all"
TRAIN_SIZES = (ALL_IMAGES, 500, 1000, 2000, 5000, 10000, 20000)
REGULARISATIONS = {
    "preset": "as the preset says", "none": "none", "dropout": "dropout after dense layers", "l2": "L2 weight decay",
}
FAMILIES = ("all", "MLP", "CNN")
_SESSION = {"persist_state": "session"}


def dataset_infos() -> dict[str, datasets.DatasetInfo]:
    """Data sets with classes to tell apart, built-in ones and the user's own, by name."""
    infos = {**datasets.DATASETS, **datasets.custom_sets(run_home())}
    return {name: info for name, info in infos.items() if info.kind == "classes"}


# --- data ---------------------------------------------------------------------------------


def data_controls() -> DataSpec:
    """Choose the images."""
    infos = dataset_infos()
    remember("data", "digits", one_of(infos))
    if st.session_state["data"] not in infos:
        st.session_state["data"] = "digits"
    name = st.selectbox("Data set", list(infos), format_func=lambda n: infos[n].title, key="data", **_SESSION)
    remember("images", ALL_IMAGES, one_of(TRAIN_SIZES))
    size = st.selectbox(
        "Training images", TRAIN_SIZES, key="images", **_SESSION,
        format_func=lambda n: n if n == ALL_IMAGES else f"{n:,}",
        help="Fewer images train faster and over-fit sooner. The test split stays whole.",
    )
    publish({"data": name, "images": size}, {"data": "digits", "images": ALL_IMAGES})
    return DataSpec(name, None if size == ALL_IMAGES else int(size))


# --- network ------------------------------------------------------------------------------


def preset_control() -> Preset:
    """Choose the network; a new choice resets the training controls to what its source used."""
    remember("family", "all", one_of(FAMILIES))
    family = st.segmented_control("Kind of network", FAMILIES, key="family", required=True, **_SESSION)
    remember("net", DEFAULT_PRESET, one_of(PRESETS))
    options = [n for n, p in PRESETS.items() if family == "all" or p.family == family]
    if st.session_state["net"] not in options:
        st.session_state["net"] = options[0]
        _take_training_from_preset()
    name = st.selectbox(
        "Network", options, format_func=_preset_label, key="net", on_change=_take_training_from_preset, **_SESSION
    )
    publish({"net": name}, {"net": DEFAULT_PRESET})
    preset = PRESETS[name]
    said = reported_words(name)
    source = f" Report {preset.report}, system {preset.system}" + (f": {said}." if said else ".") if preset.report else ""
    st.caption(preset.description + source)
    return preset


def _preset_label(name: str) -> str:
    preset = PRESETS[name]
    return f"{preset.system} · {preset.title}" if preset.system else preset.title


def _training_values(preset: Preset) -> dict[str, Any]:
    train = preset.train
    return {
        "optimizer": train.optimizer, "rate": train.learning_rate, "batch": train.batch_size, "epochs": train.epochs,
        "stopping": train.patience is not None, "patience": train.patience or 10, "reg": "preset", "reg_dropout": 0.5,
        "reg_l2": 0.0005, "seed": 0,
    }


def _take_training_from_preset() -> None:
    st.session_state.update(_training_values(PRESETS[st.session_state["net"]]))


def _take_usual_rate() -> None:
    st.session_state["rate"] = DEFAULT_LEARNING_RATES[st.session_state["optimizer"]]


def _as_bool(text: str) -> bool:
    return one_of((True, False))(text)


def training_controls(preset: Preset) -> tuple[TrainSpec, int, ArchitectureSpec]:
    """Choose how to train; returns the training, the seed, and the preset's architecture as regularised here."""
    defaults = _training_values(preset)
    parsers = {
        "optimizer": one_of(OPTIMIZERS), "rate": within(float, 1e-7, 100), "batch": within(int, 1, 4096),
        "epochs": within(int, 1, 10_000), "stopping": _as_bool, "patience": within(int, 1, 1000),
        "reg": one_of(REGULARISATIONS), "reg_dropout": within(float, 0.05, 0.9), "reg_l2": within(float, 0, 1),
        "seed": within(int, 0, 2**31 - 1),
    }
    for key, parse in parsers.items():
        remember(key, defaults[key], parse)
    place = st.empty()
    with st.expander("Training options", icon=":material/tune:"):
        fields = _training_fields(preset, defaults, list(parsers))
    place.caption(_training_words())  # drawn above the fields, in their values
    return fields


def _training_words() -> str:
    values = st.session_state
    stopping = f", early stopping after {values['patience']} epochs without gain" if values["stopping"] else ""
    how = f"{values['optimizer'].capitalize()} {values['rate']:g}, batch {values['batch']}"
    return f"{how}, at most {values['epochs']} epochs{stopping}, seed {values['seed']}."


def _training_fields(
    preset: Preset, defaults: dict[str, Any], keys: list[str]
) -> tuple[TrainSpec, int, ArchitectureSpec]:
    left, right = st.columns(2)
    left.selectbox("Optimiser", OPTIMIZERS, key="optimizer", on_change=_take_usual_rate, **_SESSION)
    right.number_input("Learning rate", 1e-7, 100.0, step=None, format="%g", key="rate", **_SESSION)
    left.number_input("Batch size", 1, 4096, key="batch", **_SESSION)
    right.number_input("Epochs, at most", 1, 10_000, key="epochs", **_SESSION)
    st.toggle("Early stopping", key="stopping", **_SESSION,
              help="End when validation accuracy has not improved for a while, and keep the best epoch's weights.")
    if st.session_state["stopping"]:
        st.number_input("Patience (epochs)", 1, 1000, key="patience", **_SESSION)
    st.selectbox("Regularisation", list(REGULARISATIONS), format_func=REGULARISATIONS.get, key="reg", **_SESSION)
    architecture = _regularised(preset.architecture, st)
    st.number_input("Seed", 0, 2**31 - 1, key="seed", **_SESSION,
                    help="Decides the initial weights, dropout and the order of the images: same seed, same curve.")
    values = {key: st.session_state[key] for key in keys}
    publish(values, defaults)
    train = replace(
        preset.train, optimizer=values["optimizer"], learning_rate=values["rate"], batch_size=values["batch"],
        epochs=values["epochs"], patience=values["patience"] if values["stopping"] else None,
    )
    return train, values["seed"], architecture


def _regularised(architecture: ArchitectureSpec, place: Any) -> ArchitectureSpec:
    match st.session_state["reg"]:
        case "none":
            return with_l2(with_dropout(architecture, 0.0), 0.0)
        case "dropout":
            rate = place.slider("Dropout rate", 0.05, 0.9, step=0.05, key="reg_dropout", **_SESSION)
            return with_dropout(architecture, rate)
        case "l2":
            factor = place.number_input("L2 factor", 0.0, 1.0, step=None, format="%g", key="reg_l2", **_SESSION)
            return with_l2(architecture, factor)
    return architecture


def run_spec(preset: Preset, data: DataSpec, train: TrainSpec, seed: int, architecture: ArchitectureSpec) -> RunSpec:
    """The run that the controls describe, its head fitted to the data set's classes.

    On the preset's own images the split is its report's, so that this is the run that Experiments would start.
    """
    if data.dataset == preset.dataset:
        data = replace(preset.data, train_size=data.train_size)
    return RunSpec(with_classes(architecture, dataset_infos()[data.dataset].classes), data, train, seed)


def assumptions_panel(assumed: Sequence[str]) -> None:
    """What the report leaves open about a network, and what is taken here; nothing for our own."""
    if assumed:
        with st.expander("What the report leaves open", icon=":material/help:"):
            st.markdown("\n".join(f"- {sentence}" for sentence in assumed))


def model_summary(spec: RunSpec) -> None:
    """Table of layers, output shapes, parameters and multiply-adds; LabError when images, layers or memory do not fit."""
    info = dataset_infos()[spec.data.dataset]
    datasets.check_sizes(spec.data, run_home())
    check_memory(spec, info.image_shape, spec.data.train_size or info.train_images)
    rows = summarise(spec.architecture, info.image_shape)
    total, work = parameter_count(rows), multiply_add_count(rows)
    st.caption(f"{total:,} parameters, {work / 1e6:,.2f} M multiply-adds an image.")
    with st.expander("Layers", icon=":material/layers:"):
        table = [{"layer": "Input", "output": _shape_text(info.image_shape), "parameters": 0, "multiply-adds": 0}]
        table += [
            {"layer": r.description, "output": _shape_text(r.output_shape), "parameters": r.parameters,
             "multiply-adds": r.multiply_adds} for r in rows
        ]
        st.dataframe(table, hide_index=True, height="content", column_config={
            "parameters": st.column_config.NumberColumn(format="localized"),
            "multiply-adds": st.column_config.NumberColumn(format="localized"),
        })


def _shape_text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
