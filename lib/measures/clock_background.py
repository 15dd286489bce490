"""What the reports' clock networks took from the background behind the clocks, by stored trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.report_grids import BACKGROUND, EXPERIMENTS
from lib.measures.clock_figures import CHANCE_MINUTES
from lib.measures.measured import Row

#: An error above this is nearer to guessing than to reading.
LOST_MINUTES = CHANCE_MINUTES / 2
#: The clock page's example: it learned clocks on their table alone, and takes from the background how a dial is turned.
TABLE_CHECKPOINT, TABLE_TASK, TABLE_TITLE = "table/sincos_hands", "clock_on_table", "Learned on the table"


@dataclass(frozen=True, slots=True)
class OnBackground:
    """Mean errors in minutes of a network that learned clocks on their table: on test clocks there, and where the
    background is rotated; `alone` of the same network that learned clocks on any background, None where not stored."""

    title: str
    table: float
    turned: float
    alone: float | None

    @property
    def needs_background(self) -> bool:
        """Whether it reads the clocks on their table and is lost elsewhere."""
        return self.table < LOST_MINUTES <= self.turned

    @property
    def cells(self) -> dict[str, str]:
        """A row of a table of them."""
        return {"network": self.title, "clocks on their table": f"{self.table:.1f}",
                "background rotated": f"{self.turned:.1f}",
                "trained on any background": "–" if self.alone is None else f"{self.alone:.1f}"}


def on_background(rows: Sequence[Row]) -> list[OnBackground]:
    """For every stored training of a report's clock network that was asked on a turned background too."""
    alone = {row["cell"]["network"]: row["test_minutes"] for row in rows if row["experiment"] == BACKGROUND}
    found = []
    for row in rows:
        if "background_minutes" in row:
            name = EXPERIMENTS[row["experiment"]].network.format(**row["cell"])
            title = f"{row['system']}: {CLOCK_PRESETS[name].title}"
            found.append(OnBackground(title, row["test_minutes"], row["background_minutes"], alone.get(name)))
    return found
