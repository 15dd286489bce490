"""Networks that make images: the two of report 003, and a better one of each.

The `architecture` of such a preset lists the convolutions of the network that looks at images (discriminator or encoder),
its `settings` hold the rest. The network that draws (generator or decoder) has filters of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lib.base.errors import SpecError
from lib.catalog.preset import Preset
from lib.catalog.tasks import GAN, SIMCLR, VAE
from lib.spec.settings import ClassifySettings, GanSettings, SimClrSettings, VaeSettings
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, GlobalPoolSpec, RunSpec, TrainSpec

#: Fixed latent codes whose images are kept after every epoch.
FIXED_LATENTS = 16
#: How many held-out images a VAE redraws after every epoch.
FIXED_IMAGES = 8
#: Weights of the better VAE's KL term that are compared, each in a training of CURVE_EPOCHS.
KL_WEIGHTS = (0.1, 0.3, 1.0, 3.0)
CURVE_EPOCHS = 2


def _convolutions(name: str, filters: tuple[int, ...], kernel_size: int) -> ArchitectureSpec:
    layers = tuple(ConvSpec(count, kernel_size, strides=2, activation="linear") for count in filters)
    return ArchitectureSpec(layers, name)


_CATS = DataSpec("cats")
_REPORT_STACK = (128,) * 5
#: Images of the report's set, and how many of them were left when exact repeats went.
REPORT_IMAGES, DISTINCT_IMAGES = 15_746, 9_303
_ASSUMED = (
    f"The report's set has {REPORT_IMAGES:,} images, about {REPORT_IMAGES - DISTINCT_IMAGES:,} of them exact repeats of "
    f"others; these are left out here, and of the {DISTINCT_IMAGES:,} that are left some are kept for validation and test.",
)
_GAN_ASSUMED = (
    "The optimiser is not stated; here: Adam, rate 0.0002, beta 1 of 0.5.",
    "The size of the generator's latent code is not stated; here: 32, as for the VAE.",
    "The generator's activations are not stated; here: ReLU, and a sigmoid for pixels from 0 to 1.", *_ASSUMED,
)
_VAE_ASSUMED = (
    "The optimiser is not stated; here: Adam, rate 0.001.",
    "The reconstruction error and the weight of the KL term are not stated; here: squared error, summed over an image, and "
    "weight 1.",
    "\"The mean and standard deviation\" are learned as mean and log-variance; the decoder ends in a sigmoid for pixels "
    "from 0 to 1.", *_ASSUMED,
)
_PRESETS = (
    Preset(
        "f1_gan", "GAN of the report", _convolutions("f1_gan", _REPORT_STACK, 3), TrainSpec("adam", 2e-4, 32, 50),
        "Five 128-filter convolutions of stride 2 in the discriminator and five transposed ones in the generator, squared "
        "loss, LeakyReLU with slope 0.3 and Gaussian noise 0.01 in the discriminator.",
        "F1", "003", _CATS, _GAN_ASSUMED, task=GAN.name,
        settings=GanSettings.given(network="report", latent_size=32, loss="squared", slope=0.3, input_noise=0.01),
    ),
    Preset(
        "gan_better", "Better GAN", _convolutions("gan_better", (32, 64, 128, 160), 4),
        TrainSpec("adam", 2e-4, 32, 40),
        "Hinge loss, a discriminator with spectral norm, light augmentation of real and generated images alike, and an "
        "average of the generator over its last thousand steps.",
        data=_CATS, task=GAN.name,
        settings=GanSettings.given(network="light", latent_size=64, loss="hinge", slope=0.2, drawing="160-128-80-48",
                                   spectral_norm=1.0, augmentation=1.0, average=0.999, discriminator_rate=2.0),
    ),
    Preset(
        "f2_vae", "VAE of the report", _convolutions("f2_vae", _REPORT_STACK, 3),
        TrainSpec("adam", 1e-3, 8, 50, monitor="val_loss"),
        "Five 128-filter convolutions of stride 2, dense 64, mean and log-variance of 32 latent values; a decoder like the "
        "GAN's generator; squared error.",
        "F2", "003", _CATS, _VAE_ASSUMED, task=VAE.name,
        settings=VaeSettings.given(network="report", latent_size=32, units=64),
    ),
    Preset(
        "vae_better", "Better VAE", _convolutions("vae_better", (32, 64, 128, 160), 4),
        TrainSpec("adam", 1e-3, 16, 10, monitor="val_loss"),
        "A light network whose loss also compares images by the feature maps of a classifier of photographs, place by "
        "place and by their texture, with a KL term of small weight.",
        data=_CATS, task=VAE.name,
        settings=VaeSettings.given(network="light", latent_size=64, drawing="160-128-80-48", pixel_weight=1.0, kl_weight=0.3,
                                   structure=100.0, texture=60.0, grid=20.0, mirror=1.0, warm_up_images=7500.0,
                                   decay="cosine"),
    ),
    Preset(
        "vae_plain", "Light VAE", _convolutions("vae_plain", (32, 64, 128, 160), 4),
        TrainSpec("adam", 1e-3, 32, 25, monitor="val_loss"),
        "A light network with batch normalisation; squared error plus structural similarity, and a KL term that comes in "
        "slowly.",
        data=_CATS, task=VAE.name,
        settings=VaeSettings.given(network="light", latent_size=64, drawing="160-128-80-48", ssim=30.0, pixel_weight=1.0,
                                   warm_up_images=15000.0),
    ),
)
GENERATIVE_PRESETS: dict[str, Preset] = {preset.name: preset for preset in _PRESETS}


def generative_run(name: str, data: DataSpec, seed: int = 0, **train: Any) -> RunSpec:
    """The run of preset `name` on `data`; `train` overrides fields of its TrainSpec."""
    if name not in GENERATIVE_PRESETS:
        raise SpecError("There is no such network.", expected=", ".join(GENERATIVE_PRESETS), received=repr(name))
    preset = GENERATIVE_PRESETS[name]
    return replace(preset.spec(data, seed), train=replace(preset.train, **train))


def curve_runs(
    data: DataSpec, seed: int = 0, kl_weights: Iterable[float] = KL_WEIGHTS, epochs: int = CURVE_EPOCHS
) -> list[RunSpec]:
    """Short trainings of the better VAE, one for each KL weight; with its own also one without the classifier's features."""
    spec = generative_run("vae_better", data, seed, epochs=epochs)
    settings = dict(spec.settings)
    changes: list[dict[str, float]] = [{"kl_weight": weight} for weight in kl_weights]
    if {"kl_weight": settings["kl_weight"]} in changes:
        changes.append({"structure": 0.0, "texture": 0.0})
    return [replace(spec, settings=tuple(sorted((settings | change).items()))) for change in changes]


