"""The columns of the list of runs: what each shows and how it sorts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.base.errors import LabError
from lib.datasets import DatasetInfo
from lib.measures.figures import FIGURES, Figure, main_figure, shared_figures
from lib.spec.runs import RunRecord
from lib.spec.summary import parameter_count, summarise
from lib.spec.words import optimizer_title
from lib.ui.resources import runner
from lib.ui.widgets.run_table import TableColumn
from lib.ui.words import date_text, duration_text

#: What the list is sorted by at first: the newest on top.
NEWEST_FIRST = "-started"
Infos = Mapping[str, DatasetInfo]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `value` is what a run sorts by, None sorts last; `text` is what is shown.

    `largest_first` is how a first click on its head sorts; `rank` how early it gives way on narrow screens.
    """

    key: str
    title: str
    value: Callable[[RunRecord], Any]
    text: Callable[[RunRecord], str]
    rank: int
    number: bool = False
    largest_first: bool = False
    label: str = ""

    @property
    def head(self) -> TableColumn:
        """As the table draws it."""
        return TableColumn(self.key, self.title, self.rank, self.number, self.label or self.title)


def run_columns(records: Sequence[RunRecord], infos: Infos) -> dict[str, Column]:
    """The columns for these runs by key: figures only where a run has them, the first of them always shown."""
    figures = _telling_figures(records)
    return {column.key: column for column in (
        Column("starred", "★", lambda r: not r.starred, lambda r: "", 1, label="star"),
        Column("name", "run", lambda r: r.name.casefold(), lambda r: r.name, 1, label="name"),
        *(_figure_column(figure, 3 if place else 1) for place, figure in enumerate(figures)),
        Column("state", "state", state_word, state_word, 2),
        Column("data", "data set", lambda r: data_title(r, infos).casefold(), lambda r: data_title(r, infos), 2),
        Column("optimiser", "optimiser", lambda r: r.spec.train.optimizer,
               lambda r: optimizer_title(r.spec.train.optimizer), 4),
        Column("rate", "rate", lambda r: r.spec.train.learning_rate, lambda r: f"{r.spec.train.learning_rate:g}", 3, True,
               label="learning rate"),
        Column("batch", "batch", lambda r: r.spec.train.batch_size, lambda r: f"{r.spec.train.batch_size:,}", 5, True,
               label="batch size"),
        Column("epochs", "epochs", lambda r: r.spec.train.epochs, lambda r: f"{r.spec.train.epochs:,}", 4, True),
        Column("seed", "seed", lambda r: r.spec.seed, lambda r: str(r.spec.seed), 4, True),
        Column("parameters", "parameters", lambda r: _parameters(r, infos),
               lambda r: _count(_parameters(r, infos)), 5, True),
        Column("duration", "took", lambda r: r.seconds, _duration_text, 5, True, True, label="duration"),
        Column("started", "started", lambda r: r.created, lambda r: date_text(r.created), 3, False, True),
    )}


def state_word(record: RunRecord) -> str:
    """The run's state; "paused" for a running one that is held."""
    is_held = not record.state.is_final and record.id in runner().paused()  # of a long list few are asked for
    return "paused" if is_held else str(record.state)


def _telling_figures(records: Sequence[RunRecord]) -> list[Figure]:
    """The main figure of every kind of run; of a single kind the next one too."""
    mains = {figure.name: figure for record in records if (figure := main_figure(record)) is not None}
    if len(mains) > 1:
        return [figure for figure in FIGURES.values() if figure.name in mains]
    return shared_figures(records)[:2]


def under_words(record: RunRecord, columns: Mapping[str, Column], infos: Infos) -> str:
    """The second line of a run on a narrow screen, which has no room for more than the first figure's column."""
    figure = main_figure(record)
    first = next((column.key for column in columns.values() if column.key in FIGURES), "")
    own = [figure.text(figure.value(record) or 0.0)] if figure is not None and figure.name != first else []
    return " · ".join([*own, state_word(record), data_title(record, infos), date_text(record.created)])


def _figure_column(figure: Figure, rank: int) -> Column:
    def text(record: RunRecord) -> str:
        value = figure.value(record)
        return "" if value is None else figure.text(value)

    return Column(figure.name, figure.title, figure.value, text, rank, True, figure.more_is_better)


def data_title(record: RunRecord, infos: Infos) -> str:
    """What people call the run's data set."""
    name = record.spec.data.dataset
    return infos[name].title if name in infos else name


def _duration_text(record: RunRecord) -> str:
    return "" if record.seconds is None else duration_text(record.seconds)


def _parameters(record: RunRecord, infos: Infos) -> int | None:
    info = infos.get(record.spec.data.dataset)
    if info is None or info.kind != "classes":
        return None
    try:
        return parameter_count(summarise(record.spec.architecture, info.image_shape))
    except LabError:
        return None


def _count(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


# --- order --------------------------------------------------------------------------------


def parse_order(text: str, columns: Mapping[str, Column]) -> tuple[Column, bool]:
    """The column of "-started" and whether it sorts downwards; the newest first for anything that is no order."""
    key = text.removeprefix("-")
    return (columns[key], text.startswith("-")) if key in columns else (columns["started"], True)


def order_after_click(text: str, key: str, columns: Mapping[str, Column]) -> str:
    """The order after a click on a head: that column's own first, the other way at the next click."""
    if key not in columns:
        return text
    if text.removeprefix("-") == key:
        return key if text.startswith("-") else f"-{key}"
    return f"-{key}" if columns[key].largest_first else key


def in_order(records: Sequence[RunRecord], column: Column, descending: bool) -> list[RunRecord]:
    """The runs sorted by the column; those without a value last, whichever way; equal ones stay as they were."""
    valued = [(column.value(record), record) for record in records]
    there = [pair for pair in valued if pair[0] is not None]
    there.sort(key=lambda pair: pair[0], reverse=descending)
    return [record for _, record in there] + [record for value, record in valued if value is None]
