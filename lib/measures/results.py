"""What was measured here beside every reported figure: at which scale, with which spread, and why it may differ."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lib.base.errors import LabError
from lib.base.percent import count_text, percent_text
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.digits import ASSUMED
from lib.catalog.experiments import Cell, Experiment, value_label
from lib.catalog.fields import FIELDS, Value
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.preset_groups import network_name
from lib.catalog.presets import PRESETS
from lib.catalog.report_grids import EXPERIMENTS
from lib.catalog.reported import OTHER_UNITS, REPORTED, Reported
from lib.catalog.tasks import task_of
from lib.measures.figures import Spread, spread
from lib.measures.forecast import StepCost, cost_key, trial_seconds
from lib.measures.measured import Row, best_budget_rows, read_rows, row_cell, stored_figures
from lib.measures.measured_words import words_of
from lib.spec.metrics import figure_title, is_minutes, is_share
from lib.spec.specs import RunSpec

#: Training images of a set when nothing is cut; the rest of the official ones validates.
FULL_IMAGES = {"mnist": 54_000, "fashion_mnist": 54_000, "cifar10": 45_000, "clocks_table_75": 14_400,
               "clocks_table_150": 14_400, "clocks_course_150": 14_400}
#: Test images of a set; the copy of CIFAR-10 that development uses has 1,000 of them.
FULL_TEST_IMAGES = {"mnist": 10_000, "fashion_mnist": 10_000, "cifar10": 10_000}
#: Name -> preset, of every task.
_NETWORKS = {**PRESETS, **CLOCK_PRESETS, **GENERATIVE_PRESETS}
#: A difference of more than so many standard deviations asks for a reason.
NOTABLE_DEVIATIONS = 2.0


class Scale(StrEnum):
    """How far a measurement is what the report did."""

    REPORT = "as the report"
    """Its network, data, orientation, epochs and targets."""
    REDUCED = "reduced"
    """Its network with something cut; the row says what."""
    OTHER = "other network"
    """A light network that was asked the same question."""
    NONE = "not measured"
    """Nothing is stored."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Our figure: spread over seeds (of the picked cell), at which scale, and what was cut, in words.

    `winner` names the picked cell where the figure is the best or the worst of several.
    """

    spread: Spread
    rows: tuple[Row, ...]
    scale: Scale
    cuts: tuple[str, ...] = ()
    winner: str = ""


def is_as_report(row: Row) -> bool:
    """Whether this row was trained exactly as the preset that stands for the report says, on all test images."""
    precision = str(row.get("precision", "float32"))
    expected = _report_digest(str(row.get("experiment")), row_cell(row), int(row["seed"]), precision)
    whole_test = int(row.get("test_images", 10**9)) >= FULL_TEST_IMAGES.get(str(row.get("data")), 0)
    return whole_test and expected is not None and row.get("digest") == expected


@functools.lru_cache(maxsize=4096)
def _report_digest(name: str, cell: Cell, seed: int, precision: str) -> str | None:
    experiment = EXPERIMENTS.get(name)
    if experiment is None or cell not in _cells_of(name):
        return None
    try:
        spec = experiment.spec(cell, seed)
        return replace(spec, train=replace(spec.train, precision=precision)).digest
    except LabError:
        return None


@functools.lru_cache(maxsize=256)
def _cells_of(name: str) -> frozenset[Cell]:
    return frozenset(EXPERIMENTS[name].cells())


def _cuts(row: Row) -> list[str]:
    """What was left out of this training, in words."""
    found = []
    images, full = int(row["train_images"]), FULL_IMAGES.get(str(row.get("data", "")), 0)
    if images < full:
        found.append(f"{images:,} of {full:,} images")
    experiment = EXPERIMENTS.get(str(row.get("experiment")))
    wanted = experiment.spec(row_cell(row)).train if experiment and row_cell(row) in _cells_of(experiment.name) else None
    asked = int(row.get("epochs_asked", row["epochs"]))
    if wanted is not None and asked < wanted.epochs:
        found.append(f"{asked} of {'at most ' if wanted.patience else ''}{wanted.epochs} epochs")
    tests, all_tests = int(row.get("test_images", 10**9)), FULL_TEST_IMAGES.get(str(row.get("data")), 0)
    if tests < all_tests:
        found.append(f"{tests:,} of {all_tests:,} test images")
    return found or ["trained with an older version of this network"]


# --- finding our figures ------------------------------------------------------------------


def measured_of(reported: Reported, rows: Sequence[Row], lights: Sequence[Row] = ()) -> Measured | None:
    """What stored rows say about a reported figure; None when none does. Budgets are never mixed.

    `rows` are of scripts/reproduce.py; `lights` of light networks ("light", "data", "pixels").
    """
    if not reported.metric:
        return None
    own = [row for row in rows if row.get("experiment") == reported.experiment and _fits(row, reported)]
    own = _with_metric(own, reported)
    exact = [row for row in own if is_as_report(row)]
    if exact:
        picked = _picked(exact, reported)
        missing = _missing_cells(reported, exact) if reported.pick != "mean" else 0
        if not missing:
            return replace(picked, scale=Scale.REPORT)
        total = missing + len({row_cell(row) for row in exact})
        return replace(picked, scale=Scale.REDUCED, cuts=(f"{total - missing} of {total} networks",))
    if own:
        picked = _picked(best_budget_rows(own), reported)
        return replace(picked, scale=Scale.REDUCED, cuts=tuple(dict.fromkeys(_cuts(picked.rows[0]))))
    light = _with_metric([row for row in lights if reported.light and _is_light(row, reported)], reported)
    return Measured(_spread(light, reported), tuple(light), Scale.OTHER) if light else None


def measured_of_all(figures: Sequence[Reported], rows: Sequence[Row], lights: Sequence[Row] = ()) -> list[Measured | None]:
    """`measured_of` each of the figures; looks through the rows once, not once a figure."""
    of_experiment: dict[Any, list[Row]] = {}
    for row in rows:
        of_experiment.setdefault(row.get("experiment"), []).append(row)
    return [measured_of(reported, of_experiment.get(reported.experiment, ()), lights) for reported in figures]


def _with_metric(rows: Sequence[Row], reported: Reported) -> list[Row]:
    """Rows that have the figure; a training that diverged counts at what its network was worth then."""
    return [row for row in rows if row.get(reported.metric) is not None and math.isfinite(row[reported.metric])]


def _fits(row: Row, reported: Reported) -> bool:
    cell = row.get("cell", {})
    if reported.data and row.get("data") != reported.data:
        return False
    return all(cell.get(name) in (value if isinstance(value, tuple) else (value,)) for name, value in reported.cell)


def _is_light(row: Row, reported: Reported) -> bool:
    if row.get("light") != reported.light or (reported.data and row.get("data") != reported.data):
        return False
    wanted = dict(reported.cell).get("pixels")
    return wanted is None or row.get("pixels") == wanted


def _missing_cells(reported: Reported, rows: Sequence[Row]) -> int:
    """How many of the cells that the figure is picked from have no row."""
    wanted = figure_experiment(reported).cells()
    return len(set(wanted) - {row_cell(row) for row in rows})


def figure_experiment(reported: Reported) -> Experiment:
    """The part of the experiment that this figure needs: its cells and its data set only."""
    experiment = EXPERIMENTS[reported.experiment]
    wanted = dict(reported.cell)
    if reported.data and experiment.axis("dataset") is not None:
        wanted["dataset"] = reported.data
    axes = []
    for axis in experiment.axes:
        allowed = wanted.get(axis.field)
        values = axis.values if allowed is None else tuple(
            v for v in axis.values if v in (allowed if isinstance(allowed, tuple) else (allowed,)))
        axes.append(replace(axis, values=values))
    return replace(experiment, axes=tuple(axes))


def _choice_words(name: str, value: Value) -> str:
    """"L2 factor 1e-06", "relu", "model 3": numbers with the name of what they are."""
    words = value_label(name, value)
    return f"{FIELDS[name].title} {words}" if name in FIELDS and not isinstance(value, str) else words


def _spread(rows: Sequence[Row], reported: Reported) -> Spread:
    return spread([float(row[reported.metric]) for row in rows])


def _picked(rows: Sequence[Row], reported: Reported) -> Measured:
    if reported.pick == "mean":
        return Measured(_spread(rows, reported), tuple(rows), Scale.REDUCED)
    groups: dict[Cell, list[Row]] = {}
    for row in rows:
        groups.setdefault(row_cell(row), []).append(row)
    choose = min if reported.pick == "min" else max
    cell = choose(groups, key=lambda name: _spread(groups[name], reported).mean)
    words = ", ".join(_choice_words(name, value) for name, value in cell if name != "dataset")
    return Measured(_spread(groups[cell], reported), tuple(groups[cell]), Scale.REDUCED, winner=words)


# --- what it means ------------------------------------------------------------------------


def difference(reported: Reported, measured: Measured) -> float | None:
    """Ours minus theirs; None where they printed no figure, or one in other units, or ours was not trained as theirs."""
    if reported.value is None or reported.id in OTHER_UNITS or measured.scale != Scale.REPORT:
        return None
    return measured.spread.mean - reported.value


def is_notable(reported: Reported, measured: Measured) -> bool:
    """Whether the difference is more than NOTABLE_DEVIATIONS of our spread over seeds; not told of "about 90 %"."""
    gap, deviation = difference(reported, measured), measured.spread.std
    if gap is None or reported.printed or measured.spread.count < 2:
        return False
    return abs(gap) > NOTABLE_DEVIATIONS * deviation > 0


def reasons(reported: Reported, measured: Measured) -> str:
    """What was cut, why the two may differ as far as it is known, and how many trainings diverged."""
    found = [*measured.cuts, *([reported.why] if reported.why else [])]
    if measured.scale == Scale.OTHER:
        presets = [PRESETS[row["network"]] for row in measured.rows if row.get("network") in PRESETS]
        names = dict.fromkeys(map(network_name, presets))
        found.insert(0, f"another network asked the same way: {', '.join(names) or 'the light one of the clock page'}")
    found += _unfinished(measured.rows)
    diverged = sum(row.get("state") == "failed" for row in measured.rows)
    if diverged:
        found.append(f"{diverged} of {len(measured.rows)} runs diverged and count as the network was then")
    notes = {str(row["note"]) for row in measured.rows if row.get("note")}
    return "; ".join(dict.fromkeys([*found, *(note for note in notes if note not in found)]))


def _unfinished(rows: Sequence[Row]) -> list[str]:
    """That the most epochs that are allowed ended trainings before early stopping did."""
    cut = [(row, patience) for row in rows if (patience := _patience(row)) is not None
           and row["epochs"] == row.get("epochs_asked") and row.get("best_epoch", 0) > row["epochs"] - patience]
    if not cut:
        return []
    last = max(int(row["epochs"]) for row, _ in cut)
    still = ", still improving" if any(row["best_epoch"] == row["epochs"] for row, _ in cut) else ""
    which = "" if len(rows) == 1 else f" in {len(cut)} of {len(rows)} runs"
    return [f"reached the limit of {last} epochs before early stopping{which}{still}"]


def _patience(row: Row) -> int | None:
    """After how many epochs without gain this training stops; None where nothing stops it."""
    experiment = EXPERIMENTS.get(str(row.get("experiment")))
    if experiment is None or row_cell(row) not in _cells_of(experiment.name):
        return None
    return experiment.spec(row_cell(row)).train.patience


def scale_of(reported: Reported, measured: Measured | None) -> Scale:
    """At which scale this figure is measured, by numbers or in words."""
    found = measured or words_of(reported.id)
    return Scale(found.scale) if found else Scale.NONE


def scale_counts(figures: Sequence[Reported], rows: Sequence[Row], lights: Sequence[Row] = ()) -> dict[Scale, int]:
    """How many figures are measured at each scale."""
    return counted(zip(figures, measured_of_all(figures, rows, lights), strict=True))


def counted(found: Iterable[tuple[Reported, Measured | None]]) -> dict[Scale, int]:
    """How many of these figures, each with what was measured of it, are measured at each scale."""
    counts = Counter(scale_of(reported, measured) for reported, measured in found)
    return {scale: counts[scale] for scale in Scale}


def status_line(figures: Sequence[Reported] = REPORTED) -> str:
    """"as the report 12, reduced 30, other network 5, not measured 64"."""
    counts = scale_counts(figures, stored_rows(), light_rows())
    return ", ".join(f"{scale} {count}" for scale, count in counts.items())


# --- a report's figures in words ------------------------------------------------------------

def value_text(value: float, metric: str, digits: int = 2) -> str:
    """A figure in its metric's own form: percent for accuracies, minutes, counts."""
    if is_share(metric):
        return percent_text(value)
    if metric in ("parameters", "best_epoch"):
        return f"{value:,.0f}"
    return f"{value:.{digits}f} min" if is_minutes(metric) else f"{value:.{digits + 1}f}"


