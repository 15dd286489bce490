"""Every system against its report: layers, losses, targets and training are spelled out here once more, from the reports.

Networks are written as in the list of systems: C64k7s3 is a convolution of 64 filters, 7x7, stride 3 ("v" for valid
padding), P2 a pool, D.5 dropout, BN batch normalisation, F flatten, 300 a dense layer; the activation follows where it
is not relu.
"""

from __future__ import annotations

import numpy as np
import pytest

from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.experiments import base_spec
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.heads import HEADS
from lib.catalog.presets import PRESETS
from lib.catalog.report_grids import EXPERIMENTS
from lib.catalog.reported import REPORTED
from lib.spec.summary import parameter_count, summarise


def written(layers) -> str:
    """A stack in the notation above."""
    words = []
    for layer in layers:
        activation = getattr(layer, "activation", "relu")
        tail = "" if activation == "relu" else ":" + activation
        match layer.kind:
            case "conv":
                stride = f"s{layer.strides}" if layer.strides > 1 else ""
                words.append(f"C{layer.filters}k{layer.kernel_size}{stride}{'v' if layer.padding == 'valid' else ''}{tail}")
            case "pool":
                words.append(f"P{layer.size}")
            case "dense":
                words.append(f"{layer.units}{tail}")
            case "dropout":
                words.append(f"D{layer.rate:g}".replace("0.", "."))
            case "batch_norm":
                words.append("BN")
            case "flatten":
                words.append("F")
    return " ".join(words)


def stack(name: str) -> str:
    return written(PRESETS[name].architecture.layers)


def training(train) -> tuple:
    return train.optimizer, train.learning_rate, train.batch_size, train.epochs


def clock(name: str) -> tuple[str, str, list[str]]:
    """Head, convolutional part, and hidden layers of each branch."""
    preset = CLOCK_PRESETS[name]
    return preset.head.kind, written(preset.architecture.layers), [written(branch) for branch in preset.head.branches]


# --- report 000 ---------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "layers"), [
    (1, "F 300 100 10"), (2, "F 300 10"), (3, "F 300 D.5 100 10"), (4, "F 300 D.2 10"), (5, "F 300 100 10"),
    (6, "F 300 10"),
])
@pytest.mark.parametrize(("activation", "initializer"), [
    ("tanh", "he_uniform"), ("relu", "glorot_uniform"), ("elu", "he_uniform")])
def test_a1(model, layers, activation, initializer):
    """"tanh, relu and elu with a he, glorot and he initialization respectively"."""
    preset = PRESETS[f"a1_model{model}_{activation}"]
    *hidden, head = [layer for layer in preset.architecture.layers if layer.kind == "dense"]
    tail = "" if activation == "relu" else ":" + activation
    words = " ".join(w + tail if w.isdigit() else w for w in layers.split()[:-1])
    assert written(preset.architecture.layers) == f"{words} 10:softmax"
    assert {layer.initializer for layer in hidden} == {initializer}
    assert {layer.l2 for layer in hidden} == {0.001 if model in (5, 6) else 0.0} and head.l2 == 0.0
    train = preset.train
    assert (train.batch_size, train.patience, train.monitor) == (16, 30, "val_accuracy")


def test_a1_is_36_networks():
    assert len({trial.digest for trial in EXPERIMENTS["a1"].trials()}) == 36


@pytest.mark.parametrize(("model", "layers"), [
    (1, "C64k7 P2 C256k3 P2 F D.5 128 D.2"), (2, "C32k7 P2 F 128"),
    (3, "C64k7 P2 C128k7 C128k7 P2 C256k7 C256k7 P2 F 128 D.5 64 D.2"), (4, "C64k3 P2 C256k7 P2 F D.5 128 D.2"),
    (5, "C128k3 P2 C256k7 D.5 P2 F D.5 128 D.2"), (6, "C128k3 P2 C256k7 D.5 P4 F D.5 128 D.2"),
])
def test_b1(model, layers):
    preset = PRESETS[f"b1_model{model}"]
    assert written(preset.architecture.layers) == f"{layers} 10:softmax"
    penalties = {layer.l2 for layer in preset.architecture.layers if layer.kind == "dense" and layer.units == 128}
    assert penalties == {0.001 if model in (5, 6) else 0.0}
    assert preset.report == "000"


