"""A network that somebody builds: hidden layers in order, the output layer, a name; and what can be done to it.

Every edit returns a new stack and raises SpecError, with the old one as it was, for what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lib.base.errors import SpecError
from lib.spec.specs import (
    ActivationSpec,
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GaussianNoiseSpec,
    GlobalPoolSpec,
    LayerSpec,
    PoolSpec,
)
from lib.spec.summary import Shape, StackCheck, check_stack
from lib.spec.words import layers_text

#: Hidden layers of a network of one's own.
MOST_LAYERS = 50
LONGEST_TITLE = 60
#: The output layer until the data set says how many classes there are.
PLAIN_HEAD = DenseSpec(10, "softmax")
#: What can be added -> its name, and the layer as it is at first.
NEW_LAYERS: dict[str, tuple[str, LayerSpec]] = {
    "conv": ("Convolution", ConvSpec(32)), "pool": ("Pooling", PoolSpec(2)),
    "global_pool": ("Global pooling", GlobalPoolSpec()), "flatten": ("Flatten", FlattenSpec()),
    "dense": ("Dense", DenseSpec(64)), "activation": ("Activation", ActivationSpec()),
    "batch_norm": ("Batch normalisation", BatchNormSpec()), "dropout": ("Dropout", DropoutSpec(0.25)),
    "noise": ("Gaussian noise", GaussianNoiseSpec(0.1)),
}


def clean_title(text: str) -> str:
    """`text` as one line of at most LONGEST_TITLE printable characters, single spaces between its words."""
    visible = "".join(c for c in str(text) if c.isprintable() or c.isspace())
    return " ".join(visible.split())[:LONGEST_TITLE].strip()


@dataclass(frozen=True, slots=True)
class Stack:
    """`layers` are the hidden ones; the units of `head` are those of the data set's classes, whatever it says.

    `title` is what its maker calls it, "" for nothing.
    """

    layers: tuple[LayerSpec, ...] = ()
    head: DenseSpec = PLAIN_HEAD
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "head", replace(self.head, units=PLAIN_HEAD.units))
        object.__setattr__(self, "title", clean_title(self.title))
        if len(self.layers) > MOST_LAYERS:
            raise SpecError("A network of your own has too many layers.", expected=f"at most {MOST_LAYERS} hidden layers",
                            received=str(len(self.layers)), remedy="Remove a layer first.")

    @property
    def name(self) -> str:
        """The title, or the layers in short where it has none."""
        return self.title or layers_text(self.layers) or "No hidden layer"

    @property
    def architecture(self) -> ArchitectureSpec:
        """The stack as it is trained; its name is that of no preset."""
        return ArchitectureSpec((*self.layers, self.head), f"{self.name} (own)")

    def check(self, input_shape: Shape, classes: int) -> StackCheck:
        """Rows of the hidden layers and of the output layer of `classes` units, and the first fault."""
        return check_stack((*self.layers, replace(self.head, units=max(classes, 1))), input_shape)

    # --- edits

    def inserted(self, at: int, layer: LayerSpec) -> Stack:
        """With `layer` in place `at`."""
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at:]))

    def removed(self, at: int) -> Stack:
        """Without the layer in place `at`."""
        self._require(at)
        return replace(self, layers=(*self.layers[:at], *self.layers[at + 1 :]))

    def moved(self, at: int, to: int) -> Stack:
        """With the layer of place `at` in place `to`, those between moved up or down."""
        self._require(at, to)
        rest = [*self.layers[:at], *self.layers[at + 1 :]]
        return replace(self, layers=(*rest[:to], self.layers[at], *rest[to:]))

    def duplicated(self, at: int) -> Stack:
        """With a second layer like that of place `at` behind it."""
        self._require(at)
        return self.inserted(at + 1, self.layers[at])

    def changed(self, at: int, **values: Any) -> Stack:
        """With other fields in the layer of place `at`."""
        self._require(at)
        return replace(self, layers=(*self.layers[:at], replace(self.layers[at], **values), *self.layers[at + 1 :]))

    def _require(self, *places: int) -> None:
        for place in places:
            if not 0 <= place < len(self.layers):
                raise SpecError("There is no such layer.", expected=f"a place from 1 to {len(self.layers)}",
                                received=str(place + 1))


def stack_of(architecture: ArchitectureSpec, title: str = "") -> Stack:
    """The stack of an architecture that ends in a dense layer; raises SpecError for any other, or for a too long one."""
    *hidden, head = architecture.layers
    if head.kind != "dense":
        raise SpecError("This network has no output layer that could be kept.", expected="a dense layer as the last one",
                        received=head.kind)
    return Stack(tuple(hidden), head, title)


# --- what is wrong, and what would repair it -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Fix:
    """One edit that repairs a fault, and what it is called on a button."""

    label: str
    stack: Stack


def fixes(stack: Stack, input_shape: Shape) -> tuple[Fix, ...]:
    """The edits that would take away the first fault, most fitting first; () where only the user can know.

    Behind such an edit fewer layers are left that do not fit.
    """
    checked = check_stack((*stack.layers, stack.head), input_shape)
    at, error = checked.fault, checked.error
    if at is None or error is None or at < len(checked.rows):
        return ()
    layer = (*stack.layers, stack.head)[at]
    on_vector = bool(checked.rows) and len(checked.rows[-1].output_shape) == 1
    makers: list[tuple[str, Callable[[], Stack]]] = []
    if layer.kind == "dense" and len(stack.layers) < MOST_LAYERS:
        makers += [("Put Flatten before it", lambda: stack.inserted(at, FlattenSpec())),
                   ("Put global pooling before it", lambda: stack.inserted(at, GlobalPoolSpec()))]
    elif on_vector:
        first = next(i for i, row in enumerate(checked.rows) if len(row.output_shape) == 1)
        makers.append((f"Move it before {NEW_LAYERS[stack.layers[first].kind][0].lower()}", lambda: stack.moved(at, first)))
    elif getattr(layer, "padding", "") == "valid":
        makers.append(("Use same padding", lambda: stack.changed(at, padding="same")))
    if at < len(stack.layers):
        makers.append(("Remove it", lambda: stack.removed(at)))
    found = [Fix(label, make()) for label, make in makers]
    return tuple(fix for fix in found if _unfit(fix.stack, input_shape) < _unfit(stack, input_shape))


def _unfit(stack: Stack, input_shape: Shape) -> int:
    """How many layers there are from the first that does not fit to the output."""
    layers = (*stack.layers, stack.head)
    return len(layers) - len(check_stack(layers, input_shape).rows)
