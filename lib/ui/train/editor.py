"""The architecture editor: the layers of the chosen network as blocks, and the controls that change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.base.errors import LabError
from lib.catalog.networks import is_own
from lib.charts.stack_diagram import diagram_data, stack_blocks, total_words
from lib.datasets import DatasetInfo
from lib.spec.memory_need import heaviest_layer
from lib.spec.specs import ACTIVATIONS, INITIALIZERS, USUAL_SLOPES, LayerSpec
from lib.spec.stack import NEW_LAYERS, Stack, fixes
from lib.spec.stack_text import network_text
from lib.spec.summary import Shape, StackCheck
from lib.ui.faults import show_problem
from lib.ui.train import editing
from lib.ui.train.saving import saving_row
from lib.ui.url_state import put
from lib.ui.widgets.stack_diagram import sent_acts, stack_diagram

_DIAGRAM = "layer_diagram"
#: State of the editor: whether it is open, and whether the network was one of the user's own when it was drawn last.
_OPEN, _EDITED = "layers_open", "_layers_edited"


@dataclass(frozen=True, slots=True)
class _Control:
    """How a field of a layer is set: a choice, or a whole number or a fraction where there are no `choices`."""

    label: str
    choices: tuple[str, ...] = ()
    step: float = 1
    help: str | None = None


_CONTROLS = {
    "units": _Control("Units", step=16), "filters": _Control("Filters", step=8), "kernel_size": _Control("Kernel"),
    "size": _Control("Window"),
    "strides": _Control("Stride", help="How many pixels the window moves from place to place."),
    "padding": _Control("Padding", ("same", "valid"), help="same: windows may reach over the edge. valid: they may not, and "
                        "maps become smaller."),
    "method": _Control("Takes the", ("max", "average")),
    "activation": _Control("Activation", ACTIVATIONS),
    "slope": _Control("Slope below zero", step=0.05),
    "initializer": _Control("Initialiser", INITIALIZERS, help="How the first weights are drawn."),
    "l1": _Control("L1 factor", step=0.0001), "l2": _Control("L2 factor", step=0.0001),
    "rate": _Control("Rate", step=0.05, help="The share of inputs that is set to zero while training."),
    "stddev": _Control("Standard deviation", step=0.05, help="Of the noise that is added while training."),
}
_WEIGHTED = ("activation", "slope", "initializer", "l1", "l2")
#: Kind of layer -> its fields, in the order of their controls.
_FIELDS: dict[str, tuple[str, ...]] = {
    "dense": ("units", *_WEIGHTED), "conv": ("filters", "kernel_size", "strides", "padding", *_WEIGHTED),
    "pool": ("method", "size", "strides", "padding"), "global_pool": ("method",), "flatten": (),
    "activation": ("activation", "slope"), "batch_norm": (), "dropout": ("rate",), "noise": ("stddev",),
}
_WORDS = {
    "flatten": "Puts the pixels of all maps into one row, for dense layers.",
    "batch_norm": "Shifts and scales every channel to mean 0 and deviation 1 over the batch, then learns another one.",
    "global_pool": "One number for each map: no Flatten is needed behind it.",
}


def editor_panel(place: Place, info: DatasetInfo, batch_size: int, too_large: LabError | None) -> None:
    """Draw the editor of the chosen network into `place`, for images of `info`; `too_large` is why memory refuses it."""
    try:
        stack = editing.chosen_stack()
    except LabError as error:
        with place:
            show_problem(error)
        return
    problem = editing.edit_problem()
    if problem is not None:
        with place:
            show_problem(problem)
    _open_for_own(is_own(st.session_state["net"]))
    box = place.expander("Layers: look at them and change them", icon=":material/layers:", key=_OPEN, on_change="rerun")
    if not box.open:
        return  # a page without its many controls comes up sooner
    with box:
        checked = stack.check(info.image_shape, info.classes)
        _palette(stack)
        with st.container(key="layer_editor"):
            diagram, form = st.columns([5, 2], gap="medium")
        with form:
            _selected_layer(stack, checked)
        with diagram:
            _diagram(stack, checked, info, batch_size, too_large)
        saving_row(stack)


def _open_for_own(is_edited: bool) -> None:
    """Open the editor when the network becomes one of the user's own; else it stays as the user has left it."""
    if is_edited and not (_OPEN in st.session_state and st.session_state.get(_EDITED)):
        put(_OPEN, True)
    st.session_state[_EDITED] = is_edited


# --- the diagram --------------------------------------------------------------------------