def test_c1_and_c2_permute_all_pixels_alike_on_both_sets():
    trials = EXPERIMENTS["c1"].trials()
    assert len(trials) == 8
    for trial in trials:
        cell, permutation = dict(trial.cell), trial.spec.data.permutation
        assert (permutation is not None) == (cell["pixels"] == "permuted")
        assert trial.spec.architecture == PRESETS[cell["network"]].architecture
    assert len({t.spec.data.permutation for t in trials if t.spec.data.permutation}) == 1, "one permutation for all"
    assert stack("b1_model4_pool4") == "C64k3 P2 C256k7 P4 F D.5 128 D.2 10:softmax"


TABLE_3 = "C64k7s3 C64k7s3 P2 BN C128k5 C128k5 P2 BN C256k3 C256k3 P2 BN C512k3 F"


def test_d1_and_d2_differ_in_their_loss_only():
    assert clock("d1_circular") == ("minutes_circular", TABLE_3, ["300 100"])
    assert clock("d2_mae") == ("minutes_mae", TABLE_3, ["300 100"])
    for kind, loss in (("minutes_circular", "circular_minutes"), ("minutes_mae", "mae")):
        head = HEADS[kind]
        assert (head.losses, head.activations, head.outputs) == ((loss,), ("linear",), (1,))
        (target,) = head.encode(np.array([0, 719]))
        assert target.ravel().tolist() == [0, 719], "minutes after 12:00, unscaled"


def test_d3():
    assert clock("d3_two_heads") == ("two_heads", "C64k5s2 P2 BN C128k3 P2 BN C256k3 P2 BN C512k3 F", ["144 144", "200 100"])
    head = HEADS["two_heads"]
    assert head.losses == ("cross_entropy", "mse") and head.activations == ("softmax", "linear") and head.outputs == (12, 1)
    hours, minutes = head.encode(np.array([0, 90, 719]))
    assert hours.tolist() == [0, 1, 11] and minutes.min() >= 0 and minutes.max() <= 1
    assert CLOCK_PRESETS["d3_two_heads"].head.weights == (), "the loss is the sum of both"


# --- report 001 ---------------------------------------------------------------------------


def test_a2_is_every_triple_and_every_printed_figure():
    experiment = EXPERIMENTS["a2"]
    assert len(experiment.cells()) == 27
    for cell in experiment.cells():
        first, second, last = (value for _, value in cell)
        layers = [layer for layer in experiment.spec(cell).architecture.layers if layer.kind == "dense"]
        assert [layer.activation for layer in layers] == [first, second, last]
        assert layers[-1].units == 10
    printed = {row.id: row.value for row in REPORTED if row.system == "A2"}
    assert len(printed) == 54
    assert printed["A2.tanh_softmax_softmax.accuracy"] == 0.2452 and printed["A2.relu_relu_relu.loss"] == 2.3025825
    assert printed["A2.softmax_tanh_softmax.accuracy"] == 0.6586 and printed["A2.tanh_tanh_tanh.accuracy"] == 0.1748


def test_a2_is_measured_on_the_book_s_validation_images():
    data = base_spec("a2_relu_relu_softmax").data
    assert (data.dataset, data.validation_size, data.validation_from) == ("fashion_mnist", 5000, "start")


BLOCKS = "C64k7v P2 BN D.25 C128k3v P2 BN D.25 C256k3v P2 BN D.25 C512k3v P2 BN D.25 F"


def test_d4():
    four = "C64k7v P2 BN D.25 C128k3v P2 BN D.25 C128k3v P2 BN D.25 C256k3v P2 BN D.25 F"
    assert clock("d4_regression")[:2] == ("hours_59", four)
    assert clock("d4_three")[:2] == ("hours_59", "C64k5v P2 BN D.25 C128k3v P2 BN D.25 C256k3v P2 BN D.25 F")
    (target,) = HEADS["hours_59"].encode(np.array([3 * 60 + 30]))
    assert target.item() == pytest.approx(3 + 30 / 59) and HEADS["hours_59"].losses == ("mse",)
    assert training(CLOCK_PRESETS["d4_regression"].train) == ("adam", 0.001, 32, 60)
    # As the report measured: predictions rounded to tenths of an hour, the distance not counted round the dial.
    assert HEADS["hours_59"].extras(np.array([[0.04]]), np.array([11 * 60]))["rounded_hours"] == pytest.approx(11.0)


@pytest.mark.parametrize(("classes", "epochs"), [(24, 45), (72, 35), (180, 35), (720, 40)])
def test_d5(classes, epochs):
    name = f"d5_classes_{classes}"
    assert clock(name) == (f"classes_{classes}", BLOCKS, ["240 240 BN D.5"])
    assert training(CLOCK_PRESETS[name].train) == ("adam", 0.001, 32, epochs)
    assert CLOCK_PRESETS[name].train.patience is None
    assert HEADS[f"classes_{classes}"].outputs == (classes,)


