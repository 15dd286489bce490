"""A race on the Train page: its buttons, and the small experiment that it is."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.races import RACES, race
from lib.measures.experiment_reading import race_fairness, race_words
from lib.spec.specs import RunSpec
from lib.ui.experiments.launch import launched
from lib.ui.experiments.panel import sweep_panel
from lib.ui.panels.on_show import RACE, close, close_button, on_show, show
from lib.ui.resources import sweeps
from lib.ui.words import as_text

_LABELS = {"optimizer": "Race optimisers", "activation": "Race activations"}


def race_buttons(spec: RunSpec, network: str) -> None:
    """A button for each race over `spec`, whose network is called `network`; pressed, it begins and is shown."""
    for kind, (_, question, values) in RACES.items():
        words = f"{question} {len(values)} runs of this set-up, the same seed, one chart."
        if st.button(_LABELS[kind], icon=":material/flag:", key=f"race_{kind}", help=words):
            sweep_id = launched(race(spec, kind, network))
            if sweep_id is not None:
                show(RACE, sweep_id)
                st.rerun()


def race_panel() -> None:
    """The race on show, nothing where there is none."""
    sweep_id = on_show(RACE)
    if sweep_id is None:
        return
    try:
        record, results = sweeps().record(sweep_id), sweeps().results(sweep_id)
        if not record.experiment.name.startswith("race_"):
            raise LabError("This experiment is no race.", remedy="The Experiments page shows it.")
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        close(RACE)
        return
    with st.container(border=True, key="race"):
        words = race_words(record.experiment, results)
        if words:
            st.success(as_text(words), icon=":material/flag:")
        else:  # Room for the winner: its name would push everything away.
            st.info("When all have ended, the winner stands here.", icon=":material/flag:")
        sweep_panel(record, lambda: close_button(RACE))
        st.caption(race_fairness(record.experiment))
