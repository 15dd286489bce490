"""The controls of the Train page, and the run spec that they describe."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import SpecError
from lib.catalog.glossary import explained
from lib.catalog.networks import EMPTY, is_own, network_named
from lib.catalog.preset import Preset
from lib.catalog.preset_groups import preset_groups, preset_label
from lib.catalog.presets import DEFAULT_PRESET, PRESETS
from lib.catalog.tasks import CLASSIFY
from lib.measures.results import reported_words
from lib.runs import run_home
from lib.spec.memory_need import check_memory
from lib.spec.specs import DEFAULT_LEARNING_RATES, OPTIMIZERS, ArchitectureSpec, DataSpec, RunSpec, TrainSpec
from lib.spec.split_text import USUAL, split_text, with_split
from lib.spec.stack_text import is_network_text
from lib.spec.summary import multiply_add_count, parameter_count, summarise
from lib.spec.variations import with_classes, with_dropout, with_l2
from lib.spec.words import optimizer_title, regularisation_words, spec_facts
from lib.ui.networks import OWN_GROUP, keep_built, own_choices
from lib.ui.train import editing
from lib.ui.train.editing import RUN_NETWORK, RUN_PRESET
from lib.ui.url_state import one_of, publish, put, remember, within
from lib.ui.widgets.number_field import number_field

ALL_IMAGES = "all"
TRAIN_SIZES: tuple[str | int, ...] = (ALL_IMAGES, 500, 1000, 2000, 5000, 10000, 20000)
REGULARISATIONS = {
    "preset": "as the preset says", "none": "none", "dropout": "dropout after dense layers", "l2": "L2 weight decay",
}
#: Control -> the least and the most that it takes.
_RANGES: dict[str, tuple[Any, Any]] = {
    "rate": (1e-7, 100.0), "batch": (1, 4096), "epochs": (1, 10_000), "patience": (1, 1000), "reg_dropout": (0.05, 0.9),
    "reg_l2": (0.0, 1.0), "seed": (0, 2**31 - 1),
}


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
    name = st.selectbox("Data set", list(infos), format_func=lambda n: infos[n].title, key="data", persist_state="session")
    remember("images", ALL_IMAGES, _images_of)
    sizes = sorted({*TRAIN_SIZES[1:], st.session_state["images"]} - {ALL_IMAGES})
    size = st.selectbox(
        "Training images", [ALL_IMAGES, *sizes], key="images", persist_state="session",
        format_func=lambda n: n if n == ALL_IMAGES else f"{n:,}",
        help="Fewer images train faster and over-fit sooner. The test split stays whole.",
    )
    publish({"data": name, "images": size}, {"data": "digits", "images": ALL_IMAGES})
    return _as_split(DataSpec(name, None if size == ALL_IMAGES else int(size)))


def _as_split(data: DataSpec) -> DataSpec:
    """`data` split as a link or a run says, which no control sets: it is said here, and can be given up."""
    remember("split", "", _split_of)
    text = st.session_state["split"]
    publish({"split": text}, {"split": ""})
    if not text:
        return data
    data = with_split(data, text)
    facts = spec_facts(RunSpec(network_named(DEFAULT_PRESET).architecture, data))
    st.caption("Split as the link or the run says: " + "; ".join(
        f"{name} {facts[name]}" for name in ("validation", "split seed", "overlap", "pixels")) + ".")
    st.button("Split as usual", key="split_usual", icon=":material/undo:", on_click=_forget_split)
    return data


def _split_of(text: str) -> str:
    with_split(DataSpec(), text)  # raises for what is none
    return text


def _forget_split() -> None:
    st.session_state["split"] = ""


def _images_of(text: str) -> str | int:
    return ALL_IMAGES if text == ALL_IMAGES else within(int, 1, 10_000_000)(text)


# --- network ------------------------------------------------------------------------------


def offer_run_network(preset: Preset) -> None:
    """Offer the network of a run beside the presets, as `RUN_NETWORK`."""
    st.session_state[RUN_PRESET] = preset


def _chosen_preset() -> Preset:
    run_preset = st.session_state.get(RUN_PRESET)
    name = st.session_state["net"]
    return run_preset if name == RUN_NETWORK and run_preset is not None else network_named(name)


def _network_of_link(text: str) -> str:
    """The network that a link names; one that cannot be read is said on the page."""
    try:
        network_named(text)
    except SpecError as error:
        if is_network_text(text):
            editing.note_problem(error)
        raise
    return text


def _labels() -> dict[str, dict[str, str]]:
    """Group -> name of each network in it -> what the menu calls it."""
    run_preset = st.session_state.get(RUN_PRESET)
    own = {EMPTY: "Empty stack", **own_choices()}
    groups = {group: {name: preset_label(PRESETS[name]) for name in names} for group, names in preset_groups().items()}
    first = {"The network of a run": {RUN_NETWORK: run_preset.title}} if run_preset is not None else {}
    return {**first, OWN_GROUP: own, **groups}


def preset_control() -> Preset:
    """Choose the network; a new choice resets the training controls to what its source used."""
    remember("net", DEFAULT_PRESET, _network_of_link)
    if is_own(st.session_state["net"]):
        _offer_own(st.session_state["net"])
    groups = _labels()
    if not any(st.session_state["net"] in names for names in groups.values()):
        st.session_state["net"] = DEFAULT_PRESET
        _take_training_from_preset()
    own = next(group for group, names in groups.items() if st.session_state["net"] in names)
    if st.session_state.get("family") not in groups or st.session_state["net"] not in groups[st.session_state["family"]]:
        st.session_state["family"] = own
    family = st.selectbox("Kind of network", list(groups), key="family", on_change=_take_first_of, args=(groups,),
                          persist_state="session")
    name = st.selectbox("Network", list(groups[family]), format_func=groups[family].__getitem__, key="net",
                        on_change=_take_training_from_preset, persist_state="session")
    publish({"net": name}, {"net": RUN_NETWORK if name == RUN_NETWORK else DEFAULT_PRESET})
    preset = _chosen_preset()
    said = reported_words(name)
    source = f" Report {preset.report}, system {preset.system}" + (f": {said}." if said else ".") if preset.report else ""
    st.caption(explained(preset.description + source), unsafe_allow_html=True)
    return preset


def _offer_own(text: str) -> None:
    """A network that came by a link is offered like one that was built here."""
    if text != EMPTY and text not in own_choices():
        keep_built(text)


def _take_first_of(groups: dict[str, dict[str, str]]) -> None:
    st.session_state["net"] = next(iter(groups[st.session_state["family"]]))
    _take_training_from_preset()


def training_values(preset: Preset) -> dict[str, Any]:
    """The training controls as the preset's source set them, by their keys."""
    train = preset.train
    return {
        "optimizer": train.optimizer, "rate": train.learning_rate, "batch": train.batch_size, "epochs": train.epochs,
        "stopping": train.patience is not None, "patience": train.patience or 10, "reg": "preset", "reg_dropout": 0.5,
        "reg_l2": 0.0005, "seed": 0, "monitor": train.monitor,
    }


