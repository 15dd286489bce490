"""What a run is, in facts that can be compared and in words: "dropout 0.5", "batch 64", not "layers 3 rate"."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lib.base.percent import count_text
from lib.spec.changes import Change
from lib.spec.specs import USUAL_SLOPES, ActivationSpec, ArchitectureSpec, ConvSpec, DenseSpec, LayerSpec, RunSpec

#: The value of a fact that a run does not have.
ABSENT = "–"
#: Facts that are said only of runs that both have them and differ in them: where one lacks them, another fact says why.
_FINER = ("output", "global pooling", "block size", "moved pixels", "weights kept", "smallest gain", "loss weights")
_ORDER = "layer order"
#: Layers that the fact "layers" leaves out.
_UNLISTED = ("flatten", "activation", "dropout", "noise")
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
    return layer.activation if layer.slope == usual else f"{layer.activation} {_text(layer.slope)}"


def _text(value: object) -> str:
    """A number in few digits, in more where two numbers would have the same text; anything else as it is."""
    if not isinstance(value, float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _each(values: Sequence[object]) -> str:
    """"0.5, 0.2" for different values, one of them where all are equal, "none" for none."""
    texts = [_text(value) for value in values]
    return (texts[0] if len(set(texts)) == 1 else ", ".join(texts)) if texts else "none"


def _stacks(spec: RunSpec) -> list[tuple[LayerSpec, ...]]:
    """The layers of the architecture, then those of each branch where a branch has any."""
    branches = spec.head.branches if spec.head else ()
    return [spec.architecture.layers, *(branches if any(branches) else ())]


def spec_facts(spec: RunSpec) -> dict[str, str]:
    """Everything that decides the run's curve, by name, as text."""
    train, data, stacks = spec.train, spec.data, _stacks(spec)
    layers = [layer for stack in stacks for layer in stack]
    activations = [activation_text(layer) for layer in layers if layer.kind in ("dense", "conv", "activation")]
    weighted = [layer for layer in layers if layer.kind in ("dense", "conv")]
    # The outputs of a head are its own, and not the last of these layers.
    hidden, last = (len(activations), len(weighted)) if spec.head else (-1, -1)
    facts = {
        "data set": data.dataset, "training images": f"{data.train_size:,}" if data.train_size else "all",
        "validation": f"{data.validation_size if data.validation_size is not None else 'a tenth'}, {data.validation_from}",
        "split seed": str(data.split_seed), "overlap": _text(data.overlap),
        "pixels": "original" if data.permutation is None else "permuted",
        "layers": layers_text(layers), _ORDER: " / ".join("-".join(map(_kind_text, stack)) for stack in stacks),
        "activation": _each(activations[:hidden]),
        "initialiser": _each([layer.initializer.replace("_", " ") for layer in weighted]),
        "dropout": _each([layer.rate for layer in layers if layer.kind == "dropout"]),
        "L1": _penalty_text([layer.l1 for layer in weighted], last),
        "L2": _penalty_text([layer.l2 for layer in weighted], last),
        "optimiser": optimizer_title(train.optimizer), "learning rate": _text(train.learning_rate),
        "batch": str(train.batch_size), "epochs": str(train.epochs), "patience": str(train.patience or "none"),
        "monitor": train.monitor, "precision": train.precision, "seed": str(spec.seed), "task": spec.task,
        "output and loss": spec.head.kind if spec.head else "",
    }
    if spec.head:
        facts["loss weights"] = ", ".join(map(_text, spec.head.weights)) or "equal"
    else:
        facts["output"] = activations[-1] if activations else "none"
    if train.patience is not None:  # neither is heeded without early stopping
        facts["weights kept"] = f"of the {'best' if train.restore_best else 'last'} epoch"
        facts["smallest gain"] = _text(train.min_delta)
    if pools := [layer.method for layer in layers if layer.kind == "global_pool"]:
        facts["global pooling"] = _each(pools)
    steered = [f"{_changed_words(change)} from epoch {change.epoch + 1}, step {change.step + 1:,}"
               for change in spec.changes if change.trains_otherwise]
    if steered:
        facts["changed"] = "; ".join(steered)
    noises = [layer.stddev for layer in layers if layer.kind == "noise"]
    if noises:
        facts["Gaussian noise"] = _each(noises)
    if data.permutation is not None:
        facts["permutation"] = f"{data.permutation.kind}, seed {data.permutation.seed}"
        match data.permutation.kind:
            case "blocks":
                facts["block size"] = str(data.permutation.amount)
            case "share":
                facts["moved pixels"] = f"{data.permutation.amount} %"
    # A task may have a setting called as a fact is: a VAE's "precision".
    return facts | {f"setting {name}" if name in facts else name: _text(value) for name, value in spec.settings}


def _kind_text(layer: LayerSpec) -> str:
    return layer.kind.replace("_", " ")


def _penalty_text(factors: Sequence[float], last: int) -> str:
    """The factors of the hidden layers, those before place `last`, and that of the output where there is one."""
    text = _each(factors[:last] or [0.0])
    return ", ".join([text, *(f"output {_text(factor)}" for factor in factors[last:] if factor)])


def _changed_words(change: Change) -> str:
    """"learning rate 0.01", "optimizer sgd, dropout 0.2"."""
    return change.value_text if change.choices else f"{change.kind.replace('_', ' ')} {change.value_text}"


def differences(specs: Sequence[RunSpec]) -> dict[str, list[str]]:
    """Fact -> its value in each run, for facts that are not the same in all of them.

    It is empty for equal trainings alone; what follows from another fact that differs is left out.
    """
    found = [spec_facts(spec) for spec in specs]
    names = dict.fromkeys(name for facts in found for name in facts)
    table = {name: [facts.get(name, ABSENT) for facts in found] for name in names}
    if not _is_rearranged(specs, table.get(_ORDER, ())):
        table.pop(_ORDER, None)
    return {name: values for name, values in table.items()
            if len(set(values) - ({ABSENT} if name in _FINER else set())) > 1}


def _is_rearranged(specs: Sequence[RunSpec], orders: Sequence[str]) -> bool:
    """Whether two runs with the same kinds of listed layers, and both with dropout or noise or both without, have other
    `orders`: other facts say what was added or taken out, and not where it stands."""
    known: dict[Hashable, str] = {}
    for spec, order in zip(specs, orders, strict=True):
        kinds = [layer.kind for stack in _stacks(spec) for layer in stack]
        alike = (tuple(kind for kind in kinds if kind not in _UNLISTED), "dropout" in kinds, "noise" in kinds)
        if known.setdefault(alike, order) != order:
            return True
    return False


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
