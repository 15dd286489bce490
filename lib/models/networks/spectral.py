"""Spectral normalisation: layers whose weight matrices have largest singular value 1.

T. Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018. Keras' own wrapper rescales
the kernel itself; here, as in the paper, the loss is differentiated through the division by the norm.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

_TINY = 1e-12


@functools.cache
def spectral_layers() -> tuple[type, type]:
    """(convolution, dense layer) classes; built on first use, since they derive from Keras'."""
    import keras

    class SpectralConv2D(SpectralNorm, keras.layers.Conv2D):
        """A convolution by kernel / norm."""

        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            """Keras' convolution with the normalised kernel."""
            return super().convolution_op(inputs, self.normalised(kernel))

    class SpectralDense(SpectralNorm, keras.layers.Dense):
        """A dense layer with kernel / norm."""

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            """inputs (N, in) to (N, units)."""
            return keras.ops.matmul(inputs, self.normalised(self.kernel)) + self.bias

    return SpectralConv2D, SpectralDense


class SpectralNorm:
    """Both layers' share: `left`, an estimate of the kernel's first singular vector on the output side, (outputs,)."""

    # What the Keras layer beside it in the classes above has.
    kernel: Any
    bias: Any
    kernel_initializer: Any
    add_weight: Any

    def build(self, input_shape: Any) -> None:
        """Make the kernel and its singular vector, drawn from the initialiser's seed."""
        super().build(input_shape)  # type: ignore[misc]  # of the Keras layer beside it
        outputs = self.kernel.shape[-1]
        seed = getattr(self.kernel_initializer, "seed", 0)
        start = np.random.default_rng(seed if isinstance(seed, int) else 0).standard_normal(outputs)
        self.left = self.add_weight(name="left", shape=(outputs,), trainable=False,
                                    initializer=lambda shape, dtype=None: (start / np.linalg.norm(start)).astype("float32"))

    def _singular(self, kernel: Any) -> tuple[Any, Any, Any]:
        """The kernel as a matrix (inputs, outputs) and one step of power iteration: both singular vectors."""
        from keras import ops

        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        fixed = ops.stop_gradient(matrix)
        right = _unit(ops.matmul(fixed, ops.convert_to_tensor(self.left)))
        return matrix, right, _unit(ops.matmul(right, fixed))

    def normalised(self, kernel: Any) -> Any:
        """`kernel` divided by its largest singular value; the gradient flows through both."""
        from keras import ops

        matrix, right, left = self._singular(kernel)
        return kernel / (ops.sum(right * ops.matmul(matrix, left)) + _TINY)

    def iterate(self) -> None:
        """Improve the estimate of the singular vector; once a training step is enough, since weights move slowly."""
        self.left.assign(self._singular(self.kernel)[2])


def _unit(vector: Any) -> Any:
    from keras import ops

    return vector / (ops.sqrt(ops.sum(ops.square(vector))) + _TINY)


def power_iterate(model: Any) -> None:
    """One step of power iteration in every spectral layer of `model`."""
    for layer in model.layers:
        if isinstance(layer, SpectralNorm):
            layer.iterate()
