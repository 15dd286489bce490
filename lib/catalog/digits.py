"""The networks of the denoising and generating pages: what is shipped, and what a user may vary.

Systems E1-E7 of report 004, and beyond them a convolutional denoiser, conditional variational autoencoders and a
digit classifier that was trained on changed digits, so that it knows other hands and pens than MNIST's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.catalog.presets import PRESETS
from lib.spec.settings import ClassifySettings, CvaeSettings, DenoiseSettings, ReverseSettings
from lib.spec.specs import (
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    LayerSpec,
    RunSpec,
    TrainSpec,
)

#: Pixels a side of every image of these pages.
SIDE = 28
#: Sets with shipped denoisers; digits are generated from the first.
DENOISE_DATA = ("mnist", "fashion_mnist")


def _normalised(*layers: ConvSpec) -> list[LayerSpec]:
    """Each convolution with batch normalisation after it."""
    return [part for layer in layers for part in (layer, BatchNormSpec())]


_CLASSIFIER = ArchitectureSpec((
    *_normalised(ConvSpec(32), ConvSpec(48, strides=2), ConvSpec(48), ConvSpec(96, strides=2), ConvSpec(96)),
    FlattenSpec(), DropoutSpec(0.4), DenseSpec(10, "softmax"),
), "digit_reader")
#: The digit classifier's first stage: what MNIST and changed strokes alone teach.
FIRST_STAGE = "digits/mnist_reader"


def first_stage_spec(seed: int = 0) -> RunSpec:
    """A classifier that learned MNIST's digits, each changed by `DigitAugmentation`."""
    return RunSpec(_CLASSIFIER, DataSpec("mnist"), TrainSpec("adam", 0.002, 128, 25), seed,
                   settings=ClassifySettings.given(augmentation="pen", decay="cosine"))


def digit_classifier_spec(seed: int = 0, epochs: int = 15, keep: float = 0.3) -> RunSpec:
    """The classifier that reads digits on these pages: it begins with the weights of its first stage.

    It goes on with MNIST, digits of the stroke model and drawings that show none, so that it knows other hands and what is
    no digit. In the end a share `keep` of the first weights is mixed in: the largest with which, over three seeds, no more
    than one in 10,000 of MNIST's validation digits is read wrong that another share reads.
    """
    return RunSpec(
        _CLASSIFIER, DataSpec("mnist"), TrainSpec("adam", 0.002, 128, epochs, precision="mixed_bfloat16"), seed,
        settings=ClassifySettings.given(augmentation="pen", decay="cosine", drawn=27_000, keep=keep, others=6_000,
                                        start=FIRST_STAGE))


def noise_trained_spec(seed: int = 0, epochs: int = 32) -> RunSpec:
    """The noise-trained classifier: it goes on from the classifier's weights with all of MNIST, corrupted in every way.

    It sees as many noisy images as the denoiser of `wide_denoiser_spec`, so that the two can be compared.
    """
    return RunSpec(
        _CLASSIFIER, DataSpec("mnist"), TrainSpec("adam", 0.001, 128, epochs, precision="mixed_bfloat16"), seed,
        settings=ClassifySettings.given(augmentation="pen", decay="cosine", noise="all", start="digits/reader"))


def dense_autoencoder(widths: tuple[int, ...], name: str = "") -> ArchitectureSpec:
    """Image to latent code to image: hidden layers of `widths`, the narrowest of which gives the latent code."""
    narrow = widths.index(min(widths))
    # A latent code of two values could be cut off by relu and then never leave zero; report 004 does not say what it used.
    hidden = [DenseSpec(units, "linear" if i == narrow and units < 16 else "relu") for i, units in enumerate(widths)]
    title = name or "autoencoder_" + "_".join(str(units) for units in widths)
    return ArchitectureSpec((FlattenSpec(), *hidden, DenseSpec(SIDE * SIDE, "sigmoid")), title)


