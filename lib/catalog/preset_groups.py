"""Presets in groups that a menu can offer, with names that say what the network is before whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lib.base.percent import count_text
from lib.catalog.presets import PRESETS, Preset

#: Group -> systems of the reports in it; "" are the lab's own.
_SYSTEMS = {
    "Quick networks of this lab": ("",),
    "MLPs: six architectures (report 000)": ("A1",),
    "MLPs: activations layer by layer (report 001)": ("A2",),
    "An MLP, one change at a time (report 002)": ("A3",),
    "MLPs of reports 003 and 004": ("A4", "A5", "A6"),
    "CNNs: six architectures (report 000)": ("B1", "C2"),
    "A CNN, one change at a time (report 002)": ("B2",),
    "CNNs of reports 003 and 004": ("B3", "B4"),
    "Networks for colour photographs (reports 002 and 003)": ("B5",),
}


def preset_groups(presets: Mapping[str, Preset] = PRESETS) -> dict[str, tuple[str, ...]]:
    """Group -> the names of its presets, in the order of `presets`; every preset is in exactly one."""
    return {
        group: tuple(name for name, preset in presets.items() if preset.system in systems)
        for group, systems in _SYSTEMS.items()
    }


def group_of(name: str) -> str:
    """The group of the preset called `name`."""
    return next(group for group, names in preset_groups().items() if name in names)


def preset_label(preset: Preset) -> str:
    """What it is, then whose: "MLP 300-100, relu, dropout 0.5 (report 000, A1 model 3)"."""
    if not preset.report:
        return preset.title
    model = re.search(r"model \d", preset.title) if preset.system in ("A1", "B1") else None
    what = _plain_name(preset) if model else preset.title
    return f"{what} (report {preset.report}, {preset.system}{f' {model.group()}' if model else ''})"


def _plain_name(preset: Preset) -> str:
    """Its layers in short, and what changes them."""
    layers = preset.architecture.layers
    dense = [layer for layer in layers[:-1] if layer.kind == "dense"]
    convolutions = sum(layer.kind == "conv" for layer in layers)
    sizes = "-".join(str(layer.units) for layer in dense)
    if convolutions:
        name = f"CNN, {count_text(convolutions, 'convolution')}" + (f", dense {sizes}" if dense else "")
    else:
        name = f"MLP {sizes}, {dense[0].activation}"
    rates = dict.fromkeys(f"{layer.rate:g}" for layer in layers if layer.kind == "dropout")
    changes = [f"dropout {' and '.join(rates)}"] if rates else []
    changes += ["batch normalisation"] if any(layer.kind == "batch_norm" for layer in layers) else []
    changes += [kind.upper() for kind in ("l1", "l2") if any(getattr(layer, kind, 0) for layer in layers)]
    return ", ".join([name, *changes])
