"""A named network with the training that its source gave it: one type for all tasks."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.catalog.tasks import CLASSIFY
from lib.spec.checks import Pairs
from lib.spec.specs import ArchitectureSpec, DataSpec, HeadSpec, RunSpec, TrainSpec
from lib.spec.words import network_family


@dataclass(frozen=True, slots=True)
class Preset:
    """A named architecture and how its source trained it.

    `system` is the row it reproduces ("A1", ..., "" for our own), `report` the report's number. `data` is the set it is
    about, split as the report did. `assumed` says in sentences what the report leaves open and what is taken here;
    what a report printed is in `lib.catalog.reported`. `task`, `head` and `settings` are as in a run's spec.
    """

    name: str
    title: str
    architecture: ArchitectureSpec
    train: TrainSpec
    description: str
    system: str = ""
    report: str = ""
    data: DataSpec = field(default_factory=lambda: DataSpec("mnist"))
    assumed: tuple[str, ...] = ()
    task: str = CLASSIFY.name
    head: HeadSpec | None = None
    settings: Pairs = ()

    @property
    def dataset(self) -> str:
        """The name of its set."""
        return self.data.dataset

    @property
    def family(self) -> str:
        """"CNN" when it convolves, else "MLP"."""
        return network_family(self.architecture)

    @property
    def head_kind(self) -> str:
        """The kind of its head (`lib.catalog.heads`), "" where it has none."""
        return self.head.kind if self.head is not None else ""

    def spec(self, data: DataSpec | None = None, seed: int = 0) -> RunSpec:
        """The run of it as its source trained it, on `data` if that is given."""
        return RunSpec(self.architecture, data or self.data, self.train, seed, self.task, self.head, settings=self.settings)