def reported_text(reported: Reported) -> str:
    """What the report printed: its figure with the digits that it has, or its words."""
    if reported.value is None:
        return reported.text
    if reported.printed:
        return reported.printed
    if is_share(reported.metric):
        return f"{100 * reported.value:.4g} %"
    return f"{reported.value:,.8g}" + (" min" if is_minutes(reported.metric) else "")


def what_text(reported: Reported) -> str:
    """What the figure is of, and on which images where the report has it for several sets."""
    return reported.what + (f", {value_label('dataset', reported.data)}" if reported.data else "")


def figures_of(network: str) -> tuple[Reported, ...]:
    """The figures that a report printed about this preset alone."""
    return tuple(reported for reported in REPORTED if reported.experiment and _networks_of(reported.id) == {network})


def networks_of(reported: Reported) -> tuple[str, ...]:
    """The presets that this figure is about."""
    if not reported.experiment:
        return ()
    experiment = figure_experiment(reported)
    return tuple(dict.fromkeys(experiment.network.format(**dict(cell)) for cell in experiment.cells()))


def assumptions_about(reported: Reported) -> list[str]:
    """What the networks of this figure take where its report leaves it open."""
    generative = [preset.assumed for preset in GENERATIVE_PRESETS.values() if preset.system and
                  (reported.system == preset.system or (reported.system == "F3" and preset.report == "003"))]
    networks = [assumptions_of(name) for name in networks_of(reported)] or generative or [ASSUMED.get(reported.system, ())]
    return list(dict.fromkeys(sentence for sentences in networks for sentence in sentences))


