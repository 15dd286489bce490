"""Generated digits on the page: what the classifier says, which training image is nearest, the report card."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.percent import percent_text
from lib.catalog.digits import FRECHET_IMAGES, GENERATION_METHODS, SALTED_SHARE
from lib.measures.fidelity import nearest
from lib.runs import run_home
from lib.spec.specs import DataSpec
from lib.ui.digits.networks import NO_DIGIT_WORDS, classifier, classifier_accuracy, measured
from lib.ui.lab import lab
from lib.ui.widgets.images import image_html

#: About the report card.
_EXPLAINED = f"""
- **Recognised**: our classifier gives one digit at least 90 %.
- **As asked**: that digit is the one that was asked for; for mixes, of two latent codes of one class; for salt, the salted
  image's.
- **Diversity**: the mean distance between two images of a class, in our classifier's features.
- **Fréchet distance**: to {FRECHET_IMAGES:,} training images in the same features, so it compares within this table only;
  lower is better.
- **Teaches**: the accuracy on MNIST's test images of a light CNN that learned from these images alone, with the digits that
  were asked for as their classes; for real images, from as many training images.
- **Salt**: {percent_text(SALTED_SHARE, 0)} of the latent code drawn anew, sharpened once. **Map**: latent codes drawn evenly
  over it, sharpened once.
"""


def answers_of(images: np.ndarray) -> list[tuple[int, float, str]]:
    """For each image, uint8 (N, 28, 28, 1), the digit that the classifier reads, how sure it is, and the words for an image
    that it takes for no digit ("" where it does)."""
    return [(int(row.argmax()), float(row.max()), "" if known else NO_DIGIT_WORDS)
            for row, known in zip(*classifier("mnist").read(images), strict=True)]


def reader_words() -> str:
    """Who reads the digits, and how well."""
    known = classifier_accuracy("mnist")
    measured_words = "" if known is None else f", right on {percent_text(known)} of MNIST's test images"
    return f"Below each: what our classifier takes it for{measured_words}, and how sure it is of that."


def digit_cards(images: dict[str, np.ndarray], read: bool = True) -> None:
    """Titled images, with the classifier's answer unless `read` is False."""
    texts = [""] * len(images)
    if read:
        texts = [none or f"{digit} ({percent_text(sure, 0)})"
                 for digit, sure, none in answers_of(np.stack(list(images.values())))]
    head = "font-size:.8rem;min-height:2.4em;line-height:1.2;display:flex;align-items:end"
    cells = "".join(
        f'<div><div style="{head}">{html.escape(title)}</div>'
        f'{image_html(image, title)}<div style="font-size:.8rem">{text}</div></div>'
        for (title, image), text in zip(images.items(), texts, strict=True))
    st.html(f'<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(96px,120px));gap:.8rem">{cells}</div>')
    if read:
        st.caption(reader_words())


def nearest_panel(images: np.ndarray, key: str) -> None:
    """The training image nearest to each generated one: is it generated, or remembered?"""
    if not st.toggle("Which training image is nearest?", key=f"nearest_{key}"):
        return
    if not datasets.available("mnist", home=run_home()):
        st.caption("MNIST is not on this computer yet: choose it once on the Train page, and the nearest training images "
                   "appear here.")
        return
    training = lab().network("mnist_training_images", lambda: datasets.load(DataSpec("mnist"), home=run_home()).x_train)
    index, _ = nearest(images.reshape(len(images), -1), training.reshape(len(training), -1))
    found = training[index]
    pairs = "".join(
        f'<div>{image_html(image, "Generated")}{image_html(other, "Nearest training image")}</div>'
        for image, other in zip(images, found, strict=True))
    st.html(f'<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(56px,72px));gap:.4rem">{pairs}</div>')
    st.caption(f"Above, generated; below, the nearest of {len(training):,} training images by squared difference of pixels.")


def report_card() -> None:
    """Stored figures of every way to generate images."""
    rows = {row["way"]: row for row in measured("inventions")}
    if not rows:
        st.caption("Nothing measured yet: run scripts/train_digits.py.")
        return
    titles = {"real": "Real test images", **GENERATION_METHODS}
    lines = [_card_line(titles[way], row) for way, row in rows.items() if way in titles]
    st.table(lines, hide_index=True)
    first = next(iter(rows.values()))
    st.caption(f"{first['images']:,} images each, measured {first['date']}. Real images say what is natural.")
    with st.expander("What the columns mean, and how the images were made", icon=":material/help:"):
        st.markdown(_EXPLAINED)
    pairs = {row["pairs"]: row for row in measured("mixed_pairs")}
    if len(pairs) == 2:
        one, two = (percent_text(pairs[name]["recognised"]) for name in ("one class", "two classes"))
        count = pairs["one class"]["images"]
        st.markdown(f"**Mixing within a class or across?** Of {count:,} mixes each, {one} are clearly recognised when "
                    f"both digits are of one class, {two} when they are of two.")
    st.markdown("**The report said** (004): mixing works best within a class; salting is unreliable; on the map of two "
                "numbers the classes overlap. It printed images, no figures, and proposed the reversed network without "
                "building it.")


def _card_line(title: str, row: dict[str, Any]) -> dict[str, Any]:
    agrees = "–" if row["agrees"] is None else percent_text(row["agrees"])
    taught = row.get("taught")
    return {"way": title, "recognised": percent_text(row["recognised"]), "as asked": agrees,
            "diversity": f"{row['diversity']:.2f}", "Fréchet distance": f"{row['frechet']:.3f}",
            "teaches": "–" if taught is None else percent_text(taught)}
