"""How sure the reader is, what it gets wrong, and how often it finds a clock in a whole image."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from lib.base.percent import percent_text
from lib.measures.clock_figures import SCENE_FAILURES, reading_figures
from lib.ui.clock.answers import time_text
from lib.ui.clock.look import FAMILY_TITLES
from lib.ui.clock.measured import kinds_table
from lib.ui.clock.photo import dial_edge
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.images import image_html

_SHOWN = 18
#: Kinds of failures in whole images, and the colours of their rings.
_FAILURES = {"not found": "not found", "no clock": "taken for a clock"}
_RINGS = {"not found": (255, 176, 0), "no clock": (255, 80, 80)}


def sureness_panel() -> None:
    """Reliability, kinds of answers, mistakes and whole images, all from stored figures."""
    figures = reading_figures()
    if "families" not in figures:
        st.info("Not measured yet: run `python scripts/measure_clock_reader.py`.", icon=":material/straighten:")
        return
    _reliability(figures)
    st.markdown("**What kinds of answers our reader gives**, on test clocks in every position:")
    kinds_table({FAMILY_TITLES[name]: found["kinds"] for name, found in figures["families"].items()})
    _gallery(figures)
    if "scenes" in figures:
        _scenes(figures["scenes"])
    if "notes" in figures:
        _notes(figures["notes"])


def _reliability(figures: Mapping[str, Any]) -> None:
    from lib.charts.reliability import reliability_chart, reliability_rows

    varied = figures["families"]["varied"]
    left, right = st.columns([3, 2])
    with left:
        st.markdown("**When our reader says 80 %, is it right in 80 of 100 cases?**")
        rows = reliability_rows({"after calibration": varied["reliability"]})
        show_chart(st, reliability_chart(rows, "right to a minute"), alt="Share of right answers against stated probability")
    with right.container(border=True):
        st.metric("Expected calibration error", f"{100 * varied['ece']:.1f} points", border=False)
        st.caption(f"The mean distance from the diagonal, over {varied['images']:,} test clocks of all kinds; "
                   f"{100 * varied['ece_before']:.1f} before calibration on the validation clocks (temperature "
                   f"{figures['temperature']:.2f}). The probability is that of the time said and its two neighbours.")
        st.caption(f"From {percent_text(figures['sure_from'], 0)} on it says that it is sure: "
                   f"{percent_text(varied['sure'])} of its answers, of which {percent_text(varied['sure_right'])} are right "
                   "to a minute. Below, it names its two likeliest times.")


def _scenes(scenes: Mapping[str, Any]) -> None:
    st.markdown("**Finding clocks in whole images**:")
    rows = []
    for name, found in scenes["groups"].items():
        rows.append({"clocks": name, "number": found["clocks"], "found": percent_text(found["found"]),
                     "of these right to a minute": percent_text(found["right"]),
                     "median error (min)": f"{found['median_minutes']:.1f}", "called sure": percent_text(found["sure"]),
                     "sure and right": percent_text(found["sure_right"])})
    st.table(rows, hide_index=True)
    st.caption(f"{scenes['images']} images of 800 x 600 pixels drawn by code, with one to three clocks of a tenth to "
               f"the whole of the width before textures, gradients and photographs, seed {scenes['seed']}; the last line: "
               f"{scenes['large_images']} images of several shapes with one dial that fills more than half of the width. "
               "Found: its box overlaps the true one by more than half.")
    st.markdown("**And where there is none?**")
    st.table([{"what it looked at": name, "images": row["images"], "clocks that it found": row["false"]}
              for name, row in scenes["without_clocks"].items()], hide_index=True)
    phone = scenes["phone"]
    st.caption(f"Beside true clocks it found {scenes['false_beside_clocks']:.2f} an image that were none. A photograph of "
               f"{phone['megapixels']} megapixels is opened in {phone['open']:.2f} s of "
               f"processor time and its clocks are found and read in {phone['find']:.2f} s; an image of 800 x 600 pixels "
               f"takes {scenes['seconds']:.2f} s.")
    _scene_failures()


def _scene_failures() -> None:
    """Small images in which a clock was missed or one was found that is none."""
    if not SCENE_FAILURES.exists():
        return
    with np.load(SCENE_FAILURES, allow_pickle=False) as archive:
        images, frames, what = (archive[name] for name in ("images", "frames", "what"))
    st.markdown("**What it misses, and what it takes for a clock**:")
    cards = []
    for image, frame, words in zip(images, frames, what.tolist(), strict=True):
        title = _FAILURES.get(words, words)
        cards.append(f'<figure style="margin:0;width:180px">{image_html(_ringed(image, frame, words), title)}'
                     f'<figcaption style="font-size:.8rem;margin-top:.2rem">{html.escape(title)}</figcaption></figure>')
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.8rem">{"".join(cards)}</div>')


def _ringed(image: np.ndarray, frame: np.ndarray, what: str) -> np.ndarray:
    """The grey image, uint8 (H, W), in colours with the dial's edge drawn round it: uint8 (H, W, 3)."""
    picture = Image.fromarray(image).convert("RGB")
    edge = [(x * picture.width, y * picture.width) for x, y in dial_edge(frame)]
    ImageDraw.Draw(picture).line([*edge, edge[0]], fill=_RINGS.get(what, (255, 255, 255)), width=2)
    return np.asarray(picture)


