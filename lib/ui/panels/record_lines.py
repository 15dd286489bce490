"""The lines across a run's charts: which there are, which the user wants to see, and where their figures come from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.best_known import BEST_KNOWN
from lib.measures.record_lines import (
    LINE_TITLES,
    RecordLine,
    best_here_words,
    best_stored,
    record_lines,
    record_metric,
)
from lib.spec.runs import RunRecord
from lib.ui.resources import runner
from lib.ui.url_state import put
from lib.ui.words import as_text

#: Names of the lines that the user has hidden, on every run.
_HIDDEN = "hidden_lines"
_TITLES = {"best_epoch": "best epoch", **LINE_TITLES}


def lines_of(record: RunRecord) -> tuple[RecordLine, ...]:
    """The record lines of a run as they are now; those without the store's where it cannot be read."""
    return record_lines(record.spec, _stored(record), record.id)


def _stored(record: RunRecord) -> tuple[RunRecord, ...]:
    if record_metric(record.spec) is None:
        return ()
    try:
        return runner().records()
    except LabError:
        return ()


def is_line_shown(name: str) -> bool:
    """Whether the user wants to see the line called `name` ("best_epoch" or a record line's): all of them at first."""
    return name not in st.session_state.get(_HIDDEN, ())


def lines_panel(lines: Sequence[RecordLine], record: RunRecord) -> None:
    """The choice of lines, and the sources of those that are shown."""
    offered = tuple(name for name in _TITLES if name in ("best_epoch", *(line.name for line in lines)))
    key = "lines_" + "_".join(offered)  # other choices are another widget
    put(key, [name for name in offered if is_line_shown(name)])
    st.pills("Lines", offered, format_func=_TITLES.__getitem__, key=key, selection_mode="multi", on_change=_take_choice,
             args=(key, offered))
    sentences = [sentence for line in lines if is_line_shown(line.name) and (sentence := _source(line, record))]
    metric = record_metric(record.spec)
    if sentences and metric is not None:
        st.caption(f"Record lines are figures of test images of this data set ({metric.title}). " + " ".join(sentences))
    if own := best_here_words(record, _stored(record)):
        st.caption(own)


def _take_choice(key: str, offered: Sequence[str]) -> None:
    hidden = {name for name in offered if name not in (st.session_state.get(key) or ())}
    st.session_state[_HIDDEN] = hidden | (st.session_state.get(_HIDDEN, set()) - {*offered})


def _source(line: RecordLine, record: RunRecord) -> str:
    """Where a line's figure is from, in Markdown; "" for a report, whose number is in its label."""
    if line.name == "best_known":
        known = BEST_KNOWN[record.spec.data.dataset]
        return f"Best known to this lab: {as_text(known.source)}, [{as_text(known.title)}]({known.link}), {known.how}."
    if line.name == "best_here":
        best = best_stored(record.spec, _stored(record), record.id)
        return f"Best run here: “{as_text(best.name)}”." if best is not None else ""
    return ""
