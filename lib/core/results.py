"""REPORTED: every figure of the five reports as data, and what was measured here beside it.

Reported figures are copied from the reports; ours come from stored runs and from nowhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.core.measured import Row, best_budget_rows, row_cell
from lib.core.presets import PRESETS
from lib.core.replicates import Spread, spread
from lib.core.report_grids import EXPERIMENTS

#: Training images of a set when nothing is cut; the rest of the official ones validates.
FULL_IMAGES = {"mnist": 54_000, "fashion_mnist": 54_000, "cifar10": 45_000, "clocks_wall_75": 14_580,
               "clocks_wall_150": 14_580}
SECTIONS = {"A": "Multi-layer perceptrons", "B": "Convolutional networks", "C": "Permuted pixels", "D": "Tell the time",
            "E": "Autoencoders", "F": "Cat faces"}


@dataclass(frozen=True, slots=True)
class Reported:
    """One figure of a report.

    `value` is None where it printed words or pictures only; `text` then says which. `metric` names the column of a
    measured row. `experiment` trains it; `cell` restricts its cells (a tuple means any of these values), and `pick` says
    what to do with several cells: "mean", "min" or "max" of their means. `network` names the network in older
    files of measurements; `head` the clock head whose light network answers the same question; `page` where to look
    at it.
    """

    id: str
    report: str
    what: str
    metric: str = "test_accuracy"
    value: float | None = None
    text: str = ""
    data: str = ""
    experiment: str = ""
    cell: tuple[tuple[str, Any], ...] = ()
    pick: str = "mean"
    network: str = ""
    pixels: str = "original"
    head: str = ""
    page: str = ""
    why: str = ""

    @property
    def system(self) -> str:
        """The row of the list of systems: "A6"."""
        return self.id.split(".")[0]


@dataclass(frozen=True, slots=True)
class Measured:
    """Our figure: spread over seeds (of the picked cell), and under which conditions; `light` for a smaller network."""

    spread: Spread
    rows: tuple[Row, ...]
    light: bool = False

    @property
    def is_full(self) -> bool:
        """Whether nothing was cut: images and epochs as in the report."""
        return not self.light and not self.cuts

    @property
    def cuts(self) -> list[str]:
        """What was left out, in words."""
        found = []
        images = max(int(row["train_images"]) for row in self.rows)
        full = FULL_IMAGES.get(str(self.rows[0].get("data", "")), 0)
        if images < full:
            found.append(f"{images:,} of {full:,} images")
        asked, wanted = _epochs_asked(self.rows[0]), _epochs_wanted(self.rows[0])
        if asked < wanted:
            found.append(f"{asked} of {'at most ' if wanted > 99 else ''}{wanted} epochs")
        return found


def _epochs_asked(row: Row) -> int:
    """The epochs that this training was allowed; what early stopping ended had enough of them."""
    if str(row.get("message", "")).startswith("Early stopping"):
        return sys.maxsize
    return int(row.get("epochs_asked", row["epochs"]))


def _epochs_wanted(row: Row) -> int:
    """The epochs of the report's own training; 0 where that is not known."""
    if row.get("experiment") in EXPERIMENTS:
        return EXPERIMENTS[row["experiment"]].spec(row_cell(row)).train.epochs
    preset = PRESETS.get(str(row.get("preset") or row.get("network")))
    return preset.train.epochs if preset else 0


# --- finding our figures ------------------------------------------------------------------


def measured_of(reported: Reported, rows: Sequence[Row], lights: Sequence[Row] = ()) -> Measured | None:
    """What stored rows say about a reported figure; None when none does. Budgets are never mixed.

    `rows` are of scripts/reproduce.py and of the older files; `lights` of light clock networks ("head", "test_minutes").
    """
    own = [row for row in rows if row.get("experiment") == reported.experiment and _fits_cell(row, reported)]
    other = [row for row in rows if "experiment" not in row and _fits_network(row, reported)]
    chosen = best_budget_rows(_with_metric(own, reported))
    for is_preset in (True, False):  # the two older files have budgets of their own
        chosen = _larger(chosen, _with_metric([row for row in other if ("preset" in row) is is_preset], reported))
    if chosen:
        return _picked(chosen, reported)
    asked_alike = [row for row in lights if reported.head and row.get("head") == reported.head]
    asked_alike = _with_metric(asked_alike, reported)
    return Measured(spread([float(row[reported.metric]) for row in asked_alike]), tuple(asked_alike), True) \
        if asked_alike else None


