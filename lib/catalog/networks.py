"""Networks by name: a preset, or one that somebody built, whose name is the network itself (`lib.spec.stack_text`)."""

from __future__ import annotations

from functools import lru_cache

from lib.base.errors import SpecError
from lib.catalog.preset import Preset
from lib.catalog.preset_groups import network_name
from lib.catalog.presets import PRESETS
from lib.catalog.tasks import CLOCK
from lib.spec.specs import ArchitectureSpec, DataSpec, HeadSpec, RunSpec, TrainSpec
from lib.spec.stack import Stack, stack_of
from lib.spec.stack_text import is_network_text, network_text, read_network

#: How networks of one's own are trained until somebody says otherwise.
OWN_TRAINING = TrainSpec(batch_size=64, epochs=10)
#: What they are asked on the clock page, and on which clocks.
CLOCK_HEAD = HeadSpec("sincos_hands")
CLOCK_DATA = DataSpec("clocks_wall_75")
EMPTY = network_text(Stack())


@lru_cache(maxsize=512)
def own_preset(text: str) -> Preset:
    """The network that `text` describes, as a preset; raises SpecError for a text that describes none."""
    stack = read_network(text)
    return Preset(text, stack.name, stack.architecture, OWN_TRAINING, "A network of your own.")


def network_named(name: str) -> Preset:
    """The preset called `name`, or the network that `name` describes; raises SpecError."""
    if name in PRESETS:
        return PRESETS[name]
    if is_network_text(name):
        return own_preset(name)
    raise SpecError("Unknown network.", expected="the name of a preset", received=repr(name[:80]))


def is_own(name: str) -> bool:
    """Whether the name is a network that somebody built."""
    return name not in PRESETS and is_network_text(name)


def is_network(name: str) -> bool:
    """Whether `network_named` knows it."""
    try:
        network_named(name)
    except SpecError:
        return False
    return True


def network_title(name: str) -> str:
    """What the network is called in menus; its name where it cannot be read."""
    return network_name(network_named(name)) if is_network(name) else name


def trained_title(architecture: ArchitectureSpec) -> str:
    """What the network of a run is called."""
    return network_name(PRESETS[architecture.name]) if architecture.name in PRESETS else architecture.name


def stack_named(name: str) -> Stack:
    """The network as a stack to edit; of a preset with its title. Raises SpecError."""
    if is_network_text(name):
        return read_network(name)
    preset = network_named(name)
    return stack_of(preset.architecture, preset.title)


def own_text(spec: RunSpec) -> str | None:
    """The name of the network of a run if somebody built it; None for others."""
    name = spec.architecture.name
    try:
        return network_text(stack_of(spec.architecture, name.removesuffix(" (own)"))) if name.endswith(" (own)") else None
    except SpecError:
        return None


def clock_network(name: str) -> Preset:
    """A network of one's own, without its output layer, as the backbone of a network that tells the time.

    Raises SpecError for one that ends in feature maps.
    """
    stack = stack_named(name)
    if not any(layer.kind in ("flatten", "global_pool") for layer in stack.layers):
        raise SpecError("This network ends in feature maps.", expected="Flatten or global pooling at its end",
                        received=stack.name, remedy="Add it on the Train page.")
    return Preset(name, stack.name, ArchitectureSpec(stack.layers, f"{stack.name} (own)"),
                  TrainSpec(batch_size=64, epochs=10, monitor="val_minutes"), "A network of your own.", data=CLOCK_DATA,
                  task=CLOCK.name, head=CLOCK_HEAD)