def simclr_run(data: DataSpec, epochs: int = 20, seed: int = 0) -> RunSpec:
    """The run of the network whose features the report card uses; see `lib.models.tasks.simclr`."""
    architecture = _convolutions("cat_features", (32, 64, 96, 128), 4)
    return RunSpec(architecture, data, TrainSpec("adam", 1e-3, 128, epochs), seed, SIMCLR.name,
                   settings=SimClrSettings.given(features=64, temperature=0.2))


def perception_run(epochs: int = 12, seed: int = 0) -> RunSpec:
    """The run of the classifier by whose feature maps a VAE's loss compares images; see `lib.models.networks.perception`.

    It learns CIFAR-10, not the cat faces, and has no part in the features that the report card measures with. Its first
    layer works at full size, since what blurs an image happens between neighbouring pixels.
    """
    strides = {16: 1, 32: 2, 64: 2, 128: 2}
    layers = tuple(ConvSpec(filters, 3, strides=step, initializer="he_normal") for filters, step in strides.items())
    architecture = ArchitectureSpec((*layers, GlobalPoolSpec("average"), DenseSpec(10, "softmax")), "perception")
    return RunSpec(architecture, DataSpec("cifar10"), TrainSpec("adam", 2e-3, 64, epochs), seed,
                   settings=ClassifySettings.given(decay="cosine"))
