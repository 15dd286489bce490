"""CLOCK_PRESETS: every network of the reports that tells the time (systems D1-D11), and light ones for a laptop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lib.catalog.preset import Preset
from lib.catalog.tasks import CLOCK
from lib.spec.specs import (
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    HeadSpec,
    LayerSpec,
    PoolSpec,
    TrainSpec,
)

_BN, _P2 = BatchNormSpec(), PoolSpec(2)
_SPLIT = "The split is not stated; here: 80/10/10, every minute spread alike."
_BATCH = "The batch size is not stated; here: 32."
_INITIALIZERS = "Initialisers of the clock networks are not stated; here: Keras' default, Glorot."
_BEST = "Whether early stopping kept the weights of the best epoch is not stated; here it does."


def _clock(name: str, title: str, architecture: ArchitectureSpec, head: HeadSpec, train: TrainSpec, description: str,
           data: DataSpec, system: str = "", report: str = "", assumed: tuple[str, ...] = ()) -> Preset:
    """A backbone and the head that asks it the time."""
    return Preset(name, title, architecture, train, description, system, report, data, assumed, CLOCK.name, head)


def _dense(*units: int, activation: str = "relu") -> tuple[LayerSpec, ...]:
    return tuple(DenseSpec(count, activation) for count in units)


def _course(size: int = 150, overlap: float = 0.0) -> DataSpec:
    """The course's clock on its table, seen from every side; 14,400 train, 1,800 validate, 1,800 test."""
    return DataSpec(f"clocks_table_{size}", validation_size=1800, overlap=overlap)


# --- report 000 ---------------------------------------------------------------------------


def _report_000() -> Iterator[Preset]:
    train = TrainSpec(batch_size=32, epochs=30, patience=10, monitor="val_loss")
    assumed = ("Optimiser, batch size and epochs are not stated; here: Adam 0.001, batch 32, at most 30 epochs, early "
               "stopping on validation loss after 10 without gain.", _SPLIT, _BEST,
               "Activations and padding are not stated; here: ReLU and same, since without padding table 3 does not fit "
               "into 150 pixels.", _INITIALIZERS)
    table_3 = ArchitectureSpec((
        ConvSpec(64, 7, 3), ConvSpec(64, 7, 3), _P2, _BN, ConvSpec(128, 5), ConvSpec(128, 5), _P2, _BN,
        ConvSpec(256, 3), ConvSpec(256, 3), _P2, _BN, ConvSpec(512, 3), FlattenSpec(),
    ), "d_table3")
    dense = (_dense(300, 100),)
    yield _clock("d1_circular", "Circular loss with floormod", table_3, HeadSpec("minutes_circular", dense), train,
                 "Table 3 of report 000: 300-100-1 after seven convolutions, the report's own loss.", _course(),
                 "D1", "000", assumed)
    yield _clock("d2_mae", "Regression, MAE", table_3, HeadSpec("minutes_mae", dense), train,
                 "The same network with plain MAE on minutes from 0 to 719.", _course(), "D2", "000", assumed)
    table_5 = ArchitectureSpec((
        ConvSpec(64, 5, 2), _P2, _BN, ConvSpec(128, 3), _P2, _BN, ConvSpec(256, 3), _P2, _BN, ConvSpec(512, 3),
        FlattenSpec(),
    ), "d_table5")
    yield _clock("d3_two_heads", "Hour class + minute regression", table_5,
                 HeadSpec("two_heads", (_dense(144, 144), _dense(200, 100))), train,
                 "Table 5: two branches, minutes scaled to 0-1, cross-entropy + MSE.", _course(), "D3", "000",
                 (*assumed, "\"Scaled to the range [0, 1]\" is read as minute / 60, so that 59 is 0.983."))


# --- report 001 ---------------------------------------------------------------------------


def _blocks_001(*convolutions: tuple[int, int]) -> tuple[LayerSpec, ...]:
    layers: list[LayerSpec] = []
    for filters, kernel in convolutions:
        layers += [ConvSpec(filters, kernel, padding="valid"), _P2, _BN, DropoutSpec(0.25)]
    return (*layers, FlattenSpec())