def assumptions_of(network: str) -> tuple[str, ...]:
    """What a preset takes where its report leaves it open."""
    preset = _NETWORKS.get(network)
    return preset.assumed if preset else ()


@functools.lru_cache(maxsize=512)
def _networks_of(reported_id: str) -> set[str]:
    reported = next(reported for reported in REPORTED if reported.id == reported_id)
    experiment = figure_experiment(reported)
    fields = [axis.field for axis in experiment.axes if axis.field not in ("dataset", *experiment.network_axes)]
    if fields and set(fields) != {"pixels"}:
        return set()  # a change that is not in the preset's name
    return set(networks_of(reported))


def reported_line(spec: RunSpec) -> tuple[float, str] | None:
    """The test figure that a report printed for this network on these very images, and its words; None for none.

    It is that of the task's `record`. A clock network's report drew its clocks itself: the preset says which. Where the
    report trained for another number of epochs, the words say so.
    """
    figure = f"test_{task_of(spec).record}"
    pixels = "original" if spec.data.permutation is None else "permuted"
    clocks = [preset for preset in CLOCK_PRESETS.values() if preset.architecture == spec.architecture
              and preset.head == spec.head and preset.data.overlap == spec.data.overlap]
    printed = [(reported, preset.data.dataset) for preset in clocks for reported in figures_of(preset.name)]
    for reported, data in printed or [(reported, reported.data) for reported in figures_of(spec.architecture.name)]:
        fits = data == spec.data.dataset and dict(reported.cell).get("pixels", "original") == pixels
        in_minutes = reported.id not in OTHER_UNITS
        if fits and in_minutes and reported.metric == figure and reported.value is not None:
            other = _other_epochs(reported, spec.train.epochs)
            return reported.value, f"report {reported.report}{other and ', ' + other}: {reported_text(reported)}"
    return None


