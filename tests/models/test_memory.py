"""A run that ended leaves nothing behind: neither its network nor its images nor an entry in a table of TensorFlow's."""

import gc

import keras
import pytest

from lib.models.optimizers import optimizer_by_name
from lib.models.program import StepProgram
from lib.models.training import train
from lib.spec.runs import RunControl
from lib.spec.specs import OPTIMIZERS
from tests.models.test_clock_task import clocks, spec
from tests.models.test_conditional_tasks import conditional_spec
from tests.models.test_denoise_task import denoise_spec
from tests.models.test_generative_tasks import small
from tests.tiny import CNN, tiny_dataset, tiny_spec

__all__ = ["clocks"]
SPECS = {
    **{name: tiny_spec(CNN, optimizer=name) for name in OPTIMIZERS},
    "denoise": denoise_spec(epochs=1), "reverse": conditional_spec("reverse", 1, inputs=3),
    "cvae": conditional_spec("cvae", 1, latent=3),
    "gan": small("f1_gan", epochs=1), "vae": small("f2_vae", epochs=1), "clock": spec("classes_24", epochs=1),
}
needs_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow keeps this table")


def registered_gradients():
    from tensorflow.python.framework import ops

    return set(ops.gradient_registry.list())


def programs():
    return [found for found in gc.get_objects() if type(found) is StepProgram]


def variables():
    return [found for found in gc.get_objects() if isinstance(found, keras.Variable)]


@needs_tensorflow
@pytest.mark.parametrize("name", SPECS)
def test_a_run_leaves_no_program_and_no_gradient_behind(name, clocks):
    dataset = clocks if SPECS[name].task == "clock" else tiny_dataset()
    before, others = registered_gradients(), programs()  # other tests may still be holding theirs
    train(SPECS[name], dataset, lambda event: None, RunControl())
    assert registered_gradients() == before
    assert not [program for program in programs() if all(program is not other for other in others)]


@pytest.mark.parametrize("name", SPECS)
def test_a_run_names_its_variables_as_the_one_before_it(name, clocks):
    # TensorFlow keeps something for every name, shape and type that a variable ever had.
    dataset = clocks if SPECS[name].task == "clock" else tiny_dataset()

    def named():
        seen, known = set(), {id(variable) for variable in variables()}
        train(SPECS[name], dataset, lambda event: seen.update(
            (variable.path, tuple(variable.shape), variable.dtype) for variable in variables()
            if id(variable) not in known), RunControl())
        return seen

    named()  # what it loads once
    assert named() == named() != set()


@needs_tensorflow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_of_one_device_takes_the_same_steps_bit_by_bit(name):
    import tensorflow as tf

    def stepped(optimizer):
        variable = keras.Variable([[0.3, -1.7], [2.5, 1e-8]])
        optimizer.build([variable])
        # A graph, as in training: there the sum over replicas is part of the step.
        step = tf.function(lambda gradient: optimizer.apply([gradient], [variable]))
        for number in range(5):
            step(tf.constant([[0.1 * number, -3.0], [1e-4, 7.7]]))
        return variable.numpy().tobytes()

    usual = optimizer_by_name(name, 0.01)
    del usual.__dict__["_all_reduce_sum_gradients"]
    assert stepped(usual) == stepped(optimizer_by_name(name, 0.01))
