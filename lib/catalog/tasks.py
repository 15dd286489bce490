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
    SCORE = "score"
    """One number: how much an image looks like those it learned from."""


class Input(StrEnum):
    """What a network is given."""

    IMAGE = "image"
    """An image."""
    CODE = "code"
    """A latent code: numbers that a normal distribution gives."""


@dataclass(frozen=True, slots=True)
class Part:
    """A network of a task that the page Inside opens.

    `name` stands in links, `title` in menus. `make` is "module:function" of what makes it from what a run keeps (see
    `lib.models.inside.parts`). `is_told_class`: beside its input it is told a class. `is_shipped`: shipped weights have it
    too, not only those of a run.
    """

    name: str
    title: str
    takes: Input
    says: Answer
    make: str = "lib.models.inside.parts:whole"
    is_told_class: bool = False
    is_shipped: bool = True


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
    what the network looks like inside instead. `parts` are the networks that can be looked into, the usual one first; ()
    for the network that is kept, from image to answer. `build` is "module:function" of what builds that network from a run
    spec, the shape of its images and the number of classes; "" where untrained ones are not looked into. `build_shipped`
    is the same for what is shipped of it, where that is less. `record` is the metric that has record lines; "" for none.
    `has_script`: a run can be taken home as a script of Keras and NumPy alone.
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
    parts: tuple[Part, ...] = ()
    build: str = ""
    build_shipped: str = ""
    record: str = ""

    def __post_init__(self) -> None:
        if not self.parts:
            object.__setattr__(self, "parts", (Part("network", self.title.capitalize(), Input.IMAGE, self.answer),))
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

    def part(self, name: str) -> Part:
        """The network called `name` in links; the usual one for a name that there is not."""
        return next((part for part in self.parts if part.name == name), self.parts[0])

    @property
    def settings(self) -> type[Settings]:
        """The task's own settings, with their ranges; those that every task has where it has none."""
        return settings_type(self.name) or Settings


_SAMPLES = "Generated, from the same random numbers"
_PARTS = "lib.models.inside.parts"
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
    ("val_accuracy", "val_loss", "accuracy", "loss"), is_inspected=True, has_script=True, build=f"{_PARTS}:build_classifier",
    record="accuracy"))
CLOCK = register(Task(
    "clock", "network that tells the time", "tell_time", "lib.models.tasks.clock:ClockNetwork", Answer.TIME,
    ("loss", "minutes"), ("val_minutes", "val_loss", "loss"), build=f"{_PARTS}:build_clock", record="minutes"))
DENOISE = register(Task(
    "denoise", "denoising autoencoder", "denoise", "lib.models.tasks.denoise:Denoiser", Answer.IMAGE, ("loss", "psnr"),
    ("val_loss", "val_psnr", "loss", "psnr"), {"clean": "Original", "noisy": "Noisy", "restored": "Restored"},
    build=f"{_PARTS}:build_denoiser", record="psnr"))
CVAE = register(Task(
    "cvae", "conditional VAE of digits", "invent_digits", "lib.models.tasks.conditional:ConditionalVae", Answer.IMAGE,
    ("loss", "divergence"), kept_images={"samples": _SAMPLES, "clean": "Original", "restored": "Restored"},
    parts=(Part("decoder", "Decoder", Input.CODE, Answer.IMAGE, f"{_PARTS}:told_decoder", is_told_class=True),
           Part("both", "Encoder and decoder", Input.IMAGE, Answer.IMAGE, f"{_PARTS}:told_both", is_told_class=True,
                is_shipped=False)),
    build="lib.models.tasks.conditional:build_conditional_vae", build_shipped=f"{_PARTS}:build_told_decoder"))
REVERSE = register(Task(
    "reverse", "reversed network", "invent_digits", "lib.models.tasks.conditional:ReversedNetwork", Answer.IMAGE,
    kept_images={"samples": _SAMPLES},
    parts=(Part("decoder", "Network", Input.CODE, Answer.IMAGE, f"{_PARTS}:told_decoder", is_told_class=True),),
    build=f"{_PARTS}:build_told_decoder"))
GAN = register(Task(
    "gan", "GAN", "cat_faces", "lib.models.tasks.gan:Gan", Answer.IMAGE, ("loss", "discriminator_loss"), (),
    {"samples": _SAMPLES},
    parts=(Part("generator", "Generator", Input.CODE, Answer.IMAGE),
           Part("discriminator", "Discriminator", Input.IMAGE, Answer.SCORE, f"{_PARTS}:discriminator", is_shipped=False)),
    build=f"{_PARTS}:build_gan"))
VAE = register(Task(
    "vae", "VAE", "cat_faces", "lib.models.tasks.vae:Vae", Answer.IMAGE, ("loss", "squared_error"),
    ("val_loss", "val_squared_error", "loss", "squared_error"), _REDRAWN,
    parts=(Part("both", "Encoder and decoder", Input.IMAGE, Answer.IMAGE, f"{_PARTS}:both"),
           Part("decoder", "Decoder", Input.CODE, Answer.IMAGE, f"{_PARTS}:decoder")),
    build=f"{_PARTS}:build_vae", record="squared_error"))
SIMCLR = register(Task(
    "contrast", "feature network", "cat_faces", "lib.models.tasks.simclr:SimClr", Answer.FEATURES, ("loss", "accuracy"), (),
    build=f"{_PARTS}:build_feature_network"))


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
