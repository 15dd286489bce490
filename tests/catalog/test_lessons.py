"""The lessons: every set-up can be trained, every figure is stored, and what the texts say of figures is so."""

import pytest

from lib.catalog.digits import NOISE_TRAINED, SHIPPED
from lib.catalog.lessons import LESSONS
from lib.measures.lessons import SOURCES, figure_rows, figure_text, training_row
from lib.measures.measured import stored_figures
from lib.ui.lessons.sheet import lesson_sheet, step_target
from tests.conftest import ROOT

STEPS = [pytest.param(lesson, step, id=f"{lesson.name}-{number}")
         for lesson in LESSONS.values() for number, step in enumerate(lesson.steps, start=1)]


def accuracy(lesson, step, split="test"):
    return training_row(LESSONS[lesson].steps[step - 1].spec)[f"{split}_accuracy"]


def stored(lesson, step, figure):
    found = LESSONS[lesson].steps[step - 1].figures[figure]
    rows = figure_rows(found)
    return sum(row[found.metric] for row in rows) / len(rows)


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_a_step_has_its_words_a_page_and_stored_figures(lesson, step):
    assert step.do and step.predict and step.see
    page, _query = step_target(lesson, step)
    assert (ROOT / "pages" / f"{page}.py").exists()
    if step.spec is not None:
        assert training_row(step.spec) is not None, "run scripts/measure_lessons.py"
    assert all(figure_text(figure) for figure in step.figures)


def test_no_row_is_stored_that_no_lesson_has():
    assert {row["digest"] for row in stored_figures("lessons", [])} == {
        spec.digest for lesson in LESSONS.values() for spec in lesson.specs}


def test_every_source_of_figures_is_used_and_filled():
    used = {figure.source for lesson in LESSONS.values() for step in lesson.steps for figure in step.figures}
    assert used == set(SOURCES) and all(rows() for rows in SOURCES.values())


def test_what_the_lessons_of_training_say_is_so():
    assert 1 - accuracy("hidden_layers", 2) < 0.5 * (1 - accuracy("hidden_layers", 1))
    assert 1 - accuracy("hidden_layers", 3) < 0.5 * (1 - accuracy("hidden_layers", 2))
    low, right, high = (accuracy("learning_rate", step) for step in (1, 2, 3))
    assert low < 0.2 and right > 0.9 and 0.05 < high < 0.15
    assert accuracy("over_fitting", 1, "train") == accuracy("over_fitting", 2, "train") == 1.0
    few, more, everything, dropout = (accuracy("over_fitting", step) for step in (1, 2, 3, 4))
    assert few + 0.05 < more < everything < more + 0.03 and dropout < few + 0.01
    sigmoids, relus, normalised, no_softmax = (accuracy("activations", step) for step in (1, 2, 3, 4))
    assert sigmoids < 0.5 and min(relus, normalised) > 0.9 and 0.05 < no_softmax < 0.15
    seeds = [accuracy("luck", step) for step in (1, 2, 3)]
    assert abs(seeds[1] - seeds[0]) > 0.01 and max(seeds) - min(seeds) > 0.02


def test_what_the_lessons_of_the_other_pages_say_is_so():
    mlp, mlp_permuted, cnn, cnn_permuted = (stored("pixel_order", 1, figure) for figure in range(4))
    assert abs(mlp - mlp_permuted) < 0.005 and cnn_permuted < cnn - 0.01
    assert stored("pixel_order", 3, 1) < stored("pixel_order", 3, 0)
    assert stored("asking_the_time", 2, 1) < 0.1 * stored("asking_the_time", 2, 0)
    assert stored("asking_the_time", 3, 2) <= 1.0 < stored("asking_the_time", 3, 0)
    assert stored("noise", 1, 0) < 0.2 and stored("noise", 2, 0) < stored("noise", 2, 1)
    assert 0 <= stored("noise", 3, 0) - stored("noise", 3, 1) < 0.02
    assert 0.5 < stored("noise", 4, 0) < stored("noise", 4, 1)
    classifier, denoiser = SHIPPED[NOISE_TRAINED], SHIPPED["digits/mnist_conv"]
    assert (classifier.data, classifier.train.epochs) == (denoiser.data, denoiser.train.epochs), "as many noisy images"
    guessing = 180.0
    assert stored("what_it_reads", 2, 0) < 15 and stored("what_it_reads", 2, 1) > 0.9 * guessing
    assert stored("what_it_reads", 3, 0) < 15 and stored("what_it_reads", 3, 1) > 0.9 * guessing
    assert stored("what_it_reads", 4, 0) < 0.25 * guessing and stored("what_it_reads", 4, 1) > 0.9 * guessing
    assert stored("gan_or_vae", 2, 1) < stored("gan_or_vae", 2, 0)
    assert stored("gan_or_vae", 4, 0) < stored("gan_or_vae", 4, 1)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_sheet_has_every_step_and_answers_only_where_they_are_asked_for(lesson):
    plain, answered = (lesson_sheet(lesson, "http://localhost:8501/lessons?lesson=x", answers) for answers in (False, True))
    for step in lesson.steps:
        page, _query = step_target(lesson, step)
        for sheet in (plain, answered):
            assert step.do in sheet and step.predict in sheet and f"<http://localhost:8501/{page}" in sheet
        assert step.see in answered and step.see not in plain
    assert lesson.answer in answered and lesson.answer not in plain and "Measured" not in plain