def _with_metric(rows: Sequence[Row], reported: Reported) -> list[Row]:
    return [row for row in rows if row.get("state", "finished") == "finished" and row.get(reported.metric) is not None]


def _fits_cell(row: Row, reported: Reported) -> bool:
    cell = row.get("cell", {})
    if reported.data and row.get("data") != reported.data:
        return False
    return all(cell.get(name) in (value if isinstance(value, tuple) else (value,)) for name, value in reported.cell)


def _fits_network(row: Row, reported: Reported) -> bool:
    name = row.get("preset") or row.get("network")
    return bool(reported.network) and name == reported.network and row.get("data") == reported.data \
        and row.get("pixels", "original") == reported.pixels


def _larger(first: list[Row], second: list[Row]) -> list[Row]:
    """The group of the larger budget of images times epochs."""
    def work(rows: list[Row]) -> int:
        return max((int(row["train_images"]) * int(row["epochs"]) for row in rows), default=0)

    return first if work(first) >= work(second) else second


def _picked(rows: Sequence[Row], reported: Reported) -> Measured:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row.get("cell", "")), []).append(row)
    spreads = {key: spread([float(row[reported.metric]) for row in group]) for key, group in groups.items()}
    if reported.pick in ("min", "max"):
        choose = min if reported.pick == "min" else max
        key = choose(spreads, key=lambda name: spreads[name].mean)
        return Measured(spreads[key], tuple(groups[key]))
    return Measured(spread([float(row[reported.metric]) for row in rows]), tuple(rows))


# --- the figures of the reports -----------------------------------------------------------


def _a() -> list[Reported]:
    rows = []
    for data, low, high, best in (("mnist", 0.965, 0.981, 0.98), ("fashion_mnist", 0.851, 0.892, 0.892)):
        rows += [
            Reported(f"A1.worst_{data}", "000", "worst of 18 MLPs", value=low, data=data, experiment="a1", pick="min"),
            Reported(f"A1.best_{data}", "000", "best of 18 MLPs", value=high, data=data, experiment="a1", pick="max"),
            Reported(f"A1.model3_{data}", "000", "model 3, relu", value=best, data=data, experiment="a1",
                     cell=(("model", 3), ("activation", "relu")), network="a1_model3_relu"),
        ]
    triples = {("relu", "relu", "softmax"): 0.8794, ("relu", "tanh", "softmax"): 0.8802,
               ("tanh", "relu", "softmax"): 0.8740, ("tanh", "tanh", "softmax"): 0.8722,
               ("softmax", "softmax", "softmax"): 0.0914}
    for triple, value in triples.items():
        cell = tuple(zip(("hidden_1", "hidden_2", "output"), triple, strict=True))
        rows.append(Reported("A2." + "_".join(triple), "001", "-".join(triple), value=value, data="fashion_mnist",
                             experiment="a2", cell=cell))
    for name, value in (("min", 0.09), ("max", 0.17)):
        words = f"{'lowest' if name == 'min' else 'highest'} with a relu or tanh output"
        rows.append(Reported(f"A2.{name}", "001", words, value=value, data="fashion_mnist", experiment="a2",
                             cell=(("output", ("relu", "tanh")),), pick=name,
                             why="trials whose loss became NaN count as failed and are left out"))
    return rows + _a3() + _a4_to_a6()


def _a3() -> list[Reported]:
    figures = {"baseline": (0.874, 0.36), "layer": (0.882, 0.33), "batch_norm": (0.874, 0.435),
               "leaky_relu": (0.881, 0.337), "early_stopping": (0.88, 0.32), "epochs_40": (0.88, 0.36),
               "combined": (0.882, 0.332)}
    rows = []
    for change, (accuracy, loss) in figures.items():
        words = change.replace("_", " ")
        rows += [Reported(f"A3.{change}.{metric}", "002", words, metric, value, data="fashion_mnist", experiment="a3",
                          cell=(("change", change),))
                 for metric, value in (("test_accuracy", accuracy), ("test_loss", loss))]
    texts = {"dropout": "slightly better than the baseline", "rate_001": "worse than the baseline"}
    return rows + [Reported(f"A3.{change}", "002", change.replace("rate_001", "learning rate 0.001"), text=text,
                            data="fashion_mnist", experiment="a3", cell=(("change", change),))
                   for change, text in texts.items()]


