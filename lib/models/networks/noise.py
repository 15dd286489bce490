"""Random noise for images while they are learned, inside the compiled step."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.measures.corruptions import BLOCK, BLUR, NOISES


class RandomNoise:
    """Fresh noise for every image of every step, of one kind, of "all" kinds in turn, or "none".

    Levels are uniform between `low` and `high`; see `lib.measures.corruptions` for what they mean.
    """

    def __init__(self, kind: str, low: float, high: float, seed: int) -> None:
        import keras

        if kind not in (*NOISES, "all", "none"):
            raise SpecError("Unknown noise.", expected=", ".join((*NOISES, "all", "none")), received=repr(kind))
        if not 0 <= low <= high <= 1:
            raise SpecError("The noise levels are out of range.", expected="0 <= lowest <= highest <= 1",
                            received=f"{low:g} to {high:g}")
        self.kind, self.low, self.high = kind, low, high
        self.seeds = keras.random.SeedGenerator(seed)

    def __call__(self, images: Any) -> Any:
        """Float images (N, H, W, C) in 0-1, corrupted; the same shape and range."""
        import keras
        from keras import ops

        if self.kind == "none":
            return images
        shape = (ops.shape(images)[0], 1, 1, 1)
        level = keras.random.uniform(shape, self.low, max(self.high, self.low + 1e-6), seed=self.seeds)
        if self.kind != "all":
            return getattr(self, f"_{self.kind}")(images, level)
        chosen = keras.random.uniform(shape, 0.0, float(len(NOISES)), seed=self.seeds)
        result = images
        for number, kind in enumerate(NOISES):
            corrupted = getattr(self, f"_{kind}")(images, level)
            result = ops.where((chosen >= number) & (chosen < number + 1), corrupted, result)
        return result

    def _uniform(self, *shape: Any) -> Any:
        import keras

        return keras.random.uniform(shape, seed=self.seeds)

    def _salt_pepper(self, images: Any, level: Any) -> Any:
        from keras import ops

        shape = (ops.shape(images)[0], *images.shape[1:3], 1)
        white = ops.cast(self._uniform(*shape) < 0.5, "float32")
        return ops.where(self._uniform(*shape) < level, white, images)

    def _gaussian(self, images: Any, level: Any) -> Any:
        import keras
        from keras import ops

        noise = keras.random.normal((ops.shape(images)[0], *images.shape[1:]), seed=self.seeds)
        return ops.clip(images + level * noise, 0.0, 1.0)

    def _blocks(self, images: Any, level: Any) -> Any:
        from keras import ops

        rows, columns = (-(-side // BLOCK) for side in images.shape[1:3])
        kept = ops.cast(self._uniform(ops.shape(images)[0], rows, columns, 1) >= level, "float32")
        mask = ops.repeat(ops.repeat(kept, BLOCK, axis=1), BLOCK, axis=2)
        return images * mask[:, : images.shape[1], : images.shape[2]]

    def _blur(self, images: Any, level: Any) -> Any:
        from keras import ops

        rows, columns = (self._blur_matrices(side, level) for side in images.shape[1:3])
        return ops.clip(ops.einsum("nij,njkc,nlk->nilc", rows, images, columns), 0.0, 1.0)

    def _blur_matrices(self, side: int, level: Any) -> Any:
        from keras import ops

        sigma = ops.maximum(BLUR * level[..., 0], 1e-3)
        offsets = ops.arange(-side, side + 1, dtype="float32")
        weights = ops.exp(-0.5 * (offsets / sigma) ** 2)
        weights = ops.reshape(weights / ops.sum(weights, axis=-1, keepdims=True), (-1, 2 * side + 1))
        return ops.take(weights, np.subtract.outer(np.arange(side), np.arange(side)) + side, axis=1)