def test_d6():
    hour, minute = "144 BN 144 BN D.5", "200 BN D.5"
    assert clock("d6_two_heads") == ("hour_class_minutes", BLOCKS, [hour, minute])
    head = HEADS["hour_class_minutes"]
    assert head.losses == ("cross_entropy", "mae") and head.activations == ("softmax", "linear")
    assert head.encode(np.array([61, 119]))[1].ravel().tolist() == [1, 59], "minutes as they are, not scaled"
    assert CLOCK_PRESETS["d6_two_heads"].head.weights == (0.8, 0.2)
    assert CLOCK_PRESETS["d6_equal_weights"].head.weights == (1.0, 1.0)
    assert clock("d6_classes") == ("hour_minute_classes", BLOCKS, [hour, minute])
    assert HEADS["hour_minute_classes"].outputs == (12, 60)
    assert training(CLOCK_PRESETS["d6_two_heads"].train) == ("adam", 0.001, 32, 80)


def test_d7():
    branches = ["144 BN 144 BN D.5 100", "200 BN D.5 100"]
    assert clock("d7_sincos") == ("cos_sin_time", BLOCKS, branches)
    head = HEADS["cos_sin_time"]
    assert (head.outputs, head.activations, head.losses) == ((1, 1), ("linear", "linear"), ("mse", "mse"))
    cosine, sine = head.encode(np.array([180]))
    assert (cosine.item(), sine.item()) == pytest.approx((0, 1), abs=1e-6), "a quarter of 720 minutes"
    assert clock("d7_four_outputs") == ("cos_sin_hour_minute", BLOCKS, branches)
    hour, minute = HEADS["cos_sin_hour_minute"].encode(np.array([3 * 60 + 15]))
    np.testing.assert_allclose([*hour[0], *minute[0]], [0, 1, 0, 1], atol=1e-6)
    assert training(CLOCK_PRESETS["d7_sincos"].train) == ("adam", 0.001, 32, 55)


# --- report 002 ---------------------------------------------------------------------------

SGD_30 = ("sgd", 0.01, 32, 30)


@pytest.mark.parametrize(("change", "layers", "expected"), [
    ("baseline", "F 300 100 10:softmax", SGD_30),
    ("layer", "F 300 200 100 10:softmax", SGD_30),
    ("batch_norm", "F 300 BN 100 BN 10:softmax", SGD_30),
    ("dropout", "F 300 D.5 100 D.5 10:softmax", SGD_30),
    ("leaky_relu", "F 300:leaky_relu 100:leaky_relu 10:softmax", SGD_30),
    ("rate_01", "F 300 100 10:softmax", SGD_30),
    ("rate_001", "F 300 100 10:softmax", ("sgd", 0.001, 32, 30)),
    ("epochs_40", "F 300 100 10:softmax", ("sgd", 0.01, 32, 40)),
    ("combined_50", "F 300:leaky_relu D.5 200:leaky_relu D.5 100:leaky_relu D.5 10:softmax", ("sgd", 0.01, 32, 50)),
    ("combined", "F 300:leaky_relu D.5 200:leaky_relu D.5 100:leaky_relu D.5 10:softmax", ("sgd", 0.01, 32, 68)),
])
def test_a3(change, layers, expected):
    preset = PRESETS[f"a3_{change}"]
    assert written(preset.architecture.layers) == layers
    assert training(preset.train) == expected
    assert {layer.initializer for layer in preset.architecture.layers if layer.kind == "dense"} == {"glorot_uniform"}
    stops = change.startswith("combined")
    assert (preset.train.patience, preset.train.monitor) == ((7, "val_loss") if stops else (None, "val_accuracy"))


def test_a3_early_stopping_watches_the_validation_loss():
    for change in ("early_stopping", "stopping_rate_01"):
        train = PRESETS[f"a3_{change}"].train
        assert (train.patience, train.monitor, train.learning_rate) == (7, "val_loss", 0.01)
    assert EXPERIMENTS["a3"].spec((("change", "early_stopping"),)).digest == \
        EXPERIMENTS["a3"].spec((("change", "stopping_rate_01"),)).digest, "SGD's default rate is 0.01"


GERON_TAIL = "F 128 D.5 64 D.5 10:softmax"


