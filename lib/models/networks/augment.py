"""Random changes of images that gradients pass through, for training only.

S. Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training", NeurIPS 2020: real and generated images
are changed alike, so the discriminator cannot learn the training images by heart and the generator does not learn
the changes. Light here: mirror, brightness, contrast, shift. The shift is drawn once a batch, which costs a slice.
"""

from __future__ import annotations

from typing import Any


def augment(images: Any, seed: Any, shift: int, colour: float = 0.2) -> Any:
    """Float images (N, H, W, C) around 0-1, each mirrored or not, brighter or darker, all moved by up to `shift` pixels.

    `seed` is a `keras.random.SeedGenerator`.
    """
    return move(recolour(mirror(images, seed), seed, colour), seed, shift)


def mirror(images: Any, seed: Any) -> Any:
    """Each image left as it is or mirrored, with equal chance."""
    import keras
    from keras import ops

    coin = keras.random.uniform((ops.shape(images)[0], 1, 1, 1), seed=seed)
    return ops.where(coin < 0.5, images, ops.flip(images, axis=2))


def recolour(images: Any, seed: Any, amount: float) -> Any:
    """Each image's brightness moved by up to `amount` and its contrast scaled by 1 -/+ `amount`."""
    import keras
    from keras import ops

    count = ops.shape(images)[0]
    light = keras.random.uniform((count, 1, 1, 1), -amount, amount, seed=seed)
    contrast = keras.random.uniform((count, 1, 1, 1), 1 - amount, 1 + amount, seed=seed)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - mean) * contrast + mean + light


def move(images: Any, seed: Any, shift: int) -> Any:
    """All images moved by the same up to `shift` pixels in both directions, the gap filled with 0."""
    import keras
    from keras import ops

    if not shift:
        return images
    _, height, width, channels = images.shape
    padded = ops.pad(images, [[0, 0], [shift, shift], [shift, shift], [0, 0]])
    offset = keras.random.randint((2,), 0, 2 * shift + 1, seed=seed)
    start = ops.concatenate([ops.zeros((1,), "int32"), ops.cast(offset, "int32"), ops.zeros((1,), "int32")])
    # JAX wants the batch as a number; TensorFlow may not know it yet.
    count = images.shape[0] if images.shape[0] is not None else ops.shape(images)[0]
    return ops.slice(padded, start, (count, height, width, channels))
