"""What was measured about reading the time: every network, by the dial's turn, beside the reports."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import listed, percent_text
from lib.catalog.heads import HEADS
from lib.catalog.reported import REPORTED, best_minutes
from lib.catalog.tasks import CLOCK
from lib.clockface import PERIOD, circular_error
from lib.datasets.turned_clocks import draw_turned
from lib.measures.clock_background import LOST_MINUTES, on_background
from lib.measures.clock_confidence import KINDS
from lib.measures.clock_figures import CHANCE_MINUTES, GALLERY, head_rows, reading_figures
from lib.measures.results import reported_text, stored_rows
from lib.spec.metrics import figure_title
from lib.ui.clock.answers import RIGHT_MINUTES, coarseness, time_text
from lib.ui.clock.look import FAMILY_TITLES
from lib.ui.clock.networks import READER, network_colors
from lib.ui.screen import legend_columns
from lib.ui.widgets.answers import mark_of
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.images import image_html

_GALLERY_STYLE = """<style>
.rivals { overflow-x: auto; }
.rivals table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
.rivals th { font-weight: 400; opacity: .75; max-width: 6.5rem; vertical-align: bottom; }
.rivals th, .rivals td { text-align: left; padding: .3rem .7rem .3rem 0; }
</style>"""


def rivals_text() -> str:
    """How the small networks read freely turned dials, from their stored figures: sentences for the top of the page."""
    from lib.models.checkpoints import manifest_entry

    ours = manifest_entry("clocks/reader")["metrics"]
    errors = {entry["title"]: entry["metrics"]["test_minutes"] for entry in _rivals() if "curriculum" in entry}
    able = {title: error for title, error in errors.items() if error <= LOST_MINUTES}
    reader = f"{READER} is right to a minute in {percent_text(ours['test_within_1'])} of cases."
    if not able:
        return f"On dials that are turned all of them guess. {reader}"
    best = min(able, key=lambda title: able[title])
    words = (f"On dials turned by any angle the best of them, {_in_a_sentence(best)}, is {able[best]:.1f} minutes off on "
             "average")
    lost = [_in_a_sentence(title) for title in errors if title not in able]
    guess = f"; {listed(lost)} only guess{'es' if len(lost) == 1 else ''}" if lost else ""
    return f"{words}{guess}. {reader}"


def _in_a_sentence(title: str) -> str:
    return title[0].lower() + title[1:]


def unlearned_words(family: str) -> str:
    """What answers about clocks of a family are worth that only our reader has learned; "" for the course's clock."""
    if family in ("course", "table"):
        return ""
    found = reading_figures().get("families", {}).get(family)
    share = "" if found is None else f" It is right to a minute in {percent_text(found['kinds']['right'])} of them."
    return (f" Of the shipped networks only {READER.lower()} has learned {FAMILY_TITLES[family]}.{share} The errors in the "
            f"table are of {FAMILY_TITLES['course']}.")


def _rivals() -> list[dict[str, Any]]:
    """Manifest entries of the small networks, each with its head's `kind` and `title`."""
    from lib.models.checkpoints import shipped_of

    return [{**entry, "kind": entry["spec"]["head"]["kind"], "title": HEADS[entry["spec"]["head"]["kind"]].title}
            for entry in shipped_of(CLOCK.name).values()]


def measured_table() -> None:
    """Stored figures of every shipped network beside what the reports printed."""
    from lib.models.checkpoints import manifest

    entries = [(name, entry) for name, entry in manifest().items()
               if name.startswith("clocks/") and "test_minutes" in entry["metrics"]]
    rows: list[dict[str, Any]] = []
    sources: dict[str, list[str]] = {}
    for _, entry in entries:
        kind = entry.get("spec", {}).get("head", {}).get("kind")
        title = HEADS[kind].title if kind else READER
        sources.setdefault(_source(entry), []).append(title)
        upright = kind is not None and "curriculum" not in entry
        rows.append(_ranked(title, entry["metrics"], best_minutes(kind) if kind else None, "upright" if upright else "any"))
    rows.sort(key=lambda row: row["median (min)"])
    st.markdown("**Every network**, the smallest median error first:")
    st.table([row | {"median (min)": f"{row['median (min)']:.1f}"} for row in rows], hide_index=True)
    learned = [f"{titles[0] if len(titles) == 1 else f'{len(titles)} networks'}: {source}" for source, titles in
               sorted(sources.items(), key=lambda item: len(item[1]))]
    st.caption("Errors go the shorter way round the dial; guessing gives 180. Every row is one stored training. The "
               "reports' networks are others; their column is the best mean test error that one printed in minutes for the "
               "same output, on images apart from those it learned.  \n" + "  \n".join(learned))
    _by_turn(head_rows())
    _on_turned_background()
    st.markdown("**The reports said**, for their own networks and freely turned clocks; what was measured of these is on "
                "the Results page:")
    st.table([{"system": r.system, "report": r.report, "what": r.what, "figure": figure_title(r.metric),
               "printed": reported_text(r)} for r in REPORTED if r.system[0] == "D"], hide_index=True)


