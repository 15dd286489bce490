"""Report cards of the cat page's networks: images that they make against real ones of a split that none trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lib.measures.fidelity import diversity, frechet_distance, report_card, sharpness
from lib.measures.latent_mixture import LatentMixture, fit_mixture
from lib.models.networks.generators import FeatureNetwork, Generator
from lib.models.networks.perception import PerceptionFeatures
from lib.models.tasks.vae import repeated_pattern

#: Sets of samples; each card is their mean and spread.
SAMPLE_SEEDS = (0, 1, 2)
#: Numbers of Gaussians of which the one that suits the validation images best is taken.
COMPONENTS = (1, 3, 10)
#: A card: the seeds of its samples, and a list for each figure.
Card = dict[str, Any]
Draw = Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True, slots=True)
class _Real:
    """Real images, their features in both networks, and what is 1 of sharpness, diversity and grid."""

    images: np.ndarray
    features: np.ndarray
    perceived: np.ndarray
    sharpness: float
    diversity: float
    grid: float


def grid(images: np.ndarray) -> float:
    """Root mean square, in grey levels, of what repeats itself every few pixels in uint8 images (N, H, W, C)."""
    squares = [np.asarray(repeated_pattern(part.astype(np.float32), np.zeros((1, 1, 1, 1), np.float32)))
               for part in np.array_split(images, max(1, len(images) // 250))]
    return float(np.sqrt(np.concatenate(squares).mean()))


class Examiner:
    """Makes cards of images against `real` uint8 images (N, 64, 64, 3), as many of each."""

    def __init__(self, real: np.ndarray) -> None:
        self.network, self.perception = FeatureNetwork(), PerceptionFeatures()
        self.real = _Real(real, self.network.features(real), self.perception.features(real), sharpness(real),
                          diversity(real), grid(real))

    @property
    def count(self) -> int:
        """How many images a card compares."""
        return len(self.real.images)

    def card(self, draw: Draw, seeds: tuple[int, ...] = SAMPLE_SEEDS) -> Card:
        """The card of the uint8 images that `draw` makes, a set for each seed.

        `frechet` is the distance in features that no loss uses, `frechet_perception` in those that a VAE's loss may use,
        which flatter such a VAE. `sharpness`, `diversity` and `grid` are shares of those of the real images.
        """
        rows = [self._row(draw(np.random.default_rng([seed, 11]))) for seed in seeds]
        return {"seeds": list(seeds)} | {key: [round(row[key], 4) for row in rows] for key in rows[0]}

    def _row(self, samples: np.ndarray) -> dict[str, float]:
        real = self.real
        card = report_card(samples, self.network.features(samples), real.features, real.sharpness, real.diversity)
        return asdict(card) | {"frechet_perception": frechet_distance(self.perception.features(samples), real.perceived),
                               "grid": grid(samples) / real.grid}

    def cards(self, generator: Generator, mixture: LatentMixture | None) -> dict[str, Card]:
        """Cards by kind: "" of standard normal latent codes, and of a VAE "fitted" to its `mixture` and "redrawn"."""
        size = generator.latent_size
        found = {"": self.card(lambda rng: generator.draw(rng.standard_normal((self.count, size))))}
        if mixture is not None:
            found["fitted"] = self.card(lambda rng: generator.draw(mixture.draw(self.count, rng)))
            found["redrawn"] = self.card(lambda rng: generator.draw(generator.encode(self.real.images)), seeds=(0,))
        return found


def latent_mixture(generator: Generator, train: np.ndarray, validation: np.ndarray) -> LatentMixture:
    """The mixture fitted to the latent codes of a VAE's training images and of their mirror images.

    The number of Gaussians is the one under which the codes of the validation images are the likeliest.
    """
    codes = np.concatenate([generator.encode(train), generator.encode(train[:, :, ::-1])])
    return fit_mixture(codes, COMPONENTS, generator.encode(validation))[0]
