"""PRESETS: every classifier of the reports (systems A1-A6 and B1-B5), and light networks of our own.

A preset is a named architecture with the training its report used. Where a report leaves the
optimiser open the default (Adam, 0.001) is taken, and `Preset.assumed` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from lib.catalog.preset import Preset
from lib.spec.specs import (
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GlobalPoolSpec,
    LayerSpec,
    PoolSpec,
    TrainSpec,
)


def _stack(*layers: LayerSpec | tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    flat: list[LayerSpec] = []
    for layer in layers:
        flat.extend(layer if isinstance(layer, tuple) else (layer,))
    return tuple(flat)


def _mlp(
    units: tuple[int, ...], *, activation: str = "relu", initializer: str = "glorot_uniform", l2: float = 0.0,
    dropout: tuple[float, ...] = (), batch_norm: bool = False,
) -> tuple[LayerSpec, ...]:
    """Flatten, hidden layers of `units`, softmax over 10; `dropout[i]` follows hidden layer i, 0 for none."""
    layers: list[LayerSpec] = [FlattenSpec()]
    for position, count in enumerate(units):
        layers.append(DenseSpec(count, activation, initializer, l2=l2))
        if batch_norm:
            layers.append(BatchNormSpec())
        if position < len(dropout) and dropout[position]:
            layers.append(DropoutSpec(dropout[position]))
    return (*layers, DenseSpec(10, "softmax", initializer))


# --- A: multi-layer perceptrons -----------------------------------------------------------

_FASHION, _CIFAR = DataSpec("fashion_mnist"), DataSpec("cifar10")
_OPTIMIZER_ASSUMED = "The optimiser is not stated; here: Adam with Keras' default rate 0.001."
_A6_OPTIMIZER_ASSUMED = ("Of the optimiser only \"the stochastic version\" of gradient descent is stated; here: Adam with "
                         "Keras' default rate 0.001.")
_BEST_ASSUMED = "Whether early stopping kept the weights of the best epoch is not stated; here it does."
_SPLIT_ASSUMED = "The validation split is not stated; here: a tenth of the training images."
#: "tanh, relu and elu with a he, glorot and he initialization respectively", though the usual pairs are the other way.
_A1_INITIALIZERS = {"tanh": "he_uniform", "relu": "glorot_uniform", "elu": "he_uniform"}
_A1_INITIALIZER_ASSUMED = ("The report states He for tanh and ELU and Glorot for ReLU, and so it is here; usual are Glorot "
                           "for tanh and He for ReLU. Uniform or normal is not stated; here: uniform.")
_A1_TRAIN = TrainSpec(batch_size=16, epochs=200, patience=30)
_DROPOUT_ASSUMED = {
    3: ('"Between the layers" is read as between the two hidden layers, without another one before the output.',),
    4: ("The text says once that the dropout of model 4 is 0.5, and once 0.2: 0.2.",),
}


def _a1() -> Iterator[Preset]:
    regularised: dict[int, tuple[tuple[int, ...], dict[str, Any]]] = {
        1: ((300, 100), {}), 2: ((300,), {}),
        3: ((300, 100), {"dropout": (0.5,)}), 4: ((300,), {"dropout": (0.2,)}),
        5: ((300, 100), {"l2": 0.001}), 6: ((300,), {"l2": 0.001}),
    }
    words = {1: "no regularisation", 2: "no regularisation", 3: "dropout 0.5 between layers",
             4: "dropout 0.2 before the output", 5: "L2 0.001", 6: "L2 0.001"}
    for (model, (units, options)), (activation, initializer) in product(regularised.items(), _A1_INITIALIZERS.items()):
        name = f"a1_model{model}_{activation}"
        layers = _mlp(units, activation=activation, initializer=initializer, **options)
        yield Preset(
            name, f"MLP model {model}, {activation}", ArchitectureSpec(layers, name), _A1_TRAIN,
            f"784-{'-'.join(map(str, units))}-10, {words[model]}; batch 16, early stopping after 30 epochs without gain.",
            "A1", "000", assumed=(
                _OPTIMIZER_ASSUMED, _SPLIT_ASSUMED, _BEST_ASSUMED, _A1_INITIALIZER_ASSUMED,
                "The largest number of epochs is not stated; here: 200.",
                *_DROPOUT_ASSUMED.get(model, ()),
            ),
        )


_GERON_SPLIT = DataSpec("fashion_mnist", validation_size=5000, validation_from="start")


def _a2() -> Iterator[Preset]:
    for triple in product(("relu", "tanh", "softmax"), repeat=3):
        name = "a2_" + "_".join(triple)
        layers = (FlattenSpec(), DenseSpec(300, triple[0]), DenseSpec(100, triple[1]), DenseSpec(10, triple[2]))
        yield Preset(
            name, "Triple " + "-".join(triple), ArchitectureSpec(layers, name), TrainSpec("sgd", 0.01, epochs=10),
            "784-300-100-10 with these three activations; cross-entropy takes the outputs as they are, "
            "so most triples fail, and that is the lesson.",
            "A2", "001", _GERON_SPLIT, (
                "Sizes, optimiser and epochs are not stated; here: the MLP of Geron's book (784-300-100-10, SGD 0.01, batch "
                "32) and 10 epochs, after which the four networks that learn have nearly the report's losses.",
                "The report's accuracies are shares of 5,000 images, and 0.0914 is the share of the first class among the "
                "first 5,000 training images: the report measured on the book's validation split, and so do we.",
                "The loss 2.3026 of networks whose outputs are all 0 belongs to sparse categorical cross-entropy, which "
                "clips the outputs before it takes logarithms.",
            ),
        )


_SGD_ASSUMED = ("The batch size of the MLPs is not stated; here: Keras' default 32. SGD without a rate has Keras' default, "
                "0.01.")
_COMBINED_ASSUMED = ("\"Adding a dropout layer\" is read as dropout 0.5 after each of the three hidden layers, as in the "
                     "experiment with dropout alone.")
_STOPPED_ASSUMED = ("The largest number of epochs is not stated; here: 200, so that early stopping ends the training.",)
_A3_ASSUMED = {
    "batch_norm": ("Where batch normalisation stands is not stated; here: after each hidden layer's activation.",),
    "early_stopping": _STOPPED_ASSUMED,
    "stopping_rate_01": _STOPPED_ASSUMED,
    "combined_50": (_COMBINED_ASSUMED,),
    "combined": (_COMBINED_ASSUMED, "The report trained for 50 epochs and 18 more until it \"converged\": one training of "
                 "at most 68 here."),
}


def _a3() -> Iterator[Preset]:
    base = _mlp((300, 100))
    sgd = TrainSpec("sgd", 0.01, epochs=30)
    stop = replace(sgd, patience=7, epochs=200, monitor="val_loss")
    combined = _mlp((300, 200, 100), activation="leaky_relu", dropout=(0.5, 0.5, 0.5))
    same = "SGD's default rate is 0.01 already, so this is the same training as"
    rows = [
        ("baseline", "Geron MLP", base, sgd, "784-300-100-10 relu, SGD, 30 epochs"),
        ("layer", "Geron MLP + 200-unit layer", _mlp((300, 200, 100)), sgd, "one more hidden layer of 200 units between"),
        ("batch_norm", "Geron MLP + batch normalisation", _mlp((300, 100), batch_norm=True), sgd,
         "batch normalisation after hidden layers"),
        ("dropout", "Geron MLP + dropout 0.5", _mlp((300, 100), dropout=(0.5, 0.5)), sgd,
         "dropout 0.5 after hidden layers"),
        ("leaky_relu", "Geron MLP, leaky ReLU", _mlp((300, 100), activation="leaky_relu"), sgd,
         "leaky ReLU of slope 0.1"),
        ("rate_01", "Geron MLP, learning rate 0.01", base, sgd, f"SGD with learning rate 0.01; {same} the baseline"),
        ("rate_001", "Geron MLP, learning rate 0.001", base, replace(sgd, learning_rate=0.001),
         "SGD with learning rate 0.001"),
        ("epochs_40", "Geron MLP, 40 epochs", base, replace(sgd, epochs=40), "40 epochs"),
        ("early_stopping", "Geron MLP, early stopping", base, stop, "early stopping on validation loss, patience 7"),
        ("stopping_rate_01", "Geron MLP, early stopping and learning rate 0.01", base, stop,
         f"early stopping and SGD 0.01 alone; {same} early stopping"),
        ("combined_50", "Geron MLP, all good changes, 50 epochs", combined, replace(stop, epochs=50),
         "200-unit layer, dropout 0.5, leaky ReLU, SGD 0.01 and early stopping together, 50 epochs"),
        ("combined", "Geron MLP, all good changes", combined, replace(stop, epochs=68),
         "200-unit layer, dropout 0.5, leaky ReLU, SGD 0.01 and early stopping together, at most 68 epochs"),
    ]
    for key, title, layers, train, text in rows:
        name = f"a3_{key}"
        assumed = (_SGD_ASSUMED, *((_BEST_ASSUMED,) if train.patience else ()), *_A3_ASSUMED.get(key, ()))
        yield Preset(name, title, ArchitectureSpec(layers, name), train, text + "; split 54000/6000/10000.",
                     "A3", "002", _FASHION, assumed)


_A4_TRAIN = TrainSpec("sgd", 0.01, 32, 50)
_GRIDS_ASSUMED = ("The report calls the images of its grids MNIST, and those of the networks that it found with them "
                  "Fashion-MNIST: Fashion-MNIST is taken for all.")


def _a4_to_a6() -> Iterator[Preset]:
    yield Preset(
        "a4_512_512", "MLP 512-512", ArchitectureSpec(_mlp((512, 512), dropout=(0.2, 0.2)), "a4_512_512"), _A4_TRAIN,
        "784-512-512-10 relu, dropout 0.2, SGD 0.01, batch 32, 50 epochs; its grids vary one choice at a time.",
        "A4", "003", _FASHION, (
            _SPLIT_ASSUMED, _GRIDS_ASSUMED,
            "The values of its grids are stated in part (rates 0.005 and 0.01, 512 units). Ours are: factors 0.001 of L1 "
            "and L2, rates 0.001 and 0.05, 256 and 1,024 units.",
        ),
    )
    yield Preset(
        "a5_64_64", "MLP 64-64", ArchitectureSpec(_mlp((64, 64)), "a5_64_64"), TrainSpec(epochs=10),
        "784-64-64-10 relu, 10 epochs: 55,050 parameters, 54,912 weights and 138 biases.", "A5", "004",
        assumed=(_OPTIMIZER_ASSUMED, "The batch size is not stated; here: Keras' default 32.", _SPLIT_ASSUMED),
    )
    yield Preset(
        "a6_500_300", "MLP 500-300, weight decay", ArchitectureSpec(_mlp((500, 300), l2=0.0005), "a6_500_300"),
        TrainSpec(epochs=40, batch_size=128),
        "784-500-300-10, L2 0.0005 on hidden kernels, 40 epochs; the sweep takes five factors from 1e-6 to 1e-3.",
        "A6", "004", assumed=(_A6_OPTIMIZER_ASSUMED, "Of the factors only the best is stated, 0.0005. Five from 1e-6 to "
                              "1e-3 with equal steps have it among them, so 98.31 % is taken as that of the linear "
                              "spacing.", "The batch size is not stated; here: 128.", _SPLIT_ASSUMED),
    )


# --- B: convolutional networks ------------------------------------------------------------

_B1_TRAIN = TrainSpec(batch_size=64, epochs=30, patience=10)


def _conv(filters: int, kernel: int = 3, padding: str = "same", activation: str = "relu", **options: Any) -> ConvSpec:
    return ConvSpec(filters, kernel, 1, padding, activation, **options)


def _b1_stacks() -> dict[int, tuple[LayerSpec, ...]]:
    def head(l2: float = 0.0, first_dropout: float = 0.5) -> tuple[LayerSpec, ...]:
        return _stack(FlattenSpec(), DropoutSpec(first_dropout), DenseSpec(128, l2=l2), DropoutSpec(0.2),
                      DenseSpec(10, "softmax"))

    pool = PoolSpec(2)
    return {
        1: _stack(_conv(64, 7), pool, _conv(256, 3), pool, head()),
        2: _stack(_conv(32, 7), pool, FlattenSpec(), DenseSpec(128), DenseSpec(10, "softmax")),
        3: _stack(_conv(64, 7), pool, _conv(128, 7), _conv(128, 7), pool, _conv(256, 7), _conv(256, 7), pool,
                  FlattenSpec(), DenseSpec(128), DropoutSpec(0.5), DenseSpec(64), DropoutSpec(0.2),
                  DenseSpec(10, "softmax")),
        4: _stack(_conv(64, 3), pool, _conv(256, 7), pool, head()),
        5: _stack(_conv(128, 3), pool, _conv(256, 7), DropoutSpec(0.5), pool, head(l2=0.001)),
        6: _stack(_conv(128, 3), pool, _conv(256, 7), DropoutSpec(0.5), PoolSpec(4), head(l2=0.001)),
    }


_B1_ASSUMED = (
    _OPTIMIZER_ASSUMED, _SPLIT_ASSUMED,
    "Padding is not stated; here: same, since without padding model 3 does not fit into 28x28 pixels.",
    "Batch size and epochs of the CNNs are not stated; here: batch 64, at most 30 epochs, early stopping after 10 without "
    "gain.",
    "Activations and initialisers of the CNNs are not stated; here: ReLU and Keras' default, Glorot.", _BEST_ASSUMED,
)


def _b1() -> Iterator[Preset]:
    for model, layers in _b1_stacks().items():
        name = f"b1_model{model}"
        yield Preset(name, f"CNN model {model}", ArchitectureSpec(layers, name), _B1_TRAIN,
                     "A network of the report's table 7. Heavy on a CPU.", "B1", "000", assumed=_B1_ASSUMED)
    layers = _with_last_pool(_b1_stacks()[4], 4)
    yield Preset("b1_model4_pool4", "CNN model 4, second pool 4", ArchitectureSpec(layers, "b1_model4_pool4"), _B1_TRAIN,
                 "Model 4 with the second pool of model 6: the report's question what pooling does to permuted pixels. "
                 "Heavy on a CPU.", "C2", "000", assumed=(
                     *_B1_ASSUMED, "Which pool became 4 is not stated; here: the second, as in model 6."))


def _with_last_pool(layers: tuple[LayerSpec, ...], size: int) -> tuple[LayerSpec, ...]:
    last = max(index for index, layer in enumerate(layers) if layer.kind == "pool")
    return (*layers[:last], PoolSpec(size), *layers[last + 1 :])


def _geron_cnn(
    *, padding: str = "same", activation: str = "relu", dropouts: tuple[float, float] = (0.5, 0.5), extra: bool = False,
    middle_pool: bool = True, batch_norm: bool = False, dense_activation: str | None = None,
    initializer: str = "glorot_uniform",
) -> tuple[LayerSpec, ...]:
    def conv(filters: int, kernel: int = 3) -> tuple[LayerSpec, ...]:
        layer = _conv(filters, kernel, padding, activation, initializer=initializer)
        return (layer, BatchNormSpec()) if batch_norm else (layer,)

    dense = dense_activation or activation
    return _stack(
        conv(64, 7), PoolSpec(2), conv(128), conv(128), PoolSpec(2) if middle_pool else (),
        conv(256), conv(256), conv(256) if extra else (), PoolSpec(2), FlattenSpec(),
        DenseSpec(128, dense, initializer), DropoutSpec(dropouts[0]),
        DenseSpec(64, dense, initializer), DropoutSpec(dropouts[1]), DenseSpec(10, "softmax", initializer),
    )


def _b2() -> Iterator[Preset]:
    long = TrainSpec("sgd", 0.01, 64, 20)
    short = replace(long, epochs=3)
    rows = [
        ("baseline", "Geron CNN", _geron_cnn(), long, ""),
        ("extra_conv", "Geron CNN + convolution", _geron_cnn(extra=True), short, "one more convolution of 256 maps"),
        ("leaky_relu", "Geron CNN, leaky ReLU", _geron_cnn(activation="leaky_relu"), short, "leaky ReLU of slope 0.1"),
        ("dropout_25", "Geron CNN, last dropout 0.25", _geron_cnn(dropouts=(0.5, 0.25)), short,
         "the last dropout is 0.25"),
        ("adadelta", "Geron CNN, Adadelta", _geron_cnn(), replace(short, optimizer="adadelta", learning_rate=0.001),
         "Adadelta with Keras' default learning rate 0.001"),
        ("valid", "Geron CNN, valid padding", _geron_cnn(padding="valid", middle_pool=False), short,
         "no padding, the middle pool removed (28 pixels do not survive all three)"),
    ]
    for key, title, layers, train, text in rows:
        name = f"b2_{key}"
        yield Preset(name, title, ArchitectureSpec(layers, name), train,
                     f"C64k7-P2-C128-C128-P2-C256-C256-P2-128-64-10 with dropout 0.5 twice, SGD, batch 64, but: {text}; "
                     f"{train.epochs} epochs. Heavy on a CPU." if key != "baseline" else
                     "C64k7-P2-C128-C128-P2-C256-C256-P2-128-64-10 with dropout 0.5 twice, SGD, batch 64, 20 epochs. Heavy "
                     "on a CPU.",
                     "B2", "002", _FASHION, ("SGD without a rate has Keras' default 0.01, Adadelta 0.001.",))


def _b3_b4() -> Iterator[Preset]:
    sgd = TrainSpec("sgd", 0.01, 32, 20)
    plain = _geron_cnn(padding="valid", middle_pool=False, dropouts=(0.2, 0.2))
    cnn1 = _geron_cnn(padding="valid", middle_pool=False, dropouts=(0.2, 0.2), batch_norm=True, dense_activation="tanh",
                      initializer="he_uniform")
    assumed = ("The report uses no padding. 28x28 images are then too small for three pools: the middle one is left out.",
               _SPLIT_ASSUMED, _GRIDS_ASSUMED,
               "The values of its grids are stated in part (rates 0.001, 0.005 and 0.01, 128 and 64 units). Ours are: "
               "factors 0.001 of L1 and L2, rate 0.05, 256 units.")
    yield Preset("b3_geron", "Geron CNN without padding", ArchitectureSpec(plain, "b3_geron"), sgd,
                 "C64k7-P2-C128-C128-C256-C256-P2-128-64-10 without padding, dropout 0.2, SGD 0.01, batch 32, 20 epochs. "
                 "Heavy on a CPU.", "B3", "003", _FASHION, assumed)
    yield Preset("b3_cnn1", "CNN1 of report 003", ArchitectureSpec(cnn1, "b3_cnn1"),
                 replace(sgd, optimizer="adam", learning_rate=0.001),
                 "he-uniform, tanh in the dense part, batch normalisation after convolutions, Adam 0.001. Heavy on a CPU.",
                 "B3", "003", _FASHION, assumed)
    small = (ConvSpec(32, padding="valid"), ConvSpec(64, padding="valid"), PoolSpec(2), DropoutSpec(0.2), FlattenSpec(),
             DenseSpec(64), DenseSpec(10, "softmax"))
    yield Preset("b4_small_cnn", "Small CNN", ArchitectureSpec(small, "b4_small_cnn"), TrainSpec(epochs=10, batch_size=128),
                 "C32-C64-P2-dropout 0.2-64-10 with 3x3 kernels.", "B4", "004", assumed=(
                     _OPTIMIZER_ASSUMED, _SPLIT_ASSUMED,
                     "Kernels, padding, batch size and epochs are not stated; here: 3x3, none, 128 and 10."))


_B5_ASSUMED = {
    "002": ("The batch sizes on CIFAR-10 are not stated; here: those of Fashion-MNIST, 32 for the MLP and 64 for the CNNs.",
            "The MLP \"converged after 93 epochs\": at most 93, with its early stopping. The rate is Keras' default 0.01."),
    "003": ("Epochs and batch size on CIFAR-10 are not stated; here: those of the report's first part, 50 for MLPs and "
            "20 for the CNN, batch 32.", _SPLIT_ASSUMED,
            "The report uses no padding: the CNN's middle pool is left out, as on 28x28 images."),
}


def _b5() -> Iterator[Preset]:
    """The best networks of reports 002 and 003, retrained on CIFAR-10: the same layers, inputs of 32x32x3."""
    sources = {preset.name: preset for source in (_a3, _a4_to_a6, _b2, _b3_b4) for preset in source()}
    adagrad = replace(_A4_TRAIN, optimizer="adagrad", learning_rate=0.01)
    rows = [
        ("b5_mlp_002", "a3_combined", "Combined MLP on CIFAR-10", replace(sources["a3_combined"].train, epochs=93)),
        ("b5_cnn_002", "b2_baseline", "Geron CNN on CIFAR-10", replace(sources["b2_baseline"].train, epochs=24)),
        ("b5_cnn_dropout_002", "b2_dropout_25", "Geron CNN, dropout 0.25, on CIFAR-10",
         replace(sources["b2_dropout_25"].train, epochs=24)),
        ("b5_mlp1_003", "a4_512_512", "MLP1 on CIFAR-10", _A4_TRAIN),
        ("b5_mlp2_003", "a4_512_512", "MLP2 (Adagrad 0.01) on CIFAR-10", adagrad),
        ("b5_cnn1_003", "b3_cnn1", "CNN1 on CIFAR-10", sources["b3_cnn1"].train),
    ]
    for name, source, title, train in rows:
        preset = sources[source]
        split = "; split 45000/5000/10000." if name.endswith("002") else "; the report's figure is a mean of five runs."
        yield Preset(name, title, replace(preset.architecture, name=name), train,
                     f"The layers of {preset.title} on 32x32x3 images{split}", "B5", name[-3:], _CIFAR,
                     _B5_ASSUMED[name[-3:]])


# --- our own ------------------------------------------------------------------------------


def _light() -> Iterator[Preset]:
    twice = _mlp((300, 100), initializer="he_uniform", dropout=(0.5, 0.5))
    yield Preset("mlp_300_100", "MLP 300-100, dropout twice", ArchitectureSpec(twice, "mlp_300_100"), _A1_TRAIN,
                 "784-300-100-10 relu with dropout 0.5 after both hidden layers: the MLP of the permutation page.")
    first = (FlattenSpec(), DenseSpec(10, "softmax"))
    yield Preset("softmax_regression", "No hidden layer", ArchitectureSpec(first, "softmax_regression"),
                 TrainSpec(epochs=5), "Softmax regression: the baseline that every network has to beat.")
    light = (ConvSpec(16, strides=2), BatchNormSpec(), ConvSpec(32, strides=2), BatchNormSpec(), ConvSpec(64),
             BatchNormSpec(), GlobalPoolSpec(), DropoutSpec(0.2), DenseSpec(10, "softmax"))
    yield Preset("light_cnn", "Light CNN", ArchitectureSpec(light, "light_cnn"), TrainSpec(epochs=10, batch_size=64),
                 "Three small convolutions, two of them with stride 2: trains in class on a laptop.")
    pooled = _stack(_conv(16), PoolSpec(2), _conv(32), PoolSpec(2), FlattenSpec(), DenseSpec(64), DenseSpec(10, "softmax"))
    yield Preset("light_cnn_pool2", "Light CNN with pooling", ArchitectureSpec(pooled, "light_cnn_pool2"),
                 TrainSpec(epochs=8, batch_size=64), "C16-P2-C32-P2-64-10 with 3x3 kernels: B1 model 4 in small.")
    yield Preset("light_cnn_pool4", "Light CNN, second pool 4",
                 ArchitectureSpec(_with_last_pool(pooled, 4), "light_cnn_pool4"), TrainSpec(epochs=8, batch_size=64),
                 "C16-P2-C32-P4-64-10: the light CNN with pooling, and what a larger second pool does to it.")


def _collect() -> dict[str, Preset]:
    presets: dict[str, Preset] = {}
    for source in (_light, _a1, _a2, _a3, _a4_to_a6, _b1, _b2, _b3_b4, _b5):
        for preset in source():
            presets[preset.name] = preset
    return presets


#: Stable name -> preset.
PRESETS: dict[str, Preset] = _collect()
#: What the Train page offers first: quick on a CPU and worth watching.
DEFAULT_PRESET = "a1_model3_relu"
