"""Why one is sharp and the other smooth."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import streamlit as st

from lib.ui.cats.networks import measured

_COMPARED = {"gan_better": "better GAN", "vae_better fitted": "better VAE", "vae_plain fitted": "light VAE"}
_TEXT = """
**The VAE must redraw.** For every training image it is asked to come close *pixel by pixel*, from a few noisy numbers.
Where those numbers do not say whether a whisker is here or one pixel further, the answer with the smallest squared error is
the average of both: a soft grey. How much the numbers say is a bargain between two terms of its loss: the KL term makes them
noisy, the pixel error makes them exact. Weigh the pixels more, and redrawn faces get sharper while random latent codes get
less like faces; weigh the KL term more, and everything turns soft. The report card shows both over the KL term's weight.

**Another error draws another image.** Our better VAE also asks a classifier of photographs, which never saw these faces,
what it sees in the original and in the redrawn image. Place by place they must look alike to it, and in each neighbourhood
their texture must be as strong. So the decoder is no longer punished for a hair that lies one pixel further, but for fur
that is no fur. What it draws there is made up: a texture that fits, not the one of this cat. A regular grid would satisfy
the classifier too, so patterns that repeat themselves every few pixels have a term of their own.

**And the latent codes?** With a light KL term the training images no longer lie where the standard Gaussian is. A mixture of
Gaussians that is fitted to their codes after training says where the decoder has learned to draw.

**The GAN must pass for real.** Nobody compares its images with a certain original; a second network only asks "could this
be real?". Blur is the easiest thing to detect, so the generator learns to draw something sharp. It may be a whisker in the
wrong place, an odd ear, or always the same few cats (*mode collapse*), since leaving cats out is not punished.

**So they fail in opposite ways**, and two figures are needed. Precision asks whether what is drawn looks real, recall
whether all that is real can be drawn. A VAE must find room for every training image; a GAN need not. Yet blur leaves cats
out too: soft faces lie in the middle of the real ones, and no soft face comes near a sharp one.
{figures}

**Why is the VAE's walk smoother?** Its encoder fills the latent space with overlapping clouds, and the decoder has to draw
something sensible everywhere inside them. Neighbouring latent codes share training images, so images change evenly. The
generator's latent codes belong to no images; it is free to put a sudden turn between two of them.

**Why does a VAE need fewer epochs than a GAN?** Every step tells the VAE the right answer. The generator only gets the
judgement of a discriminator that is itself still learning.
"""


def figures_text(cards: Mapping[str, Any]) -> str:
    """Precision, recall and sharpness of the networks that were measured, as a sentence; "" without two."""
    parts = [f"{title}: precision {mean(card['precision']):.2f}, recall {mean(card['recall']):.2f}, sharpness "
             f"{mean(card['sharpness']):.2f}" for name, title in _COMPARED.items() if (card := cards.get(name))]
    return f"We measured: {'; '.join(parts)}." if len(parts) > 1 else ""


def why_panel() -> None:
    """The reading."""
    st.markdown(_TEXT.replace("{figures}", figures_text(measured().get("cards", {}))))
    st.caption("D. P. Kingma and M. Welling 2014; I. Goodfellow et al. 2014; J. Snell et al. 2017; T. Kynkäänniemi et al. "
               "2019. The report (003) saw the same: the GAN sharper, the VAE smoother and sooner good.")
