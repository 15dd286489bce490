"""BEST_KNOWN: the highest test accuracy of the literature that this lab can name a source for, by data set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BestKnown:
    """A published test accuracy on the official split of a data set.

    `source` are the authors and the year, `title` and `link` the paper; `how` says what it took, and what it used beyond
    the data set.
    """

    accuracy: float
    source: str
    title: str
    link: str
    how: str


#: Data set -> figure. Whoever finds a better one with a source replaces it; none stands here by hearsay.
BEST_KNOWN: dict[str, BestKnown] = {
    "mnist": BestKnown(
        0.9991, "An et al. 2020", "An Ensemble of Simple Convolutional Neural Network Models for MNIST Digit Recognition",
        "https://arxiv.org/abs/2008.10400", "an ensemble of three ensembles of CNNs, turned and shifted training images"),
    "fashion_mnist": BestKnown(
        0.9691, "Tanveer et al. 2020", "Fine-Tuning DARTS for Image Classification", "https://arxiv.org/abs/2006.09042",
        "a network whose structure was searched for by a program"),
    "cifar10": BestKnown(
        0.995, "Dosovitskiy et al. 2021", "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "https://arxiv.org/abs/2010.11929", "a transformer, ViT-H/14, trained on about 300 million other images first"),
}
