"""What a fork may choose otherwise while the weights stay as they are: optimiser, schedule, regularisation, noise of images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from lib.base.errors import SpecError
from lib.spec.checks import Pairs, is_number
from lib.spec.settings import settings_type
from lib.spec.specs import OPTIMIZERS, ArchitectureSpec, DropoutSpec, RunSpec
from lib.spec.step_plan import DECAY_EPOCHS
from lib.spec.variations import with_l2
from lib.spec.words import dropout_rates, optimizer_title

OPTIMIZER, DROPOUT, L2 = "optimizer", "dropout", "l2"
_TITLES = {OPTIMIZER: "optimiser", L2: "L2", "decay": "schedule", "level_low": "least noise", "level_high": "most noise"}


def choices_at(spec: RunSpec, epoch: int) -> dict[str, float | str]:
    """Everything that was chosen for `epoch` (0-based) of a run, by name; {} for what its spec says."""
    found: dict[str, float | str] = {}
    for change in spec.changes:
        if change.epoch <= epoch:
            found |= dict(change.choices)
    return found


def with_choices(spec: RunSpec, choices: Mapping[str, float | str]) -> RunSpec:
    """`spec` trained with these choices; raises SpecError for one that this run does not have or cannot take."""
    known = settings_type(spec.task)
    allowed = () if known is None else (*known.choosable, DECAY_EPOCHS)
    for name, value in choices.items():
        if name not in allowed:
            raise SpecError("A fork cannot choose this otherwise.", expected=", ".join(allowed) or "nothing",
                            received=name[:40])
        if name == OPTIMIZER:
            if value not in OPTIMIZERS:
                raise SpecError("Unknown optimiser.", expected=", ".join(OPTIMIZERS), received=repr(value)[:40])
            spec = replace(spec, train=replace(spec.train, optimizer=str(value)))
        elif name == DROPOUT:
            spec = replace(spec, architecture=_with_dropout(spec.architecture, _number(name, value)))
        elif name == L2:
            spec = replace(spec, architecture=with_l2(spec.architecture, _number(name, value)))
        else:
            spec = _with_setting(spec, name, value)
    return spec


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a fork may choose otherwise: its name, what it is called, and its values, () for a number."""

    name: str
    title: str
    values: tuple[str, ...] = ()

    def words(self, value: str) -> str:
        """What a value is called."""
        return optimizer_title(value) if self.name == OPTIMIZER else value.replace("_", " ") or "none"


def choices_of(spec: RunSpec) -> list[Choice]:
    """What a fork of the run may choose otherwise: what its task heeds and its layers have."""
    known = settings_type(spec.task)
    if known is None:
        return []
    values_of = {setting.name: tuple(setting.metadata.get("choices", ())) for setting in fields(known)}
    found = []
    for name in known.choosable:
        values = OPTIMIZERS if name == OPTIMIZER else values_of.get(name, ())
        if (name != DROPOUT or dropout_rates(spec.architecture)) and (name != L2 or _has_weights(spec.architecture)):
            found.append(Choice(name, _TITLES.get(name, name.replace("_", " ")), values))
    return found


def l2_factor(architecture: ArchitectureSpec) -> float | None:
    """The L2 factor of its hidden layers where it is one, None where they differ or there are none."""
    found = {layer.l2 for layer in architecture.layers[:-1] if layer.kind in ("dense", "conv")}
    return found.pop() if len(found) == 1 else None


def _has_weights(architecture: ArchitectureSpec) -> bool:
    """Whether there is a hidden layer that an L2 factor can be for."""
    return any(layer.kind in ("dense", "conv") for layer in architecture.layers[:-1])


def differing(spec: RunSpec, choices: Mapping[str, float | str]) -> Pairs:
    """Those of `choices` that train `spec` otherwise, sorted by name; raises SpecError as `with_choices` does."""
    return tuple(sorted((name, value) for name, value in choices.items() if with_choices(spec, {name: value}) != spec))


def choice_words(spec: RunSpec, choices: Mapping[str, float | str]) -> str:
    """"optimiser Adam → SGD, dropout 0.5 → 0.2": what `choices` change of `spec`."""
    before, words = _named(spec), []
    after = _named(with_choices(spec, choices))
    for name in choices:
        if name != DECAY_EPOCHS:
            words.append(f"{_TITLES.get(name, name.replace('_', ' '))} {before[name]} → {after[name]}")
    return ", ".join(words)


def _named(spec: RunSpec) -> dict[str, str]:
    """Every choice by name, in words, as it is."""
    rates, factor = sorted(set(dropout_rates(spec.architecture))), l2_factor(spec.architecture)
    found = {OPTIMIZER: optimizer_title(spec.train.optimizer), DROPOUT: ", ".join(f"{rate:g}" for rate in rates) or "none",
             L2: "mixed" if factor is None else f"{factor:g}"}
    for name in type(spec.own_settings).choosable:
        value = getattr(spec.own_settings, name, None)
        if value is not None:
            found[name] = (value.replace("_", " ") or "none") if isinstance(value, str) else f"{value:g}"
    return found


def _number(name: str, value: float | str) -> float:
    if not is_number(value):
        raise SpecError(f"{name.capitalize()} is out of range.", expected="a number", received=repr(value)[:40])
    return float(value)


def _with_dropout(architecture: ArchitectureSpec, rate: float) -> ArchitectureSpec:
    """The same layers, those of dropout with another rate."""
    if not dropout_rates(architecture):
        raise SpecError("This network has no dropout layer.", expected="a network with dropout",
                        remedy="Build one with it on the Train page: a fork keeps the layers.")
    layers = tuple(DropoutSpec(rate) if isinstance(layer, DropoutSpec) else layer for layer in architecture.layers)
    return replace(architecture, layers=layers)


def _with_setting(spec: RunSpec, name: str, value: float | str) -> RunSpec:
    known = type(spec.own_settings)
    given = known.given(**{name: value})
    if value == getattr(spec.own_settings, name):
        return spec
    return replace(spec, settings=tuple((dict(spec.settings) | dict(given)).items()))
