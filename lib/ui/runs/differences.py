"""A table of what differs between groups of runs, and of what came of it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from lib.charts.theme import SeriesStyle
from lib.measures.comparison import RunGroup
from lib.measures.figures import shared_figures
from lib.spec.words import differences
from lib.ui.widgets.legend import swatch


def difference_table(groups: Sequence[RunGroup], styles: Mapping[str, SeriesStyle], narrow: bool = False) -> str:
    """HTML: a row for each group with its colour, its figures, its seeds, and its value of everything that differs.

    Figures are mean and standard deviation over the seeds; the best of each is bold. Seeds stand there where a group has
    several: one run's is in its name. Words wrap. A `narrow` one has no columns for what the names of its rows say, and one
    figure alone.
    """
    figures = shared_figures([record for group in groups for record in group.records])[: 1 if narrow else None]
    spreads = {figure.name: [group.spread(figure) for group in groups] for figure in figures}
    best = {figure.name: figure.best(s.mean for s in spreads[figure.name] if s is not None) for figure in figures}
    means = {name: len({s.mean for s in found if s is not None}) for name, found in spreads.items()}
    different = differences([group.records[0].spec for group in groups])
    different.pop("seed", None)
    facts = {} if narrow else dict(different)
    if any(len(group.records) > 1 for group in groups):
        seeds_of = [", ".join(map(str, sorted(record.spec.seed for record in group.counted))) for group in groups]
        facts = {"n": [str(group.seeds) for group in groups]} | ({} if narrow else {"seeds": seeds_of}) | facts
    lines = []
    for index, group in enumerate(groups):
        name = group.label if narrow else _name(group)
        cells = [f"<td>{swatch(styles[group.color])}</td>", f'<td class="run">{html.escape(name)}</td>']
        for figure in figures:
            value = spreads[figure.name][index]
            text = "–" if value is None else html.escape(figure.spread_text(value))
            is_best = value is not None and value.mean == best[figure.name] and means[figure.name] > 1
            cells.append(f"<td><b>{text}</b></td>" if is_best else f"<td>{text}</td>")
        lines.append("".join([*cells, *(f"<td>{html.escape(texts[index])}</td>" for texts in facts.values())]))
    heads = ["", "run", *(figure.title for figure in figures), *facts]
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    seeds = {record.spec.seed for group in groups for record in group.records}
    note = "" if different or len(seeds) > 1 else \
        "<p>These runs are the same training: nothing differs, not even the seed.</p>"
    return ('<div class="runs-differ" tabindex="0" role="region" aria-label="What differs between the runs">'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}")


def _name(group: RunGroup) -> str:
    """The name of its run, or what it has other than the others where it has several."""
    return group.records[0].name if len(group.records) == 1 else group.label
