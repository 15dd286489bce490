"""Compiled training steps: many optimiser steps in one call, data resident, no Python per step.

`keras.Model.fit` hands over every batch from Python and calls back after every step, which costs
more than the arithmetic of a small network. Here a chunk of steps is one compiled loop that gathers
its batches from arrays that stay on the device, and returns the metrics of every step.

Loss functions are written with `keras.ops`; the two loops below are all that knows a backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: batch (one tensor per data array) -> (scalar loss, metrics by name, each a scalar)
LossFn = Callable[..., tuple[Any, dict[str, Any]]]


@dataclass(frozen=True)
class Update:
    """One optimiser, the variables it changes, and the loss it lowers. A GAN has two of them a step."""

    loss_fn: LossFn
    variables: Sequence[Any]
    optimizer: Any


class StepProgram:
    """Runs `updates` one after the other on each batch.

    `data` are arrays with equal first axes; `state` lists all Keras variables that a loss may read or
    change (weights, batch statistics, dropout seeds) apart from the optimisers' own.
    """

    def __init__(self, updates: Sequence[Update], data: Sequence[np.ndarray], state: Sequence[Any]) -> None:
        import keras

        for update in updates:
            update.optimizer.build(update.variables)
        self._updates = updates
        loop = _TensorFlowLoop if keras.backend.backend() == "tensorflow" else _JaxLoop
        self._loop = loop(updates, data, state)

    def run(self, indices: np.ndarray, rates: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Take one step per row of `indices` (steps, batch size), int; metrics as float32 (steps,).

        `rates` are the learning rates of every step and update, (steps, updates); None leaves the optimisers' own.
        """
        if rates is None:
            own = [float(np.asarray(update.optimizer.learning_rate)) for update in self._updates]
            rates = np.tile(np.asarray(own), (len(indices), 1))
        return self._loop(np.ascontiguousarray(indices, dtype=np.int32), np.ascontiguousarray(rates, dtype=np.float32))

    def load(self, data: Sequence[np.ndarray]) -> None:
        """Take the next batches from `data`, arrays of the same shapes and types as before; nothing is compiled again."""
        self._loop.load(data)


class _TensorFlowLoop:
    def __init__(self, updates: Sequence[Update], data: Sequence[np.ndarray], state: Sequence[Any]) -> None:
        import tensorflow as tf

        self.load(data)

        def one_step(tensors: Sequence[Any], row: Any, rates: Any) -> dict[str, Any]:
            batch = [tf.gather(tensor, row) for tensor in tensors]
            metrics: dict[str, Any] = {}
            for number, update in enumerate(updates):
                update.optimizer.learning_rate.assign(rates[number])
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch([variable.value for variable in update.variables])
                    loss, new = update.loss_fn(*batch)
                gradients = tape.gradient(loss, [variable.value for variable in update.variables])
                update.optimizer.apply(gradients, update.variables)
                metrics |= {name: tf.cast(value, tf.float32) for name, value in new.items()}
            return metrics

        names: list[str] = []

        signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, len(updates)], tf.float32),
                     *(tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in self._tensors)]

        @tf.function(input_signature=signature, autograph=False, jit_compile=False)
        def chunk(indices: Any, rates: Any, *tensors: Any) -> Any:
            def body(step: Any, rows: Any) -> tuple[Any, Any]:
                metrics = one_step(tensors, indices[step], rates[step])
                names[:] = list(metrics)
                return step + 1, rows.write(step, tf.stack(list(metrics.values())))

            count = tf.shape(indices)[0]
            rows = tf.TensorArray(tf.float32, size=count)
            _, rows = tf.while_loop(lambda step, _: step < count, body, (0, rows), parallel_iterations=1)
            return rows.stack()

        self._chunk, self._names = chunk, names

    def load(self, data: Sequence[np.ndarray]) -> None:
        import tensorflow as tf

        self._tensors = [tf.constant(array) for array in data]

    def __call__(self, indices: np.ndarray, rates: np.ndarray) -> dict[str, np.ndarray]:
        table = self._chunk(indices, rates, *self._tensors).numpy()
        return dict(zip(self._names, table.T, strict=True))