def _report_001() -> Iterator[Preset]:
    def train(epochs: int) -> TrainSpec:
        return TrainSpec(batch_size=32, epochs=epochs, monitor="val_minutes")

    assumed = (_BATCH, _SPLIT, "Padding is not stated; here: none, Keras' default.",
               "Of the optimiser Adam with rate 0.001 is stated for the regression, and for the others its rate alone; "
               "here: Adam for all.", _INITIALIZERS)
    table_1 = (DenseSpec(240), DenseSpec(240), _BN, DropoutSpec(0.5))
    regression = ("Its dense layers and dropout rate are not stated; here: those of the report's table 1.", *assumed)
    for name, title, blocks, text in (
        ("d4_regression", "Regression on hours", ((64, 7), (128, 3), (128, 3), (256, 3)), "Four convolutions"),
        ("d4_three", "Regression on hours, three convolutions", ((64, 5), (128, 3), (256, 3)), "The first attempt"),
    ):
        yield _clock(name, title, ArchitectureSpec(_blocks_001(*blocks), name), HeadSpec("hours_59", (table_1,)),
                     train(60), f"{text}, MSE on hour + minute/59.", _course(), "D4", "001",
                     (*regression, "Its epochs are not stated; here: 60, as of the later network.") if name == "d4_three"
                     else regression)
    backbone = ArchitectureSpec(_blocks_001((64, 7), (128, 3), (256, 3), (512, 3)), "d_four_blocks")
    for classes, epochs in {24: 45, 72: 35, 180: 35, 720: 40}.items():
        yield _clock(f"d5_classes_{classes}", f"{classes} classes", backbone,
                     HeadSpec(f"classes_{classes}", (table_1,)), train(epochs),
                     "Table 1 of report 001: four blocks, dense 240-240, batch normalisation and dropout 0.5.",
                     _course(), "D5", "001", assumed)
    hour = (DenseSpec(144), _BN, DenseSpec(144), _BN, DropoutSpec(0.5))
    minute = (DenseSpec(200), _BN, DropoutSpec(0.5))
    for name, title, weights, text in (
        ("d6_two_heads", "Two heads, weights 0.8 / 0.2", (0.8, 0.2), "cross-entropy and MAE in minutes, weighted 0.8 / 0.2"),
        ("d6_equal_weights", "Two heads, weights 1 / 1", (1.0, 1.0), "the attempt with equal weights, which got stuck"),
    ):
        yield _clock(name, title, backbone, HeadSpec("hour_class_minutes", (hour, minute), weights), train(80),
                     f"D5's convolutions and two branches: {text}.", _course(), "D6", "001", assumed)
    yield _clock("d6_classes", "Hour and minute classes", backbone,
                 HeadSpec("hour_minute_classes", (hour, minute), (0.8, 0.2)), train(80),
                 "The variant with 60 minute classes.", _course(), "D6", "001",
                 (*assumed, "Loss weights and epochs of this variant are not stated; here: 0.8 / 0.2 and 80."))
    branches = ((*hour, DenseSpec(100)), (*minute, DenseSpec(100)))
    read = ("\"Another fully connected layer with 100 neurons\" is read as one in each branch of the report's table 2.",
            *assumed)
    yield _clock("d7_sincos", "Sine and cosine of the time", backbone, HeadSpec("cos_sin_time", branches), train(55),
                 "Two branches, one number each: cosine and sine on the circle of half a day, MSE.", _course(), "D7",
                 "001", read)
    yield _clock("d7_four_outputs", "Sine and cosine of hour and of minute", backbone,
                 HeadSpec("cos_sin_hour_minute", branches), train(55),
                 "The variant with four numbers: two for the hour, two for the minute.", _course(), "D7", "001",
                 (*read, "Which branch ends in which numbers is not stated; here: the hour's in the first."))


# --- report 002 ---------------------------------------------------------------------------


_OVERLAP = ("The report says that its validation images were 15 % of its training images. That the test images were among "
            "them too is our reading of the test accuracy that it cannot explain.",)


_OVERLAP_150 = ("Table 1 does not say of which split its figures with 720 classes are; figure 5 was drawn after the split "
                "was changed.",)


def _report_002() -> Iterator[Preset]:
    train = TrainSpec(learning_rate=0.0001, batch_size=32, epochs=50, patience=10, monitor="val_loss")
    split = ("Unlike the report, which tests on 20 % of the images and validates on 500, the split is 80/10/10 here, as for "
             "all clocks.")
    stopping = "Patience is stated for the regression only (10); here it is that of all. " + _BEST
    convs = (ConvSpec(32, 5, padding="valid"), _P2, ConvSpec(32, 3, padding="valid"), _P2)
    backbone = ArchitectureSpec((*convs, FlattenSpec(), *_dense(1024, 512, 256, 128, 64, 32)), "d_small_convs")
    assumed = ("The number of convolutions is not stated; here: one of 5x5 and one of 3x3, each with pooling.",
               "Epochs of the classifiers are not stated; here: at most 50, as for the regression.", _BATCH, split, stopping)
    for classes, size, overlap in ((24, 75, False), (24, 150, False), (720, 75, False), (720, 150, False),
                                   (720, 75, True), (720, 150, True)):
        yield _clock(
            f"d8_classes_{classes}_{size}" + "_overlap" * overlap,
            f"{classes} classes, {size} px" + ", overlapping split" * overlap, backbone,
            HeadSpec(f"classes_{classes}"), train,
            "32 filters of 5x5 and 3x3, dense 1024-512-256-128-64-32, Adam 0.0001."
            + " A share of 15 % of the training images also validates and tests: a mistake worth seeing." * overlap,
            _course(size, 0.15 if overlap else 0.0), "D8", "002",
            assumed + _OVERLAP * overlap + _OVERLAP_150 * (overlap and size == 150))
    deeper = (*convs, ConvSpec(32, 3, padding="valid"), _P2, ConvSpec(32, 3, padding="valid"), _P2, FlattenSpec())
    yield _clock("d9_softplus", "Regression with softplus", ArchitectureSpec(deeper, "d_convs_only"),
                 HeadSpec("regression_softplus"), replace(train, learning_rate=0.001),
                 "Convolutions and pooling only, one softplus output: hours that cannot be negative.", _course(), "D9",
                 "002",
                 ("How many convolutions replace the dense layers is not stated; here: two more of 32 filters, 3x3.",
                  "Adam's rate is not stated for the regression; here: Keras' default 0.001.",
                  "The size of the images is not stated for the regression; here: 150 pixels.", _BATCH, split, _BEST))
    for size in (150, 75):
        yield _clock("d10_two_heads" + "_75" * (size == 75), f"Two heads, shared dense layers, {size} px", backbone,
                     HeadSpec("two_heads_softplus"), train,
                     "Hour softmax and minute softplus after shared dense layers, cross-entropy + MSE.", _course(size),
                     "D10", "002",
                     ("Sizes of the shared dense layers and Adam's rate are not stated; here: those of the classifiers, "
                      "D8.",
                      "The text says 50 epochs and also 30; here: at most 50.",
                      "The images that 85 % and 14.95 to 14.99 minutes were measured on are not stated; here: the test "
                      "images of 75 pixels, since the report has 15.1 minutes for 150.", _BATCH, split, stopping))


