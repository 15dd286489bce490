"""Hypothesis strategies of specs."""

from __future__ import annotations

from hypothesis import strategies as st

from lib.spec.permutations import PermutationSpec
from lib.spec.specs import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    ActivationSpec,
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GaussianNoiseSpec,
    GlobalPoolSpec,
    PoolSpec,
    RunSpec,
    TrainSpec,
)
from lib.spec.stack import Stack

activations = st.sampled_from(ACTIVATIONS)
initializers = st.sampled_from(INITIALIZERS)
penalties = st.sampled_from([0.0, 1e-6, 0.001, 0.5])
seeds = st.integers(0, 2**31 - 1)

slopes = st.sampled_from([0.1, 0.3, 0.0])
paddings = st.sampled_from(["same", "valid"])

dense_layers = st.builds(DenseSpec, st.integers(1, 32), activations, initializers, penalties, penalties, slopes)
conv_layers = st.builds(
    ConvSpec, st.integers(1, 8), st.integers(1, 5), st.integers(1, 2), paddings, activations, initializers, penalties,
    penalties, slopes,
)
pools = st.builds(PoolSpec, st.integers(1, 3), st.sampled_from(["max", "average"]), st.none() | st.integers(1, 4), paddings)
plain_layers = st.one_of(
    st.builds(DropoutSpec, st.floats(0, 0.9)), st.just(BatchNormSpec()), st.builds(ActivationSpec, activations, slopes),
    st.builds(GaussianNoiseSpec, st.floats(0, 1)),
)
to_vector = st.one_of(st.just(FlattenSpec()), st.builds(GlobalPoolSpec, st.sampled_from(["max", "average"])))


@st.composite
def architectures(draw: st.DrawFn) -> ArchitectureSpec:
    """Stacks in a sensible order; not all of them fit a given image."""
    maps = draw(st.lists(st.one_of(conv_layers, pools, plain_layers), max_size=3))
    vectors = draw(st.lists(st.one_of(dense_layers, plain_layers), max_size=3))
    head = DenseSpec(draw(st.integers(2, 12)), "softmax")
    return ArchitectureSpec((*maps, draw(to_vector), *vectors, head), draw(st.text(min_size=1, max_size=12)))


hidden_layers = st.one_of(dense_layers, conv_layers, pools, plain_layers, to_vector)
heads = st.builds(DenseSpec, st.just(10), activations, initializers, penalties, penalties, slopes)
#: Layers in any order: most of them do not fit.
stacks = st.builds(Stack, st.lists(hidden_layers, max_size=8), heads, st.text(max_size=20))


permutation_specs = st.one_of(
    st.builds(PermutationSpec, st.sampled_from(["identity", "full", "rows"]), st.just(0), seeds),
    st.builds(PermutationSpec, st.just("blocks"), st.sampled_from([1, 2, 4]), seeds),
    st.builds(PermutationSpec, st.just("share"), st.integers(0, 100), seeds),
)
data_specs = st.builds(
    DataSpec, st.sampled_from(["digits", "mnist", "custom:mine"]), st.none() | st.integers(1, 60000),
    st.none() | st.integers(0, 10000), seeds, st.none() | permutation_specs,
)
train_specs = st.builds(
    TrainSpec, st.sampled_from(OPTIMIZERS), st.floats(0, 10), st.integers(1, 512), st.integers(1, 100),
    st.none() | st.integers(1, 30), st.sampled_from(["val_accuracy", "val_loss"]), st.floats(0, 1), st.booleans(),
)
run_specs = st.builds(RunSpec, architectures(), data_specs, train_specs, seeds)