def _take_training_from_preset() -> None:
    editing.forget_problem()
    st.session_state.update(training_values(_chosen_preset()))


def _take_usual_rate() -> None:
    st.session_state["rate"] = DEFAULT_LEARNING_RATES[st.session_state["optimizer"]]


def rate_step(rate: float) -> float:
    """What plus and minus change a learning rate by: half its power of ten, 0.0005 for 0.001 to 0.0099."""
    return float(f"{10 ** math.floor(math.log10(rate)) / 2:.1g}")


def _keep_within_ranges() -> None:
    """Training of a stored run or of a script may lie outside of what these fields take."""
    for key in _RANGES:
        put(key, in_range(key, st.session_state[key]))


def in_range(key: str, value: Any) -> Any:
    """What the control `key` can say that is nearest to `value`."""
    low, high = _RANGES[key]
    return min(max(value, low), high)


def _as_bool(text: str) -> bool:
    return one_of((True, False))(text)


def training_controls(preset: Preset) -> tuple[TrainSpec, int, ArchitectureSpec]:
    """Choose how to train; returns the training, the seed, and the preset's architecture as regularised here."""
    defaults = training_values(preset)
    parsers = {
        "optimizer": one_of(OPTIMIZERS), "stopping": _as_bool,
        **{key: within(type(low), low, high) for key, (low, high) in _RANGES.items()},
        "reg": one_of(REGULARISATIONS), "monitor": one_of(CLASSIFY.monitors),
    }
    for key, parse in parsers.items():
        remember(key, defaults[key], parse)
    _keep_within_ranges()
    left, right = st.columns(2)
    left.selectbox("Optimiser", OPTIMIZERS, format_func=optimizer_title, key="optimizer", on_change=_take_usual_rate,
                   persist_state="session")
    number_field(right, "Learning rate", *_RANGES["rate"], "rate", step=rate_step(st.session_state["rate"]), format="%g")
    number_field(left, "Batch size", *_RANGES["batch"], "batch")
    number_field(right, "Epochs, at most", *_RANGES["epochs"], "epochs")
    left.toggle("Stop early", key="stopping", persist_state="session",
                help="Early stopping: end when the validation figure has not improved for a while, and keep the weights of "
                     "the best epoch.")
    if st.session_state["stopping"]:
        number_field(right, "Patience (epochs)", *_RANGES["patience"], "patience")
        left.selectbox("It watches", CLASSIFY.monitors, format_func=_monitor_words, key="monitor", persist_state="session")
    architecture = _regularised(preset.architecture)
    number_field(st, "Seed", *_RANGES["seed"], "seed",
                 help="Decides the initial weights, dropout and the order of the images: same seed, same curve.")
    values = {key: st.session_state[key] for key in parsers}
    publish(values, defaults)
    return chosen_training(preset, values), values["seed"], architecture


