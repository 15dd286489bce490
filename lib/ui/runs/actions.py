"""What can be done with the ticked runs: open, star, note, rename, stop, resume, download, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.measures.history import curves_csv, runs_csv
from lib.runs.store import LONGEST_NAME, LONGEST_NOTE
from lib.spec.runs import RunRecord
from lib.ui.faults import answering
from lib.ui.frame import page_script
from lib.ui.inside.link import look_inside_run
from lib.ui.panels.current_run import forget_run
from lib.ui.resources import runner
from lib.ui.runs.columns import state_word
from lib.ui.runs.table import tick
from lib.ui.visitors import may_steer, not_yours, steer_run
from lib.ui.words import as_text, state_badge

#: Names that a question lists before it says how many more there are.
_MOST_NAMES = 5


def selected_actions(records: Sequence[RunRecord]) -> None:
    """A row of buttons for the ticked runs, and what is noted about a single one."""
    with st.container(horizontal=True, vertical_alignment="center", key="links_runs"):
        if len(records) == 1:
            _single_actions(records[0])
        _star_action(records)
        _downloads(records)
        _delete_action(records)
        st.button("Untick all", icon=":material/deselect:", key="runs_untick", on_click=tick, args=((),))
    if len(records) == 1:
        record = records[0]
        st.markdown(f"{state_badge(record.state, state_word(record) == 'paused')} {as_text(record.message)}")
        if record.note:
            st.text(record.note)


def _single_actions(record: RunRecord) -> None:
    st.page_link(page_script("train"), label="Open on the Train page", icon=":material/open_in_new:",
                 query_params={"run": record.id})
    look_inside_run(record)
    others = not_yours(record)
    stop = not record.state.is_final and st.button("Stop", icon=":material/stop:", key="runs_stop", **others)
    if stop and answering(steer_run)("stop", record.id):
        st.rerun()
    resume = record.state.can_resume and st.button("Resume", icon=":material/resume:", key="runs_resume", **others)
    if resume and answering(steer_run)("resume", record.id):
        st.rerun()
    # The keys hold what is stored: once another tab has written, a field begins with that, and Save does not undo it.
    with st.popover("Rename", icon=":material/edit:", **others):
        name = st.text_input("Name", record.name, max_chars=LONGEST_NAME, key=f"runs_name_{record.id}_{hash(record.name)}")
        if st.button("Save", key="runs_rename") and answering(steer_run)("rename", record.id, name):
            st.rerun()
    with st.popover("Note", icon=":material/edit_note:", **others):
        note = st.text_area("What you saw, for later", record.note, key=f"runs_note_{record.id}_{hash(record.note)}",
                            max_chars=LONGEST_NOTE, width=360, height=160)
        if st.button("Save", key="runs_write_note") and answering(steer_run)("write_note", record.id, note):
            st.rerun()


def _star_action(records: Sequence[RunRecord]) -> None:
    """Star all of them that this visitor may change, or take the stars off where all have one."""
    mine = [record for record in records if may_steer(record)]
    off = bool(mine) and all(record.starred for record in mine)
    label, icon = ("Take stars off", ":material/star_border:") if off else ("Star", ":material/star:")
    others = not_yours(*records) if not mine else {}
    if st.button(label, icon=icon, key="runs_star", **others):
        for record in mine:
            answering(steer_run)("star", record.id, not off)
        st.rerun()


def _downloads(records: Sequence[RunRecord]) -> None:
    with st.popover("Download", icon=":material/download:", key="runs_downloads"):
        for label, make, name, kind, icon, key in _FILES:
            st.download_button(label, partial(make, records), name, kind, icon=icon, key=key, on_click="ignore",
                               width="stretch")
        if len(records) == 1:
            model = runner().store.folder(records[0].id) / "model.keras"
            if model.exists():
                st.download_button("Model (.keras)", model.read_bytes, f"{records[0].id}.keras", "application/octet-stream",
                                   icon=":material/model_training:", key="runs_model", on_click="ignore", width="stretch")
        st.caption(f"Of {count_text(len(records), 'ticked run')}. Charts have buttons of their own for SVG and PNG. "
                   "Event files: unpack them and open the folder with `tensorboard --logdir`.")


def _curves_file(records: Sequence[RunRecord]) -> str:
    return curves_csv((record, runner().store.epochs(record.id)) for record in records)


def _events_file(records: Sequence[RunRecord]) -> bytes:
    from lib.models.event_files import event_zip

    store = runner().store
    return event_zip((record, store.epochs(record.id), store.steps(record.id)) for record in records)


#: Label, what makes the file of some runs, its name, its type, icon, key.
_FILES: tuple[tuple[str, Callable[[Sequence[RunRecord]], str | bytes], str, str, str, str], ...] = (
    ("Runs (CSV)", runs_csv, "runs.csv", "text/csv", ":material/table:", "runs_csv"),
    ("Curves (CSV)", _curves_file, "curves.csv", "text/csv", ":material/show_chart:", "runs_curves"),
    ("TensorBoard event files (zip)", _events_file, "tensorboard.zip", "application/zip", ":material/folder_zip:",
     "runs_events"),
)


def _delete_action(records: Sequence[RunRecord]) -> None:
    """Ask, naming what would go, and delete."""
    ended = [r for r in records if r.state.is_final]
    final = [r for r in ended if may_steer(r)]
    others = not_yours(*ended) if not final else {}
    with st.popover("Delete", icon=":material/delete:", **{"disabled": not final, **others}):
        stay = f" {count_text(len(ended) - len(final), 'run')} of others stay." if len(ended) > len(final) else ""
        going = len(records) - len(ended)
        train = f" {count_text(going, 'run')} that still trains or waits stays." if going else ""
        what = "this run, its curves and its model" if len(final) == 1 else f"{len(final)} runs, their curves and models"
        st.markdown(f"Delete {what}?{stay}{train} It cannot be taken back.")
        names = [f"- {as_text(record.name)}" for record in final[:_MOST_NAMES]]
        names += [f"- and {len(final) - _MOST_NAMES} more"] if len(final) > _MOST_NAMES else []
        st.markdown("\n".join(names))
        if st.button("Yes, delete", key="runs_delete", type="primary"):
            delete_runs(final)
            st.rerun()


def delete_runs(records: Sequence[RunRecord]) -> None:
    """Delete runs that have ended; a message for each that cannot be deleted."""
    for record in records:
        try:
            steer_run("delete", record.id)
            forget_run(record.id)
        except LabError as error:
            st.toast(as_text(error), icon=":material/error:")