def _a4_to_a6() -> list[Reported]:
    default = (("initializer", "glorot_uniform"),)
    factors = "validation here is 6,000 training images that are kept apart; the report names no split"
    return [
        Reported("A4.fashion", "003", "512-512 MLP", value=0.90, data="fashion_mnist", experiment="a4_initializer",
                 cell=default, why="printed as about 0.90"),
        Reported("A4.cifar10", "003", "512-512 MLP on CIFAR-10", value=0.50, data="cifar10", experiment="b5_mlp",
                 cell=(("change", "mlp1_003"),), why="1,000 test images"),
        *(Reported(f"A4.{name}", "003", words, "val_accuracy", text=text, data="fashion_mnist",
                   experiment=f"a4_{name}", pick="max")
          for name, words, text in (
              ("initializer", "best initialiser", "no influence"), ("activation", "best activation", "relu, then tanh"),
              ("regularisation", "best regularisation", "dropout at most a little better, L1 and L2 worse"),
              ("batch_norm", "batch normalisation", "no influence on validation"),
              ("layers", "best layers and units", "one layer worse, three no better than two"),
              ("optimizer", "best optimiser and rate", "SGD and Adagrad beat Adam; no gain above 0.005"))),
        Reported("A5.parameters", "004", "parameters of the 64-64 MLP", "parameters", 55_050, data="mnist",
                 experiment="a5"),
        Reported("A5.accuracy", "004", "64-64 MLP after 10 epochs", "val_accuracy", text="curves only", data="mnist",
                 experiment="a5"),
        Reported("A6.none", "004", "500-300 MLP without weight decay", "test_accuracy", 0.9812, data="mnist",
                 experiment="a6_none", network="a6_500_300_no_decay"),
        Reported("A6.best", "004", "best of five L2 factors", "val_accuracy", 0.9831, data="mnist",
                 experiment="a6_logarithmic", pick="max", why=factors),
        Reported("A6.linear", "004", "L2 0.0005 (linear spacing)", "val_accuracy", 0.9831, data="mnist",
                 experiment="a6_linear", cell=(("l2", 0.0005005),), why=factors),
        Reported("A6.hinton", "004", "Hinton's figure for this network", "val_accuracy", 0.9847, data="mnist",
                 experiment="a6_logarithmic", pick="max", why=factors),
    ]


_TRANSFERRED = {"mlp_002": "combined MLP", "cnn_002": "Geron's CNN", "cnn_dropout_002": "Geron's CNN, last dropout 0.25",
                "mlp1_003": "MLP1", "mlp2_003": "MLP2 (Adagrad)", "cnn1_003": "CNN1"}


def _b() -> list[Reported]:
    rows = [
        Reported("B1.mnist", "000", "CNN model 4", value=0.993, data="mnist", experiment="b1", cell=(("model", 4),),
                 network="b1_model4"),
        Reported("B1.fashion", "000", "CNN model 4", value=0.917, data="fashion_mnist", experiment="b1",
                 cell=(("model", 4),), network="b1_model4"),
        Reported("B2.accuracy", "002", "Geron's CNN, 20 epochs", value=0.874, data="fashion_mnist",
                 experiment="b2_default", network="b2_baseline"),
        Reported("B2.loss", "002", "Geron's CNN, 20 epochs", "test_loss", 0.345, data="fashion_mnist",
                 experiment="b2_default", network="b2_baseline"),
    ]
    changes = {"baseline": 0.805, "extra_conv": 0.769, "leaky_relu": 0.780, "dropout_25": 0.786, "adadelta": 0.152,
               "valid": 0.754}
    rows += [Reported(f"B2.{change}", "002", f"{change.replace('_', ' ')}, 3 epochs", "val_accuracy", value,
                      data="fashion_mnist", experiment="b2", cell=(("change", change),))
             for change, value in changes.items()]
    rows += [
        Reported("B3.default", "003", "Geron's CNN without padding", value=0.90, data="fashion_mnist",
                 experiment="b3_default", why="printed as above 0.90"),
        Reported("B3.cnn1", "003", "CNN1", value=0.90, data="fashion_mnist", experiment="b3_cnn1",
                 why="printed as above 0.90"),
        Reported("B4.mnist", "004", "small CNN", value=0.988, data="mnist", experiment="b4", network="b4_small_cnn"),
    ]
    transfers = (("mlp", "mlp_002", 0.509, 1.359), ("cnn", "cnn_002", 0.625, 1.064),
                 ("cnn", "cnn_dropout_002", 0.654, 0.994), ("mlp", "mlp1_003", 0.50, None),
                 ("mlp", "mlp2_003", 0.50, None), ("cnn", "cnn1_003", 0.75, None))
    for kind, change, accuracy, loss in transfers:
        words = _TRANSFERRED[change] + " on CIFAR-10"
        fixed: dict[str, Any] = {"data": "cifar10", "experiment": f"b5_{kind}", "cell": (("change", change),),
                                 "why": "1,000 test images"}
        rows.append(Reported(f"B5.{change}", change[-3:], words, value=accuracy, **fixed))
        if loss is not None:
            rows.append(Reported(f"B5.{change}.loss", change[-3:], words, "test_loss", loss, **fixed))
    return rows


