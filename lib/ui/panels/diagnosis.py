"""What a run's figures give reason to say, below its curves; nothing where there is no reason."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.tasks import predicts_classes
from lib.measures.diagnosis import Finding, RecordedEpoch, diagnose, overfitting, validation_ahead
from lib.spec.runs import RunSnapshot
from lib.ui.panels.epoch_inside import inside_words
from lib.ui.resources import runner
from lib.ui.words import as_text


def diagnosis_lines(snapshot: RunSnapshot) -> None:
    """Draw what was found, each with its number."""
    metrics, spec = [log.metrics for log in snapshot.epochs], snapshot.record.spec
    for text in _texts(snapshot):
        st.warning(as_text(text), icon=":material/troubleshoot:")
    ahead = validation_ahead(metrics, spec)
    if ahead:
        st.caption(ahead)


def _texts(snapshot: RunSnapshot) -> list[str]:
    metrics, spec = [log.metrics for log in snapshot.epochs], snapshot.record.spec
    found = diagnose(spec, metrics, _seen(snapshot)) if predicts_classes(spec) else (
        Finding("over-fitting", overfitting(metrics)),)
    return [finding.text for finding in found if finding.text]


def _seen(snapshot: RunSnapshot) -> RecordedEpoch | None:
    """The newest recording, None where there is none that can be read."""
    from lib.models.recording import epoch_recording, recorded_epochs

    try:
        folder = runner().store.folder(snapshot.record.id)
        epochs = [epoch for epoch in recorded_epochs(folder) if epoch < len(snapshot.epochs)]
        if not epochs:
            return None
        words = inside_words(snapshot.record.spec)
        return RecordedEpoch(epoch_recording(folder, epochs[-1]), epochs[-1] + 1, words.layers, words.classes)
    except LabError:
        return None
