"""The Lessons page: all lessons as cards, or one of them step by step."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.glossary import explained
from lib.catalog.lessons import LESSONS, Lesson, Step
from lib.measures.lessons import step_figures, training_row
from lib.spec.runs import RunRecord, RunState
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.frame import page_info, page_script
from lib.ui.lessons.sheet import lesson_sheet, step_target
from lib.ui.resources import runner
from lib.ui.url_state import one_of, publish, remember
from lib.ui.widgets.layout import cards, figures
from lib.ui.words import duration_text, state_badge

#: How often an open lesson looks whether a run of its has ended.
REFRESH_SECONDS = 2.0


def lessons_page() -> None:
    """The lesson that the link names, all of them where it names none."""
    remember("lesson", "", one_of(tuple(LESSONS)))
    name = st.session_state["lesson"]
    publish({"lesson": name}, {"lesson": ""})
    runs = _newest_runs()
    if name:
        _lesson(LESSONS[name], runs)
    else:
        _cards(runs)


def _newest_runs() -> dict[str, RunRecord]:
    """Digest -> the newest run of it on this machine; none where the store cannot be read."""
    try:
        return {record.spec.digest: record for record in reversed(runner().records())}
    except LabError:
        return {}


def _choose(name: str) -> None:
    st.session_state["lesson"] = name


def _is_trained(record: RunRecord | None) -> bool:
    return record is not None and record.state is RunState.FINISHED


# --- all lessons --------------------------------------------------------------------------


def _cards(runs: Mapping[str, RunRecord]) -> None:
    for place, lesson in cards(list(LESSONS.values())):
        with place:
            st.markdown(f"##### {lesson.title}")
            st.markdown(lesson.question)
            st.caption(_extent(lesson, runs))
            st.button("Open", key=f"lesson_{lesson.name}", icon=":material/arrow_forward:", on_click=_choose,
                      args=(lesson.name,))


def _extent(lesson: Lesson, runs: Mapping[str, RunRecord]) -> str:
    """"4 steps, 16 s of training; 2 of 3 trained here"."""
    seconds = sum(row["seconds"] for spec in lesson.specs if (row := training_row(spec)) is not None)
    words = f"{len(lesson.steps)} steps" + (f", {seconds:.0f} s of training" if seconds else "")
    trained = sum(_is_trained(runs.get(spec.digest)) for spec in lesson.specs)
    return words + (f"; {trained} of {len(lesson.specs)} trained here" if trained else "")


# --- one lesson ---------------------------------------------------------------------------


def _lesson(lesson: Lesson, runs: Mapping[str, RunRecord]) -> None:
    st.button("All lessons", key="lesson_all", icon=":material/arrow_back:", on_click=_choose, args=("",))
    st.header(lesson.title)
    st.markdown(f"**{lesson.question}**")
    for number, step in enumerate(lesson.steps, start=1):
        with st.container(border=True, key=f"lesson_step_{number}"):
            _step(number, lesson, step, runs)
    with st.expander("What it comes to", icon=":material/school:"):
        st.markdown(explained(lesson.answer), unsafe_allow_html=True)
    own = [runs[spec.digest] for spec in lesson.specs if _is_trained(runs.get(spec.digest))]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(own) > 1:
            st.page_link(page_script("runs"), label=f"Compare your {len(own)} runs", icon=":material/compare_arrows:",
                         query_params={"runs_chosen": "|".join(record.id for record in own)})
        for with_answers, label in ((False, "Work sheet (.md)"), (True, "With answers (.md)")):
            st.download_button(label, lesson_sheet(lesson, st.context.url or "", with_answers), f"{lesson.name}.md",
                               "text/markdown", key=f"lesson_sheet_{with_answers}", icon=":material/description:",
                               on_click="ignore")
    unfinished = {record.id for spec in lesson.specs if (record := runs.get(spec.digest)) and not record.state.is_final}
    if unfinished:
        fragment(_wait_for_end, run_every=REFRESH_SECONDS)(unfinished)


def _wait_for_end(unfinished: Collection[str]) -> None:
    """Draw the page anew once one of these runs has ended."""
    if not {record.id for record in runner().records() if not record.state.is_final}.issuperset(unfinished):
        draw_page_again()


def _step(number: int, lesson: Lesson, step: Step, runs: Mapping[str, RunRecord]) -> None:
    st.markdown(f"##### {number}. {step.do}")
    st.markdown(f"**Predict first:** {step.predict}")
    page, query = step_target(lesson, step)
    record = runs.get(step.spec.digest) if step.spec is not None else None
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        label = "Set it up on Train" if step.spec is not None else f"Open {page_info(page).title}"
        st.page_link(page_script(page), label=label, icon=page_info(page).icon, query_params=query)
        if record is not None:
            accuracy = record.metrics.get("test_accuracy")
            words = f"{percent_text(accuracy)} test accuracy" if accuracy is not None else state_badge(record.state)
            st.page_link(page_script("train"), label=f"Your run: {words}", icon=":material/check:",
                         query_params={"run": record.id})
    with st.expander("What you will see", icon=":material/visibility:"):
        _seen(step)


def _seen(step: Step) -> None:
    """The stored figures of the step, and why they are so."""
    row = training_row(step.spec) if step.spec is not None else None
    found = step_figures(step)
    if row is not None:
        found.append(("Training time", duration_text(row["seconds"])))
    if found:
        with figures():
            for title, text in found:
                st.metric(title, text or "not measured", width="content")
    st.markdown(explained(step.see), unsafe_allow_html=True)
    if row is not None:
        st.caption(f"Measured {row['date']} on {row['device']}: {row['train_images']:,} training and {row['test_images']:,} "
                   f"test images, {row['epochs']} epochs, seed {row['seed']}. The same seed gives the same curve but for "
                   "rounding on other machines.")
