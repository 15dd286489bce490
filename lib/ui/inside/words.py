"""What each kind of layer does, in one sentence, and numbers as they are read on the page Inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.base.percent import count_text

if TYPE_CHECKING:
    from lib.models.inside.arithmetic import Place, Stage

#: Kind of a layer -> what it does.
SENTENCES = {
    "image": "The image as the network gets it: one number from 0 (black) to 1 (white) for each pixel and colour.",
    "code": "A number of the latent code: the network learned to draw from codes whose numbers come from a normal "
            "distribution. The slider beside the layers moves it.",
    "conv": "One kernel for each map is laid over every window of the layer before; the products of kernel and window are "
            "added up, and the same weights are used everywhere.",
    "conv_transpose": "The other way round: every number of the layer before lays the kernel, times itself, over a larger "
                      "map. Here are all those that fall on this place.",
    "dense": "Every unit multiplies each number of the layer before by a weight of its own and adds everything up.",
    "max_pool": "Of each window only the largest number goes on: the map shrinks, and what was found may move a little.",
    "average_pool": "Of each window only the mean goes on: the map shrinks.",
    "global_max_pool": "Of each map only its largest number goes on: whether something was found, and no longer where.",
    "global_average_pool": "Of each map only its mean goes on: how much was found, and no longer where.",
    "flatten": "The maps are written into one row of numbers; nothing is computed.",
    "dropout": "While training it sets a random share of the numbers to zero; now that the network is asked, all pass as "
               "they are.",
    "noise": "While training it adds random noise; now that the network is asked, all numbers pass as they are.",
    "batch_norm": "Each map or unit is shifted and scaled: by the mean and variance that training saw, then by two numbers "
                  "that it learned.",
    "activation": "A function is applied to each number by itself.",
    "double": "Each number is written down several times, so that the map grows.",
    "crop": "The edge of the map is cut off.",
    "reshape": "The row of numbers is written as maps; nothing is computed.",
    "first": "Only the first half of the numbers goes on: the means of the latent code. The others say how widely codes are "
             "drawn around them while it trains.",
    "rescale": "Each number is multiplied and shifted, always by the same two numbers.",
    "add": "The numbers at the same place of two layers, added: what was found on the way down comes back on the way up.",
    "join": "The numbers of several layers beside each other.",
    "told": "The class that the network is told: 1 for it, 0 for all others.",
    "other": "A layer whose arithmetic this page does not take apart.",
}
#: Name of an activation -> its formula; z is the sum.
_FORMULAS = {
    "relu": "max(0, z)", "tanh": "tanh(z)", "sigmoid": "1 / (1 + exp(−z))", "softplus": "log(1 + exp(z))",
    "linear": "z itself", "softmax": "exp(z) / sum of exp(z) over all units",
}


def number_text(value: float, digits: int = 2) -> str:
    """A number as it stands in a grid: "0.31", "−12", "2e−6"; "–" for none."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size >= 1e6 or 0 < size < 0.5 * 10**-digits:
        text = f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    else:
        text = f"{value:.{0 if size >= 1000 else 1 if size >= 100 else digits}f}"
    return text.replace("-", "−")


def cell_text(value: float) -> str:
    """The same where there is little room: "0" for zero and what rounds to it."""
    if abs(value) < 0.005:
        return "0"
    return number_text(value, 2 if abs(value) < 10 else 1)


def formula_text(stage: Stage) -> str:
    """What a stage does to its number, with this number's own values."""
    before = number_text(stage.before, 3)
    if stage.name == "batch_norm":
        shift = _minus(stage.number("mean"))
        spread = number_text(math.sqrt(stage.number("variance") + stage.number("epsilon")), 3)
        scale, beta = number_text(stage.number("gamma"), 3), stage.number("beta")
        sign = "+" if beta >= 0 else "−"
        return f"({before}{shift}) / {spread} × {scale} {sign} {number_text(abs(beta), 3)}"
    if stage.name == "relu":
        return f"max(0, {before})"
    if stage.name in ("leaky_relu", "elu"):
        bent = before if stage.name == "leaky_relu" else f"(exp({before}) − 1)"
        return f"{number_text(stage.number('slope'))} × {bent}" if stage.before < 0 else "not negative: as it is"
    if stage.name == "softmax":
        units, total = int(stage.number("units")), stage.number("logarithm of the sum")
        shown = number_text(math.exp(total), 3) if total < 700 else f"exp({number_text(total, 1)})"
        return f"exp({before}) / {shown}, the sum over {units} units"
    if stage.name == "rescale":
        offset = stage.number("offset")
        return f"{before} × {number_text(stage.number('scale'))} {'+' if offset >= 0 else '−'} {number_text(abs(offset))}"
    if stage.name in ("dropout", "noise"):
        return "passes as it is"
    return _FORMULAS.get(stage.name, stage.name).replace("z", before, 1)


def _minus(value: float) -> str:
    """" − 0.31" or " + 0.31": `value` taken away."""
    return f" {'−' if value >= 0 else '+'} {number_text(abs(value), 3)}"


def stage_title(name: str) -> str:
    """What a stage is called."""
    return {"batch_norm": "batch norm", "leaky_relu": "leaky relu"}.get(name, name)


def shape_text(shape: Sequence[int]) -> str:
    """"26 × 26 × 32", or "10 numbers"."""
    return " × ".join(map(str, shape)) if len(shape) > 1 else count_text(shape[0], "number")


def place_text(place: Place, is_maps: bool, name: str = "") -> str:
    """"Map 5, row 3, column 7", "Unit 12", or the class of an output."""
    if is_maps:
        return f"Map {place.unit + 1}, row {place.row + 1}, column {place.column + 1}"
    return f"Unit {place.unit + 1}" + (f" ({name})" if name else "")
