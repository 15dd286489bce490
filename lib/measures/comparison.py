"""Runs beside each other: what tells them apart, which of it matters, and which was better, in words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.base.percent import count_text, listed
from lib.measures.figures import Figure, Spread, shared_figures, spread
from lib.measures.record_lines import judged_on
from lib.spec.runs import RunRecord, RunState
from lib.spec.specs import RunSpec
from lib.spec.words import ABSENT, differences, fact_text

#: With more differences than this a label would be longer than the runs' names.
_MOST_FACTS = 4
#: Choices of what gives the colour beside the facts of a spec.
EVERYTHING, EACH_RUN = "everything that differs", "each run"
#: Facts that explain differences without being a choice that anybody compares for its own sake.
_INCIDENTAL = ("seed", "split seed")
#: What gives every run a colour, and thereby a group, of its own.
_APART = (EACH_RUN, "seed")


def run_labels(records: Sequence[RunRecord]) -> list[str]:
    """What each run is called among these: its name, with a part of its id where names repeat."""
    names = [record.name for record in records]
    return [name if names.count(name) == 1 else f"{name} ({record.id[:4]})"
            for name, record in zip(names, records, strict=True)]


# --- what gives the colour ----------------------------------------------------------------


def color_fields(records: Sequence[RunRecord]) -> list[str]:
    """What may give the runs their colour: every fact that differs, all of them together, and the run itself."""
    facts = list(differences([record.spec for record in records]))
    chosen = [name for name in facts if name not in _INCIDENTAL]
    together = [EVERYTHING] if 1 < len(chosen) <= _MOST_FACTS else []
    return [*chosen, *together, *(name for name in _INCIDENTAL if name in facts), EACH_RUN]


def color_labels(records: Sequence[RunRecord], field: str) -> list[str]:
    """For each run the text of what gives it its colour: "learning rate 0.1"; the run's own label for EACH_RUN."""
    different = differences([record.spec for record in records])
    if field == EVERYTHING:
        facts = {name: values for name, values in different.items() if name not in _INCIDENTAL}
        return _facts_texts(facts, records)
    return _facts_texts({field: different[field]}, records) if field in different else run_labels(records)


def _facts_texts(facts: Mapping[str, Sequence[str]], records: Sequence[RunRecord]) -> list[str]:
    """"batch 64, at most 200 epochs" for each run; facts that it does not have are left out where it has others."""
    found = []
    for index, record in enumerate(records):
        told = {name: values[index] for name, values in facts.items()}
        there = {name: value for name, value in told.items() if value != ABSENT} or told
        most = "at most " if record.spec.train.patience is not None else ""
        found.append(", ".join((most if name == "epochs" else "") + fact_text(name, value) for name, value in there.items()))
    return found


def explained_share(labels: Sequence[str], values: Sequence[float]) -> float | None:
    """How much of the variance of `values` goes with their labels, at most 1; around or below 0 for chance.

    It is adjusted for the number of labels (Kelley's epsilon squared, 1935), so that a label of its own for every value
    explains nothing. None where there is nothing to explain, or as many labels as values.
    """
    groups: dict[str, list[float]] = {}
    for label, value in zip(labels, values, strict=True):
        groups.setdefault(label, []).append(value)
    array = np.asarray(values, float)
    count, kinds = len(array), len(groups)
    total = float(((array - array.mean()) ** 2).sum()) if count else 0.0
    if kinds < 2 or count <= kinds or total <= 1e-18 * max(1.0, float((array**2).sum())):
        return None
    within = sum(float(((np.asarray(found) - np.mean(found)) ** 2).sum()) for found in groups.values())
    return 1 - (within / (count - kinds)) / (total / (count - 1))