def _other_epochs(reported: Reported, epochs: int) -> str:
    """"3 epochs": how long the report trained for this figure, where that is not `epochs` and nothing stopped it."""
    experiment = figure_experiment(reported)
    trained = experiment.spec(experiment.cells()[0]).train
    return "" if trained.epochs == epochs or trained.patience is not None else count_text(trained.epochs, "epoch")


def reported_words(network: str, most: int = 4) -> str:
    """"98 % test accuracy on MNIST; ...": what a report printed about this preset; "" for nothing."""
    figures = figures_of(network)
    original = [reported for reported in figures if dict(reported.cell).get("pixels") != "permuted"]
    said = []
    for reported in (original or figures)[:most]:
        data = f" on {value_label('dataset', reported.data)}" if reported.data else ""
        pixels = ", permuted pixels" if not original else ""
        words = reported_text(reported)
        words += f" {figure_title(reported.metric)}" if reported.value is not None else ""
        other = _other_epochs(reported, _NETWORKS[network].train.epochs)
        said.append(words + data + pixels + (f" after {other}" if other else ""))
    return "; ".join(dict.fromkeys(said))


def experiment_words(name: str, most: int = 6) -> str:
    """What a report printed about an experiment; "" for nothing."""
    said = []
    for reported in REPORTED:
        if reported.experiment == name:
            what = reported.what + (f" on {value_label('dataset', reported.data)}" if reported.data else "")
            said.append(f"{what} {reported_text(reported)}")
    rest = f"; and {len(said) - most} more" if len(said) > most else ""
    return "; ".join(said[:most]) + rest


