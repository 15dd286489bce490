"""What denoising gets wrong: digits that can be read as they are and are misread after noise and cleaning."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.base.percent import percent_text
from lib.measures.denoising import denoised_mistakes
from lib.ui.widgets.images import image_html


def mistakes_panel() -> None:
    """Each digit as it is, with noise, and denoised, with what the classifier says of the last."""
    found = denoised_mistakes()
    if found is None or not len(found.true):
        return
    st.markdown("**What denoising gets wrong**, with half of the pixels black or white, the most confident mistakes first:")
    cards = []
    for index in range(len(found.true)):
        images = (found.clean[index], found.noisy[index], found.denoised[index])
        true, said = int(found.true[index]), int(found.said[index])
        trio = "".join(image_html(np.asarray(image), f"The digit {true}, {what}", "32%") for image, what in
                       zip(images, ("as it is", "with noise", "denoised"), strict=True))
        cards.append(f'<figure style="margin:0;width:190px"><div style="display:flex;gap:2%">{trio}</div>'
                     f'<figcaption>{true} as {said}, {percent_text(float(found.sure[index]), 0)} sure</figcaption></figure>')
    st.html('<div style="display:flex;flex-wrap:wrap;gap:.9rem 1.2rem;font-size:.8rem;line-height:1.4">'
            + "".join(cards) + "</div>")
    st.caption(f"As it is, with noise, denoised by our convolutional network. {len(cards)} of the digits among {found.of:,} "
               "test images that the classifier reads rightly as they are and wrongly after cleaning.")
