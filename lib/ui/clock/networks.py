"""The clock networks of this process, and what was measured of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lib.catalog.heads import HEADS
from lib.catalog.tasks import CLOCK
from lib.charts.theme import SERIES_COLORS
from lib.measures.clock_background import TABLE_CHECKPOINT, TABLE_TITLE
from lib.spec.runs import RunRecord
from lib.ui.lab import lab
from lib.ui.loading import loaded
from lib.ui.resources import runner, trained_here

#: Networks of the user's own on the bench; more would slow every answer down.
MAX_OWN = 3
READER = "Our reader"
#: Our reader's stands out most over the dial's own hands.
_COLORS = (SERIES_COLORS[1], SERIES_COLORS[0], *SERIES_COLORS[2:])
#: Side in pixels of the images that are asked about.
SIZE = 150


def bench() -> Any:
    """All clock networks: the shipped ones, and the newest ones trained here. Loaded on first use, shared by all."""
    own = _own_networks()
    kept = lab().network("clock_bench", dict)
    key = tuple((record.id, record.ended) for record in own.values())
    if kept.get("key") != key:
        from lib.models.clock_bench import ClockBench

        # A dict's update is one step for other threads: they see the old bench or the new one.
        kept.update(key=key, bench=ClockBench([
            (title, record.spec, runner().store.folder(record.id) / "model.keras") for title, record in own.items()]))
    return kept["bench"]


def networks_loaded(errors: Mapping[str, Any]) -> bool:
    """Whether the bench of the networks called as in `errors` can answer at once; loads it beside the page."""
    blank = np.zeros((1, SIZE, SIZE), np.uint8)
    return loaded(f"clocks {list(errors)}", lambda: bench().predict(blank))


def photo_reader() -> Any:
    """What finds and reads the clocks of whole images, with the reader of `bench`."""
    kept = lab().network("clock_photo_reader", dict)
    reader = bench().reader
    if kept.get("reader") is not reader:
        from lib.models.photo_clocks import shipped_photo_reader

        kept.update(reader=reader, photos=shipped_photo_reader(reader))
    return kept["photos"]


def _own_networks() -> dict[str, RunRecord]:
    """The runs of the newest clock networks trained here, by the networks' titles."""
    return {f"Yours: {HEADS[record.spec.head.kind].title} ({record.id[:4]})": record
            for record in trained_here(CLOCK, MAX_OWN) if record.spec.head is not None}


def mean_errors(family: str = "course") -> dict[str, float | None]:
    """Every network on the bench by title, the best first: its stored mean error on test clocks in minutes.

    The one that learned on the table is asked about no other `family`. Needs no network in memory. None stands for a run
    that was stopped before its test; such come last.
    """
    from lib.models.checkpoints import manifest

    errors: dict[str, float | None] = {}
    for name, entry in manifest().items():
        if name.startswith("clocks/") and "test_minutes" in entry["metrics"]:
            kind = entry.get("spec", {}).get("head", {}).get("kind")
            errors[HEADS[kind].title if kind else READER] = entry["metrics"]["test_minutes"]
        if name == TABLE_CHECKPOINT and family == "table":
            errors[TABLE_TITLE] = entry["metrics"]["test_minutes"]
    errors |= {title: record.metrics.get("test_minutes") for title, record in _own_networks().items()}
    return dict(sorted(errors.items(), key=lambda item: (item[1] is None, item[1] or 0.0)))


def network_colors(titles: Iterable[str]) -> dict[str, str]:
    """A colour for each of these networks, the same on the dial, in its table and in every chart of the page.

    The shipped ones differ from each other; those trained here take the colours over again.
    """
    from lib.models.checkpoints import shipped_of

    kinds = {entry["spec"]["head"]["kind"] for entry in shipped_of(CLOCK.name).values()}
    shipped = [READER, *(head.title for kind, head in HEADS.items() if kind in kinds), TABLE_TITLE]
    order = [*shipped, *sorted(title for title in titles if title not in shipped)]
    return {title: _COLORS[index % len(_COLORS)] for index, title in enumerate(order)}