def explanations(records: Sequence[RunRecord], figure: Figure) -> dict[str, float]:
    """Fact -> the share of the differences in `figure` that goes with it, the largest first; none below a hundredth."""
    values = [figure.value(record) for record in records]
    measured = [record for record, value in zip(records, values, strict=True) if value is not None]
    numbers = [value for value in values if value is not None]
    shares = {name: explained_share(labels, numbers)
              for name, labels in differences([record.spec for record in measured]).items() if name not in _INCIDENTAL}
    found = {name: share for name, share in shares.items() if share is not None and share >= 0.01}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def default_field(records: Sequence[RunRecord]) -> str:
    """The fact that tells most about the runs: what explains most of their figure, else what tells all of them apart, else
    what sorts them into fewest kinds.

    EACH_RUN where nothing but the seed differs.
    """
    for figure in shared_figures(records)[:1]:
        for name in explanations(records, figure):
            return name
    facts = {name: len(set(values)) for name, values in differences([record.spec for record in records]).items()
             if name not in _INCIDENTAL}
    return min(facts, key=lambda name: (facts[name] < len(records), facts[name])) if facts else EACH_RUN


def is_cut_short(record: RunRecord) -> bool:
    """Whether it has ended before its time: its figures are not what its training comes to."""
    return record.state.is_final and record.state != RunState.FINISHED and not record.has_diverged


