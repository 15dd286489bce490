"""What can be trained: one description for each task, from which pages, experiments and the training loop take the rest.

A task is registered here and nowhere else; `implementation` names the class that trains it, which is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lib.base.errors import SpecError
from lib.spec.metrics import METRICS, Metric
from lib.spec.settings import Settings, settings_type
from lib.spec.specs import RunSpec


class Answer(StrEnum):
    """What a trained network says, which decides how its results are shown."""

    CLASS = "class"
    """One of the data set's classes: test accuracy, confusion matrix, mistakes, and it can be asked about a drawing."""
    TIME = "time"
    """A time of day: errors in minutes."""
    IMAGE = "image"
    """An image: the images of every epoch."""
    FEATURES = "features"
    """Numbers that other networks are measured with; nothing to look at."""


class Recorded(StrEnum):
    """What a run keeps of its epochs, for the slider that moves through them."""

    NOTHING = "nothing"
    IMAGES = "images"
    """The task's `kept_images`."""
    INSIDE = "inside"
    """What the network looks like inside, and its predictions."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task. `page` has the controls that describe its runs; `implementation` is "module:class" of its `TrainingTask`.

    `curves` are the metrics whose curves are drawn, by name of `lib.spec.metrics`, in their order. `monitors` is what early
    stopping may watch, the usual one first; () where there is no validation figure that compares. `kept_images` are the
    images that a run keeps after every epoch, by their name in the file, with their titles; `is_inspected`: it keeps
    what the network looks like inside instead. `has_script`: a run can be taken home as a script of Keras and NumPy alone.
    """

    name: str
    title: str
    page: str
    implementation: str
    answer: Answer
    curves: tuple[str, ...] = ("loss",)
    monitors: tuple[str, ...] = ("val_loss", "loss")
    kept_images: Mapping[str, str] = field(default_factory=dict)
    is_inspected: bool = False
    has_script: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.curves if name not in METRICS]
        if unknown or not self.curves:
            raise SpecError(f"The task {self.name} draws an unknown curve.", expected=", ".join(METRICS),
                            received=", ".join(unknown) or "none")

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is drawn, with units and directions."""
        return tuple(METRICS[name] for name in self.curves)

    @property
    def recorded(self) -> Recorded:
        """What is kept of an epoch."""
        if self.is_inspected:
            return Recorded.INSIDE
        return Recorded.IMAGES if self.kept_images else Recorded.NOTHING

    @property
    def reads_images(self) -> bool:
        """Whether its network answers a question about an image, which the page Inside takes apart."""
        return self.answer in (Answer.CLASS, Answer.TIME)

    @property
    def settings(self) -> type[Settings]:
        """The task's own settings, with their ranges; those that every task has where it has none."""
        return settings_type(self.name) or Settings


_SAMPLES = "Generated, from the same random numbers"
_REDRAWN = {"samples": _SAMPLES, "originals": "Held-out images", "reconstructions": "The same, redrawn"}
#: Every task by its name, which is also stored in every run of it.
TASKS: dict[str, Task] = {}


def register(task: Task) -> Task:
    """Add a task; raises SpecError where there is one of that name."""
    if task.name in TASKS:
        raise SpecError("There is such a task already.", expected="a new name", received=task.name)
    TASKS[task.name] = task
    return task


CLASSIFY = register(Task(
    "classify", "classifier", "train", "lib.models.tasks.classify:Classifier", Answer.CLASS, ("loss", "accuracy"),
    ("val_accuracy", "val_loss", "accuracy", "loss"), is_inspected=True, has_script=True))
CLOCK = register(Task(
    "clock", "network that tells the time", "tell_time", "lib.models.tasks.clock:ClockNetwork", Answer.TIME,
    ("loss", "minutes"), ("val_minutes", "val_loss", "loss")))
DENOISE = register(Task(
    "denoise", "denoising autoencoder", "denoise", "lib.models.tasks.denoise:Denoiser", Answer.IMAGE, ("loss", "psnr"),
    ("val_loss", "val_psnr", "loss", "psnr"), {"clean": "Original", "noisy": "Noisy", "restored": "Restored"}))
CVAE = register(Task(
    "cvae", "conditional VAE of digits", "invent_digits", "lib.models.tasks.conditional:ConditionalVae", Answer.IMAGE,
    ("loss", "divergence"), kept_images={"samples": _SAMPLES, "clean": "Original", "restored": "Restored"}))
REVERSE = register(Task(
    "reverse", "reversed network", "invent_digits", "lib.models.tasks.conditional:ReversedNetwork", Answer.IMAGE,
    kept_images={"samples": _SAMPLES}))
GAN = register(Task(
    "gan", "GAN", "cat_faces", "lib.models.tasks.gan:Gan", Answer.IMAGE, ("loss", "discriminator_loss"), (),
    {"samples": _SAMPLES}))
VAE = register(Task(
    "vae", "VAE", "cat_faces", "lib.models.tasks.vae:Vae", Answer.IMAGE, ("loss", "squared_error"),
    ("val_loss", "val_squared_error", "loss", "squared_error"), _REDRAWN))
SIMCLR = register(Task(
    "contrast", "feature network", "cat_faces", "lib.models.tasks.simclr:SimClr", Answer.FEATURES, ("loss", "accuracy"), ()))


def task_of(spec: RunSpec) -> Task:
    """The task of a run; raises SpecError for one that only another version of the app knows."""
    if spec.task not in TASKS:
        raise SpecError("Unknown task.", expected=", ".join(TASKS), received=spec.task)
    return TASKS[spec.task]


def task_title(name: str) -> str:
    """What a task is called; the name itself for one that only another version of the app knows."""
    return TASKS[name].title if name in TASKS else name


def predicts_classes(spec: RunSpec) -> bool:
    """Whether a run trains a classifier; not for a task that only another version of the app knows."""
    return spec.task in TASKS and TASKS[spec.task].answer is Answer.CLASS


def check_monitor(spec: RunSpec) -> None:
    """Raise SpecError where early stopping would watch a figure that the task does not have."""
    monitors = task_of(spec).monitors
    if spec.train.patience is not None and spec.train.monitor not in monitors:
        raise SpecError("Early stopping watches a figure that this run does not have.",
                        expected=", ".join(monitors) or "no early stopping", received=spec.train.monitor,
                        remedy="Choose another figure, or switch early stopping off.")
