"""A lesson as a sheet to print: steps, links and questions, with or without the answers."""

from __future__ import annotations

from urllib.parse import urlencode, urljoin

from lib.catalog.lessons import Lesson, Step
from lib.catalog.links import train_query
from lib.measures.lessons import step_figures

_LINES = "\n\n".join(["&nbsp;", "&nbsp;"])


def step_target(lesson: Lesson, step: Step) -> tuple[str, dict[str, str]]:
    """Where a step happens: the page, and what its address says, the lesson to come back to included."""
    query = train_query(step.spec) if step.spec is not None else dict(step.query)
    return step.page, query | {"lesson": lesson.name}


def lesson_sheet(lesson: Lesson, url: str, with_answers: bool) -> str:
    """The lesson in Markdown, its links as absolute addresses beside `url`, an address of the app ("" for relative ones)."""
    parts = [f"# {lesson.title}", lesson.question]
    for number, step in enumerate(lesson.steps, start=1):
        page, query = step_target(lesson, step)
        address = f"{urljoin(url.split('?')[0], page)}?{urlencode(query)}"
        parts += [f"## {number}. {step.do}", f"<{address}>", f"**Predict first:** {step.predict}"]
        parts += list(filter(None, (_measured(step), step.see))) if with_answers else [_LINES]
    return "\n\n".join([*parts, *([f"**What it comes to:** {lesson.answer}"] if with_answers else [])]) + "\n"


def _measured(step: Step) -> str:
    """The step's stored figures in a line; "" where there are none."""
    found = [f"{title}: {text}" for title, text in step_figures(step) if text]
    return f"*Measured: {'; '.join(found)}.*" if found else ""
