"""Pick an experiment and edit its grid: values of the axes, more axes, seeds, images, epochs. All of it in the URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError, SpecError
from lib.catalog.experiments import Axis, Experiment
from lib.catalog.fields import FIELDS, Value
from lib.catalog.networks import is_network, network_title
from lib.catalog.presets import DEFAULT_PRESET, PRESETS
from lib.catalog.report_grids import DEFAULT_EXPERIMENT, EXPERIMENTS
from lib.measures.results import experiment_words
from lib.runs import run_home
from lib.ui.networks import own_choices
from lib.ui.train.controls import dataset_infos
from lib.ui.url_state import one_of, publish, put, remember, several, within
from lib.ui.widgets.number_field import number_field

CUSTOM = "custom"
ALL_IMAGES = 0
_SEPARATOR = "|"
_PREFIX = "exp_axis_"
#: Letters that the tags of a control have room for on a narrow screen.
_ROOM = 20
#: Width of a control in pixels: as many stand beside each other as there is room for.
_CONTROL = 240
#: Fields that have a control of their own, or that the network's name decides.
_OWN_CONTROL = ("dataset", "train_size", "epochs", "hidden_1", "hidden_2", "output")


def custom_experiment() -> Experiment:
    """A grid of the user's own, before anything is varied."""
    return Experiment(CUSTOM, "Your own grid", "Does this choice matter?", DEFAULT_PRESET, dataset="digits",
                      figure="factor")


def first_experiment() -> Experiment:
    """A grid that needs no download and is done in a minute: with and without hidden layers."""
    return replace(custom_experiment(), network="{network}", axes=(Axis("network", ("softmax_regression", "a5_64_64")),),
                   epochs=5)


def pick_experiment() -> Experiment:
    """Choose an experiment, as its report defines it."""
    names = [*EXPERIMENTS, CUSTOM]
    remember("exp", DEFAULT_EXPERIMENT, one_of(names))
    name = st.selectbox("Experiment", names, format_func=_experiment_label, key="exp", on_change=_forget_edits, width=560,
                        persist_state="session")
    publish({"exp": name}, {"exp": DEFAULT_EXPERIMENT})
    if name == CUSTOM:
        return custom_experiment()
    chosen = EXPERIMENTS[name]
    st.markdown(f"**{chosen.question}**")
    st.caption(f"Report {chosen.report}, system {chosen.system}. It said: {experiment_words(name) or 'see its figures'}.")
    return chosen


def _experiment_label(name: str) -> str:
    if name == CUSTOM:
        return "Your own grid"
    return f"{EXPERIMENTS[name].system} · {EXPERIMENTS[name].title}"


def _forget_edits() -> None:
    """The edits belong to the experiment that was left."""
    for key in [key for key in st.session_state if str(key).startswith("exp_")]:
        del st.session_state[key]
        st.query_params.pop(str(key), None)


def experiment_query(experiment: Experiment) -> dict[str, str]:
    """The query string with which the page's controls describe exactly this experiment."""
    own = experiment.name == CUSTOM
    network = experiment.axis("network") if own else None
    axes = [axis for axis in experiment.axes if axis is not network]
    query = {"exp": experiment.name, "exp_images": str(experiment.train_size or ALL_IMAGES),
             "exp_epochs": str(experiment.epochs or 0), "exp_seeds": str(len(experiment.seeds)),
             "exp_seed": str(experiment.seeds[0])}
    if not _has_fixed_set(experiment):
        query["exp_data"] = experiment.dataset
    if own:
        query["exp_nets"] = _SEPARATOR.join(map(str, network.values)) if network else experiment.network
        query["exp_more"] = _SEPARATOR.join(axis.field for axis in axes)
    return query | {_PREFIX + axis.field: _SEPARATOR.join(map(str, axis.values)) for axis in axes}


def take_experiment(experiment: Experiment) -> None:
    """Make the page's controls describe this experiment, whatever they were set to before."""
    _forget_edits()
    st.session_state.pop("exp", None)
    st.query_params.update(experiment_query(experiment))


def _has_fixed_set(experiment: Experiment) -> bool:
    return experiment.axis("dataset") is not None or "{" in experiment.dataset


def edit_experiment(chosen: Experiment) -> Experiment:
    """The controls of the grid, folded away where it is a report's own; raises SpecError for a grid that cannot be."""
    with st.expander("Change the grid", icon=":material/tune:", expanded=chosen.name == CUSTOM):
        return _edit(chosen)


def _edit(chosen: Experiment) -> Experiment:
    edited = _network(chosen) if chosen.name == CUSTOM else chosen
    axes = list(edited.axes) if chosen.name == CUSTOM else [_axis_control(axis) for axis in edited.axes]
    taken = {axis.field for axis in axes} | set(edited.network_axes)
    options = [name for name in FIELDS if name not in taken and name not in _OWN_CONTROL]
    remember("exp_more", [], lambda text: [name for name in several(text) if name in options])
    put("exp_more", [name for name in st.session_state["exp_more"] if name in options])
    more = st.multiselect("Vary more", options, format_func=lambda n: FIELDS[n].title, key="exp_more",
                          persist_state="session", placeholder="Nothing else",
                          help="Each choice becomes an axis of the grid.")
    publish({"exp_more": _SEPARATOR.join(more)}, {"exp_more": ""})
    axes += [_axis_control(Axis(name, FIELDS[name].suggestions)) for name in more]
    changes = _budget(edited)
    if changes["dataset"] != edited.dataset:
        changes["references"] = ()  # they were printed of other images
    return replace(edited, axes=tuple(axes), **changes)


