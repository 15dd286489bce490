"""CLOCK_PRESETS: every network of the reports that tells the time (systems D1-D11), and light ones for a laptop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lib.core.specs import (
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    HeadSpec,
    LayerSpec,
    PoolSpec,
    TrainSpec,
)


@dataclass(frozen=True, slots=True)
class ClockPreset:
    """A backbone, a head, and how its source trained them; `size` is the side of its pictures in pixels."""

    name: str
    title: str
    architecture: ArchitectureSpec
    head: HeadSpec
    train: TrainSpec
    description: str
    size: int = 150
    system: str = ""
    report: str = ""
    reported: str = ""


_BN, _P2 = BatchNormSpec(), PoolSpec(2)


def _dense(*units: int) -> tuple[LayerSpec, ...]:
    return tuple(DenseSpec(count) for count in units)


def _train(epochs: int, rate: float = 0.001, batch: int = 32, optimizer: str = "adam") -> TrainSpec:
    return TrainSpec(optimizer, rate, batch, epochs, patience=10, monitor="val_minutes")


# --- report 000 ---------------------------------------------------------------------------


def _report_000() -> Iterator[ClockPreset]:
    table_3 = ArchitectureSpec((
        ConvSpec(64, 7, 3), ConvSpec(64, 7, 3), _P2, _BN, ConvSpec(128, 5), ConvSpec(128, 5), _P2, _BN,
        ConvSpec(256, 3), ConvSpec(256, 3), _P2, _BN, ConvSpec(512, 3), FlattenSpec(),
    ), "d_table3")
    dense = (_dense(300, 100),)
    yield ClockPreset("d1_circular", "Circular loss with floormod", table_3, HeadSpec("circular", dense), _train(30),
                      "Table 3 of report 000: 300-100-1 after seven convolutions. The loss falls nowhere: the lesson.",
                      system="D1", report="000", reported="did not train")
    yield ClockPreset("d2_mae", "Regression, MAE", table_3, HeadSpec("regression_minutes", dense), _train(30),
                      "The same network with plain MAE. Errors pile up at 12:00.", system="D2", report="000",
                      reported="train 5.11, validation 14.35, test 15.24 minutes")
    table_5 = ArchitectureSpec((
        ConvSpec(64, 5, 2), _P2, _BN, ConvSpec(128, 3), _P2, _BN, ConvSpec(256, 3), _P2, _BN, ConvSpec(512, 3),
        FlattenSpec(),
    ), "d_table5")
    yield ClockPreset("d3_two_heads", "Hour class + minute regression", table_5,
                      HeadSpec("two_heads", (_dense(144, 144), _dense(200, 100))), _train(30),
                      "Table 5: two branches, minutes scaled to 0-1, cross-entropy + MSE.", system="D3", report="000",
                      reported="hour accuracy 0.978, 3.13 minutes")


# --- report 001 ---------------------------------------------------------------------------


def _blocks_001() -> tuple[LayerSpec, ...]:
    layers: list[LayerSpec] = []
    for filters, kernel in ((64, 7), (128, 3), (256, 3), (512, 3)):
        layers += [ConvSpec(filters, kernel, padding="valid"), _P2, _BN, DropoutSpec(0.25)]
    return (*layers, FlattenSpec())


_BN_DENSE_240 = (DenseSpec(240), _BN, DropoutSpec(0.5), DenseSpec(240), _BN, DropoutSpec(0.5))


def _report_001() -> Iterator[ClockPreset]:
    backbone = ArchitectureSpec(_blocks_001(), "d_four_blocks")
    yield ClockPreset("d4_regression", "Regression on hours", backbone, HeadSpec("regression_hours", (_BN_DENSE_240,)),
                      _train(60), "Four convolution blocks, MSE on hour + minute/60.", system="D4", report="001",
                      reported="0.51 hours, about 30 minutes")
    figures = {24: "0.944, 6.09 minutes", 72: "0.8875, 10.72 minutes", 180: "0.60, 44.33 minutes", 720: "0.43"}
    epochs = {24: 45, 72: 35, 180: 35, 720: 40}
    for classes, figure in figures.items():
        yield ClockPreset(f"d5_classes_{classes}", f"{classes} classes", backbone,
                          HeadSpec(f"classes_{classes}", (_BN_DENSE_240,)), _train(epochs[classes]),
                          "Table 1 of report 001: four blocks, dense 240-240 with batch normalisation and dropout.",
                          system="D5", report="001", reported=f"accuracy {figure}")
    hour = (DenseSpec(144), _BN, DenseSpec(144), _BN, DropoutSpec(0.5))
    minute = (DenseSpec(200), _BN, DropoutSpec(0.5))
    yield ClockPreset("d6_two_heads", "Two heads, weights 0.8 / 0.2", backbone,
                      HeadSpec("two_heads", (hour, minute), (0.8, 0.2)), _train(80), "D5's backbone, two branches.",
                      system="D6", report="001", reported="hour accuracy 0.9706, 5.06 minutes")
    yield ClockPreset("d6_classes", "Hour and minute classes", backbone,
                      HeadSpec("hour_minute_classes", (hour, minute), (0.8, 0.2)), _train(80),
                      "The variant with 60 minute classes.", system="D6", report="001",
                      reported="hour accuracy 0.9689, minute accuracy 0.8553")
    yield ClockPreset("d7_sincos", "Sine and cosine of the time", backbone, HeadSpec("sincos_time", (_BN_DENSE_240,)),
                      _train(55), "Two outputs on the circle of half a day, MSE.", system="D7", report="001",
                      reported="1.7273 minutes")


# --- reports 002 and 003 ------------------------------------------------------------------


def _report_002() -> Iterator[ClockPreset]:
    convs = (ConvSpec(32, 5, padding="valid"), _P2, ConvSpec(32, 3, padding="valid"), _P2, FlattenSpec())
    backbone = ArchitectureSpec((*convs, *_dense(1024, 512, 256, 128, 64, 32)), "d_small_convs")
    figures = {(24, 75): "0.515", (24, 150): "0.831", (720, 75): "0.5175 / 2.17 minutes with overlapping splits",
               (720, 150): "0.017 / 162 minutes"}
    for (classes, size), figure in figures.items():
        yield ClockPreset(f"d8_classes_{classes}_{size}", f"{classes} classes, {size} px", backbone,
                          HeadSpec(f"classes_{classes}"), _train(30, 0.0001),
                          "32 filters of 5x5 and 3x3, dense 1024-512-256-128-64-32, Adam 0.0001.", size, "D8", "002",
                          f"accuracy {figure}")
    yield ClockPreset("d9_softplus", "Regression with softplus", backbone, HeadSpec("regression_softplus"), _train(30),
                      "Hours that cannot be negative.", system="D9", report="002", reported="44.7 minutes")
    shared = ArchitectureSpec((*convs, *_dense(256, 128)), "d_small_shared")
    yield ClockPreset("d10_two_heads", "Two heads, shared dense layers", shared, HeadSpec("two_heads_softplus"),
                      _train(30), "Hour softmax and minute softplus after shared dense layers.", system="D10",
                      report="002", reported="about 15 minutes, hour accuracy 0.85")


def _report_003() -> Iterator[ClockPreset]:
    convs = (ConvSpec(64, 7, 3, "valid"), _P2, ConvSpec(128, 3, padding="valid"), ConvSpec(128, 3, padding="valid"), _P2,
             ConvSpec(256, 3, padding="valid"), ConvSpec(256, 3, padding="valid"), _P2, FlattenSpec(), DenseSpec(128),
             DropoutSpec(0.2), DenseSpec(64), DropoutSpec(0.2))
    backbone = ArchitectureSpec(convs, "d_geron_strided")
    rows = (("regression", "Regression", "regression_hours", "about 60 minutes"),
            ("classes_24", "30-minute classes", "classes_24", "works"),
            ("classes_48", "15-minute classes", "classes_48", "works"),
            ("classes_720", "1-minute classes", "classes_720", "does not work"),
            ("multi_head", "Multi-head", "two_heads", "14.2 minutes"),
            ("label_transformation", "Label transformation", "sincos_hands", "20 minutes training, above 30 validation"))
    for key, title, head, figure in rows:
        yield ClockPreset(f"d11_{key}", title, backbone, HeadSpec(head), _train(30, 0.001),
                          "Report 003's Geron CNN without padding, first stride 3.", system="D11", report="003",
                          reported=figure)


# --- light --------------------------------------------------------------------------------

#: 18 M multiply-adds at 150x150, 5 M at 75x75.
LIGHT_BACKBONE = ArchitectureSpec((
    ConvSpec(16, 5, 2), _BN, ConvSpec(32, 3, 2), _BN, ConvSpec(48, 3, 2), _BN, ConvSpec(64, 3, 2), _BN, ConvSpec(96, 3, 2),
    _BN, FlattenSpec(), DenseSpec(128), _BN,
), "d_light")
LIGHT_HEADS = ("regression_minutes", "regression_hours", "circular", "classes_24", "classes_72", "classes_720",
               "two_heads", "hour_minute_classes", "sincos_time", "sincos_hands")


def _light() -> Iterator[ClockPreset]:
    for kind in LIGHT_HEADS:
        yield ClockPreset(f"light_{kind}", f"Light network, {kind.replace('_', ' ')}", LIGHT_BACKBONE, HeadSpec(kind),
                          TrainSpec("adam", 0.002, 64, 30, monitor="val_minutes", patience=30),
                          "Five small strided convolutions: trains on a laptop.", 75)


#: Stable name -> preset.
CLOCK_PRESETS: dict[str, ClockPreset] = {
    preset.name: preset for source in (_light, _report_000, _report_001, _report_002, _report_003) for preset in source()
}
