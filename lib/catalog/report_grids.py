"""EXPERIMENTS: every grid of the five reports by name, with the question it asks.

`laptop` cuts are ours: what two CPU cores can do in minutes. Where a report does not print the values
of its grid, the ones here are ours too, and the description says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lib.catalog.experiments import Axis, Experiment, Reduction
from lib.catalog.reported import lines_of

BOTH_SETS = Axis("dataset", ("mnist", "fashion_mnist"))
FIVE, THREE = (0, 1, 2, 3, 4), (0, 1, 2)
#: Five factors from 1e-6 to 1e-3, spaced as report 004 did it twice (it prints the ends and 0.0005).
L2_LOGARITHMIC = (1e-6, 5.623e-6, 3.162e-5, 1.778e-4, 1e-3)
L2_LINEAR = (1e-6, 0.00025075, 0.0005005, 0.00075025, 1e-3)


def _mlps_of_000() -> Iterator[Experiment]:
    models, activations = Axis("model", (1, 2, 3, 4, 5, 6)), Axis("activation", ("tanh", "relu", "elu"))
    yield Experiment(
        "a1", "Six MLPs x three activations", "Do depth, regularisation or the activation matter for an MLP?",
        "a1_model{model}_{activation}", (models, activations, BOTH_SETS), (0,), figure="heatmap", system="A1",
        report="000", laptop=Reduction(10_000, 10),
    )


def _triples_of_001() -> Iterator[Experiment]:
    activations = ("relu", "tanh", "softmax")
    axes = tuple(Axis(name, activations) for name in ("hidden_1", "hidden_2", "output"))
    yield Experiment(
        "a2", "27 activation triples", "Which activations can stand together, and which kill the network?",
        "a2_{hidden_1}_{hidden_2}_{output}", axes, THREE, "fashion_mnist", metric="val_accuracy", figure="heatmap",
        system="A2", report="001", laptop=Reduction(10_000, 10, 1),
    )


def _changes_of_002() -> Iterator[Experiment]:
    changes = ("baseline", "layer", "batch_norm", "dropout", "leaky_relu", "rate_01", "rate_001", "epochs_40",
               "early_stopping", "stopping_rate_01", "combined_50", "combined")
    yield Experiment(
        "a3", "Geron's MLP and its single changes", "Which single change helps a plain MLP?", "a3_{change}",
        (Axis("change", changes),), THREE, "fashion_mnist", figure="factor", system="A3", report="002",
        references=lines_of("a3"), laptop=Reduction(10_000, 10),
    )
    changes_of_b2 = ("baseline", "extra_conv", "leaky_relu", "dropout_25", "adadelta", "valid")
    yield Experiment(
        "b2", "Geron's CNN and its single changes", "Can three epochs tell which change is better?", "b2_{change}",
        (Axis("change", changes_of_b2),), THREE, "fashion_mnist", epochs=3, metric="val_accuracy", figure="factor",
        system="B2", report="002", references=lines_of("b2"), laptop=Reduction(2000, 3, 1),
    )
    yield Experiment(
        "b2_default", "Geron's CNN, 20 epochs", "How far does the book's CNN get?", "b2_baseline", seeds=THREE,
        dataset="fashion_mnist", system="B2", report="002", laptop=Reduction(2000, 3, 1),
    )


def _grid_003(
    name: str, title: str, question: str, axes: tuple[Axis, ...], cnn: bool, figure: str = "curves"
) -> Experiment:
    system, network, size = ("B3", "b3_geron", 2000) if cnn else ("A4", "a4_512_512", 10_000)
    return Experiment(
        f"{system.lower()}_{name}", f"{'CNN' if cnn else 'MLP'}: {title}", question, network, axes, FIVE,
        "fashion_mnist", metric="val_accuracy", figure=figure, system=system, report="003",
        references=lines_of(f"{system.lower()}_default"),
        laptop=Reduction(size, 2 if cnn else 15, 1 if cnn else 3),
    )


def _grids_of_003() -> Iterator[Experiment]:
    for cnn in (False, True):
        activation = Axis("dense_activation" if cnn else "activation", ("relu", "tanh", "sigmoid"))
        initializers = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal")
        where = "in the dense part" if cnn else "of the hidden layers"
        units = ("64", "128", "128-64", "256-128", "128-128-64") if cnn else (
            "512", "256-256", "512-512", "1024-1024", "512-512-512")
        yield _grid_003("initializer", "initialiser", "Do the first weights matter?",
                        (Axis("initializer", initializers),), cnn)
        yield _grid_003("activation", "activation", f"Which activation {where}?", (activation,), cnn)
        yield _grid_003("regularisation", "regularisation", "Does any regularisation help?",
                        (Axis("regularisation", ("none", "dropout", "l1", "l2")),), cnn)
        yield _grid_003("batch_norm", "batch normalisation", "Does batch normalisation help?",
                        (Axis("batch_norm", ("off", "on")),), cnn)
        yield _grid_003("layers", "dense layers and units", "More layers, or more units?", (Axis("units", units),), cnn)
        yield _grid_003("optimizer", "optimiser x learning rate", "Which optimiser, and how fast?", (
            Axis("optimizer", ("sgd", "adagrad", "adam")), Axis("learning_rate", (0.001, 0.005, 0.01, 0.05))),
            cnn, "heatmap")


def _of_004() -> Iterator[Experiment]:
    yield Experiment(
        "a4_default", "512-512 MLP", "How far does the default of report 003 get?", "a4_512_512", seeds=FIVE,
        dataset="fashion_mnist", system="A4", report="003", references=lines_of("a4_default"),
        laptop=Reduction(10_000, 15, 3),
    )
    yield Experiment(
        "a5", "64-64 MLP", "How does a small network learn in ten epochs?", "a5_64_64", system="A5", report="004",
        metric="val_accuracy",
    )
    for spacing, factors in (("logarithmic", L2_LOGARITHMIC), ("linear", L2_LINEAR)):
        yield Experiment(
            f"a6_{spacing}", f"Weight decay, {spacing} spacing", "Does weight decay help, and how much of it?",
            "a6_500_300", (Axis("l2", factors),), THREE, metric="val_accuracy", figure="factor", system="A6",
            report="004", references=lines_of("a6_logarithmic", "a6_none"), laptop=Reduction(epochs=10),
        )
    yield Experiment(
        "a6_none", "500-300 MLP without weight decay", "What is there to gain from weight decay?", "a6_500_300",
        (Axis("l2", (0.0,)),), THREE, metric="val_accuracy", system="A6", report="004",
        references=lines_of("a6_logarithmic", "a6_none"), laptop=Reduction(epochs=10),
    )
    yield Experiment(
        "b4", "Small CNN", "What do two convolutions add to an MLP?", "b4_small_cnn", seeds=THREE, system="B4",
        report="004", laptop=Reduction(10_000, 4, 2),
    )


def _cnns() -> Iterator[Experiment]:
    yield Experiment(
        "b1", "CNN models 1-6", "Which kernels and how much pooling?", "b1_model{model}",
        (Axis("model", (1, 2, 3, 4, 5, 6)), BOTH_SETS), (0,), figure="heatmap", system="B1", report="000",
        laptop=Reduction(1000, 2),
    )
    yield Experiment(
        "b3_default", "Geron's CNN without padding", "How far does the default of report 003 get?", "b3_geron",
        seeds=FIVE, dataset="fashion_mnist", system="B3", report="003", laptop=Reduction(2000, 2, 1),
    )
    yield Experiment(
        "b3_cnn1", "CNN1 of report 003", "Do the best choices add up?", "b3_cnn1", seeds=FIVE, dataset="fashion_mnist",
        system="B3", report="003", laptop=Reduction(2000, 2, 1),
    )
    mlps, cnns = ("mlp_002", "mlp1_003", "mlp2_003"), ("cnn_002", "cnn_dropout_002", "cnn1_003")
    for name, title, values, cut in (("mlp", "MLPs", mlps, Reduction(10_000, 15, 2)),
                                     ("cnn", "CNNs", cnns, Reduction(2000, 3, 1))):
        yield Experiment(
            f"b5_{name}", f"The best {title} on CIFAR-10", "Does a network that sorts clothes also sort photographs?",
            "b5_{change}", (Axis("change", values),), (0,), "cifar10", figure="factor", system="B5", report="002, 003",
            laptop=cut,
        )


def _permuted() -> Iterator[Experiment]:
    pixels = Axis("pixels", ("original", "permuted"))
    yield Experiment(
        "c1", "Original against permuted pixels", "Does the order of the pixels matter?", "{network}",
        (Axis("network", ("a1_model3_relu", "b1_model4")), pixels, BOTH_SETS), (0,), figure="heatmap", system="C1",
        report="000", laptop=Reduction(1000, 3),
    )
    yield Experiment(
        "c2", "Pooling 4 on permuted pixels", "Does larger pooling hurt more when neighbours are strangers?",
        "b1_model4_pool4", (pixels, BOTH_SETS), (0,), figure="heatmap", system="C2", report="000",
        laptop=Reduction(1000, 3),
    )


_CLOCKS = (
    ("D1", "000", ("d1_circular",)), ("D2", "000", ("d2_mae",)), ("D3", "000", ("d3_two_heads",)),
    ("D4", "001", ("d4_regression", "d4_three")),
    ("D5", "001", ("d5_classes_24", "d5_classes_72", "d5_classes_180", "d5_classes_720")),
    ("D6", "001", ("d6_two_heads", "d6_equal_weights", "d6_classes")), ("D7", "001", ("d7_sincos", "d7_four_outputs")),
    ("D9", "002", ("d9_softplus",)), ("D10", "002", ("d10_two_heads",)),
    ("D11", "003", ("d11_regression", "d11_classes_24", "d11_classes_48", "d11_classes_720", "d11_multi_head",
                    "d11_label_transformation")),
)


#: The reports' clock networks on clocks whose background tells nothing.
BACKGROUND = "d2_background"


def _clocks() -> Iterator[Experiment]:
    question, cut = "Can it read the clock, asked this way?", Reduction(2000, 3)
    yield Experiment(
        "d8", "Tell the time, report 002 (D8)", "Do more pixels help, and more classes?", "d8_classes_{classes}_{size}",
        (Axis("classes", (24, 720)), Axis("size", (75, 150))), (0,), "clocks_table_{size}", metric="test_minutes",
        figure="heatmap", system="D8", report="002", laptop=cut,
    )
    yield Experiment(
        "d8_overlap", "Report 002's overlapping split (D8)", "What does testing on learned images do to a figure?",
        "d8_classes_720_{size}_overlap", (Axis("size", (75, 150)),), (0,), "clocks_table_{size}", metric="test_minutes",
        figure="factor", system="D8", report="002", laptop=cut,
    )
    yield Experiment(
        "d10_75", "Tell the time with fewer pixels, report 002 (D10)", question, "d10_two_heads_75", seeds=(0,),
        dataset="clocks_table_75", metric="test_minutes", system="D10", report="002", laptop=cut,
    )
    for system, report, networks in _CLOCKS:
        yield Experiment(
            system.lower(), f"Tell the time, report {report} ({system})", question,
            "{network}", (Axis("network", networks),), THREE if system == "D11" else (0,), "clocks_table_150",
            metric="test_minutes", figure="factor", system=system, report=report, laptop=cut,
        )
    yield Experiment(
        BACKGROUND, "Clocks on any background (D1, D2, D3, D9)", "What if the background does not turn with the dial?",
        "{network}", (Axis("network", ("d1_circular", "d2_mae", "d3_two_heads", "d9_softplus")),), (0,),
        "clocks_course_150", metric="test_minutes", figure="factor", system="D2", report="000", laptop=cut,
    )


#: Name -> experiment, in the order of the systems.
EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in sorted(
        chain(_mlps_of_000(), _triples_of_001(), _changes_of_002(), _grids_of_003(), _of_004(), _cnns(), _permuted(),
              _clocks()),
        key=lambda experiment: (experiment.system[0], int(experiment.system[1:])),
    )
}
#: In which order scripts/reproduce.py trains what the reports trained: group -> (experiment, number of seeds).
QUEUE: dict[int, tuple[tuple[str, int], ...]] = {
    1: (("a5", 3), ("a6_none", 3), ("a6_linear", 3), ("a3", 3), ("a2", 1), ("a1", 1), ("a4_default", 5), ("b4", 3),
        ("a2", 3), ("a6_logarithmic", 3), ("a4_initializer", 3), ("a4_batch_norm", 3), ("a4_activation", 3),
        ("a4_layers", 3), ("a4_regularisation", 3), ("a4_optimizer", 3)),
    2: (("d2", 1), ("c1", 1), ("d1", 1), ("d3", 1), ("d10", 1), ("d9", 1), ("c2", 1)),
    3: (("b2", 3), ("b2_default", 1), ("b5_mlp", 1), ("d8", 1), ("d8_overlap", 1), ("d11", 3), ("d10_75", 1), ("d7", 1),
        ("b3_default", 1), ("b3_cnn1", 1), ("b5_cnn", 1)),
    4: (("b1", 1), (BACKGROUND, 1), ("d4", 1), ("d5", 1), ("d6", 1), *((f"b3_{name}", 1) for name in (
        "initializer", "activation", "regularisation", "batch_norm", "layers", "optimizer"))),
}
#: Quick on a CPU and with an answer worth seeing.
DEFAULT_EXPERIMENT = "a6_logarithmic"
