"""How good a finished network is and where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.presets import PRESETS
from lib.catalog.tasks import TASKS, Answer
from lib.datasets import Dataset
from lib.images.sheets import contact_sheet
from lib.measures.diagnosis import why_so_low
from lib.measures.epoch_recording import confusion_matrix
from lib.measures.history import history_csv
from lib.measures.results import reported_words
from lib.spec.runs import RunSnapshot
from lib.ui.inside.link import look_inside_run
from lib.ui.panels.data import load_dataset
from lib.ui.panels.take_home import take_home_panel
from lib.ui.resources import runner
from lib.ui.widgets.answers import shares_of
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.images import image_html, sheet_html
from lib.ui.widgets.layout import figures
from lib.ui.words import as_text

#: Images shown of one cell of the confusion matrix.
_CELL_IMAGES = 40
_MISTAKES = 12
#: Width of one of them: a word of its caption fits.
_MISTAKE_PIXELS = 96


def results_panel(snapshot: RunSnapshot) -> None:
    """Test figures, confusion matrix, most confident mistakes, downloads."""
    task = TASKS.get(snapshot.record.spec.task)
    if task is not None and "test_loss" in snapshot.record.metrics:
        _PANELS[task.answer](snapshot)
    _downloads(snapshot)
    take_home_panel(snapshot)


def _class_results(snapshot: RunSnapshot) -> None:
    _figures(snapshot)
    _details(snapshot)


def _nothing_more(snapshot: RunSnapshot) -> None:
    """The images of every epoch say it."""


def _clock_figures(snapshot: RunSnapshot) -> None:
    metrics = snapshot.record.metrics
    st.subheader("How good is it?")
    with figures():
        st.metric("Mean error (min)", f"{metrics['test_minutes']:.1f}", width="content",
                  help="The shorter way round; guessing gives 180.")
        st.metric("Median (min)", f"{metrics['test_median_minutes']:.1f}", width="content")
        st.metric("95th percentile (min)", f"{metrics['test_p95_minutes']:.0f}", width="content")
        st.metric("Within 5 min", percent_text(metrics["test_within_5"]), width="content")
        st.metric("Hour right", percent_text(metrics["test_hour_accuracy"]), width="content")
    st.caption(f"On {metrics['test_images']:,.0f} test clocks. Hands swapped: {percent_text(metrics['test_hand_swaps'])}; "
               f"right place on the dial, wrong side of 12:00: {percent_text(metrics['test_wraps'])}.")


def _figures(snapshot: RunSnapshot) -> None:
    metrics, spec = snapshot.record.metrics, snapshot.record.spec
    st.subheader("How good is it?")
    with figures():
        st.metric("Test accuracy", percent_text(metrics["test_accuracy"]), width="content",
                  help=f"On {metrics['test_images']:,.0f} images that training never saw.")
        st.metric("Test loss", f"{metrics['test_loss']:.4f}", width="content",
                  help="Cross-entropy, weight penalties included.")
        if "best_val_accuracy" in metrics:
            st.metric("Best validation accuracy", percent_text(metrics["best_val_accuracy"]), width="content")
            st.metric("Best epoch", f"{metrics['best_epoch']:.0f}", width="content")
    steps = snapshot.epochs[-1].step if snapshot.epochs else 0
    output = spec.architecture.layers[-1]
    classes = output.units if output.kind == "dense" else 2
    why = why_so_low(metrics["test_accuracy"], classes, spec, steps)
    if why:
        st.warning(why, icon=":material/casino:")
    preset = PRESETS.get(spec.architecture.name)
    said = reported_words(spec.architecture.name) if preset is not None else ""
    if preset is not None and said:
        st.caption(f"Report {preset.report} printed for this network: {said}.")


def _details(snapshot: RunSnapshot) -> None:
    try:
        outputs, labels = _test_outputs(snapshot.record.id)
        dataset = load_dataset(snapshot.record.spec.data)
    except LabError as error:
        st.warning(as_text(error), icon=":material/warning:")
        return
    probabilities = shares_of(outputs)
    _confusion(dataset, labels, outputs.argmax(axis=1))
    _confident_mistakes(dataset, labels, probabilities)


def _test_outputs(run_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Outputs (n, classes) and labels (n,) of the first n test images."""
    from lib.models.files import read_npz

    arrays = read_npz(runner().store.folder(run_id) / "test.npz")
    return arrays["outputs"], arrays["labels"]


def _confusion(dataset: Dataset, labels: np.ndarray, predictions: np.ndarray) -> None:
    from lib.charts.confusion import confusion_chart, confusion_rows

    st.markdown("**Confusion matrix.** Click a cell to see its images.")
    names = dataset.info.class_names
    rows = confusion_rows(confusion_matrix(labels, predictions, len(names)), names)
    event = show_chart(st, confusion_chart(rows, names), on_select="rerun", key="confusion", width="stretch",
                       alt="Confusion matrix of the test images")
    for cell in (event.selection.get("cell") or [])[:1]:
        chosen = [cell.get(axis) for axis in ("true", "predicted")] if isinstance(cell, Mapping) else []
        if not chosen or not all(name in names for name in chosen):
            continue  # a browser may send anything
        true, predicted = (names.index(name) for name in chosen)
        found = np.flatnonzero((labels == true) & (predictions == predicted))
        st.markdown(f"{len(found):,} test images of **{as_text(names[true])}** that the network calls "
                    f"**{as_text(names[predicted])}**")
        if len(found):
            st.html(sheet_html(contact_sheet(dataset.x_test[found[:_CELL_IMAGES]], 10), "Test images of the chosen cell"))


def _confident_mistakes(dataset: Dataset, labels: np.ndarray, probabilities: np.ndarray) -> None:
    st.markdown("**Most confident mistakes**")
    predictions = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predictions != labels)
    if not len(wrong):
        st.caption("Not a single mistake on the test images.")
        return
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:_MISTAKES]
    names = dataset.info.class_names
    with st.container(horizontal=True):  # as many side by side as there is room for
        for index in worst:
            said, true = names[predictions[index]], names[labels[index]]
            place = st.container(width=_MISTAKE_PIXELS, gap="xsmall")
            place.html(image_html(contact_sheet(dataset.x_test[index : index + 1], 1, scale=3, gap=0),
                                  f"A {true} that the network takes for a {said}", f"{_MISTAKE_PIXELS - 8}px"))
            place.caption(f"{as_text(true)} → **{as_text(said)}** {percent_text(confidence[index])}")


#: What a task answers -> what is shown of a finished run beside its images.
_PANELS: dict[Answer, Callable[[RunSnapshot], None]] = {
    Answer.CLASS: _class_results, Answer.TIME: _clock_figures, Answer.IMAGE: _nothing_more, Answer.FEATURES: _nothing_more,
}


def _downloads(snapshot: RunSnapshot) -> None:
    run_id = snapshot.record.id
    model = runner().store.folder(run_id) / "model.keras"
    with st.container(horizontal=True, key="links_run"):
        look_inside_run(snapshot.record)
        if snapshot.epochs:
            st.download_button("History (CSV)", history_csv(snapshot.epochs), f"{run_id}-history.csv", "text/csv",
                               icon=":material/table:", key="history_csv", on_click="ignore")
        if model.exists():
            st.download_button("Model (.keras)", model.read_bytes, f"{run_id}.keras", "application/octet-stream",
                               icon=":material/download:", key="model_file", on_click="ignore")
