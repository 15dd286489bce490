"""What the comparison shows: which runs, what gives them their colour, and in which groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.charts.theme import SeriesStyle, series_style
from lib.measures.comparison import RunGroup, color_fields, default_field, natural_order, run_labels, seed_groups
from lib.measures.record_lines import judged_on
from lib.spec.rate_search import search_of
from lib.spec.runs import RunRecord
from lib.ui.runs.table import Listing
from lib.ui.url_state import one_of, publish, remember

#: How many runs are drawn until somebody chooses otherwise, and what may be chosen.
MOST_RUNS, DRAWN = 40, (10, 20, 40, 80, 160)
_DRAWN_KEY = "runs_drawn"
#: Runs that are compared while none is ticked.
_FIRST_RUNS = 8
_KEY = "runs_color"
_FIELD_DEFAULT = "_runs_color_default"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The runs that are compared, by groups that differ in more than the seed, and the style of each text of a colour.

    `ticked` is whether the user chose them; `pool` are the runs of the charts of all: those ticked, else all listed.
    """

    groups: tuple[RunGroup, ...]
    styles: Mapping[str, SeriesStyle]
    field: str
    ticked: bool
    pool: tuple[RunRecord, ...]

    @property
    def records(self) -> list[RunRecord]:
        """All runs of the groups."""
        return [record for group in self.groups for record in group.records]

    def apart(self) -> list[RunGroup]:
        """Every run as a group of its own, in the colour of its group."""
        labels = run_labels(self.records)
        colors = [group.color for group in self.groups for _ in group.records]
        return [RunGroup(label, color, (record,)) for label, color, record in zip(labels, colors, self.records, strict=True)]

    @property
    def colors(self) -> dict[str, str]:
        """The colour of each run by its id."""
        return {record.id: self.styles[group.color].color for group in self.groups for record in group.records}


def make_comparison(listing: Listing) -> Comparison | None:
    """The comparison of the ticked runs, else of the first ones of the list that learn the same; None for no run at all."""
    remember(_DRAWN_KEY, MOST_RUNS, one_of(DRAWN))
    publish({_DRAWN_KEY: st.session_state[_DRAWN_KEY]}, {_DRAWN_KEY: MOST_RUNS})
    records = list(listing.chosen[: st.session_state[_DRAWN_KEY]]) or _first_alike(listing.listed)
    if not records:
        return None
    field = _chosen_field(records)
    groups = seed_groups(records, field)
    styles = {color: series_style(index) for index, color in enumerate(natural_order(group.color for group in groups))}
    return Comparison(tuple(groups), styles, field, bool(listing.chosen), listing.chosen or listing.listed)


def _first_alike(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The first runs of the same task and data set: a classifier's loss says nothing about a GAN's.

    Without searches for a learning rate, which train no network, where there is anything else.
    """
    trained = [record for record in records if search_of(record.spec) is None] or records
    return [record for record in trained if judged_on(record.spec) == judged_on(trained[0].spec)][:_FIRST_RUNS]


def _chosen_field(records: Sequence[RunRecord]) -> str:
    """The user's choice of what gives the colour where these runs have it, else the most useful one."""
    fields, default = color_fields(records), default_field(records)
    remember(_KEY, default, one_of(fields))
    before = st.session_state.get(_FIELD_DEFAULT)
    # What was only the default of other runs is no choice.
    if st.session_state[_KEY] not in fields or st.session_state[_KEY] == before != default:
        st.session_state[_KEY] = default
    st.session_state[_FIELD_DEFAULT] = default
    publish({_KEY: st.session_state[_KEY]}, {_KEY: default})
    return st.session_state[_KEY]


def drawn_control(comparison: Comparison) -> None:
    """Choose how many of the ticked runs are drawn, where they are more than the fewest that can be chosen."""
    if comparison.ticked and len(comparison.pool) > DRAWN[0]:
        st.selectbox("Runs drawn, at most", DRAWN, key=_DRAWN_KEY, persist_state="session",
                     help="The first ones, in the order in which they were ticked.")


def color_control(comparison: Comparison) -> None:
    """Draw the choice of what gives the colour."""
    st.selectbox("Colour by", color_fields(comparison.records), key=_KEY, persist_state="session")