def _diagram(stack: Stack, checked: StackCheck, info: DatasetInfo, batch_size: int, too_large: LabError | None) -> None:
    fault, words = checked.fault, _fault_words(checked.error)
    if fault is None and too_large is not None:
        layers = (*stack.layers, stack.head)
        fault, words = heaviest_layer(layers, info.image_shape, batch_size), "This layer takes the most memory."
    _fix_buttons(stack, checked, info.image_shape)
    blocks = stack_blocks(stack, checked, info.image_shape, fault, words)
    stack_diagram(_DIAGRAM, diagram_data(blocks), editing.selected_layer(stack), total_words(checked), _take_acts)


def _fault_words(error: LabError | None) -> str:
    return f"{error.problem} {error.remedy}".strip() if error is not None else ""


def _fix_buttons(stack: Stack, checked: StackCheck, image_shape: Shape) -> None:
    """One click for each edit that repairs the stack."""
    found = fixes(stack, image_shape)
    if not found or checked.fault is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="stack_fixes"):
        name = "the output" if checked.fault == len(stack.layers) else f"layer {checked.fault + 1}"
        st.markdown(f"**To repair {name}:**", width="content")
        for number, fix in enumerate(found):
            st.button(fix.label, icon=":material/build:", key=f"fix_{number}", on_click=editing.choose_own,
                      args=(network_text(fix.stack),))


def _take_acts() -> None:
    """What was done to the diagram."""
    for act in sent_acts(_DIAGRAM):
        match act.do:
            case "select":
                editing.select_layer(act.at)
            case "move":
                editing.move(act.at, act.to)
            case "remove":
                editing.remove(act.at)
            case "duplicate":
                editing.duplicate(act.at)
            case "undo":
                editing.undo()


# --- the controls -------------------------------------------------------------------------


def _palette(stack: Stack) -> None:
    at, count = editing.selected_layer(stack), len(stack.layers)
    where = "before the output" if at >= count else f"behind layer {at + 1}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="palette"):
        st.markdown(f"**Add {where}:**", width="content")
        for kind, (name, _) in NEW_LAYERS.items():
            st.button(name, key=f"add_{kind}", icon=":material/add:", on_click=editing.add, args=(kind,), width="content")
        st.button("Undo", key="undo_edit", icon=":material/undo:", on_click=editing.undo, disabled=not editing.can_undo(),
                  width="content", help="Take the last edit back.")


def _selected_layer(stack: Stack, checked: StackCheck) -> None:
    at = editing.selected_layer(stack)
    if at == len(stack.layers):
        st.markdown("**Output**")
        st.caption("One unit for each class of the data set. The app adds it and fits it to the images; it stays last.")
        return
    layer = stack.layers[at]
    st.markdown(f"**Layer {at + 1} of {len(stack.layers)}: {NEW_LAYERS[layer.kind][0]}**")
    with st.container(horizontal=True, gap="xsmall", key="layer_buttons"):
        st.button("Up", key="layer_up", icon=":material/arrow_upward:", on_click=editing.move, args=(at, at - 1),
                  disabled=at == 0)
        st.button("Down", key="layer_down", icon=":material/arrow_downward:", on_click=editing.move, args=(at, at + 1),
                  disabled=at == len(stack.layers) - 1)
        st.button("Duplicate", key="layer_duplicate", icon=":material/content_copy:", on_click=editing.duplicate, args=(at,))
        st.button("Remove", key="layer_remove", icon=":material/delete:", on_click=editing.remove, args=(at,))
    if layer.kind in _WORDS:
        st.caption(_WORDS[layer.kind])
    places = st.columns(2, gap="small")
    has_slope = getattr(layer, "activation", "") in USUAL_SLOPES
    names = [name for name in _FIELDS[layer.kind] if name != "slope" or has_slope]
    for number, name in enumerate(names):
        _field(places[number % 2], layer, at, name)


def _field(place: Place, layer: LayerSpec, at: int, name: str) -> None:
    """The control of one field, which shows what the layer says: an entry that cannot be is put back."""
    control, key = _CONTROLS[name], f"layer_{layer.kind}_{name}"
    value: Any = layer.step if layer.kind == "pool" and name == "strides" else getattr(layer, name)
    put(key, value)
    options: dict[str, Any] = {"key": key, "help": control.help, "on_change": _take_field, "args": (at, key, name)}
    if control.choices:
        place.selectbox(control.label, control.choices, format_func=lambda text: text.replace("_", " "), **options)
    elif isinstance(value, int):
        place.number_input(control.label, step=int(control.step), **options)
    else:
        place.number_input(control.label, step=control.step, format="%g", **options)


def _take_field(at: int, key: str, name: str) -> None:
    editing.change_layer(at, **{name: st.session_state[key]})
