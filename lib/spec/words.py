"""What a run is, in facts that can be compared and in words: "dropout 0.5", "batch 64", not "layers 3 rate"."""

from __future__ import annotations

from collections.abc import Sequence

from lib.base.percent import count_text
from lib.spec.changes import Change
from lib.spec.specs import USUAL_SLOPES, ActivationSpec, ArchitectureSpec, ConvSpec, DenseSpec, LayerSpec, RunSpec

#: The value of a fact that a run does not have.
ABSENT = "–"
#: Names that are no words.
_OPTIMIZER_TITLES = {"sgd": "SGD", "momentum": "SGD with momentum", "rmsprop": "RMSprop"}


def optimizer_title(name: str) -> str:
    """"SGD" for "sgd"."""
    return _OPTIMIZER_TITLES.get(name, name.capitalize())


def network_family(architecture: ArchitectureSpec) -> str:
    """"CNN" when it convolves, else "MLP"."""
    return "CNN" if any(layer.kind == "conv" for layer in architecture.layers) else "MLP"


def layers_text(layers: Sequence[LayerSpec]) -> str:
    """The stack in short: C64k7 convolutions (s2 for a stride, v for no padding), P2 pools, BN, dense layers as numbers.

    Dropout, penalties, activations and initialisers are facts of their own and not in it.
    """
    words = []
    for layer in layers:
        match layer.kind:
            case "conv":
                stride = f"s{layer.strides}" if layer.strides > 1 else ""
                words.append(f"C{layer.filters}k{layer.kernel_size}{stride}{'v' if layer.padding == 'valid' else ''}")
            case "pool":
                stride = f"s{layer.strides}" if layer.strides else ""
                words.append(f"{'P' if layer.method == 'max' else 'A'}{layer.size}{stride}"
                             f"{'same' if layer.padding == 'same' else ''}")
            case "global_pool":
                words.append("GP")
            case "dense":
                words.append(str(layer.units))
            case "batch_norm":
                words.append("BN")
    return "-".join(words)


def activation_text(layer: DenseSpec | ConvSpec | ActivationSpec) -> str:
    """"tanh", "leaky_relu 0.3": the slope where it is not the usual one."""
    usual = USUAL_SLOPES.get(layer.activation, layer.slope)
    return layer.activation if layer.slope == usual else f"{layer.activation} {layer.slope:g}"


def _each(values: Sequence[object]) -> str:
    """"0.5, 0.2" for different values, one of them where all are equal, "none" for none."""
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    return (texts[0] if len(set(texts)) == 1 else ", ".join(texts)) if texts else "none"


def spec_facts(spec: RunSpec) -> dict[str, str]:
    """Everything that decides the run's curve, by name, as text."""
    train, data, layers = spec.train, spec.data, spec.architecture.layers
    branches = [layer for branch in (spec.head.branches if spec.head else ()) for layer in branch]
    activations = [activation_text(layer) for layer in (*layers, *branches)
                   if layer.kind in ("dense", "conv", "activation")]
    weighted = [layer for layer in (*layers, *branches) if layer.kind in ("dense", "conv")]
    facts = {
        "data set": data.dataset, "training images": f"{data.train_size:,}" if data.train_size else "all",
        "validation": f"{data.validation_size if data.validation_size is not None else 'a tenth'}, {data.validation_from}",
        "split seed": str(data.split_seed), "overlap": f"{data.overlap:g}",
        "pixels": "original" if data.permutation is None else "permuted",
        "layers": layers_text([*layers, *branches]), "activation": _each(activations[:-1]),
        "output": activations[-1] if activations else "none",
        "initialiser": _each([layer.initializer.replace("_", " ") for layer in weighted]),
        "dropout": _each([layer.rate for layer in (*layers, *branches) if layer.kind == "dropout"]),
        "L1": _each([layer.l1 for layer in weighted[:-1]] or [0.0]),
        "L2": _each([layer.l2 for layer in weighted[:-1]] or [0.0]),
        "optimiser": optimizer_title(train.optimizer), "learning rate": f"{train.learning_rate:g}",
        "batch": str(train.batch_size), "epochs": str(train.epochs), "patience": str(train.patience or "none"),
        "monitor": train.monitor, "precision": train.precision, "seed": str(spec.seed), "task": spec.task,
        "output and loss": spec.head.kind if spec.head else "",
    }
    steered = [f"{_changed_words(change)} from epoch {change.epoch + 1}, step {change.step + 1:,}"
               for change in spec.changes if change.trains_otherwise]
    if steered:
        facts["changed"] = "; ".join(steered)
    noises = [layer.stddev for layer in (*layers, *branches) if layer.kind == "noise"]
    if noises:
        facts["Gaussian noise"] = _each(noises)
    if data.permutation is not None:
        facts["permutation"] = f"{data.permutation.kind}, seed {data.permutation.seed}"
    return facts | {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in spec.settings}


def _changed_words(change: Change) -> str:
    """"learning rate 0.01", "optimizer sgd, dropout 0.2"."""
    return change.value_text if change.choices else f"{change.kind.replace('_', ' ')} {change.value_text}"


def differences(specs: Sequence[RunSpec]) -> dict[str, list[str]]:
    """Fact -> its value in each run, for facts that are not the same in all of them."""
    found = [spec_facts(spec) for spec in specs]
    names = dict.fromkeys(name for facts in found for name in facts)
    table = {name: [facts.get(name, ABSENT) for facts in found] for name in names}
    return {name: values for name, values in table.items() if len(set(values)) > 1}


def changes_text(spec: RunSpec, base: RunSpec) -> str:
    """"batch 64, dropout 0.2": what the run has other than `base`, images and seed apart; "" for nothing."""
    apart = ("data set", "training images", "validation", "seed")
    changed = {name: values[0] for name, values in differences([spec, base]).items() if name not in apart}
    return ", ".join(fact_text(name, value) for name, value in changed.items())


def fact_text(name: str, value: str) -> str:
    """"dropout 0.2", "40 epochs": a fact and its value."""
    if name == "epochs":
        return f"{value} epoch{'s' * (value != '1')}"
    if value == ABSENT:
        return "unchanged" if name == "changed" else f"without {name}"
    return "no early stopping" if (name, value) == ("patience", "none") else f"{name} {value}"


def regularisation_words(before: ArchitectureSpec, after: ArchitectureSpec) -> str:
    """What another regularisation does to a network, in sentences: what it puts in, what of its own it takes out."""
    sentences = []
    old, new = dropout_rates(before), dropout_rates(after)
    if new and new != old:
        sentences.append(f"Puts dropout {_each(new)} after {count_text(len(new), 'hidden dense layer')}.")
    if old and old != new:
        sentences.append(f"Takes out the network's own dropout ({_each(old)}, {count_text(len(old), 'layer')}).")
    for kind in ("l1", "l2"):
        own, given = _penalties(before, kind), _penalties(after, kind)
        if given and given != own:
            sentences.append(f"Puts {kind.upper()} {_each(given)} on the weights of {count_text(len(given), 'hidden layer')}"
                             + (f" instead of {_each(own)}." if own else "."))
        elif own and not given:
            sentences.append(f"Takes out the network's own {kind.upper()} {_each(own)}.")
    return " ".join(sentences) or "Changes nothing in this network."


def dropout_rates(architecture: ArchitectureSpec) -> list[float]:
    """The rates of its dropout layers, in their order."""
    return [layer.rate for layer in architecture.layers if layer.kind == "dropout"]


def _penalties(architecture: ArchitectureSpec, kind: str) -> list[float]:
    return [getattr(layer, kind) for layer in architecture.layers if getattr(layer, kind, 0)]
