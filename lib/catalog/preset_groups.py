"""Presets in groups that a menu can offer, with names that say what the network is before whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lib.catalog.preset import Preset
from lib.catalog.presets import PRESETS
from lib.spec.words import layers_text

#: Group -> systems of the reports in it; "" are the lab's own.
_SYSTEMS = {
    "Quick networks of this lab": ("",),
    "MLPs: six models (report 000)": ("A1",),
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
    """Its name, then whose it is: "MLP 300-100, relu, dropout 0.5 (report 000, A1 model 3)"."""
    if not preset.report:
        return preset.title
    model = f" {_model(preset)}" if _model(preset) else ""
    return f"{network_name(preset)} (report {preset.report}, {preset.system}{model})"


def network_name(preset: Preset) -> str:
    """What the network is called, in menus and in the names of runs: what it is made of, where a report only numbers it."""
    return _plain_name(preset) if _model(preset) else preset.title


def _model(preset: Preset) -> str:
    """"model 3" for a network that its report numbers; "" for others."""
    found = re.search(r"model \d", preset.title) if preset.system in ("A1", "B1") else None
    return found.group() if found else ""


def _plain_name(preset: Preset) -> str:
    """Its layers in short, and what changes them."""
    layers = preset.architecture.layers[:-1]
    dense = [layer for layer in layers if layer.kind == "dense"]
    if any(layer.kind == "conv" for layer in layers):
        name = f"CNN {layers_text(layers)}"
    else:
        name = f"MLP {'-'.join(str(layer.units) for layer in dense)}, {dense[0].activation}"
    rates = dict.fromkeys(f"{layer.rate:g}" for layer in layers if layer.kind == "dropout")
    changes = [f"dropout {' and '.join(rates)}"] if rates else []
    changes += ["batch normalisation"] if any(layer.kind == "batch_norm" for layer in layers) else []
    changes += [kind.upper() for kind in ("l1", "l2") if any(getattr(layer, kind, 0) for layer in layers)]
    return ", ".join([name, *changes])
