"""What the curves of a GAN or a VAE say, in words; from epoch rows with the metrics of their tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

Row = Mapping[str, float]
#: Below this share of the diversity of real images a GAN has collapsed to few images.
COLLAPSED = 0.4
_LAST = 3


def _recent(rows: Sequence[Row], name: str) -> float | None:
    values = [row[name] for row in rows[-_LAST:] if name in row]
    return mean(values) if values else None


def gan_reading(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """(level, sentence) pairs about the last epochs; levels are "warning", "info" and "success"."""
    found = [part for part in (_collapse(rows), _balance(rows), _by_heart(rows)) if part is not None]
    if rows and not found:
        found.append(("success", "Neither network has won, and the images are varied: training goes well."))
    return found


def _collapse(rows: Sequence[Row]) -> tuple[str, str] | None:
    diversity = _recent(rows, "val_diversity")
    if diversity is None or diversity >= COLLAPSED:
        return None
    return "warning", (f"The generated images have {diversity:.0%} of the diversity of real ones: the generator is "
                       "collapsing to a few images. Try a lower learning rate, augmentation or a smaller batch.")


def _balance(rows: Sequence[Row]) -> tuple[str, str] | None:
    real, fake = _recent(rows, "real_accuracy"), _recent(rows, "fake_accuracy")
    if real is None or fake is None:
        return None
    right = (real + fake) / 2
    if right > 0.95:
        return "warning", (f"The discriminator is right about {right:.0%} of the images: it wins, and the generator learns "
                           "little. Give the discriminator a lower rate, noise or spectral norm.")
    if right < 0.53:
        return "info", (f"The discriminator is right about {right:.0%} of the images, hardly more than by chance: it is too "
                        "weak to teach, or the images are very good.")
    return None


def _by_heart(rows: Sequence[Row]) -> tuple[str, str] | None:
    seen, unseen = _recent(rows, "real_accuracy"), _recent(rows, "val_real_accuracy")
    if seen is None or unseen is None or seen - unseen < 0.35:
        return None
    return "info", (f"The discriminator accepts {seen:.0%} of the training images but {unseen:.0%} of unseen real ones: "
                    "it begins to memorise its images.")


def vae_reading(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The same about a VAE."""
    found = []
    kl = _recent(rows, "val_kl") or _recent(rows, "kl")
    if kl is not None and kl < 1:
        found.append(("warning", f"The KL term is {kl:.2f} nats: the latent values carry almost nothing, and all "
                                 "images look alike. Let the KL term come in more slowly, or weigh the pixels more."))
    losses = [row["val_loss"] for row in rows if "val_loss" in row]
    best = losses.index(min(losses)) if losses else 0
    if losses and len(losses) - 1 - best >= 4:
        found.append(("info", f"The validation loss is lowest after epoch {best + 1} and has risen since: it over-fits."))
    if rows and not found:
        words = f" Its latent values carry {kl:.0f} nats an image." if kl is not None else ""
        found.append(("success", f"The validation loss was lowest in the last epochs.{words}"))
    return found