def dense_denoiser_spec(
    data: str = "mnist", widths: tuple[int, ...] = (128, 96, 128), noise: str = "salt_pepper", level: float = 0.4,
    epochs: int = 30, seed: int = 0,
) -> RunSpec:
    """A dense denoiser; the defaults are system E1."""
    return RunSpec(
        dense_autoencoder(widths), DataSpec(data), TrainSpec("adam", 0.001, 128, epochs, monitor="val_loss"), seed,
        task="denoise", settings=DenoiseSettings.given(noise=noise, level_low=level, level_high=level),
    )


def conv_denoiser_spec(data: str = "mnist", epochs: int = 16, seed: int = 0, noise: str = "all") -> RunSpec:
    """A light denoiser, trained in minutes: convolutions down to 7x7 and up again with skips, over all kinds of noise."""
    layers = (ConvSpec(16), ConvSpec(40, strides=2), ConvSpec(40), ConvSpec(80, strides=2), ConvSpec(80))
    return RunSpec(
        ArchitectureSpec(layers, "conv_denoiser"), DataSpec(data),
        TrainSpec("adam", 0.002, 64, epochs, monitor="val_loss"), seed, task="denoise",
        settings=DenoiseSettings.given(decay="cosine", noise=noise, level_low=0.0, level_high=0.9),
    )


def wide_denoiser_spec(data: str = "mnist", epochs: int = 32, seed: int = 0) -> RunSpec:
    """Our denoiser of digits: about four times the weights, more of them where one place sees the whole digit."""
    widths = ((24, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1))
    layers = tuple(ConvSpec(filters, strides=strides) for filters, strides in widths)
    return replace(conv_denoiser_spec(data, epochs, seed), architecture=ArchitectureSpec(layers, "wide_denoiser"),
                   train=TrainSpec("adam", 0.001, 64, epochs, monitor="val_loss", precision="mixed_bfloat16"))


def flat_autoencoder_spec(
    data: str = "mnist", widths: tuple[int, ...] = (128, 2, 128), epochs: int = 40, seed: int = 0
) -> RunSpec:
    """An autoencoder without noise; the defaults are system E6, whose latent code has two values."""
    return RunSpec(
        dense_autoencoder(widths), DataSpec(data), TrainSpec("adam", 0.001, 128, epochs, monitor="val_loss"), seed,
        task="denoise", settings=DenoiseSettings.given(decay="cosine", noise="none"),
    )


def _hidden(widths: tuple[int, ...], name: str) -> ArchitectureSpec:
    return ArchitectureSpec(tuple(DenseSpec(units, initializer="he_uniform") for units in widths), name)


def reversed_spec(data: str = "mnist", inputs: int = 8, tries: int = 1, epochs: int = 30, seed: int = 0) -> RunSpec:
    """Label and random inputs to image, system E7; with more than one try only the closest of them learns."""
    return RunSpec(
        _hidden((256, 512), "reversed_network"), DataSpec(data), TrainSpec("adam", 0.001, 128, epochs, monitor="val_loss"),
        seed, task="reverse", settings=ReverseSettings.given(decay="cosine", latent_size=inputs, tries=tries),
    )


def cvae_spec(data: str = "mnist", latent_size: int = 16, epochs: int = 40, seed: int = 0) -> RunSpec:
    """A conditional variational autoencoder of latent size `latent_size`."""
    return RunSpec(
        _hidden((512, 256), "conditional_vae"), DataSpec(data), TrainSpec("adam", 0.001, 128, epochs, monitor="val_loss"),
        seed, task="cvae", settings=CvaeSettings.given(decay="cosine", latent_size=latent_size),
    )


#: The best classifier of report 004 (system B4), with which it measured whether denoising helps (system E3).
REPORT_CLASSIFIER = "digits/b4"
#: The digit classifier that learned from noisy images too.
NOISE_TRAINED = "digits/noise_reader"
#: What reads the images of each data set: names in the manifest.
CLASSIFIERS = {"mnist": "digits/reader", "fashion_mnist": "permuted/fashion_mnist_cnn_original"}
_TRAINING_ASSUMED = "Its training is not stated; here: Adam 0.001, {epochs} epochs, batch 128, binary cross-entropy."
_E1_ASSUMED = ("The activations are not stated; here: ReLU, and a sigmoid at the end.",
               "The share of salt in the noise is not stated; here: a half.", _TRAINING_ASSUMED.format(epochs=30))
