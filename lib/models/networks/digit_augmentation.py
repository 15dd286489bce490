"""Random changes of digits while they are learned, inside the compiled step."""

from __future__ import annotations

from typing import Any


class DigitAugmentation:
    """Digits as other hands and pens would have drawn them.

    Turns, slants, stretches, shifts and bends each image (bends after Simard, Steinkraus and Platt, "Best practices
    for convolutional neural networks", ICDAR 2003), then changes the width, the edge and the strength of its strokes.
    `seeds` is the state that has to travel with the network's, so that a resumed run draws on as before.
    """

    def __init__(self, seed: int) -> None:
        import keras

        self.seeds = keras.random.SeedGenerator(seed)

    def __call__(self, images: Any) -> Any:
        """Float images (N, H, W, 1) in 0-1, bright strokes on black; the same shape and range."""
        return self._stroke(self._warp(images))

    def _uniform(self, shape: tuple[Any, ...], low: float, high: float) -> Any:
        import keras

        return keras.random.uniform(shape, low, high, seed=self.seeds)

    def _warp(self, images: Any) -> Any:
        """Each image read at bent, turned and stretched places."""
        import keras
        from keras import ops

        count, (height, width) = ops.shape(images)[0], images.shape[1:3]
        angle = self._uniform((count, 1), -0.26, 0.26)
        slant = self._uniform((count, 1), -0.35, 0.35)
        stretch = ops.exp(self._uniform((count, 2), -0.22, 0.22))
        shift = self._uniform((count, 2), -2.5, 2.5)
        row, column = (ops.reshape(part, (1, -1)) for part in ops.meshgrid(
            ops.arange(height, dtype="float32") - (height - 1) / 2, ops.arange(width, dtype="float32") - (width - 1) / 2,
            indexing="ij"))
        turned = ops.cos(angle) * column + ops.sin(angle) * row, ops.cos(angle) * row - ops.sin(angle) * column
        x = (turned[0] + slant * turned[1]) * stretch[:, :1] + shift[:, :1]
        y = turned[1] * stretch[:, 1:] + shift[:, 1:]
        coarse = keras.random.normal((count, 4, 4, 2), seed=self.seeds) * self._uniform((count, 1, 1, 1), 0.0, 1.6)
        bend = ops.reshape(ops.image.resize(coarse, (height, width), interpolation="bicubic"), (-1, height * width, 2))
        return sample(images, y + bend[..., 0] + (height - 1) / 2, x + bend[..., 1] + (width - 1) / 2)

    def _stroke(self, images: Any) -> Any:
        from keras import ops

        count = ops.shape(images)[0]
        wide = ops.max_pool(images, 3, 1, "same")
        thin = -ops.max_pool(-images, 2, 1, "same")
        soft = ops.average_pool(images, 3, 1, "same")
        kind, share = self._uniform((count, 1, 1, 1), 0.0, 1.0), self._uniform((count, 1, 1, 1), 0.0, 1.0)
        other = ops.where(kind < 0.35, wide, ops.where(kind < 0.5, 0.7 * thin + 0.3 * images, soft))
        images = ops.where(kind < 0.65, images + share * (other - images), images)
        edge = 1.0 + 3.0 * ops.square(self._uniform((count, 1, 1, 1), 0.0, 1.0))
        images = ops.clip((images - 0.5) * edge + 0.5, 0.0, 1.0)
        return images * self._uniform((count, 1, 1, 1), 0.6, 1.0)


def sample(images: Any, y: Any, x: Any) -> Any:
    """`images` (N, H, W, 1) read at rows `y` and columns `x` (N, H*W), between pixels linearly, 0 outside."""
    from keras import ops

    height, width = images.shape[1:3]
    flat = ops.reshape(images, (-1, height * width))
    top, left = ops.floor(y), ops.floor(x)
    total = 0.0
    for row, by_row in ((top, 1.0 - (y - top)), (top + 1.0, y - top)):
        for column, by_column in ((left, 1.0 - (x - left)), (left + 1.0, x - left)):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            index = ops.clip(row, 0, height - 1) * width + ops.clip(column, 0, width - 1)
            value = ops.take_along_axis(flat, ops.cast(index, "int32"), axis=1)
            total = total + ops.where(inside, by_row * by_column * value, 0.0)
    return ops.reshape(total, (-1, height, width, 1))