def _c() -> list[Reported]:
    rows = []
    figures = (("a1_model3_relu", "MLP (A1 model 3)", "mnist", 0.98, 0.98),
               ("a1_model3_relu", "MLP (A1 model 3)", "fashion_mnist", 0.892, 0.88),
               ("b1_model4", "CNN (B1 model 4)", "mnist", 0.993, 0.97),
               ("b1_model4", "CNN (B1 model 4)", "fashion_mnist", 0.917, 0.88))
    for network, words, data, original, permuted in figures:
        rows += [Reported(f"C1.{network}.{data}.{pixels}", "000", f"{words}, {pixels} pixels", value=value, data=data,
                          experiment="c1", cell=(("network", network), ("pixels", pixels)), network=network,
                          pixels=pixels, page="permuted_pixels")
                 for pixels, value in (("original", original), ("permuted", permuted))]
    return rows + [Reported(f"C2.{data}", "000", "CNN with pooling 4, permuted pixels", value=value, data=data,
                            experiment="c2", cell=(("pixels", "permuted"),), network="b1_model4_pool4",
                            pixels="permuted", page="permuted_pixels")
                   for data, value in (("mnist", 0.95), ("fashion_mnist", 0.87))]


#: (id, report, words, metric, value, text, network, head of the light network that is asked alike)
_CLOCKS: tuple[tuple[str, str, str, str, float | None, str, str, str], ...] = (
    ("D1", "000", "circular loss", "test_minutes", None, "did not train", "d1_circular", "circular"),
    ("D2", "000", "regression, MAE", "test_minutes", 15.24, "", "d2_mae", "regression_minutes"),
    ("D3.hour", "000", "two heads, hours right", "test_hour_accuracy", 0.978, "", "d3_two_heads", "two_heads"),
    ("D3.minutes", "000", "two heads", "test_minutes", 3.13, "", "d3_two_heads", "two_heads"),
    ("D4", "001", "regression on hours", "test_minutes", 30.6, "", "d4_regression", "regression_hours"),
    ("D5.24", "001", "24 classes", "test_minutes", 6.09, "", "d5_classes_24", "classes_24"),
    ("D5.72", "001", "72 classes", "test_minutes", 10.72, "", "d5_classes_72", "classes_72"),
    ("D5.180", "001", "180 classes", "test_minutes", 44.33, "", "d5_classes_180", ""),
    ("D5.720", "001", "720 classes", "test_accuracy", 0.43, "", "d5_classes_720", ""),
    ("D6.hour", "001", "two heads 0.8 / 0.2, hours right", "test_hour_accuracy", 0.9706, "", "d6_two_heads", "two_heads"),
    ("D6.minutes", "001", "two heads 0.8 / 0.2", "test_minutes", 5.06, "", "d6_two_heads", "two_heads"),
    ("D6.classes", "001", "hour and minute classes, hours right", "test_hour_accuracy", 0.9689, "", "d6_classes",
     "hour_minute_classes"),
    ("D7", "001", "sine and cosine of the time", "test_minutes", 1.7273, "", "d7_sincos", "sincos_time"),
    ("D9", "002", "regression with softplus", "test_minutes", 44.7, "", "d9_softplus", ""),
    ("D10.hour", "002", "two heads, shared layers, hours right", "test_hour_accuracy", 0.85, "", "d10_two_heads", ""),
    ("D10.minutes", "002", "two heads, shared layers", "test_minutes", 15.0, "", "d10_two_heads", ""),
    ("D11.regression", "003", "regression", "test_minutes", 60.0, "", "d11_regression", "regression_hours"),
    ("D11.classes_24", "003", "30-minute classes", "test_minutes", None, "works", "d11_classes_24", "classes_24"),
    ("D11.classes_48", "003", "15-minute classes", "test_minutes", None, "works", "d11_classes_48", ""),
    ("D11.classes_720", "003", "1-minute classes", "test_minutes", None, "does not work", "d11_classes_720",
     "classes_720"),
    ("D11.multi_head", "003", "multi-head", "test_minutes", 14.195, "", "d11_multi_head", "two_heads"),
    ("D11.label_transformation", "003", "label transformation", "test_minutes", 30.0, "", "d11_label_transformation",
     "sincos_hands"),
)