@pytest.mark.parametrize(("change", "layers", "optimizer"), [
    ("baseline", f"C64k7 P2 C128k3 C128k3 P2 C256k3 C256k3 P2 {GERON_TAIL}", "sgd"),
    ("extra_conv", f"C64k7 P2 C128k3 C128k3 P2 C256k3 C256k3 C256k3 P2 {GERON_TAIL}", "sgd"),
    ("dropout_25", "C64k7 P2 C128k3 C128k3 P2 C256k3 C256k3 P2 F 128 D.5 64 D.25 10:softmax", "sgd"),
    ("adadelta", f"C64k7 P2 C128k3 C128k3 P2 C256k3 C256k3 P2 {GERON_TAIL}", "adadelta"),
    ("valid", f"C64k7v P2 C128k3v C128k3v C256k3v C256k3v P2 {GERON_TAIL}", "sgd"),
])
def test_b2(change, layers, optimizer):
    spec = EXPERIMENTS["b2"].spec((("change", change),))
    assert written(spec.architecture.layers) == layers
    assert (spec.train.optimizer, spec.train.batch_size, spec.train.epochs) == (optimizer, 64, 3)
    assert spec.data.dataset == "fashion_mnist"


def test_b2_leaky_relu_is_everywhere_and_the_baseline_trains_20_epochs():
    layers = PRESETS["b2_leaky_relu"].architecture.layers[:-1]
    assert {layer.activation for layer in layers if layer.kind in ("conv", "dense")} == {"leaky_relu"}
    (trial, *_) = EXPERIMENTS["b2_default"].trials()
    assert training(trial.spec.train) == ("sgd", 0.01, 64, 20)


@pytest.mark.parametrize(("name", "source", "epochs"), [
    ("b5_mlp_002", "a3_combined", 93), ("b5_cnn_002", "b2_baseline", 24), ("b5_cnn_dropout_002", "b2_dropout_25", 24),
    ("b5_mlp1_003", "a4_512_512", 50), ("b5_mlp2_003", "a4_512_512", 50), ("b5_cnn1_003", "b3_cnn1", 20)])
def test_b5(name, source, epochs):
    assert stack(name) == stack(source)
    assert (PRESETS[name].dataset, PRESETS[name].train.epochs) == ("cifar10", epochs)
    rows = summarise(PRESETS[name].architecture, (32, 32, 3))
    assert rows[-1].output_shape == (10,)


D8 = "C32k5v P2 C32k3v P2 F 1024 512 256 128 64 32"


@pytest.mark.parametrize("classes", [24, 720])
@pytest.mark.parametrize("size", [75, 150])
def test_d8(classes, size):
    preset = CLOCK_PRESETS[f"d8_classes_{classes}_{size}"]
    assert clock(preset.name) == (f"classes_{classes}", D8, [])
    assert (preset.train.optimizer, preset.train.learning_rate, preset.train.monitor) == ("adam", 0.0001, "val_loss")
    assert preset.dataset == f"clocks_table_{size}" and preset.data.overlap == 0.0, "the overlap is off by default"


def test_d8_overlap_is_a_choice_of_the_data():
    for size in (75, 150):
        plain, overlapping = (CLOCK_PRESETS[f"d8_classes_720_{size}{tail}"] for tail in ("", "_overlap"))
        assert overlapping.data.overlap == 0.15 and plain.architecture == overlapping.architecture


def test_d9_has_no_dense_layers():
    kind, layers, branches = clock("d9_softplus")
    assert kind == "regression_softplus" and branches == []
    assert not any(word.isdigit() for word in layers.split()) and "P2" in layers
    head = HEADS["regression_softplus"]
    assert (head.activations, head.losses) == (("softplus",), ("mse",))
    assert head.encode(np.array([210]))[0].item() == pytest.approx(3.5), "hour + minute/60"
    train = CLOCK_PRESETS["d9_softplus"].train
    assert (train.optimizer, train.patience, train.monitor, train.epochs) == ("adam", 10, "val_loss", 50)


def test_d10_shares_its_dense_layers():
    for name, size in (("d10_two_heads", 150), ("d10_two_heads_75", 75)):
        assert clock(name) == ("two_heads_softplus", D8, []) and CLOCK_PRESETS[name].dataset == f"clocks_table_{size}"
    head = HEADS["two_heads_softplus"]
    assert (head.activations, head.losses, head.outputs) == (("softmax", "softplus"), ("cross_entropy", "mse"), (12, 1))


# --- report 003 ---------------------------------------------------------------------------


def test_a4():
    preset = PRESETS["a4_512_512"]
    assert stack("a4_512_512") == "F 512 D.2 512 D.2 10:softmax"
    assert training(preset.train) == ("sgd", 0.01, 32, 50) and len(EXPERIMENTS["a4_default"].seeds) == 5
    grid = {name: EXPERIMENTS[f"a4_{name}"].axes[0].values for name in ("initializer", "activation", "regularisation")}
    assert grid["initializer"] == ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal")
    assert grid["activation"] == ("relu", "tanh", "sigmoid") and grid["regularisation"] == ("none", "dropout", "l1", "l2")
    assert EXPERIMENTS["a4_optimizer"].axes[0].values == ("sgd", "adagrad", "adam")