def _network(chosen: Experiment) -> Experiment:
    remember("exp_nets", [DEFAULT_PRESET],
             lambda text: [name for name in several(text) if is_network(name)] or [DEFAULT_PRESET])
    own = own_choices()
    # Networks of a link, or that were deleted meanwhile, stay for as long as they are chosen.
    options = list(dict.fromkeys([*own, *PRESETS, *filter(is_network, st.session_state["exp_nets"])]))
    put("exp_nets", [name for name in st.session_state["exp_nets"] if name in options])
    names = st.multiselect("Networks", options, key="exp_nets", persist_state="session",
                           format_func=lambda name: own.get(name) or network_title(name),
                           help="Several of them become an axis. Networks that you built on Train are offered too.")
    publish({"exp_nets": _SEPARATOR.join(names)}, {"exp_nets": DEFAULT_PRESET})
    if not names:
        raise SpecError("Choose a network.")
    if len(names) == 1:
        return replace(chosen, network=names[0])
    return replace(chosen, network="{network}", axes=(Axis("network", tuple(names)),))


def _axis_control(axis: Axis) -> Axis:
    """Choose the values of an axis; numbers and units may be typed."""
    key, field = _PREFIX + axis.field, FIELDS.get(axis.field)
    known: dict[str, Value] = {str(value): value for value in axis.values}
    if axis.field == "dataset":
        known |= {name: name for name in dataset_infos()}
    elif field is not None:
        known |= {str(value): value for value in field.choices or field.suggestions}
    is_open = field is not None and not field.choices and axis.field != "dataset"
    default = [str(value) for value in axis.values]
    remember(key, default, several)
    options = list(dict.fromkeys([*known, *st.session_state[key]])) if is_open else list(known)
    put(key, [text for text in st.session_state[key] if text in options])
    chosen = st.multiselect(axis.title, options, key=key, accept_new_options=is_open, persist_state="session",
                            format_func=lambda text: _value_title(axis.field, text),
                            help=(field.help or None) if field else None)
    publish({key: _SEPARATOR.join(chosen)}, {key: _SEPARATOR.join(default)})
    titles = [_value_title(axis.field, text) for text in chosen]
    if len("".join(titles)) > _ROOM:
        st.caption(", ".join(titles))  # the control itself cuts them off
    if not chosen:
        raise SpecError(f"{axis.title}: choose at least one value.")
    return Axis(axis.field, tuple(
        known[text] if text in known or field is None else field.value_of(text) for text in chosen))


def _value_title(field: str, text: str) -> str:
    if field == "dataset":
        infos = dataset_infos()
        return infos[text].title if text in infos else text
    return network_title(text) if field == "network" else text


def _sets_for(chosen: Experiment) -> list[str]:
    """The data sets that the experiment's networks can learn."""
    if chosen.dataset.startswith("clocks"):
        return [name for name, info in datasets.DATASETS.items() if info.kind == "clock"]
    return list(dataset_infos())


def _budget(chosen: Experiment) -> dict[str, Any]:
    """Controls of data set, images, epochs and seeds; the changes of the experiment that they mean."""
    fixed_set = _has_fixed_set(chosen)
    sets = _sets_for(chosen)
    default_set = chosen.dataset if fixed_set or _ready(chosen.dataset) else "digits" if "digits" in sets else sets[0]
    defaults = {"exp_data": default_set, "exp_images": chosen.train_size or ALL_IMAGES,
                "exp_epochs": chosen.epochs or 0, "exp_seeds": len(chosen.seeds), "exp_seed": chosen.seeds[0]}
    parsers = {"exp_data": one_of(sets), "exp_images": within(int, 0, 10_000_000), "exp_epochs": within(int, 0, 10_000),
               "exp_seeds": within(int, 1, 20), "exp_seed": within(int, 0, 2**31 - 100)}
    for key, parse in parsers.items():
        remember(key, defaults[key], parse)
    if not fixed_set:
        if st.session_state["exp_data"] not in sets:
            st.session_state["exp_data"] = default_set
        st.selectbox("Data set", sets, width=_CONTROL, key="exp_data", persist_state="session",
                     format_func=lambda n: datasets.info(n, run_home()).title)
    st.button("Laptop scale", icon=":material/laptop:", key="exp_laptop", on_click=_take_laptop_scale, args=(chosen,),
              help="Fewer images, epochs and seeds, so that the whole grid is done in minutes.")
    with st.container(horizontal=True):
        number_field(st, "Training images (0: all)", 0, 10_000_000, "exp_images", step=1000, width=_CONTROL)
        number_field(st, "Epochs (0: the network's own)", 0, 10_000, "exp_epochs", width=_CONTROL)
        number_field(st, "Seeds", 1, 20, "exp_seeds", width=_CONTROL, help="Every cell is trained once with each seed.")
        number_field(st, "First seed", 0, 2**31 - 100, "exp_seed", width=_CONTROL)
    values = {key: st.session_state[key] for key in defaults if key != "exp_data" or not fixed_set}
    publish(values, {**defaults, "exp_data": chosen.dataset})
    first = values["exp_seed"]
    return {"dataset": values.get("exp_data", chosen.dataset), "train_size": values["exp_images"] or None,
            "epochs": values["exp_epochs"] or None, "seeds": tuple(range(first, first + values["exp_seeds"]))}


def _ready(dataset: str) -> bool:
    try:
        return datasets.available(dataset, home=run_home())
    except LabError:
        return False


def _take_laptop_scale(chosen: Experiment) -> None:
    cut = chosen.reduced()
    st.session_state.update(exp_images=cut.train_size or ALL_IMAGES, exp_epochs=cut.epochs or 0, exp_seeds=len(cut.seeds))
