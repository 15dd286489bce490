"""The Lessons page: cards, steps, links that set the Train page up exactly, and the visitor's own runs beside them."""

import pytest

from lib.base.percent import percent_text
from lib.catalog.lessons import LESSONS
from lib.measures.lessons import training_row
from lib.ui.frame import PAGES, page_info
from lib.ui.lessons.sheet import step_target
from tests.fakes import PATIENCE, fake_train

TRAININGS = [pytest.param(lesson, step, id=f"{lesson.name}-{number}") for lesson in LESSONS.values()
             for number, step in enumerate(lesson.steps, start=1) if step.spec is not None]


def labels(app, kind):
    return [element.proto.label for element in app.get(kind)]


def test_every_lesson_has_a_card_that_opens_it_and_a_way_back(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("lessons")
    for name, lesson in LESSONS.items():
        app.button(key=f"lesson_{name}").click().run()
        assert [header.value for header in app.header] == [lesson.title] and not app.exception
        assert app.query_params["lesson"] == name
        app.button(key="lesson_all").click().run()
    assert not app.header and "lesson" not in app.query_params


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_link_opens_a_lesson_with_all_its_steps(lesson, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("lessons", lesson=lesson.name)
    shown = " ".join(markdown.value for markdown in app.markdown)
    for number, step in enumerate(lesson.steps, start=1):
        assert f"{number}. {step.do}" in shown and step.predict in shown
    metrics = [metric.value for metric in app.metric]
    for spec in lesson.specs:
        assert percent_text(training_row(spec)["test_accuracy"]) in metrics
    assert "not measured" not in metrics


@pytest.mark.parametrize(("lesson", "step"), TRAININGS)
def test_the_link_of_a_step_trains_exactly_what_was_measured(lesson, step, open_page, use_runner):
    runner = use_runner(fake_train)
    page, query = step_target(lesson, step)
    app = open_page(page, **query)
    assert f"Back to the lesson “{lesson.title}”" in labels(app, "page_link")
    app.button(key="start").click().run()
    (record,) = runner.store.records()
    assert record.spec.digest == step.spec.digest


def test_the_grid_of_a_lesson_is_the_one_that_its_step_names(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("experiments", **dict(LESSONS["luck"].steps[-1].query))
    assert not app.exception and "Launch 10 runs" in [button.label for button in app.button]


def test_runs_of_a_lesson_stand_beside_its_steps_and_can_be_compared(open_page, use_runner):
    runner = use_runner(fake_train)
    lesson = LESSONS["luck"]
    assert "Compare" not in " ".join(labels(open_page("lessons", lesson=lesson.name), "page_link"))
    ids = [runner.submit(spec) for spec in lesson.specs[:2]]
    for run_id in ids:
        runner.wait(run_id, PATIENCE)
    links = labels(open_page("lessons", lesson=lesson.name), "page_link")
    assert sum(label.startswith("Your run:") for label in links) == 2 and "Compare your 2 runs" in links
    captions = " ".join(caption.value for caption in open_page("lessons").caption)
    assert f"2 of {len(lesson.specs)} trained here" in captions


def test_nobody_is_led_back_to_a_lesson_that_is_none(open_page, use_runner):
    use_runner(fake_train)
    for query in ({}, {"lesson": "nothing"}):
        assert "lesson" not in " ".join(labels(open_page("train", **query), "page_link"))


@pytest.mark.parametrize("name", ["", "nothing", "../x", "luck|noise"])
def test_a_link_to_no_lesson_shows_all(name, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("lessons", lesson=name)
    assert not app.exception and len([b for b in app.button if b.label == "Open"]) == len(LESSONS)


def test_the_pages_of_steps_are_pages_of_the_app():
    targets = {step_target(lesson, step)[0] for lesson in LESSONS.values() for step in lesson.steps}
    assert targets <= {page.name for page in PAGES}


def test_a_tab_that_a_step_names_is_on_its_page():
    named = [(step.page, value) for lesson in LESSONS.values() for step in lesson.steps
             for key, value in step.query if key.endswith("_tab")]
    assert named
    for page, tab in named:
        assert f'"{tab}"' in page_info(page).path.read_text()