class _JaxLoop:
    def __init__(self, updates: Sequence[Update], data: Sequence[np.ndarray], state: Sequence[Any]) -> None:
        import jax

        self.load(data)
        self._updates, self._state = updates, list(state)
        self._rate_slots = [
            next(i for i, variable in enumerate(update.optimizer.variables) if variable is update.optimizer.learning_rate)
            for update in updates]
        self._chunk = jax.jit(self._scan, donate_argnums=(0, 1))

    def load(self, data: Sequence[np.ndarray]) -> None:
        import jax

        self._arrays = tuple(jax.numpy.asarray(array) for array in data)

    def _scan(self, values: list[Any], slots: list[list[Any]], arrays: Any, steps: Any) -> Any:
        import jax

        def body(carry: Any, step: Any) -> Any:
            row, rates = step
            weights, moments = carry
            return self._one_step(weights, moments, [array[row] for array in arrays], rates)

        return jax.lax.scan(body, (values, slots), steps)

    def _one_step(self, values: list[Any], slots: list[list[Any]], batch: list[Any], rates: Any) -> Any:
        values, slots = list(values), [list(column) for column in slots]
        metrics: dict[str, Any] = {}
        position = {id(variable): index for index, variable in enumerate(self._state)}
        for number, update in enumerate(self._updates):
            slots[number][self._rate_slots[number]] = rates[number]
            chosen = [position[id(variable)] for variable in update.variables]
            values, slots[number], new = self._apply(update, chosen, values, slots[number], batch)
            metrics |= new
        return (values, slots), metrics

    def _apply(self, update: Update, chosen: list[int], values: list[Any], slots: list[Any], batch: list[Any]) -> Any:
        import jax
        import keras

        def loss_of(weights: list[Any]) -> Any:
            current = dict(enumerate(values)) | dict(zip(chosen, weights, strict=True))
            mapping = [(variable, current[index]) for index, variable in enumerate(self._state)]
            with keras.StatelessScope(state_mapping=mapping) as scope:
                loss, metrics = update.loss_fn(*batch)
            after = [scope.get_current_value(variable) for variable in self._state]
            return loss, (metrics, [current[i] if value is None else value for i, value in enumerate(after)])

        weights = [values[index] for index in chosen]
        (_, (metrics, after)), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights)
        weights, slots = update.optimizer.stateless_apply(slots, gradients, weights)
        for index, weight in zip(chosen, weights, strict=True):
            after[index] = weight
        return after, slots, metrics

    def __call__(self, indices: np.ndarray, rates: np.ndarray) -> dict[str, np.ndarray]:
        values = [variable.value for variable in self._state]
        slots = [[variable.value for variable in update.optimizer.variables] for update in self._updates]
        (values, slots), metrics = self._chunk(values, slots, self._arrays, (indices, rates))
        for variable, value in zip(self._state, values, strict=True):
            variable.assign(value)
        for update, column in zip(self._updates, slots, strict=True):
            for variable, value in zip(update.optimizer.variables, column, strict=True):
                variable.assign(value)
        return {name: np.asarray(column) for name, column in metrics.items()}


def compiled(function: Callable[..., Any], state: Sequence[Any]) -> Callable[..., Any]:
    """`function` of arrays, compiled, with NumPy results; it may read the Keras variables in `state`.

    The variables' values at the time of each call are used. Shapes may vary between calls.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        inner = tf.function(function, autograph=False, reduce_retracing=True)
    else:
        inner = _jitted_with_state(function, list(state))

    def call(*arrays: Any) -> Any:
        return keras.tree.map_structure(keras.ops.convert_to_numpy, inner(*arrays))

    return call


def gradients_by(function: Callable[..., tuple[Any, Any]], variables: Sequence[Any], state: Sequence[Any],
                 ) -> Callable[..., tuple[list[Any], Any]]:
    """For use in a `compiled` function: the gradients of the scalar that `function` returns first, by each of `variables`.

    What it returns second comes after them. `state` are all variables that it reads.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        return _taped(function, variables)
    import jax

    def call(*arrays: Any) -> tuple[list[Any], Any]:
        def of_values(values: list[Any]) -> tuple[Any, Any]:
            chosen = {id(variable): value for variable, value in zip(variables, values, strict=True)}
            mapping = [(variable, chosen.get(id(variable), now)) for variable, now in current]
            with keras.StatelessScope(state_mapping=mapping):
                return function(*arrays)

        current = [(variable, variable.value) for variable in state]
        return jax.grad(of_values, has_aux=True)([variable.value for variable in variables])

    return call


def _taped(function: Callable[..., tuple[Any, Any]], variables: Sequence[Any]) -> Callable[..., tuple[list[Any], Any]]:
    import tensorflow as tf

    def call(*arrays: Any) -> tuple[list[Any], Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            value, rest = function(*arrays)
        sources = [variable.value for variable in variables]
        return tape.gradient(value, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO), rest

    return call


def _jitted_with_state(function: Callable[..., Any], state: list[Any]) -> Callable[..., Any]:
    """JAX would bake variables into the program as constants, so their values go in as arguments."""
    import jax
    import keras

    def pure(values: list[Any], *arrays: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(state, values, strict=True))):
            return function(*arrays)

    program = jax.jit(pure)
    return lambda *arrays: program([variable.value for variable in state], *arrays)
