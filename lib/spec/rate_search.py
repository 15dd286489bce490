"""Looking for a learning rate: how a network is tried out, and which run that is.

A search is a run like any other, with its place in the queue and its curve in the store; the setting `SEARCH` says
which of the ways it goes. It trains no network for use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lib.base.errors import SpecError
from lib.spec.settings import ClassifySettings
from lib.spec.specs import RunSpec
from lib.spec.step_plan import DECAY_EPOCHS

#: The setting of a run that searches, and the ways to search.
SEARCH = "rate_search"
RANGE, THIRDS = "range", "thirds"


@dataclass(frozen=True, slots=True)
class RateSearch:
    """The rates that are tried: from `low` to `high` in `steps` steps; or from `high` down, each for `steps` steps."""

    kind: str
    low: float = 1e-6
    high: float = 10.0
    steps: int = 210

    def rates(self) -> list[float]:
        """Every rate in the order in which it is tried: for "range" one for each step, for "thirds" one for each attempt."""
        if self.kind == RANGE:
            return [self.low * (self.high / self.low) ** (step / (self.steps - 1)) for step in range(self.steps)]
        rates = [self.high]
        while rates[-1] / 3 >= self.low:
            rates.append(rates[-1] / 3)
        return rates


#: Thirty steps for each tenfold of the rate; a hundred steps tell whether a training diverges.
SEARCHES = {RANGE: RateSearch(RANGE), THIRDS: RateSearch(THIRDS, steps=100)}


def search_run(spec: RunSpec, kind: str) -> RunSpec:
    """The run that searches a rate for `spec`, the same for equal trainings whatever their rate and epochs are."""
    if kind not in SEARCHES:
        raise SpecError("Unknown search for a learning rate.", expected=", ".join(SEARCHES), received=repr(kind)[:40])
    train = replace(spec.train, epochs=1, patience=None, learning_rate=SEARCHES[kind].high)
    settings = {name: value for name, value in spec.settings if name not in ("decay", DECAY_EPOCHS)} | {SEARCH: kind}
    return replace(spec, train=train, settings=tuple(settings.items()), changes=())


def search_of(spec: RunSpec) -> RateSearch | None:
    """The search that the run is, None for a run that trains a network."""
    settings = spec.own_settings
    return SEARCHES.get(settings.rate_search) if isinstance(settings, ClassifySettings) else None
