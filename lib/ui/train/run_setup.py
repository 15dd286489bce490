"""Who comes to the Train page for a run finds the controls as that run was set: change one thing, train again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.networks import own_preset, own_text
from lib.catalog.preset import Preset
from lib.catalog.presets import PRESETS
from lib.catalog.tasks import TASKS
from lib.spec.rate_search import search_of
from lib.spec.runs import RunRecord
from lib.spec.specs import DataSpec, RunSpec
from lib.spec.split_text import split_text, with_split
from lib.ui.frame import page_script
from lib.ui.resources import runner
from lib.ui.train.controls import (
    ALL_IMAGES,
    chosen_training,
    dataset_infos,
    in_range,
    offer_run_network,
    possible_regularisations,
    regularised,
    run_spec,
    training_values,
)
from lib.ui.train.editing import RUN_NETWORK
from lib.ui.url_state import arrived, take


def take_setup_of_run() -> None:
    """On arrival by a link to a run that says nothing of a network: set the controls as the run was set."""
    run_id = st.query_params.get("run")
    if not arrived() or run_id is None or "net" in st.query_params:
        return
    try:
        record = runner().store.record(run_id)
    except LabError:
        return  # the run's panel says that there is none
    is_training = page_of(record) == "train" and search_of(record.spec) is None
    if is_training and record.spec.data.dataset in dataset_infos():
        for key, value in setup_of(record).items():
            take(key, value)


def other_page_note(record: RunRecord) -> None:
    """Where the controls of a run are that is no classifier."""
    page = page_of(record)
    if page and page != "train":
        st.page_link(page_script(page), icon=":material/tune:",
                     label=f"This {TASKS[record.spec.task].title} was set up on another page. Open that page.")


def page_of(record: RunRecord) -> str:
    """The page with the controls of such runs; "" for a task that only another version of the app knows."""
    task = TASKS.get(record.spec.task)
    return task.page if task else ""


def setup_of(record: RunRecord) -> dict[str, Any]:
    """The values of the controls that describe the run; its network is offered as RUN_NETWORK if no preset is it."""
    spec = replace(record.spec, changes=())
    own = own_text(spec)
    preset = own_preset(own) if own is not None else PRESETS.get(spec.architecture.name)
    found = _regularisation_between(preset, spec) if preset is not None else None
    if preset is None or found is None:
        preset = _preset_of(record)
        offer_run_network(preset)
        found = {"net": RUN_NETWORK}
    return _values(preset, spec) | {"net": preset.name} | found


def _preset_of(record: RunRecord) -> Preset:
    spec = record.spec
    return Preset(spec.architecture.name, f"as in “{record.name}”", spec.architecture, spec.train,
                  "The network, data split and training of that run.", data=spec.data)


def _values(preset: Preset, spec: RunSpec) -> dict[str, Any]:
    train, source = spec.train, preset.data if preset.dataset == spec.data.dataset else None
    return training_values(preset) | {
        "data": spec.data.dataset, "images": spec.data.train_size or ALL_IMAGES, "optimizer": train.optimizer,
        "rate": train.learning_rate, "batch": train.batch_size, "epochs": train.epochs,
        "stopping": train.patience is not None, "patience": train.patience or 10, "seed": spec.seed,
        "monitor": train.monitor, "split": split_text(spec.data, source),
    }


def _regularisation_between(preset: Preset, spec: RunSpec) -> dict[str, Any] | None:
    """The controls that make the preset this run's network, by trying them; None where none does."""
    rates = [layer.rate for layer in spec.architecture.layers if layer.kind == "dropout"]
    factors = [layer.l2 for layer in spec.architecture.layers if layer.kind in ("dense", "conv") and layer.l2]
    # What the controls cannot say makes another network, so that the run's own is offered.
    dropout, l2 = in_range("reg_dropout", next(iter(rates), 0.5)), in_range("reg_l2", next(iter(factors), 0.0005))
    values = _values(preset, spec)
    images = DataSpec(spec.data.dataset, spec.data.train_size)
    images = with_split(images, values["split"]) if values["split"] else images
    train = chosen_training(preset, values)
    for name in possible_regularisations(preset.architecture):
        architecture = regularised(preset.architecture, name, dropout, l2)
        if run_spec(preset, images, train, spec.seed, architecture).digest == spec.digest:
            return {"reg": name, "reg_dropout": dropout, "reg_l2": l2}
    return None
