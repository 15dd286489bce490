"""Where networks to look into come from: shipped checkpoints, finished runs, presets whose weights nobody trained."""

from __future__ import annotations

from pathlib import Path

from lib.base.errors import CheckpointError, guarded
from lib.catalog.permuted import CONTESTANTS, SHIPPED_DATA, checkpoint_name
from lib.catalog.tasks import Input, task_of
from lib.models.checkpoints import manifest_entry, shipped_model
from lib.models.files import load_model
from lib.models.inside.network import InsideNetwork
from lib.models.inside.parts import KeptNetwork, built, made, shipped
from lib.models.permuted_bench import shipped_network
from lib.models.runtime import prepare
from lib.spec.permutations import make_permutation
from lib.spec.specs import RunSpec, run_from_dict
from lib.spec.summary import Shape


def shipped_inside(name: str, part: str = "", told: int = 0, classes: int = 10) -> InsideNetwork:
    """The shipped network called `name` in the manifest, of it the task's `part`; raises CheckpointError."""
    prepare()
    for data in SHIPPED_DATA:
        for contestant in CONTESTANTS:
            if checkpoint_name(data, contestant) == name:
                network = shipped_network(data, contestant)
                return InsideNetwork(network.model, network.permutation)
    entry = manifest_entry(name)
    spec, shape = run_from_dict(entry["spec"]), tuple(entry["image_shape"])
    model = shipped_model(name, lambda spec, shape: shipped(spec, shape, classes))
    return _opened(KeptNetwork(spec, shape, classes, model), part, told)


def run_inside(folder: Path, spec: RunSpec, image_shape: Shape, part: str = "", told: int = 0,
               classes: int = 10) -> InsideNetwork:
    """The network of a run that has ended, whose files lie in `folder`; raises CheckpointError.

    Its images must have `image_shape`: a set of one's own may have been replaced since.
    """
    prepare()
    network = _opened(KeptNetwork(spec, image_shape, classes, load_model(folder / "model.keras"), folder), part, told)
    if network.takes_images and network.image_shape != tuple(image_shape):
        raise CheckpointError("This network takes images of another shape.", expected=_shape_text(network.image_shape),
                              received=_shape_text(image_shape), remedy="Train it again.")
    return network


def untrained_inside(spec: RunSpec, image_shape: Shape, part: str = "", told: int = 0, classes: int = 10) -> InsideNetwork:
    """The network of a run as it is before training; raises SpecError when it does not fit."""
    prepare()
    return _opened(KeptNetwork(spec, image_shape, classes, built(spec, image_shape, classes)), part, told)


def _opened(kept: KeptNetwork, part: str, told: int) -> InsideNetwork:
    chosen, order = task_of(kept.spec).part(part), kept.spec.data.permutation
    with guarded("This network cannot be opened.", CheckpointError, expected=f"a {task_of(kept.spec).title}",
                 remedy="Train it again."):
        model = made(chosen.make, kept, told)
    shuffles = order is not None and chosen.takes is Input.IMAGE
    return InsideNetwork(model, make_permutation(order, *kept.shape[:2]) if order is not None and shuffles else None)


def _shape_text(shape: Shape) -> str:
    return " x ".join(map(str, shape))
