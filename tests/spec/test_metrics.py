"""Figures of a run: what they count and which way is better."""

import pytest

from lib.catalog.experiments import EXPERIMENT_METRICS
from lib.measures.figures import FIGURES
from lib.spec.early_stopping import Progress
from lib.spec.metrics import METRICS, figure_title, is_minutes, is_share, metric_of, more_is_better
from lib.spec.specs import MONITORS, TrainSpec


@pytest.mark.parametrize(("figure", "name"), [
    ("accuracy", "accuracy"), ("best_val_accuracy", "accuracy"), ("test_hour_accuracy", "accuracy"), ("val_loss", "loss"),
    ("discriminator_loss", "discriminator_loss"), ("test_median_minutes", "minutes"), ("val_psnr", "psnr"),
])
def test_a_figure_is_of_its_metric(figure, name):
    assert metric_of(figure) is METRICS[name]


@pytest.mark.parametrize("figure", ["best_epoch", "images_per_second", "learning_rate", "", "_loss_"])
def test_other_figures_are_of_no_metric(figure):
    assert metric_of(figure) is None and not is_share(figure) and not is_minutes(figure)


@pytest.mark.parametrize(("figure", "plain", "with_unit"), [
    ("test_accuracy", "test accuracy", None), ("best_val_psnr", "best validation PSNR", "best validation PSNR (dB)"),
    ("test_minutes", "test error", "test error (minutes)"), ("train_hour_class_accuracy", "training hour accuracy", None),
    ("best_epoch", "best epoch", None), ("loss", "loss", "loss"), ("", "", None),
])
def test_a_figure_has_its_words(figure, plain, with_unit):
    assert figure_title(figure) == plain and figure_title(figure, with_unit=True) == (with_unit or plain)


def test_what_is_compared_has_a_direction():
    for figure in (*EXPERIMENT_METRICS, *FIGURES, *MONITORS):
        assert metric_of(figure).more_is_better is not None
    assert more_is_better("val_psnr") and not more_is_better("test_minutes")


@pytest.mark.parametrize(("monitor", "better", "worse"), [("val_psnr", 21.0, 19.0), ("val_squared_error", 0.1, 0.3)])
def test_early_stopping_follows_the_direction(monitor, better, worse):
    train = TrainSpec(monitor=monitor, patience=2)
    start = Progress().after(0, 20.0 if monitor == "val_psnr" else 0.2, train)
    assert start.after(1, better, train).best == better and start.after(1, worse, train).wait == 1
