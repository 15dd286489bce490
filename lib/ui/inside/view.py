"""What the view of a network is given: a row for the image and one for each layer, as small arrays of bytes."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.base.percent import count_text
from lib.spec.summary import LayerSummary
from lib.ui.inside.grids import arithmetic_html
from lib.ui.inside.words import SENTENCES, number_text, place_text, shape_text
from lib.ui.widgets.network_view import SentPlace

if TYPE_CHECKING:
    from lib.models.inside.arithmetic import Place, UnitArithmetic
    from lib.models.inside.network import InsideNetwork

#: Numbers sent of one layer at most: of the chosen one, and of each other.
_CHOSEN_BYTES, _MAPS_BYTES = 260_000, 40_000
#: Pixels of a map's side that are sent at most, maps of a layer that fit beside each other, and cells of a vector.
_CHOSEN_SIDE, _SIDE, _MAPS, _CELLS, _CHOSEN_CELLS = 80, 40, 26, 700, 2400
IMAGE = -1
#: Kinds whose numbers are those of the layer before, at other places.
_MOVED = ("flatten", "reshape", "first", "double", "crop")
LEGEND = ("Below: black is 0, orange positive, blue negative, the palest the largest of its layer. Green frames: the chosen "
          "number, the window that it was computed from")
_SEES = ", and all of the image that it can see."


@dataclass(frozen=True)
class Shown:
    """One network, asked about one image or code: what everything on the page is drawn from.

    `image` is uint8 (H, W, C) as the network takes it, or a code, float32 (n,); `activations` what every layer put out.
    `as_training` shows what dropout would do to its numbers while training. `says_class`: its outputs are the classes
    `names`.
    """

    network: InsideNetwork
    image: np.ndarray
    activations: Sequence[np.ndarray]
    titles: tuple[str, ...]
    names: tuple[str, ...]
    as_training: bool = False
    says_class: bool = True

    @property
    def is_code(self) -> bool:
        """Whether the network is given a code."""
        return self.image.ndim == 1

    @property
    def pixels(self) -> np.ndarray:
        """The image as numbers from 0 to 1, float32; a code as it is."""
        return self.image if self.is_code else self.image.astype(np.float32) / 255.0

    def values(self, layer: int) -> np.ndarray:
        """What layer `layer` put out; the image for IMAGE."""
        return self.pixels if layer == IMAGE else self.activations[layer]


def shape_rows(rows: Sequence[LayerSummary], image_shape: Sequence[int]) -> list[dict[str, Any]]:
    """The view before the network has been loaded: names, shapes, parameters."""
    titles = [f"{number}  {row.description}" for number, row in enumerate(rows, start=1)]
    found = [_head(IMAGE, "Image", image_shape, 0)]
    return found + [_head(number, title, row.output_shape, row.parameters)
                    for number, (title, row) in enumerate(zip(titles, rows, strict=True))]


def _head(number: int, title: str, shape: Sequence[int], parameters: int) -> dict[str, Any]:
    note = LEGEND + (_SEES if len(shape) == 3 else ".") if number == IMAGE else ""
    return {"number": number, "title": title, "note": note, "size": shape_text(shape),
            "parameters": count_text(parameters, "parameter") if parameters else "",
            "label": "The image" if number == IMAGE else f"Output of layer {number + 1}"}


def view_rows(shown: Shown, chosen: int) -> list[dict[str, Any]]:
    """The image and every layer with what it put out; of layer `chosen` all of it, as far as it fits."""
    found = [_code_row(shown) if shown.is_code else _image_row(shown)]
    for number, (layer, title) in enumerate(zip(shown.network.layers, shown.titles, strict=True)):
        row = _head(number, f"{number + 1}  {title}", layer.shape, layer.parameters)
        if layer.kind == "flatten" and number != chosen:
            found.append(row | {"note": "The same numbers, written into one row."})
        elif layer.kind == "dropout" and shown.as_training:
            dropped = shown.activations[number] * dropout_factors(shown, number)
            found.append(row | _numbers(dropped, number == chosen) | {
                "note": "As in training: some numbers, drawn at random, are 0, the others larger. The layers below are "
                        "shown without dropout."})
        else:
            found.append(row | _numbers(shown.activations[number], number == chosen))
    if shown.says_class and not found[-1].get("maps", True) and found[-1]["count"] == len(shown.names) <= 12:
        found[-1]["labels"] = shown.names
    return found


def _image_row(shown: Shown) -> dict[str, Any]:
    height, width, channels = shown.image.shape
    return _head(IMAGE, "Image", shown.image.shape, 0) | {
        "full": (height, width), "h": height, "w": width, "maps": True, "count": 1, "shown": 1, "signed": False, "top": 1.0,
        "rgb": channels, "data": base64.b64encode(shown.image.tobytes()).decode()}


def _code_row(shown: Shown) -> dict[str, Any]:
    return _head(IMAGE, "Latent code", shown.image.shape, 0) | _numbers(shown.image, True) | {"label": "The latent code"}


def _numbers(values: np.ndarray, is_chosen: bool) -> dict[str, Any]:
    """The layer's output as bytes: 0 to 255 from zero to its largest number, round 128 where some are negative."""
    if values.ndim == 3:
        maps = np.moveaxis(values, -1, 0)
        step = -(-max(maps.shape[1:]) // (_CHOSEN_SIDE if is_chosen else _SIDE))
        count, maps = len(maps), maps[:, ::step, ::step]
        room = _CHOSEN_BYTES if is_chosen else _MAPS_BYTES
        sent = maps[: max(1, min(count if is_chosen else _MAPS, room // (maps.shape[1] * maps.shape[2])))]
        full: tuple[int, int] = (values.shape[0], values.shape[1])
    else:
        flat = values.reshape(-1)
        count, full = len(flat), (1, 1)
        sent = flat[: _CHOSEN_CELLS if is_chosen else _CELLS, None, None]
    data, signed, top = as_bytes(sent, values)
    return {"full": full, "h": sent.shape[1], "w": sent.shape[2], "maps": values.ndim == 3, "count": count,
            "shown": len(sent), "signed": signed, "top": top, "data": base64.b64encode(data.tobytes()).decode()}


def dropout_factors(shown: Shown, layer: int) -> np.ndarray:
    """What dropout multiplies each number of layer `layer` by in one draw: 0, or so much that the mean stays."""
    rate = float(shown.network.parts[layer].rate)
    kept = np.random.default_rng(layer).random(shown.activations[layer].shape) >= rate
    return np.where(kept, 1.0 / max(1.0 - rate, 1e-6), 0.0).astype(np.float32)


def as_bytes(part: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, bool, float]:
    """`part` on the scale of all `values`: uint8 of its shape, whether 128 stands for zero, and the largest size."""
    finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    signed, top = bool(finite.min(initial=0.0) < 0), float(np.abs(finite).max(initial=0.0))
    share = np.nan_to_num(part, posinf=top, neginf=-top) / (top or 1.0)
    scaled = 128 + 127 * share if signed else 255 * share
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8), signed, top


# --- the chosen number --------------------------------------------------------------------


def strongest(shown: Shown, layer: int) -> Place:
    """The place of the largest number of a layer."""
    from lib.models.inside.arithmetic import Place

    values = shown.values(layer)
    if values.ndim == 3:
        row, column, unit = np.unravel_index(int(np.argmax(values)), values.shape)
        return Place(layer, int(unit), int(row), int(column))
    return Place(layer, int(np.argmax(values)))


def fitting(shown: Shown, sent: SentPlace) -> Place:
    """`sent` as a place that there is; the strongest one of its layer where it names no unit."""
    from lib.models.inside.arithmetic import Place

    layer = min(max(sent.layer, IMAGE), len(shown.network.layers) - 1)
    if sent.unit < 0:
        return strongest(shown, layer)
    shape = shown.values(layer).shape
    unit = min(sent.unit, shape[-1] - 1)
    if len(shape) == 1:
        return Place(layer, unit)
    return Place(layer, unit, *(min(max(at, 0), side - 1) for at, side in zip((sent.row, sent.column), shape, strict=False)))


def first_place(shown: Shown) -> Place:
    """Where a visitor begins: the strongest number of the first layer that has weights, or the first of a code."""
    from lib.models.inside.arithmetic import Place

    if shown.is_code:
        return Place(IMAGE, 0)
    weighted = [n for n, layer in enumerate(shown.network.layers) if layer.kind in ("conv", "dense")]
    return strongest(shown, weighted[0] if weighted else 0)


def detail_html(shown: Shown, found: UnitArithmetic) -> str:
    """The chosen number: what it is, what its layer does, and its arithmetic."""
    place = found.place
    if place.layer == IMAGE and shown.is_code:
        return (f'<p class="lead">Number {place.unit + 1}: {number_text(found.value, 3)}</p>'
                f'<p class="why">{SENTENCES["code"]}</p>')
    if place.layer == IMAGE:
        colors = ", ".join(f"{number_text(float(v))} = {round(255 * float(v))} / 255" for v in
                           shown.pixels[place.row, place.column])
        return (f'<p class="lead">Row {place.row + 1}, column {place.column + 1}: {colors}</p>'
                f'<p class="why">{SENTENCES["image"]}</p>')
    layer = shown.network.layers[place.layer]
    is_output = place.layer == len(shown.network.layers) - 1 and layer.units == len(shown.names)
    name = shown.names[place.unit] if is_output and shown.says_class else ""
    title = html.escape(place_text(place, layer.is_maps, name))
    return (f'<p class="lead">{title}: {number_text(found.value, 3)}</p><p class="why">{SENTENCES[layer.kind]}</p>'
            f"{_body(shown, found)}{_dropped(shown, place)}")


def _dropped(shown: Shown, place: Place) -> str:
    """What this draw of dropout makes of the number."""
    if shown.network.layers[place.layer].kind != "dropout" or not shown.as_training:
        return ""
    factors = dropout_factors(shown, place.layer)
    factor = float(factors[place.row, place.column, place.unit] if factors.ndim == 3 else factors[place.unit])
    did = f"multiplied by {number_text(factor)}" if factor else "set to zero"
    return f"<p>As in training it is {did} in this draw.</p>"


def _body(shown: Shown, found: UnitArithmetic) -> str:
    layer = shown.network.layers[found.place.layer]
    place = getattr(found.origin, "place", None)
    if layer.kind in _MOVED and place is not None:
        return f"<p>It is {html.escape(_named(shown, place))}.</p>"
    if layer.kind in ("other", "told") or layer.before is None:
        return ""
    return arithmetic_html(found, lambda index: _source_name(shown, layer.before, index), _flat_image(shown, layer.before))


def _named(shown: Shown, place: Place) -> str:
    """"map 5, row 3, column 7 of layer 2", the pixel of the image, or the number of the code."""
    if place.layer == IMAGE and shown.is_code:
        return f"value {place.unit + 1} of the latent code"
    if place.layer == IMAGE:
        channel = f", {('red', 'green', 'blue')[place.unit]}" if shown.image.shape[-1] == 3 else ""
        return f"pixel row {place.row + 1}, column {place.column + 1}{channel}"
    is_maps = shown.network.layers[place.layer].is_maps
    return f"{place_text(place, is_maps).lower()} of layer {place.layer + 1}"


def _source_name(shown: Shown, layer: int | None, index: int) -> str:
    """What number `index` of the vector of `layer` is called: where it was before it was flattened."""
    from lib.models.inside.arithmetic import unflattened

    number = layer
    while number is not None and number != IMAGE and shown.network.layers[number].kind in ("flatten", "dropout", "noise"):
        before = shown.network.layers[number].before
        if shown.network.layers[number].kind == "flatten" and before is not None:
            place = unflattened(shown.values(before).shape, index, before)
            return _named(shown, place).split(" of layer")[0]
        number = before
    return f"number {index + 1}" if number == IMAGE else f"unit {index + 1}"


def _flat_image(shown: Shown, layer: int | None) -> tuple[int, ...] | None:
    """The image's shape where the vector of `layer` is the image itself."""
    while layer is not None and layer != IMAGE and shown.network.layers[layer].kind in ("flatten", "dropout", "noise"):
        layer = shown.network.layers[layer].before
    return shown.image.shape if layer == IMAGE and not shown.is_code else None


def marks_of(shown: Shown, found: UnitArithmetic) -> list[Mapping[str, Any]]:
    """Frames: the window in the layer before, and the part of the image that this number sees."""
    from lib.models.inside.windows import Region, field_of

    place, network = found.place, shown.network
    if place.layer == IMAGE:
        return []
    layer = network.layers[place.layer]
    frames: list[tuple[int, int | None, Region]] = []
    if not shown.is_code:
        frames.append((IMAGE, None, field_of(network, place.layer, place.row, place.column, place.unit)))
    if found.source is not None and layer.before is not None and layer.before != IMAGE:
        clipped = found.source.clipped(*network.layers[layer.before].shape[:2])
        sees_all = layer.kind in ("conv", "conv_transpose")
        frames.append((layer.before, None if sees_all else place.unit, clipped))
    return [{"layer": number, "unit": unit, "top": r.top, "left": r.left, "height": r.height, "width": r.width}
            for number, unit, r in frames]
