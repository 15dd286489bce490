"""Which runs a list shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lib.catalog.tasks import task_title
from lib.measures.figures import FIGURES
from lib.spec.runs import RunRecord
from lib.spec.words import layers_text, network_family, spec_facts

#: Facts whose values somebody may look for by their text.
_SEARCHED_FACTS = ("optimiser", "activation", "pixels", "output and loss", "monitor")
#: Phrases in double quotes, and words.
_WORDS = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Conditions that a run must meet, all of them; an empty one holds for every run.

    `text` are words, or phrases in double quotes, that must all occur in what the run is called, noted, made of or trained
    on. `metric` is a name of FIGURES that must be there, between `least` and `most` where these are given, both included.
    """

    text: str = ""
    datasets: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    metric: str = ""
    least: float | None = None
    most: float | None = None
    starred: bool = False

    def keeps(self, record: RunRecord, data_title: str = "") -> bool:
        """Whether the run meets all conditions; `data_title` is what people call its data set."""
        spec = record.spec
        chosen = ((self.datasets, spec.data.dataset), (self.families, network_family(spec.architecture)),
                  (self.tasks, spec.task), (self.states, str(record.state)))
        return (
            (record.starred or not self.starred)
            and all(not wanted or value in wanted for wanted, value in chosen)
            and self._holds_metric(record)
            and self._holds_text(record, data_title)
        )

    def _holds_metric(self, record: RunRecord) -> bool:
        if self.metric not in FIGURES:
            return True
        value = FIGURES[self.metric].value(record)
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def _holds_text(self, record: RunRecord, data_title: str) -> bool:
        words = [phrase or word for phrase, word in _WORDS.findall(self.text.casefold())]
        if not words:
            return True
        text = searched_text(record, data_title)
        return all(word in text for word in words)

    @property
    def conditions(self) -> int:
        """How many conditions there are beside the text and the star."""
        return sum(map(bool, (self.datasets, self.families, self.tasks, self.states, self.metric in FIGURES)))


def searched_text(record: RunRecord, data_title: str = "") -> str:
    """All that the text of a filter is looked for in, in small letters."""
    spec, facts = record.spec, spec_facts(record.spec)
    parts: Iterable[str] = (
        record.name, record.note, record.id, record.message, data_title, spec.data.dataset, spec.architecture.name,
        layers_text(spec.architecture.layers), task_title(spec.task), f"seed {spec.seed}",
        "fork" if record.parent else "",
        *(facts.get(name, "") for name in _SEARCHED_FACTS))
    return " ".join(parts).casefold()
