"""The curves of both networks, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lib.catalog.tasks import GAN, VAE
from lib.measures.generative_reading import gan_reading, vae_reading
from lib.ui.cats.networks import Network
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.layout import side_by_side
from lib.ui.words import as_text

_BOXES = {"warning": (st.warning, ":material/warning:"), "info": (st.info, ":material/info:"),
          "success": (st.success, ":material/check:")}


def curves_panel(chosen: Mapping[str, Network | None]) -> None:
    """Charts of the chosen GAN on the left, of the VAE on the right."""
    for (task, network), place in zip(chosen.items(), side_by_side("cats_curves", kind="charts"), strict=True):
        if network is not None:
            with place:
                st.markdown(f"**{as_text(network.title)}**")
                curves(task, network.rows)


def curves(task: str, rows: Sequence[Mapping[str, float]]) -> None:
    """Reading and charts of a run's epoch rows."""
    from lib.charts.cats import GAN_CHARTS, VAE_CHARTS, line_chart, line_rows

    if not rows:
        st.caption("No epoch yet.")
        return
    reading, charts = {GAN.name: (gan_reading, GAN_CHARTS), VAE.name: (vae_reading, VAE_CHARTS)}[task]
    for level, sentence in reading(rows):
        box, icon = _BOXES[level]
        box(sentence, icon=icon)
    for chart in charts:
        show_chart(st, line_chart(line_rows(rows, chart), chart), key=f"cats_{task}_{chart}", alt=f"{chart} by epoch")