def _on_turned_background() -> None:
    """What the reports' networks took from the background: their errors with and without its help."""
    rows = on_background(stored_rows())
    if not rows:
        return
    st.markdown("**What did the reports' networks read?** In the pictures of the course's clocks the table and the light "
                "turn with the dial, so they tell how it is turned. Mean error in minutes:")
    st.table([row.cells for row in rows], hide_index=True)
    lost = [row for row in rows if row.needs_background]
    verdict = ""
    if lost:
        verdict = (f" Of these networks {len(lost)} of {len(rows)} read {'their' if len(lost) > 1 else 'its'} clocks and "
                   "are lost as soon as the background is rotated alone: it told them where 12 is, not the numerals. Test "
                   "images that contain the same clue cannot show this.")
    st.caption(f"Guessing gives {CHANCE_MINUTES:.0f}. The first column is of test clocks; the second of the same clock and "
               f"camera, {PERIOD} images, one of each minute.{verdict}")


def _ranked(title: str, metrics: Mapping[str, float], reported: float | None, turn: str) -> dict[str, Any]:
    return {
        "network": title, "turn": turn, "median (min)": metrics["test_median_minutes"],
        "mean (min)": f"{metrics['test_minutes']:.1f}",
        "95th percentile (min)": f"{metrics['test_p95_minutes']:.0f}",
        "within 1 min": percent_text(metrics["test_within_1"]),
        "hour right": percent_text(metrics["test_hour_accuracy"]),
        "hands swapped": percent_text(metrics["test_hand_swaps"]),
        "reports' mean (min)": "–" if reported is None else f"{reported:.1f}",
    }


def _source(entry: Mapping[str, Any]) -> str:
    """What a network learned from and was tested on, in words."""
    data, epochs, curriculum = entry["data"], entry.get("epochs"), entry.get("curriculum")
    length = "" if epochs is None else f", {epochs} epochs"
    if curriculum:
        turns = ", ".join(f"{stage['turn']:g}" for stage in curriculum["stages"])
        length = f", each seen once, turned by up to {turns}° in turn, after upright ones"
    return (f"{data['train']:,} images ({_set_titles(data['set'])}){length}, seed {entry['seed']}; tested on "
            f"{entry['metrics']['test_images']:,.0f}; {entry['date']}.")


def _set_titles(names: str) -> str:
    """"a and b" of data sets' names as their titles."""
    known = datasets.DATASETS
    return " and ".join(known[name].title if name in known else name for name in names.split(" and "))


def _by_turn(rows: Sequence[Mapping[str, Any]]) -> None:
    """Median errors by the dial's turn, how each network learned, and what it gets wrong."""
    if not rows:
        return
    from lib.charts.clocks import curriculum_chart, curriculum_rows

    order = sorted(rows, key=lambda row: row["curve"][-1]["val_median_minutes"])
    st.markdown("**By the turn of the dial**, median error in minutes:")
    st.table([{"network": HEADS[row["kind"]].title,
               **{f"{band['from']}° to {band['to']}°": f"{band['median_minutes']:.1f}" for band in row["bands"]}}
              for row in order], hide_index=True)
    st.caption("To either side. One test set for all, drawn once, of clocks that no training saw.")
    st.markdown("**How they learned it**: turns widen in stages, the same images for every head.")
    lines = curriculum_rows(order)
    show_chart(st, curriculum_chart(lines, network_colors(lines["network"]), legend_columns()),
               alt="Median error on freely turned dials during training")
    lost = [row for row in order if row["bands"][-1]["median_minutes"] > LOST_MINUTES]
    if lost:
        losses = "; ".join(f"{HEADS[row['kind']].title}: {row['curve'][0]['loss']:.3f} in the first block, "
                           f"{row['curve'][-1]['loss']:.3f} in the last" for row in lost)
        st.caption(f"Networks that stay at chance do not fit their training images either. Training loss: {losses}.")
    st.markdown("**What kinds of answers they give**:")
    kinds_table({HEADS[row["kind"]].title: row["kinds"] for row in order if "kinds" in row})
    _gallery([row for row in order if "gallery" in row])


def _gallery(rows: Sequence[Mapping[str, Any]]) -> None:
    """The same test clocks for every network, with what each says of them."""
    if not rows:
        return
    clocks = draw_turned(GALLERY[0], 180.0, GALLERY[1], 150)
    st.markdown("**What they get wrong**: the same freely turned clocks for all of them, drawn once, none left out. Answers "
                "that are more than a minute off, or for classes another class, are struck through.")
    heads = "".join(f"<th>{html.escape(HEADS[row['kind']].title)}</th>" for row in rows)
    lines = []
    for index, (image, minutes) in enumerate(zip(clocks.images, clocks.minutes.tolist(), strict=True)):
        shows = time_text(minutes)
        said = "".join(f"<td>{_marked(row['gallery'][index], minutes, row['kind'])}</td>" for row in rows)
        lines.append(f'<tr><td>{image_html(image, f"A clock that shows {shows}", "72px")}</td><td>{shows}</td>{said}</tr>')
    st.html(f'{_GALLERY_STYLE}<div class="rivals"><table><tr><th>clock</th><th>shows</th>{heads}</tr>{"".join(lines)}'
            "</table></div>")


def _marked(said: float, true: int, kind: str) -> str:
    """The time as HTML, struck through where it is wrong, or for a head of classes of another class."""
    right = circular_error(true, round(said)) <= max(RIGHT_MINUTES, coarseness(kind))  # as it is written
    return f'<span class="{mark_of(int(not right), 0)}">{time_text(said)}</span>'


def kinds_table(shares: Mapping[str, Mapping[str, float]]) -> None:
    """A row for each kind of answer, a column for each network (title -> kind -> share of its answers)."""
    st.table([{"answer": words, **{title: percent_text(found[kind]) for title, found in shares.items()}}
              for kind, words in KINDS.items()], hide_index=True)
