"""The arithmetic of one number as HTML: small grids of numbers with colours, largest contributions, steps to the result."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lib.base.percent import count_text
from lib.images.sheets import signed_colors
from lib.ui.inside.words import cell_text, formula_text, number_text, stage_title
from lib.ui.widgets.images import data_uri

if TYPE_CHECKING:
    from lib.models.inside.arithmetic import Pooled, Products, Stage, UnitArithmetic

#: Maps of a window that are shown with all their numbers, and terms of a dense sum: those that count most.
SHOWN_MAPS, SHOWN_TERMS = 3, 8
#: Windows with more cells a side show colours alone, and tiny ones from the second number on.
_WITH_NUMBERS, _SMALL = 5, 12
_ORANGE, _BLUE = "213,94,0", "0,114,178"


def arithmetic_html(found: UnitArithmetic, before: Callable[[int], str], image: tuple[int, ...] | None) -> str:
    """How the number comes about.

    `before` names number i of a vector before ("map 3, row 2, column 5"); `image` is the image's shape (H, W, C)
    where that vector is the image itself.
    """
    from lib.models.inside.arithmetic import Pooled, Products

    origin = found.origin
    if isinstance(origin, Products):
        body = _window_html(origin) if origin.inputs.ndim == 3 else _dense_html(origin, before, image)
        first = _sum_text(origin)
    elif isinstance(origin, Pooled):
        body, first = _pooled_html(origin), "the largest" if origin.method == "max" else "the mean"
    else:
        body, first = "", "the number before"
    return body + _flow(first, origin.total, found.stages, found.place.layer)


def _sum_text(origin: Products) -> str:
    bias = number_text(abs(origin.bias), 3)
    return f"{number_text(origin.total - origin.bias, 3)} {'+' if origin.bias >= 0 else '−'} {bias} (bias)"


def _flow(first: str, total: float, stages: Sequence[Stage], layer: int) -> str:
    """The steps as boxes; those of later layers come after the number itself."""
    own = [stage for stage in stages if stage.layer == layer]
    later = [stage for stage in stages if stage.layer != layer]
    boxes = [_step(first, total, not own)]
    boxes += [_step(f"{stage_title(stage.name)}: {formula_text(stage)}", stage.after, stage is own[-1]) for stage in own]
    boxes += [_step(f"then layer {stage.layer + 1}, {stage_title(stage.name)}: {formula_text(stage)}", stage.after, False)
              for stage in later]
    return f'<div class="flow">{"<span class=arrow>→</span>".join(boxes)}</div>'


def _step(words: str, value: float, is_last: bool) -> str:
    return (f'<div class="step{" last" if is_last else ""}"><small>{html.escape(words)}</small>'
            f"{number_text(value, 3)}</div>")


# --- windows ------------------------------------------------------------------------------


def _window_html(origin: Products) -> str:
    """The maps whose products count most, each as window x kernel = products, and what all others add."""
    products = origin.products
    sums = products.sum(axis=(0, 1))
    weight = np.abs(products).sum(axis=(0, 1))
    shown = np.argsort(-weight, kind="stable")[:SHOWN_MAPS]
    rows = []
    for number, index in enumerate(shown):
        values = [origin.inputs[..., index], origin.weights[..., index], products[..., index]]
        names = [f"window of map {index + 1}" if len(sums) > 1 else "window", "kernel", "products"]
        grids = [grid_html(value, origin.is_inside if place != 1 else None) for place, value in enumerate(values)]
        cells = [f'<div><div class="name">{name}</div>{grid}</div>' for name, grid in zip(names, grids, strict=True)]
        sign = "" if not number else "+"
        rows.append(f'<span class="factor"><span class="sign">{sign}</span>{cells[0]}</span>'
                    f'<span class="factor"><span class="sign">×</span>{cells[1]}</span>'
                    f'<span class="factor"><span class="sign">=</span>{cells[2]}</span>'
                    f'<span class="total">Σ {number_text(float(sums[index]), 3)}</span>')
    text = f'<div class="scroll"><div class="sum">{"".join(rows)}</div></div>'
    rest = len(sums) - len(shown)
    if rest:
        left = float(sums.sum() - sums[shown].sum())
        text += f'<p class="name">+ the other {count_text(rest, "map")} together: {number_text(left, 3)}</p>'
    return text


def grid_html(values: np.ndarray, is_inside: np.ndarray | None = None, top: tuple[int, int] | None = None) -> str:
    """A table of numbers (h, w): orange above zero, blue below, stronger for larger ones; `top` has a frame.

    Cells that are not inside are padding.
    """
    limit = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    long = max(values.shape)
    size = " tiny" if long > _SMALL else " plain" if long > _WITH_NUMBERS else " small" if long > 4 else ""
    lines = []
    for row, line in enumerate(values):
        cells = []
        for column, value in enumerate(line):
            if is_inside is not None and not is_inside[row, column]:
                cells.append('<td class="out" title="outside the map: 0"></td>')
                continue
            share = 0.62 * abs(float(value)) / limit
            mark = ' class="top"' if top == (row, column) else ""
            text = "" if long > _WITH_NUMBERS else cell_text(float(value))
            cells.append(f'<td{mark} style="background:rgba({_ORANGE if value > 0 else _BLUE},{share:.2f})" '
                         f'title="{number_text(float(value), 4)}">{text}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="grid{size}">{"".join(lines)}</table>'


def _pooled_html(origin: Pooled) -> str:
    window, inside = origin.window, ~np.isnan(origin.window)
    best = np.unravel_index(int(np.nanargmax(window)), window.shape) if origin.method == "max" else None
    top = None if best is None else (int(best[0]), int(best[1]))
    return f'<div class="scroll"><div class="name">window</div>{grid_html(np.nan_to_num(window), inside, top)}</div>'


# --- dense sums ---------------------------------------------------------------------------


def _dense_html(origin: Products, before: Callable[[int], str], image: tuple[int, ...] | None) -> str:
    products = origin.products
    shown = np.argsort(-np.abs(products), kind="stable")[:SHOWN_TERMS]
    limit = float(np.abs(products).max(initial=0.0)) or 1.0
    lines = []
    for index in shown:
        value = float(products[index])
        share = 50 * abs(value) / limit
        side = f"left:50%;width:{share:.1f}%" if value > 0 else f"right:50%;width:{share:.1f}%"
        color = _ORANGE if value > 0 else _BLUE
        lines.append(f"<span>{html.escape(before(int(index)))}</span>"
                     f'<span class="num">{number_text(float(origin.inputs[index]))} × '
                     f"{number_text(float(origin.weights[index]), 3)}</span>"
                     f'<span class="bar"><i style="{side};background:rgb({color})"></i></span>'
                     f'<span class="num">{number_text(value, 3)}</span>')
    text = _images(origin, image) if image is not None else ""
    text += f'<p class="name">Largest contributions of {len(products):,}: number × weight = product</p>'
    text += f'<div class="scroll"><div class="terms">{"".join(lines)}</div></div>'
    rest = len(products) - len(shown)
    if rest > 0:
        left = float(products.sum() - products[shown].sum())
        text += f'<p class="name">+ the other {rest:,} together: {number_text(left, 3)}</p>'
    return text


def _images(origin: Products, shape: tuple[int, ...]) -> str:
    """Image, weights and products of a unit that sees the image itself."""
    parts = []
    for name, values in (("image", origin.inputs), ("its weights", origin.weights), ("products", origin.products)):
        arranged = values.reshape(shape)
        if name == "image":
            shown = np.rint(255 * np.clip(arranged, 0, 1)).astype(np.uint8)
        else:
            shown = signed_colors(arranged.sum(axis=-1), float(np.quantile(np.abs(arranged.sum(axis=-1)), 0.995)) or None)
        parts.append(f'<figure><img src="{data_uri(shown)}" alt="{name}">{name}</figure>')
    return f'<div class="images">{parts[0]}<span>×</span>{parts[1]}<span>=</span>{parts[2]}</div>'
