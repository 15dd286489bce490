"""Why one is sharp and the other smooth."""

from __future__ import annotations

import streamlit as st

_TEXT = """
**The VAE must redraw.** For every training image it is asked to come close *pixel by pixel*, from a few noisy numbers.
Where those numbers do not say whether a whisker is here or one pixel further, the answer with the smallest squared error is
the average of both: a soft grey. How much the numbers say is a bargain between two terms of its loss: the KL term makes them
noisy, the pixel error makes them exact. Weigh the pixels more, and redrawn faces get sharper while random latent codes get
less like faces; weigh the KL term more, and everything turns soft. Structural similarity, which our better VAE adds, asks
for the right contrast too.

**The GAN must not be caught.** Nobody compares its images with a certain original; a second network only asks "could this
be real?". Blur is the easiest thing to catch, so the generator learns to commit itself: one sharp whisker, somewhere. It may
be a wrong one, an odd ear, or always the same few cats (*mode collapse*), since leaving cats out is not punished.

**So they fail in opposite ways**, and two figures are needed. Precision asks whether what is drawn looks real, recall
whether all that is real can be drawn. A VAE must find room for every training image; a GAN need not. Our report card
shows a twist: soft faces lie in the middle of the real ones, so the VAE's precision is as high as the GAN's, but no soft
face comes near a sharp one, so its recall is low. Blur, too, leaves cats out.

**Why is the VAE's walk smoother?** Its encoder fills the latent space with overlapping clouds, and the decoder has to draw
something sensible everywhere inside them. Neighbouring latent codes share training images, so images change evenly. The
generator's latent codes belong to no images; it is free to put a sudden turn between two of them.

**Why is the VAE quick and the GAN slow?** Every step tells the VAE the right answer. The generator only hears the opinion of
a critic that is itself still learning.
"""


def why_panel() -> None:
    """The reading."""
    st.markdown(_TEXT)
    st.caption("D. P. Kingma and M. Welling 2014; I. Goodfellow et al. 2014; J. Snell et al. 2017; T. Kynkäänniemi et al. "
               "2019. The report (003) saw the same: the GAN sharper, the VAE smoother and sooner good.")
