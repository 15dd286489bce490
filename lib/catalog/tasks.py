"""What can be trained: a task's name, what a run of it is called, where it is set up, and what is drawn beside its loss."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A task; `lib.models.training` has the code of the same name.

    `page` has the controls that describe its runs. `second_curve` is the metric drawn beside the loss, "" for none.
    """

    name: str
    title: str
    page: str
    second_curve: str = ""


#: Every task by its name.
TASK_INFOS: dict[str, TaskInfo] = {info.name: info for info in (
    TaskInfo("classify", "classifier", "train", "accuracy"),
    TaskInfo("clock", "network that tells the time", "tell_time", "minutes"),
    TaskInfo("denoise", "denoising autoencoder", "denoise", "psnr"),
    TaskInfo("cvae", "conditional VAE of digits", "invent_digits", "divergence"),
    TaskInfo("reverse", "reversed network", "invent_digits"),
    TaskInfo("gan", "GAN", "cat_faces", "discriminator_loss"),
    TaskInfo("vae", "VAE", "cat_faces", "squared_error"),
    TaskInfo("contrast", "feature network", "cat_faces"),
)}


def task_info(name: str) -> TaskInfo:
    """The task called `name`; one without a page of its own for a name that only another version of the app knows."""
    return TASK_INFOS.get(name) or TaskInfo(name, name, "train")
