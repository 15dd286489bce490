"""An architecture with one choice changed: what experiments vary, and what the Train page offers beside a network.

Every function returns a new stack. The last layer, the head, keeps what hidden layers are given, unless it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lib.base.errors import SpecError
from lib.spec.specs import ActivationSpec, ArchitectureSpec, BatchNormSpec, DropoutSpec, LayerSpec

#: What `with_regularisation` takes, and how much of each. Report 003 names no factor for its L1 and L2 networks.
REGULARISATIONS = ("none", "dropout", "l1", "l2")
PENALTY, DROPOUT = 0.001, 0.2
#: Python takes more for digits, and refuses to read some of them.
_COUNT = re.compile(r"[0-9]{1,6}")


def _map_hidden(architecture: ArchitectureSpec, kinds: tuple[str, ...], **changes: Any) -> ArchitectureSpec:
    """`architecture` with `changes` made to every layer of `kinds` except the head."""
    *hidden, head = architecture.layers
    changed = tuple(replace(layer, **changes) if layer.kind in kinds else layer for layer in hidden)
    return replace(architecture, layers=(*changed, head))


def with_l1(architecture: ArchitectureSpec, factor: float) -> ArchitectureSpec:
    """The same stack with L1 penalty `factor` on all hidden dense and convolution kernels."""
    return _map_hidden(architecture, ("dense", "conv"), l1=factor)


def with_l2(architecture: ArchitectureSpec, factor: float) -> ArchitectureSpec:
    """The same stack with weight decay `factor` on all hidden dense and convolution kernels."""
    return _map_hidden(architecture, ("dense", "conv"), l2=factor)


def with_activation(architecture: ArchitectureSpec, activation: str) -> ArchitectureSpec:
    """The same stack with `activation` in all hidden layers that have one."""
    return _map_hidden(architecture, ("dense", "conv", "activation"), activation=activation)


def with_dense_activation(architecture: ArchitectureSpec, activation: str) -> ArchitectureSpec:
    """The same stack with `activation` in its hidden dense layers only."""
    return _map_hidden(architecture, ("dense",), activation=activation)


def with_initializer(architecture: ArchitectureSpec, initializer: str) -> ArchitectureSpec:
    """The same stack with `initializer` in all hidden dense and convolution layers."""
    return _map_hidden(architecture, ("dense", "conv"), initializer=initializer)


def with_dropout(architecture: ArchitectureSpec, rate: float) -> ArchitectureSpec:
    """The same stack with dropout `rate` after each hidden dense layer and nowhere else; 0 takes dropout out."""
    *hidden, head = [layer for layer in architecture.layers if layer.kind != "dropout"]
    layers: list[LayerSpec] = []
    for layer in hidden:
        layers += [layer, DropoutSpec(rate)] if rate > 0 and layer.kind == "dense" else [layer]
    return replace(architecture, layers=(*layers, head))


def with_batch_norm(architecture: ArchitectureSpec, on: bool) -> ArchitectureSpec:
    """Batch normalisation after every hidden layer of weights, or nowhere.

    In a network with convolutions it follows these only, as in report 003.
    """
    *hidden, head = [layer for layer in architecture.layers if layer.kind != "batch_norm"]
    kind = "conv" if any(layer.kind == "conv" for layer in hidden) else "dense"
    layers: list[LayerSpec] = []
    for layer in hidden:
        layers += [layer, BatchNormSpec()] if on and layer.kind == kind else [layer]
    return replace(architecture, layers=(*layers, head))


def with_units(architecture: ArchitectureSpec, text: str) -> ArchitectureSpec:
    """The same stack with other hidden dense layers: "512-512" for two of 512 units; dropout as after the first."""
    units = _units(text)
    *hidden, head = architecture.layers
    first = next((layer for layer in hidden if layer.kind == "dense"), None)
    if first is None:
        raise SpecError("This network has no hidden dense layer whose units could change.")
    place = hidden.index(first)
    extras = _followers(hidden, place)
    tail: list[LayerSpec] = []
    for count in units:
        tail += [replace(first, units=count), *extras]
    return replace(architecture, layers=(*hidden[:place], *tail, head))


def _units(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in str(text).split("-")]
    if not all(_COUNT.fullmatch(part) for part in parts):
        raise SpecError("Units cannot be read.", expected="numbers of units such as 512-512", received=repr(text)[:80])
    return tuple(int(part) for part in parts)


def _followers(layers: list[LayerSpec], place: int) -> list[LayerSpec]:
    """What stands between the dense layer at `place` and the next layer of weights."""
    found: list[LayerSpec] = []
    for layer in layers[place + 1 :]:
        if not isinstance(layer, BatchNormSpec | DropoutSpec | ActivationSpec):
            break
        found.append(layer)
    return found


def with_dense_unit_activation(position: int) -> Callable[[ArchitectureSpec, str], ArchitectureSpec]:
    """A change of the activation of dense layer `position` alone: 0 is the first, -1 the output."""

    def change(architecture: ArchitectureSpec, activation: str) -> ArchitectureSpec:
        dense = [(i, layer) for i, layer in enumerate(architecture.layers) if layer.kind == "dense"]
        if not -len(dense) <= position < len(dense):
            raise SpecError("This network has no such dense layer.", expected=f"{len(dense)} of them")
        place, layer = dense[position]
        layers = list(architecture.layers)
        layers[place] = replace(layer, activation=activation)
        return replace(architecture, layers=tuple(layers))

    return change


def with_regularisation(architecture: ArchitectureSpec, kind: str) -> ArchitectureSpec:
    """The same stack with one kind of regularisation and no other: "none", "dropout" (0.2), "l1" or "l2" (0.001)."""
    bare = with_dropout(with_l1(with_l2(architecture, 0.0), 0.0), DROPOUT if kind == "dropout" else 0.0)
    if kind == "l1":
        return with_l1(bare, PENALTY)
    return with_l2(bare, PENALTY) if kind == "l2" else bare


def with_classes(architecture: ArchitectureSpec, classes: int) -> ArchitectureSpec:
    """The same stack with `classes` units in its head; raises SpecError for a head that is not dense."""
    head = architecture.layers[-1]
    if head.kind != "dense":
        raise SpecError("The last layer is no classifier.", expected="a dense layer", received=head.kind)
    return replace(architecture, layers=(*architecture.layers[:-1], replace(head, units=classes)))
