"""Train a clock network of one's own: head, backbone, image size, budget."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib import datasets
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.heads import HEADS
from lib.catalog.networks import clock_network
from lib.catalog.tasks import CLOCK
from lib.measures.results import reported_words
from lib.spec.memory_need import check_memory
from lib.spec.specs import HeadSpec, RunSpec
from lib.spec.summary import multiply_add_count, summarise
from lib.ui.networks import own_choices
from lib.ui.panels.training import Setup, training_panel
from lib.ui.train.controls import assumptions_panel
from lib.ui.widgets.number_field import number_field


def clock_training() -> None:
    """Train a head on a backbone."""
    training_panel("clock", (CLOCK,), _controls)


def _controls() -> Setup:
    sets = {name: info for name, info in datasets.DATASETS.items() if info.kind == "clock"}
    left, middle, right = st.columns(3)
    labels = {**{name: _label(name) for name in CLOCK_PRESETS}, **own_choices()}
    if st.session_state.get("clock_net") not in labels:  # deleted or edited meanwhile
        st.session_state["clock_net"] = next(iter(labels))
    name = left.selectbox("Backbone of", list(labels), key="clock_net", persist_state="session",
                          format_func=labels.__getitem__,
                          help="Networks that you built on Train are offered too, without their output layer.")
    preset = CLOCK_PRESETS[name] if name in CLOCK_PRESETS else clock_network(name)
    kind = left.selectbox("Output and loss", list(HEADS), index=list(HEADS).index(preset.head_kind),
                          key=f"head_of_{preset.name}", format_func=lambda k: HEADS[k].title, persist_state="session")
    data = middle.selectbox("Clocks", list(sets), index=list(sets).index(preset.data.dataset),
                            key=f"clocks_of_{preset.name}", persist_state="session", format_func=lambda n: sets[n].title)
    images = middle.selectbox("Training images", [1000, 4000, 14400], index=1, key="clock_images", persist_state="session",
                              format_func="{:,}".format)
    epochs = number_field(right, "Epochs, at most", 1, 1000, "clock_epochs", 10)
    seed = number_field(right, "Seed", 0, 2**31 - 1, "clock_seed", 0)
    head = preset.head if kind == preset.head_kind else HeadSpec(kind)
    said = reported_words(preset.name)
    reported = f" Report {preset.report} printed: {said}." if said else ""
    st.caption(f"{preset.description} {HEADS[kind].question}{reported}")
    assumptions_panel(preset.assumed)
    images_of = replace(preset.data, dataset=data, train_size=int(images))
    spec = RunSpec(preset.architecture, images_of, replace(preset.train, epochs=epochs), seed, CLOCK.name, head)
    check_memory(spec, sets[data].image_shape, int(images))
    work = multiply_add_count(summarise(spec.architecture, sets[data].image_shape))
    st.caption(f"{work / 1e6:,.1f} M multiply-adds an image.")
    return Setup(spec, f"{HEADS[kind].title} · {sets[data].title} · seed {seed}")


def _label(name: str) -> str:
    preset = CLOCK_PRESETS[name]
    return f"{preset.system} · {preset.title}" if preset.system else preset.title
