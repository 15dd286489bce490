"""What the address of a page says of a run: the choices of the Train page as its query string."""

from __future__ import annotations

from lib.catalog.presets import PRESETS
from lib.spec.specs import RunSpec
from lib.spec.split_text import split_text
from lib.spec.stack import stack_of
from lib.spec.stack_text import network_text


def train_query(spec: RunSpec) -> dict[str, str]:
    """The parameters with which the Train page is set up like this run of a classifier, its network included."""
    train, name = spec.train, spec.architecture.name
    is_preset = name in PRESETS and PRESETS[name].architecture.layers[:-1] == spec.architecture.layers[:-1]
    title = name.removesuffix(" (own)")
    values = {
        "net": name if is_preset else network_text(stack_of(spec.architecture, title)), "data": spec.data.dataset,
        "images": spec.data.train_size or "all", "optimizer": train.optimizer, "rate": train.learning_rate,
        "batch": train.batch_size, "epochs": train.epochs, "stopping": train.patience is not None,
        "patience": train.patience or 10, "seed": spec.seed, "monitor": train.monitor,
    }
    source = PRESETS[name].data if is_preset and PRESETS[name].dataset == spec.data.dataset else None
    values |= {"split": split} if (split := split_text(spec.data, source)) else {}
    return {key: str(value) for key, value in values.items()}