def _d() -> list[Reported]:
    rows = [Reported(row_id, report, words, metric, value, text, experiment=row_id.split(".")[0].lower(),
                     cell=(("network", network),), head=head, page="tell_time")
            for row_id, report, words, metric, value, text, network, head in _CLOCKS]
    for (classes, size), (metric, value) in {
        (24, 75): ("test_accuracy", 0.515), (24, 150): ("test_accuracy", 0.831), (720, 75): ("test_minutes", 2.17),
        (720, 150): ("test_minutes", 162.0),
    }.items():
        why = "the report's validation split overlapped its training images" if (classes, size) == (720, 75) else ""
        rows.append(Reported(f"D8.{classes}_{size}", "002", f"{classes} classes, {size} px", metric, value,
                             experiment="d8", cell=(("classes", classes), ("size", size)), page="tell_time", why=why))
    return rows


def _e_f() -> list[Reported]:
    texts = (
        ("E1", "004", "denoising autoencoder", "recognisable to noise 0.5-0.6, fails at 0.6-0.7", "denoise"),
        ("E2", "004", "noise gallery", "pictures at 20, 32 and 80 %", "denoise"),
        ("E3", "004", "classify noisy against denoised", "helps at high noise, hurts at none: the curves cross", "denoise"),
        ("E4", "004", "invent digits: mix two codes", "best within one class", "invent_digits"),
        ("E5", "004", "invent digits: salt the code", "unreliable", "invent_digits"),
        ("E6", "004", "invent digits: 2-D latent space", "classes overlap", "invent_digits"),
        ("E7", "004", "invent digits: the reversed network", "proposed, not built", "invent_digits"),
        ("F1", "003", "GAN of cat faces", "pictures; batch 32 much better than 64", "cat_faces"),
        ("F2", "003", "VAE of cat faces", "blurrier, converges in fewer epochs", "cat_faces"),
        ("F3", "003", "GAN against VAE", "GAN sharper, VAE smoother", "cat_faces"),
    )
    return [Reported(row_id, report, what, "", text=text, page=page) for row_id, report, what, text, page in texts]


def _order(row: Reported) -> tuple[str, int]:
    return row.system[0], int(row.system[1:])


#: Every figure, in the order of the systems.
REPORTED: tuple[Reported, ...] = tuple(sorted([*_a(), *_b(), *_c(), *_d(), *_e_f()], key=_order))


def difference(reported: Reported, measured: Measured) -> float | None:
    """Ours minus theirs; None where they printed no figure."""
    return None if reported.value is None else measured.spread.mean - reported.value


def reasons(reported: Reported, measured: Measured) -> str:
    """Why the two may differ, as far as it is known."""
    found = [*measured.cuts, *([reported.why] if reported.why else [])]
    if measured.light:
        found.insert(0, "a light network asked the same way, on drawn clocks that hang upright")
    notes = {str(row["note"]) for row in measured.rows if row.get("note")}
    return "; ".join(dict.fromkeys([*found, *(note for note in notes if note not in found)]))


def light_clock_rows(manifest: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The light clock networks of the checkpoints as rows: "head", metrics, and where they come from."""
    rows = []
    for name, entry in manifest.items():
        head = (entry.get("spec") or {}).get("head") or {}
        if name.startswith("clocks/") and head.get("kind") and "test_minutes" in entry.get("metrics", {}):
            rows.append({"head": head["kind"], "data": entry["data"]["set"], "train_images": entry["data"]["train"],
                         "epochs": entry.get("epochs", 0), "seed": entry["seed"], "date": entry["date"],
                         "device": entry["device"], **entry["metrics"]})
    return rows