# --- report 003 ---------------------------------------------------------------------------


def _report_003() -> Iterator[Preset]:
    convs = ArchitectureSpec((
        ConvSpec(64, 7, 3, "valid"), _P2, ConvSpec(128, 3, padding="valid"), ConvSpec(128, 3, padding="valid"), _P2,
        ConvSpec(256, 3, padding="valid"), ConvSpec(256, 3, padding="valid"), _P2, FlattenSpec(),
    ), "d_geron_strided")
    drop = DropoutSpec(0.2)

    def dense(activation: str = "relu") -> tuple[LayerSpec, ...]:
        return (DenseSpec(128, activation), drop, DenseSpec(64, activation), drop)

    rows = (("regression", "Regression", "regression_hours", (dense(),)),
            ("classes_24", "30-minute classes", "classes_24", (dense(),)),
            ("classes_48", "15-minute classes", "classes_48", (dense(),)),
            ("classes_720", "1-minute classes", "classes_720", (dense(),)),
            ("multi_head", "Multi-head", "two_heads", (dense(), dense())),
            ("label_transformation", "Label transformation", "sincos_hands", (dense("tanh"),)))
    assumed = ("\"The stride in the early layers\" is larger; which layers and by how much is not stated; here: the "
               "first, stride 3.",
               "Optimiser and epochs are not stated; here: Adam 0.001, as of the report's best CNN, and 30 epochs, ten "
               "more than that one had.",
               "The losses of the numbers are not stated; here: MSE; minutes of the multi-head network scaled to 0-1.",
               "The batch size is that of the report's first task: 32.", _SPLIT)
    angles = ("\"Scaling the hour and minute labels\" to angles is read as the angles of the two hands: the hour hand moves "
              "on between the hours.",)
    for key, title, head, branches in rows:
        yield _clock(f"d11_{key}", title, convs, HeadSpec(head, branches),
                     TrainSpec(batch_size=32, epochs=30, monitor="val_minutes"),
                     "Report 003's CNN without padding, first stride 3; the report's curves are means of three runs.",
                     _course(), "D11", "003", assumed + angles * (head == "sincos_hands"))


# --- light --------------------------------------------------------------------------------

#: 18 M multiply-adds at 150x150, 5 M at 75x75.
LIGHT_BACKBONE = ArchitectureSpec((
    ConvSpec(16, 5, 2), _BN, ConvSpec(32, 3, 2), _BN, ConvSpec(48, 3, 2), _BN, ConvSpec(64, 3, 2), _BN, ConvSpec(96, 3, 2),
    _BN, FlattenSpec(), DenseSpec(128), _BN,
), "d_light")
LIGHT_HEADS = ("regression_minutes", "regression_hours", "circular", "classes_24", "classes_72", "classes_720",
               "two_heads", "hour_minute_classes", "sincos_time", "sincos_hands")


def _light() -> Iterator[Preset]:
    for kind in LIGHT_HEADS:
        yield _clock(f"light_{kind}", f"Light network, {kind.replace('_', ' ')}", LIGHT_BACKBONE, HeadSpec(kind),
                     TrainSpec("adam", 0.002, 64, 30, monitor="val_minutes", patience=30),
                     "Five small strided convolutions: trains on a laptop.", DataSpec("clocks_wall_75"))


#: Stable name -> preset.
CLOCK_PRESETS: dict[str, Preset] = {
    preset.name: preset for source in (_light, _report_000, _report_001, _report_002, _report_003) for preset in source()
}