# --- stored rows --------------------------------------------------------------------------


def stored_rows() -> Sequence[Row]:
    """All stored trainings of the reports' networks."""
    return read_rows()


def light_rows() -> list[Row]:
    """The light networks of the checkpoints and of the permutation page as rows that name their question ("light")."""
    rows: list[Row] = []
    for entry in stored_figures("../manifest", []):
        head = (entry.get("spec") or {}).get("head") or {}
        metrics = entry.get("metrics", {})
        if entry["name"].startswith("clocks/") and head.get("kind") and "test_minutes" in metrics:
            rows.append({"light": head["kind"], "data": entry["data"]["set"], "train_images": entry["data"]["train"],
                         "epochs": entry.get("epochs", 0), "seed": entry["seed"], "date": entry["date"],
                         "device": entry["device"], "test_hour_class_accuracy": metrics.get("test_hour_accuracy"),
                         **metrics})
    return rows + [{**row, "light": row["network"]} for row in stored_figures("permuted", [])]


def cost_hours(reported: Reported) -> float | None:
    """The longest that this figure's trainings take with one seed, in hours, from steps timed on the reference machine.

    None where they were not timed; early stopping may end them sooner.
    """
    if not reported.experiment:
        return None
    experiment = figure_experiment(reported)
    hours = [most_hours(experiment.spec(cell)) for cell in experiment.cells()]
    return None if None in hours else sum(filter(None, hours))


def timed_network(spec: RunSpec) -> Mapping[str, Any]:
    """What is stored about the timed steps of this network, in whatever precision; empty where it was not timed."""
    plain = replace(spec, train=replace(spec.train, precision="float32"))
    return stored_figures("costs", {}).get("networks", {}).get(cost_key(plain), {})


def most_hours(spec: RunSpec) -> float | None:
    """The longest that this training takes on the reference machine, in hours; None where its network was not timed."""
    stored = timed_network(spec)
    if not stored:
        return None
    cost = StepCost(0.0, stored["step"], stored["image"])
    return trial_seconds(spec, cost, FULL_IMAGES.get(spec.data.dataset, 0), 0, 0) / 3600
