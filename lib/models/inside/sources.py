"""Where networks to look into come from: shipped checkpoints, finished runs, presets whose weights nobody trained."""

from __future__ import annotations

from pathlib import Path

from lib.base.errors import CheckpointError
from lib.catalog.permuted import CONTESTANTS, SHIPPED_DATA, checkpoint_name
from lib.models.build import build_model
from lib.models.checkpoints import shipped_model
from lib.models.inside.network import InsideNetwork
from lib.models.permuted_bench import shipped_network, trained_network
from lib.models.runtime import prepare
from lib.models.tasks.base import build_network
from lib.spec.specs import ArchitectureSpec, RunSpec
from lib.spec.summary import Shape


def shipped_inside(name: str) -> InsideNetwork:
    """The shipped classifier or clock network called `name` in the manifest; raises CheckpointError."""
    prepare()
    for data in SHIPPED_DATA:
        for contestant in CONTESTANTS:
            if checkpoint_name(data, contestant) == name:
                network = shipped_network(data, contestant)
                return InsideNetwork(network.model, network.permutation)
    return InsideNetwork(shipped_model(name, build_network))


def run_inside(folder: Path, spec: RunSpec, image_shape: Shape) -> InsideNetwork:
    """The network of a run that has ended, whose files lie in `folder`; raises CheckpointError.

    Its images must have `image_shape`: a set of one's own may have been replaced since.
    """
    height, width, channels = image_shape
    found = trained_network("", folder, spec, (height, width, channels))
    network = InsideNetwork(found.model, found.permutation)
    if network.image_shape != tuple(image_shape):
        raise CheckpointError("This network takes images of another shape.", expected=_shape_text(network.image_shape),
                              received=_shape_text(image_shape), remedy="Train it again.")
    return network


def untrained_inside(architecture: ArchitectureSpec, image_shape: Shape) -> InsideNetwork:
    """A network of this architecture as it is before training, with seed 0; raises SpecError when it does not fit."""
    prepare()
    return InsideNetwork(build_model(architecture, image_shape, 0))


def _shape_text(shape: Shape) -> str:
    return " x ".join(map(str, shape))