_DECAY = " The rate falls along a cosine."
#: System -> what is taken where report 004 leaves it open.
ASSUMED: dict[str, tuple[str, ...]] = {
    "E1": _E1_ASSUMED, "E2": _E1_ASSUMED, "E4": _E1_ASSUMED,
    "E3": (*_E1_ASSUMED, '"Most likely class" is that of the report\'s best network, its small CNN (B4).'),
    "E5": (*_E1_ASSUMED, "How much of a latent code is salted is not stated; here: a fifth of its values."),
    "E6": (*_E1_ASSUMED, "Of its layers only the latent code's two values are stated; here: 784-128-2-128-784, the two "
           "without an activation. It is trained without noise. " + _TRAINING_ASSUMED.format(epochs=40) + _DECAY),
    "E7": ("The report proposes it and has not built it: ten inputs for the digit, random ones beside them. Ours has 8 "
           "random inputs and hidden layers of 256 and 512 units. " + _TRAINING_ASSUMED.format(epochs=30) + _DECAY,),
}
#: Name in the manifest -> what was trained. Denoisers carry their data set in the name.
SHIPPED: dict[str, RunSpec] = {
    FIRST_STAGE: first_stage_spec(),
    "digits/reader": digit_classifier_spec(),
    NOISE_TRAINED: noise_trained_spec(),
    **{f"digits/{data}_dense": dense_denoiser_spec(data) for data in DENOISE_DATA},
    "digits/mnist_conv": wide_denoiser_spec(),
    "digits/fashion_mnist_conv": conv_denoiser_spec("fashion_mnist"),
    "digits/map_2d": flat_autoencoder_spec(),
    "digits/reversed": reversed_spec(),
    "digits/reversed_closest": reversed_spec(tries=10),
    "digits/cvae_2": cvae_spec(latent_size=2),
    "digits/cvae_16": cvae_spec(latent_size=16),
    REPORT_CLASSIFIER: PRESETS["b4_small_cnn"].spec(DataSpec("mnist")),
}
#: Way to clean an image -> its title, in the order of tables and charts.
METHODS = {
    "nothing": "Nothing", "median3": "Median 3x3", "median5": "Median 5x5", "dense": "Dense denoiser (E1)",
    "conv": "Our convolutional denoiser",
}
#: The same where images or curves are shown: nothing done leaves them noisy.
SHOWN_METHODS = METHODS | {"nothing": "Noisy"}
#: Ways to read a noisy digit, by which the page answers whether denoising helps -> their titles.
NOISY_READINGS = {
    "clean_trained": "As it is, by the classifier that never saw noise",
    "noise_trained": "As it is, by the noise-trained classifier",
    "denoised": "Denoised first, then by the classifier that never saw noise",
    "denoised_noise_trained": "Denoised first, then by the noise-trained classifier",
}
#: The share of a latent code that the report card's salted ones draw anew, and the training images whose features give the
#: moments of its Fréchet distance.
SALTED_SHARE, FRECHET_IMAGES = 0.2, 20_000
#: Way to generate digits -> its title.
GENERATION_METHODS = {
    "mix": "Mix two latent codes", "salt": "Salt a latent code", "map": "Map of two latent values",
    "reversed": "Reversed network", "reversed_closest": "Reversed, closest of ten",
    "cvae_2": "Conditional VAE, latent size 2", "cvae_16": "Conditional VAE, latent size 16",
}


def mixed_latents(first: np.ndarray, second: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """(1 - share) first + share second: report 004's first method, system E4."""
    return (1 - share) * first + share * second


def salted_latents(latents: np.ndarray, level: float, seed: int) -> np.ndarray:
    """`latents` (N, D) with a share `level` of the values drawn anew between each latent code's own least and greatest.

    Report 004's second method, system E5; the same seed at a higher level changes the same numbers and more.
    """
    rng = np.random.default_rng([seed, 11])
    low, high = latents.min(axis=1, keepdims=True), latents.max(axis=1, keepdims=True)
    changed, values = rng.random(latents.shape) < level, rng.random(latents.shape)
    return np.where(changed, low + values * (high - low), latents).astype(np.float32)
