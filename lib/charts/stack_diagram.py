"""A network as blocks: what the diagram of its layers says of each, in plain values that a browser draws."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lib.spec.stack import NEW_LAYERS, Stack
from lib.spec.summary import LayerSummary, Shape, StackCheck, multiply_add_count, parameter_count
from lib.spec.words import activation_text

#: From here on a count is written in short.
_LONG = 10_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its name, what is set in it, and what comes out of it.

    `shape` is None behind a layer that does not fit. Shares are of the network's parameters and multiply-adds, 0-1.
    `fault` says what is wrong here, "" for nothing; `fixed` blocks are the input and the output.
    """

    kind: str
    name: str
    detail: str
    shape: Shape | None
    shape_text: str
    parameters: str = ""
    work: str = ""
    parameter_share: float = 0.0
    work_share: float = 0.0
    fault: str = ""
    fixed: bool = False


def count_words(count: int) -> str:
    """"1,234", "12.3 M", "1.2 G"."""
    if count < _LONG:
        return f"{count:,}"
    return f"{count / 1e6:,.1f} M" if count < 1e9 else f"{count / 1e9:,.1f} G"


def stack_blocks(stack: Stack, checked: StackCheck, input_shape: Shape, fault: int | None = None,
                 words: str = "") -> list[Block]:
    """The input, a block for each layer, and the output. `fault` is the layer to mark, `words` what is wrong with it."""
    rows, layers = checked.rows, (*stack.layers, stack.head)
    whole = max(parameter_count(rows), 1), max(multiply_add_count(rows), 1)
    blocks = [Block("input", "Input", "", input_shape, _shape_text(input_shape), fixed=True)]
    for number, layer in enumerate(layers):
        row = rows[number] if number < len(rows) else None
        is_head = number == len(stack.layers)
        name = "Output" if is_head else NEW_LAYERS[layer.kind][0]
        detail = _output_detail(stack, row) if is_head else _detail(layer)
        said = words if number == fault else ""
        blocks.append(Block("output" if is_head else layer.kind, name, detail, row.output_shape if row else None,
                            _shape_text(row.output_shape) if row else "?", *_costs(row, whole), said, is_head))
    return blocks


def diagram_data(blocks: list[Block]) -> list[dict[str, Any]]:
    """The blocks as a browser takes them."""
    return [asdict(block) for block in blocks]


def total_words(checked: StackCheck) -> str:
    """"55,050 parameters, 0.05 M multiply-adds an image": the sum over all layers, as far as they fit."""
    total, work = parameter_count(checked.rows), multiply_add_count(checked.rows)
    so_far = "As far as it fits: " if checked.error is not None else ""
    return f"{so_far}{total:,} parameters, {work / 1e6:,.2f} M multiply-adds an image"


def _costs(row: LayerSummary | None, whole: tuple[int, int]) -> tuple[str, str, float, float]:
    if row is None:
        return "", "", 0.0, 0.0
    return (count_words(row.parameters), count_words(row.multiply_adds), row.parameters / whole[0],
            row.multiply_adds / whole[1])


def _shape_text(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _output_detail(stack: Stack, row: LayerSummary | None) -> str:
    classes = f", {row.output_shape[0]} classes" if row else ""
    return f"{activation_text(stack.head).replace('_', ' ')}{classes}"


def _detail(layer: Any) -> str:
    """What is set in a layer, apart from its kind."""
    parts: list[str] = []
    match layer.kind:
        case "conv":
            parts = [f"{layer.filters} filters {layer.kernel_size}×{layer.kernel_size}"]
            parts += [f"stride {layer.strides}"] if layer.strides > 1 else []
            parts += ["no padding"] if layer.padding == "valid" else []
        case "pool":
            parts = [f"{layer.method} of {layer.size}×{layer.size}"]
            parts += [f"stride {layer.strides}"] if layer.strides else []
            parts += ["same padding"] if layer.padding == "same" else []
        case "dense":
            parts = [f"{layer.units} units"]
        case "global_pool":
            parts = [f"{layer.method} of each map"]
        case "dropout":
            parts = [f"rate {layer.rate:g}"]
        case "noise":
            parts = [f"deviation {layer.stddev:g}"]
    if layer.kind in ("conv", "dense", "activation"):
        parts.append(activation_text(layer).replace("_", " "))
    parts += [f"{kind.upper()} {getattr(layer, kind):g}" for kind in ("l1", "l2") if getattr(layer, kind, 0)]
    return ", ".join(parts)
