"""One tiny training step, so that the first real one finds everything loaded."""

from __future__ import annotations

import numpy as np

from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, FlattenSpec, TrainSpec


def train_one_step() -> None:
    """Build a two-layer network, train one step and evaluate it; results are thrown away."""
    import keras

    from lib.models.build import build_model
    from lib.models.optimizers import make_optimizer
    from lib.models.program import StepProgram, Update, compiled

    architecture = ArchitectureSpec((ConvSpec(2), FlattenSpec(), DenseSpec(2, "softmax")), "warm_up")
    model = build_model(architecture, (8, 8, 1), seed=0)

    def loss_fn(images: object) -> tuple[object, dict[str, object]]:
        loss = keras.ops.mean(model(keras.ops.cast(images, "float32"), training=True))
        return loss, {"loss": loss}

    images = np.zeros((4, 8, 8, 1), np.uint8)
    program = StepProgram(
        [Update(loss_fn, model.trainable_variables, make_optimizer(TrainSpec()))], (images,), model.variables
    )
    program.run(np.zeros((1, 2), np.int32))
    compiled(lambda x: model(keras.ops.cast(x, "float32"), training=False), model.variables)(images)