def test_b3_pads_nowhere():
    stacked = "C64k7v P2 C128k3v C128k3v C256k3v C256k3v P2 F 128 D.2 64 D.2 10:softmax"
    assert stack("b3_geron") == stacked and training(PRESETS["b3_geron"].train) == ("sgd", 0.01, 32, 20)
    cnn1 = PRESETS["b3_cnn1"]
    assert stack("b3_cnn1") == ("C64k7v BN P2 C128k3v BN C128k3v BN C256k3v BN C256k3v BN P2 F 128:tanh D.2 64:tanh D.2 "
                                "10:softmax")
    assert training(cnn1.train) == ("adam", 0.001, 32, 20)
    assert {layer.initializer for layer in cnn1.architecture.layers if hasattr(layer, "initializer")} == {"he_uniform"}


CONVS_003 = "C64k7s3v P2 C128k3v C128k3v P2 C256k3v C256k3v P2 F"


@pytest.mark.parametrize(("key", "head", "branches"), [
    ("regression", "regression_hours", ["128 D.2 64 D.2"]), ("classes_24", "classes_24", ["128 D.2 64 D.2"]),
    ("classes_48", "classes_48", ["128 D.2 64 D.2"]), ("classes_720", "classes_720", ["128 D.2 64 D.2"]),
    ("multi_head", "two_heads", ["128 D.2 64 D.2", "128 D.2 64 D.2"]),
    ("label_transformation", "sincos_hands", ["128:tanh D.2 64:tanh D.2"])])
def test_d11(key, head, branches):
    assert clock(f"d11_{key}") == (head, CONVS_003, branches), "branches split before the fully connected layers"
    assert EXPERIMENTS["d11"].seeds == (0, 1, 2)
    assert HEADS["sincos_hands"].activations == ("tanh",) and HEADS["sincos_hands"].outputs == (4,)


def test_f1_and_f2():
    gan, vae = GENERATIVE_PRESETS["f1_gan"], GENERATIVE_PRESETS["f2_vae"]
    for preset in (gan, vae):
        assert [(c.filters, c.kernel_size, c.strides) for c in preset.architecture.layers] == [(128, 3, 2)] * 5
    assert (gan.train.batch_size, gan.train.epochs, vae.train.batch_size, vae.train.epochs) == (32, 50, 8, 50)
    of_gan, of_vae = dict(gan.settings), dict(vae.settings)
    assert (of_gan["slope"], of_gan["noise"], of_gan["loss"]) == (0.3, 0.01, "squared")
    assert (of_vae["units"], of_vae["latent"]) == (64, 32)


# --- report 004 ---------------------------------------------------------------------------


def test_a5_and_a6():
    assert stack("a5_64_64") == "F 64 64 10:softmax" and PRESETS["a5_64_64"].train.epochs == 10
    rows = summarise(PRESETS["a5_64_64"].architecture, (28, 28, 1))
    assert parameter_count(rows) == 55_050 == 54_912 + 138
    assert stack("a6_500_300") == "F 500 300 10:softmax" and PRESETS["a6_500_300"].train.epochs == 40
    for spacing in ("linear", "logarithmic"):
        values = EXPERIMENTS[f"a6_{spacing}"].axes[0].values
        assert len(values) == 5 and (values[0], values[-1]) == (1e-6, 1e-3) and len(EXPERIMENTS[f"a6_{spacing}"].seeds) == 3
        gaps = np.diff(np.log(values) if spacing == "logarithmic" else values)
        np.testing.assert_allclose(gaps, gaps[0], rtol=0.01)


def test_b4():
    assert stack("b4_small_cnn") == "C32k3v C64k3v P2 D.2 F 64 10:softmax"


# --- all of them --------------------------------------------------------------------------


def test_clocks_of_the_reports_turn_freely():
    for name, preset in CLOCK_PRESETS.items():
        if preset.system:
            assert preset.data.dataset.startswith("clocks_table_"), name
            assert preset.data.validation_size == 1800 and preset.data.train_size is None
    for experiment in EXPERIMENTS.values():
        if experiment.system[0] == "D":
            family = "clocks_course" if experiment.name == "d2_background" else "clocks_table"
            assert {trial.spec.data.dataset.rpartition("_")[0] for trial in experiment.trials()} == {family}
