"""The comparison of original with permuted pixels: networks, specs, shipped checkpoints, what report 000 printed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lib.catalog.networks import network_named
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import DataSpec, RunSpec

#: The permutation of the shipped networks and of the stored measurements.
SHIPPED_PERMUTATION = PermutationSpec("full", seed=0)
#: Sets with shipped networks.
SHIPPED_DATA = ("mnist", "fashion_mnist")
#: Role in the comparison -> preset of the shipped networks.
SHIPPED_PRESETS = {"mlp": "mlp_300_100", "cnn": "light_cnn_pool2"}
#: The convolutional side can be any of these.
CNN_PRESETS = ("light_cnn_pool2", "light_cnn_pool4", "b1_model4", "b1_model4_pool4")
#: Epochs of the shipped networks; the weights of the best validation epoch are kept.
EPOCHS = {"mlp_300_100": 20, "light_cnn_pool2": 8, "light_cnn_pool4": 8}


@dataclass(frozen=True, slots=True)
class Contestant:
    """One of the four networks: its role ("mlp", "cnn") and whether its pixels are permuted."""

    role: str
    permuted: bool

    @property
    def key(self) -> str:
        """"mlp_original", ..., as in the names of checkpoints."""
        return f"{self.role}_{'permuted' if self.permuted else 'original'}"

    @property
    def title(self) -> str:
        """"MLP, original", ..., as in charts."""
        return f"{self.role.upper()}, {'permuted' if self.permuted else 'original'}"


CONTESTANTS = tuple(Contestant(role, permuted) for role in SHIPPED_PRESETS for permuted in (False, True))


def checkpoint_name(data: str, contestant: Contestant) -> str:
    """The manifest's name of a shipped network."""
    return f"permuted/{data}_{contestant.key}"


def examples_name(data: str) -> str:
    """The manifest's name of the shipped test images of a set."""
    return f"permuted/{data}_examples"


def comparison_spec(
    preset: str, data: DataSpec, permutation: PermutationSpec | None, seed: int, epochs: int | None = None
) -> RunSpec:
    """A run of `preset` (or of a network of one's own) on `data` with this permutation; equal arguments, equal run.

    It trains all its epochs and keeps the weights of the best one on the validation split.
    """
    chosen = network_named(preset)
    epochs = epochs or EPOCHS.get(preset, chosen.train.epochs)
    train = replace(chosen.train, epochs=epochs, patience=epochs)
    return RunSpec(chosen.architecture, replace(data, permutation=permutation), train, seed)