# --- runs that differ in the seed alone ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs of the same training but for the seed, in the order in which they came.

    `label` tells it from the others, `color` is the text of what gives it its colour.
    """

    label: str
    color: str
    records: tuple[RunRecord, ...]

    @property
    def seeds(self) -> int:
        """How many seeds count: a run that was repeated with the same one is no second measurement."""
        return len(self.counted)

    @property
    def counted(self) -> tuple[RunRecord, ...]:
        """One run for each seed, a finished one where there is one; stopped ones only where there are no others."""
        chosen: dict[int, RunRecord] = {}
        whole = [record for record in self.records if not is_cut_short(record)]
        for record in whole or self.records:
            kept = chosen.get(record.spec.seed)
            if kept is None or (record.state == RunState.FINISHED and kept.state != RunState.FINISHED):
                chosen[record.spec.seed] = record
        return tuple(chosen.values())

    @property
    def title(self) -> str:
        """The label, and how many seeds where there are several."""
        return f"{self.label} (n = {self.seeds})" if self.seeds > 1 else self.label

    def spread(self, figure: Figure) -> Spread | None:
        """Mean and standard deviation of `figure` over the seeds; None where no run has it."""
        values = [value for record in self.counted if (value := figure.value(record)) is not None]
        return spread(values) if values else None


@functools.lru_cache(maxsize=4096)
def _training(spec: RunSpec) -> str:
    """Equal exactly for trainings that differ in nothing but the seed."""
    return replace(spec, seed=0).digest


def with_all_seeds(groups: Sequence[RunGroup], field: str, pool: Iterable[RunRecord]) -> list[RunGroup]:
    """The groups of `seed_groups(..., field)` with every run of `pool` that is the same training, drawn or not."""
    if field in _APART:
        return list(groups)
    members = {_training(group.records[0].spec): {record.id: record for record in group.records} for group in groups}
    trains = {group.records[0].spec.train for group in groups}
    for record in pool:  # of a long list few are looked at closely
        if record.spec.train in trains and (found := members.get(_training(record.spec))) is not None:
            found.setdefault(record.id, record)
    return [replace(group, records=tuple(found.values())) for group, found in zip(groups, members.values(), strict=True)]


def seed_groups(records: Sequence[RunRecord], field: str) -> list[RunGroup]:
    """The runs by training, in the order in which they come; coloured by `field` of `color_fields(records)`.

    Every run is its own group for EACH_RUN and for the seed, which would have no colour otherwise.
    """
    apart = field in _APART
    colors, names = color_labels(records, field), run_labels(records)
    members: dict[str, list[int]] = {}
    for index, record in enumerate(records):
        members.setdefault(record.id if apart else _training(record.spec), []).append(index)
    firsts = [indices[0] for indices in members.values()]
    told = [colors[first] for first in firsts] if apart else _told_apart([records[first] for first in firsts])
    apart_by_color = [colors[first] for first in firsts]
    labels = next((texts for texts in (told, apart_by_color) if len(set(texts)) == len(texts)),
                  [names[first] for first in firsts])
    return [RunGroup(label, colors[first], tuple(records[index] for index in indices))
            for label, first, indices in zip(labels, firsts, members.values(), strict=True)]


def _told_apart(firsts: Sequence[RunRecord]) -> list[str]:
    """What each has other than the others, seeds apart; "" where nothing or too much differs."""
    facts = {name: values for name, values in differences([record.spec for record in firsts]).items() if name != "seed"}
    return _facts_texts(facts, firsts) if len(facts) <= _MOST_FACTS else [""] * len(firsts)


def natural_order(labels: Iterable[str]) -> list[str]:
    """The labels, each once: by their number where all of them differ in one number alone, else as they come."""
    once = list(dict.fromkeys(labels))
    numbers = [_number_in(label) for label in once]
    if all(numbers) and len({number[0] for number in numbers if number}) == 1:
        return sorted(once, key=lambda label: (_number_in(label) or ("", 0.0))[1])
    return once


def _number_in(label: str) -> tuple[str, float] | None:
    """The words of a label and its only number; None where it has none or several."""
    found = []
    words = []
    for word in label.split():
        try:
            found.append(float(word.replace(",", "")))
        except ValueError:
            words.append(word)
    return (" ".join(words), found[0]) if len(found) == 1 else None


# --- which was better ---------------------------------------------------------------------


def best_words(groups: Sequence[RunGroup], done: Callable[[RunRecord], int]) -> str:
    """A sentence (plain text) about which of the groups was better; "" with fewer than two finished figures.

    `done` knows how many epochs a run has trained: said where the runs were asked for different numbers and did others, and
    where some were stopped.
    """
    told = (len({group.records[0].spec.train.epochs for group in groups}) > 1
            or any(is_cut_short(record) for group in groups for record in group.counted))
    for figure in shared_figures([record for group in groups for record in group.records]):
        measured = [(group, value) for group in groups if (value := group.spread(figure)) is not None]
        if len(measured) < 2:
            continue
        if len({judged_on(group.records[0].spec) for group, _ in measured}) > 1:
            return "These runs differ in their data set, task or noise: their figures cannot be compared."
        found = {_called(group, figure, done) if told else group.title: value for group, value in measured}
        ranked = sorted(found, key=lambda label: found[label].mean, reverse=figure.more_is_better)
        best = found[ranked[0]]
        level = [label for label in ranked if found[label].mean == best.mean]
        words = f"Best {figure.title}: {listed(level)} with {figure.spread_text(best)}"
        if behind := ranked[len(level) :]:
            words += f", {figure.lead_text(best.mean, found[behind[0]].mean)} better than {behind[0]}"
        return f"{words}. {_seed_words(found.values())}"
    return ""


def _called(group: RunGroup, figure: Figure, done: Callable[[RunRecord], int]) -> str:
    """The group's title, and how many epochs its runs trained where that is not what was asked for."""
    counts = {done(record) for record in group.counted if figure.value(record) is not None}
    if counts == {group.records[0].spec.train.epochs}:
        return group.title
    words = [f"n = {group.seeds}"] if group.seeds > 1 else []
    return f"{group.label} ({', '.join([*words, ' to '.join(map(str, sorted({min(counts), max(counts)})))])} done)"


def _seed_words(spreads: Iterable[Spread]) -> str:
    counts = [value.count for value in spreads]
    if min(counts) > 1:
        seeds = f"{'at least ' if len(set(counts)) > 1 else ''}{count_text(min(counts), 'seed')}"
        return f"Means over {seeds} of each: a lead smaller than the deviations may be chance."
    single = "One run of each" if max(counts) == 1 else "A single run"
    return f"{single} can be luck: Experiments repeats them with several seeds."
