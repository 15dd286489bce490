"""What the view of a network is given: a row for the picture and one for each layer, as small arrays of bytes."""

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
PICTURE = -1
LEGEND = ("Below: black is 0, orange positive, blue negative, the palest the largest of its layer. Green frames: the chosen "
          "number, the window that it was computed from, and all of the picture that it can see.")


@dataclass(frozen=True)
class Shown:
    """One network, asked about one picture: what everything on the page is drawn from.

    `image` is uint8 (H, W, C) as the network takes it, `activations` what every layer put out.
    """

    network: InsideNetwork
    image: np.ndarray
    activations: Sequence[np.ndarray]
    titles: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def picture(self) -> np.ndarray:
        """The picture as numbers from 0 to 1, float32."""
        return self.image.astype(np.float32) / 255.0

    def values(self, layer: int) -> np.ndarray:
        """What layer `layer` put out; the picture for PICTURE."""
        return self.picture if layer == PICTURE else self.activations[layer]


def shape_rows(rows: Sequence[LayerSummary], image_shape: Sequence[int]) -> list[dict[str, Any]]:
    """The view before the network has been loaded: names, shapes, parameters."""
    titles = [f"{number}  {row.description}" for number, row in enumerate(rows, start=1)]
    found = [_head(PICTURE, "Picture", image_shape, 0)]
    return found + [_head(number, title, row.output_shape, row.parameters)
                    for number, (title, row) in enumerate(zip(titles, rows, strict=True))]


def _head(number: int, title: str, shape: Sequence[int], parameters: int) -> dict[str, Any]:
    note = LEGEND if number == PICTURE else ""
    return {"number": number, "title": title, "note": note, "size": shape_text(shape),
            "parameters": count_text(parameters, "parameter") if parameters else "",
            "label": "The picture" if number == PICTURE else f"Output of layer {number + 1}"}


def view_rows(shown: Shown, chosen: int) -> list[dict[str, Any]]:
    """The picture and every layer with what it put out; of layer `chosen` all of it, as far as it fits."""
    height, width, channels = shown.image.shape
    picture = _head(PICTURE, "Picture", shown.image.shape, 0) | {
        "full": (height, width), "h": height, "w": width, "maps": True, "count": 1, "shown": 1, "signed": False, "top": 1.0,
        "rgb": channels, "data": base64.b64encode(shown.image.tobytes()).decode()}
    found = [picture]
    for number, (layer, title) in enumerate(zip(shown.network.layers, shown.titles, strict=True)):
        row = _head(number, f"{number + 1}  {title}", layer.shape, layer.parameters)
        if layer.kind == "flatten" and number != chosen:
            found.append(row | {"note": "The same numbers, written into one row."})
        else:
            found.append(row | _numbers(shown.activations[number], number == chosen))
    if not found[-1].get("maps", True) and found[-1]["count"] == len(shown.names) <= 12:
        found[-1]["labels"] = shown.names
    return found


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

    layer = min(max(sent.layer, PICTURE), len(shown.network.layers) - 1)
    if sent.unit < 0:
        return strongest(shown, layer)
    shape = shown.values(layer).shape
    unit = min(sent.unit, shape[-1] - 1)
    if len(shape) == 1:
        return Place(layer, unit)
    return Place(layer, unit, *(min(max(at, 0), side - 1) for at, side in zip((sent.row, sent.column), shape, strict=False)))


def first_place(shown: Shown) -> Place:
    """Where a visitor begins: the strongest number of the first layer that has weights."""
    weighted = [n for n, layer in enumerate(shown.network.layers) if layer.kind in ("conv", "dense")]
    return strongest(shown, weighted[0] if weighted else 0)


def detail_html(shown: Shown, found: UnitArithmetic) -> str:
    """The chosen number: what it is, what its layer does, and its arithmetic."""
    place = found.place
    if place.layer == PICTURE:
        colors = ", ".join(f"{number_text(float(v))} = {round(255 * float(v))} / 255" for v in
                           shown.picture[place.row, place.column])
        return (f'<p class="lead">Row {place.row + 1}, column {place.column + 1}: {colors}</p>'
                f'<p class="why">{SENTENCES["picture"]}</p>')
    layer = shown.network.layers[place.layer]
    is_output = place.layer == len(shown.network.layers) - 1 and layer.units == len(shown.names)
    name = shown.names[place.unit] if is_output else ""
    title = html.escape(place_text(place, layer.is_maps, name))
    return (f'<p class="lead">{title}: {number_text(found.value, 3)}</p><p class="why">{SENTENCES[layer.kind]}</p>'
            f"{_body(shown, found)}")


def _body(shown: Shown, found: UnitArithmetic) -> str:
    layer = shown.network.layers[found.place.layer]
    place = getattr(found.origin, "place", None)
    if layer.kind == "flatten" and place is not None:
        return f"<p>It is {html.escape(_named(shown, place))}.</p>"
    if layer.kind == "other" or layer.before is None:
        return ""
    return arithmetic_html(found, lambda index: _source_name(shown, layer.before, index), _flat_picture(shown, layer.before))


def _named(shown: Shown, place: Place) -> str:
    """"map 5, row 3, column 7 of layer 2", or the pixel of the picture."""
    if place.layer == PICTURE:
        channel = f", {('red', 'green', 'blue')[place.unit]}" if shown.image.shape[-1] == 3 else ""
        return f"pixel row {place.row + 1}, column {place.column + 1}{channel}"
    is_maps = shown.network.layers[place.layer].is_maps
    return f"{place_text(place, is_maps).lower()} of layer {place.layer + 1}"


def _source_name(shown: Shown, layer: int | None, index: int) -> str:
    """What number `index` of the vector of `layer` is called: where it was before it was flattened."""
    from lib.models.inside.arithmetic import unflattened

    number = layer
    while number is not None and number != PICTURE and shown.network.layers[number].kind in ("flatten", "dropout", "noise"):
        before = shown.network.layers[number].before
        if shown.network.layers[number].kind == "flatten" and before is not None:
            place = unflattened(shown.values(before).shape, index, before)
            return _named(shown, place).split(" of layer")[0]
        number = before
    return f"unit {index + 1}"


def _flat_picture(shown: Shown, layer: int | None) -> tuple[int, ...] | None:
    """The picture's shape where the vector of `layer` is the picture itself."""
    while layer is not None and layer != PICTURE and shown.network.layers[layer].kind in ("flatten", "dropout", "noise"):
        layer = shown.network.layers[layer].before
    return shown.image.shape if layer == PICTURE else None


def marks_of(shown: Shown, found: UnitArithmetic) -> list[Mapping[str, Any]]:
    """Frames: the window in the layer before, and the part of the picture that this number sees."""
    from lib.models.inside.windows import Region, field_of

    place, network = found.place, shown.network
    if place.layer == PICTURE:
        return []
    layer = network.layers[place.layer]
    field = field_of(network, place.layer, place.row, place.column, place.unit)
    frames: list[tuple[int, int | None, Region]] = [(PICTURE, None, field)]
    if found.source is not None and layer.before is not None and layer.before != PICTURE:
        clipped = found.source.clipped(*network.layers[layer.before].shape[:2])
        frames.append((layer.before, None if layer.kind == "conv" else place.unit, clipped))
    return [{"layer": number, "unit": unit, "top": r.top, "left": r.left, "height": r.height, "width": r.width}
            for number, unit, r in frames]