def _notes(notes: Mapping[str, Any]) -> None:
    """How well second hands and mirrored dials are told."""
    st.markdown("**Second hands**, named and left out of the time:")
    st.table([{"clocks": name, "number": row["clocks"], "with a second hand": row["with"],
               "named rightly (precision)": percent_text(row["precision"]), "found (recall)": percent_text(row["recall"])}
              for name, row in notes["second"].items() if row["with"]], hide_index=True)
    st.markdown("**Mirrored clocks**, told by their numerals and words alone:")
    st.table([{"clocks": f"{name}: {kind}" if kind != "all" else name, "number": row["clocks"],
               "called mirrored in a mirror": percent_text(row["found"]),
               "called mirrored as they are": percent_text(row["false_alarms"], 2)}
              for name, kinds in notes["mirrored"].items() for kind, row in kinds.items()], hide_index=True)
    st.caption("Every clock was shown as it is and in a mirror. Thresholds were chosen on validation images: at most "
               f"{percent_text(notes['allowed'])} false alarms, and {percent_text(notes['wanted'], 0)} of the named second "
               "hands there. The hands of a mirrored clock fit each other as well as before, so without numerals it says "
               "nothing.")


def _gallery(figures: Mapping[str, Any]) -> None:
    """The images that it gets wrong, drawn again from their numbers: the surest mistakes first."""
    from lib.datasets.clocks import draw_clock

    mistakes = figures["families"]["varied"]["mistakes"]
    st.markdown("**What it gets wrong**, the most confident mistakes first:")
    cards = []
    for mistake in mistakes[:_SHOWN]:
        image = draw_clock("varied", 150, 25, 0, mistake["index"])
        true = time_text(mistake["index"] // 25)
        said = time_text(mistake["said"])
        words = f'shows <b>{true}</b><br>said {said}, {percent_text(mistake["probability"], 0)}'
        cards.append(f'<figure style="margin:0;width:118px">{image_html(image, f"A clock that shows {true}")}'
                     f'<figcaption style="font-size:.8rem;line-height:1.3;margin-top:.2rem">{words}</figcaption></figure>')
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.8rem">{"".join(cards)}</div>')
    varied = figures["families"]["varied"]
    st.caption(f"{len(mistakes)} of the mistakes on {varied['images']:,} test clocks are kept, {min(_SHOWN, len(mistakes))} "
               "shown; their images are drawn again from their numbers.")
