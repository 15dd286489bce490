"""The process's shipped networks of the denoising and generating pages, loaded on first use."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib.base.percent import percent_text
from lib.catalog.digits import CLASSIFIERS, NOISE_TRAINED
from lib.catalog.tasks import DENOISE
from lib.measures.measured import stored_figures
from lib.spec.runs import RunRecord
from lib.ui.lab import lab
from lib.ui.resources import runner, trained_here

NO_DIGIT_WORDS = "not a digit"
#: An image to try a network with.
BLANK = np.zeros((1, 28, 28, 1), np.uint8)


def classifier(data: str) -> Any:
    """The classifier of a data set's images."""
    def load() -> Any:
        from lib.models.digit_bench import digit_classifier

        return digit_classifier(data)

    return lab().network(f"digit_reader_{data}", load)


def cleaners(data: str) -> dict[str, Any]:
    """Ways to clean images of `data`, by the keys of `METHODS`."""
    def load() -> dict[str, Any]:
        from lib.models.digit_bench import cleaners as shipped

        return shipped(data)

    return lab().network(f"digit_cleaners_{data}", load)


def shipped_autoencoder(name: str) -> Any:
    """A shipped image-to-image network."""
    def load() -> Any:
        from lib.models.digit_bench import autoencoder

        return autoencoder(name)

    return lab().network(f"autoencoder_{name}", load)


def shipped_decoder(name: str) -> Any:
    """A shipped decoder."""
    def load() -> Any:
        from lib.models.digit_bench import decoder

        return decoder(name)

    return lab().network(f"decoder_{name}", load)


def classifier_ready(data: str) -> None:
    """Have the classifier of `data` answer once: the next answer comes at once."""
    classifier(data).predict(BLANK)


def refusal(data: str, image: np.ndarray) -> str:
    """The words for an image, uint8 (28, 28, 1), that is taken for none of the classes, else ""."""
    return "" if classifier(data).read(image[None])[1][0] else NO_DIGIT_WORDS


def opinion(image: np.ndarray) -> str:
    """What our digit classifier says of a drawn digit, uint8 (28, 28, 1), in a sentence."""
    (probabilities,), (known,) = classifier("mnist").read(image[None])
    sure = percent_text(float(probabilities.max()), 0)
    if not known:
        return "Our digit classifier, trained on many handwritings, takes it for no digit."
    return f"Our digit classifier, trained on many handwritings, takes it for {int(probabilities.argmax())} ({sure})."


def classifier_accuracy(data: str) -> float | None:
    """The stored test accuracy of `classifier`; None where it was not measured."""
    from lib.models.checkpoints import manifest

    return manifest().get(CLASSIFIERS[data], {}).get("metrics", {}).get("test_accuracy")


def noise_trained() -> Any:
    """The digit classifier that learned from noisy images too."""
    def load() -> Any:
        from lib.models.digit_bench import shipped_classifier

        return shipped_classifier(NOISE_TRAINED)

    return lab().network("noise_trained_classifier", load)


def own_denoisers(limit: int = 2) -> tuple[RunRecord, ...]:
    """The runs of the newest denoisers that were trained here."""
    return tuple(trained_here(DENOISE, limit))


@st.cache_resource(max_entries=6, show_spinner=False)
def own_denoiser(run_id: str, ended: float | None) -> Any:
    """The network of a run that ended, as it was when it last did."""
    from lib.models.digit_bench import own_denoiser as load

    return load(runner().store.folder(run_id))


def measured(section: str) -> list[dict[str, Any]]:
    """Stored figures: "trained", "noise" or "inventions"."""
    return stored_figures("digits", {}).get(section, [])