def _monitor_words(name: str) -> str:
    """"validation accuracy", "training loss"."""
    return f"{'validation' if name.startswith('val_') else 'training'} {name.removeprefix('val_')}"


def chosen_training(preset: Preset, values: Mapping[str, Any]) -> TrainSpec:
    """The preset's training with what the controls say instead."""
    return replace(
        preset.train, optimizer=values["optimizer"], learning_rate=values["rate"], batch_size=values["batch"],
        epochs=values["epochs"], patience=values["patience"] if values["stopping"] else None, monitor=values["monitor"],
    )


def _regularised(architecture: ArchitectureSpec) -> ArchitectureSpec:
    """The stack with the chosen regularisation; choices that would change nothing are not offered."""
    possible = possible_regularisations(architecture)
    if st.session_state["reg"] not in possible:
        st.session_state["reg"] = "preset"
    name = st.selectbox("Regularisation", possible, format_func=REGULARISATIONS.__getitem__, key="reg",
                        persist_state="session")
    if name == "dropout":
        st.slider("Dropout rate", *_RANGES["reg_dropout"], step=0.05, key="reg_dropout", persist_state="session")
    if name == "l2":
        number_field(st, "L2 factor", *_RANGES["reg_l2"], "reg_l2", step=None, format="%g")
    changed = regularised(architecture, name, st.session_state["reg_dropout"], st.session_state["reg_l2"])
    if name != "preset":
        st.caption(regularisation_words(architecture, changed))
    return changed


def possible_regularisations(architecture: ArchitectureSpec) -> list[str]:
    """Those of REGULARISATIONS that do to this network what their name says."""
    kinds = {layer.kind for layer in architecture.layers[:-1]}
    fits = {"preset": True, "none": regularised(architecture, "none") != architecture, "dropout": "dense" in kinds,
            "l2": bool(kinds & {"dense", "conv"})}
    return [name for name in REGULARISATIONS if fits[name]]


def regularised(architecture: ArchitectureSpec, name: str, dropout: float = 0.5, l2: float = 0.0005) -> ArchitectureSpec:
    """The stack with regularisation `name` of REGULARISATIONS instead of its own."""
    match name:
        case "none":
            return with_l2(with_dropout(architecture, 0.0), 0.0)
        case "dropout":
            return with_dropout(architecture, dropout)
        case "l2":
            return with_l2(architecture, l2)
    return architecture


def setup_words(spec: RunSpec) -> str:
    """The training in one line: "Adam 0.001, batch 16, at most 200 epochs, ..."."""
    train = spec.train
    stopping = f", early stopping after {train.patience} epochs without gain" if train.patience else ""
    how = f"{optimizer_title(train.optimizer)} {train.learning_rate:g}, batch {train.batch_size}"
    return f"{how}, at most {train.epochs} epochs{stopping}, seed {spec.seed}."


def run_spec(preset: Preset, data: DataSpec, train: TrainSpec, seed: int, architecture: ArchitectureSpec) -> RunSpec:
    """The run that the controls describe, its head fitted to the data set's classes.

    On the preset's own images the split is its report's, so that this is the run that Experiments would start, unless `data`
    has one of its own.
    """
    if data.dataset == preset.dataset and not split_text(data) and st.session_state.get("split", "") != USUAL:
        data = replace(preset.data, train_size=data.train_size)
    return RunSpec(with_classes(architecture, dataset_infos()[data.dataset].classes), data, train, seed)


def assumptions_panel(assumed: Sequence[str]) -> None:
    """What the report leaves open about a network, and what is taken here instead; nothing for our own."""
    if assumed:
        with st.expander("What the report leaves open, and what is taken here", icon=":material/help:"):
            st.markdown("\n".join(f"- {sentence}" for sentence in assumed))


def check_run(spec: RunSpec) -> None:
    """Say how large the network is; LabError when images, layers or memory do not fit."""
    info = dataset_infos()[spec.data.dataset]
    datasets.check_sizes(spec.data, run_home())
    rows = summarise(spec.architecture, info.image_shape)
    total, work = parameter_count(rows), multiply_add_count(rows)
    st.caption(f"{total:,} parameters, {work / 1e6:,.2f} M multiply-adds an image.")
    check_memory(spec, info.image_shape, spec.data.train_size or info.train_images)
