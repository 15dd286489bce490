"""The arithmetic of single numbers inside a network against what Keras puts out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models.build import build_model
from lib.models.inside.arithmetic import IMAGE, Copied, Place, Pooled, Products, explain, unflattened
from lib.models.inside.network import InsideNetwork
from lib.models.inside.windows import Region, field_of, padding_before
from lib.spec.specs import (
    ActivationSpec,
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GlobalPoolSpec,
    PoolSpec,
)

SHAPE = (9, 8, 3)


@pytest.fixture(autouse=True, scope="module")
def _not_compiled():
    """Every example is another network: compiling each would take most of the time."""
    def at_once(function, state):
        import keras

        return lambda *arrays: keras.tree.map_structure(keras.ops.convert_to_numpy, function(*arrays))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.models.inside.network.compiled", at_once)
        yield


def opened(*layers, shape=SHAPE, seed=0):
    """A network with random weights everywhere, also where Keras begins with zeros and ones."""
    model = build_model(ArchitectureSpec(layers), shape, seed)
    rng = np.random.default_rng(seed)
    model.set_weights([np.abs(w) + 0.3 * rng.random(w.shape) if "variance" in v.path else w + 0.3 * rng.normal(size=w.shape)
                       for w, v in zip(model.get_weights(), model.weights, strict=True)])
    return InsideNetwork(model)


def an_image(shape=SHAPE, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def places(network, layer, count, seed=0):
    rng = np.random.default_rng(seed)
    shape = network.layers[layer].shape
    for _ in range(count):
        at = [int(rng.integers(side)) for side in shape]
        yield Place(layer, at[-1], *at[:-1]) if len(at) == 3 else Place(layer, at[0])


def at(values, place):
    return float(values[place.row, place.column, place.unit] if values.ndim == 3 else values[place.unit])


def check(network, image, count=4, tolerance=2e-5):
    """Every layer's numbers come out, and so do those of the layers that follow at once; `image` may be a code."""
    activations = network.activations(image)
    seen = network.permute(image[None])[0] / np.float32(255) if network.takes_images else image
    for number in range(len(network.layers)):
        for place in places(network, number, count):
            found = explain(network, seen, activations, place)
            assert found.value == pytest.approx(at(activations[number], place))
            assert found.computed == pytest.approx(found.value, rel=1e-3, abs=tolerance), (network.layers[number], place)
            for stage in found.stages:
                last = [s for s in found.stages if s.layer == stage.layer][-1]
                assert last.after == pytest.approx(at(activations[stage.layer], place), rel=1e-3, abs=tolerance)


_ACTIVATION = st.sampled_from(["linear", "relu", "elu", "leaky_relu", "tanh", "sigmoid", "softplus", "softmax"])
# Keras warns of a softmax over a single map.
_CONV = st.builds(ConvSpec, filters=st.integers(2, 4), kernel_size=st.integers(1, 5), strides=st.integers(1, 3),
                  padding=st.sampled_from(["same", "valid"]), activation=_ACTIVATION)
_AFTER = st.sampled_from([BatchNormSpec(), ActivationSpec("relu"), ActivationSpec("softmax"), ActivationSpec("leaky_relu"),
                          DropoutSpec(0.5)])


@settings(max_examples=10)
@given(_CONV, st.lists(_AFTER, max_size=3), _ACTIVATION, st.integers(0, 99))
def test_convolutions_and_what_follows_them_come_out_as_in_keras(conv, after, activation, seed):
    check(opened(conv, *after, FlattenSpec(), DenseSpec(3, activation), seed=seed), an_image(seed=seed))


@settings(max_examples=8)
@given(st.integers(1, 4), st.sampled_from(["max", "average"]), st.sampled_from(["max", "average"]), st.integers(0, 99))
def test_pooling_comes_out_as_in_keras(size, method, over_all, seed):
    layers = (ConvSpec(4, activation="tanh"), PoolSpec(size, method), GlobalPoolSpec(over_all), BatchNormSpec(),
              DenseSpec(3, "softmax"))
    check(opened(*layers, seed=seed), an_image(seed=seed))


def test_pooling_with_padding_leaves_out_what_lies_outside():
    import keras

    image = keras.Input((5, 5, 2))
    x = keras.layers.AveragePooling2D(2, padding="same")(image)
    x = keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)
    check(InsideNetwork(keras.Model(image, x)), an_image((5, 5, 2)), count=18)


def test_a_network_of_one_layer():
    check(opened(FlattenSpec(), DenseSpec(3, "softmax")), an_image())


def test_sixteen_bits_come_out_as_nearly_as_sixteen_bits_can():
    model = build_model(ArchitectureSpec((ConvSpec(3), FlattenSpec(), DenseSpec(3, "softmax"))), SHAPE, 0, "mixed_bfloat16")
    check(InsideNetwork(model), an_image(), tolerance=0.05)


def test_the_window_and_its_products_are_those_of_the_image():
    network = opened(ConvSpec(2, 3, activation="linear"))
    image = an_image()
    seen = image / np.float32(255)
    found = explain(network, seen, network.activations(image), Place(0, 1, 0, 4))
    assert isinstance(found.origin, Products)
    assert found.source == Region(-1, 3, 3, 3)
    assert not found.origin.is_inside[0].any() and found.origin.is_inside[1:].all()
    assert np.allclose(found.origin.inputs[1:], seen[0:2, 3:6]) and not found.origin.inputs[0].any()
    assert np.array_equal(found.origin.weights, np.asarray(network.parts[0].kernel, np.float64)[..., 1])


def test_pixels_pooled_windows_and_flattened_numbers_say_where_they_come_from():
    network = opened(PoolSpec(2), FlattenSpec(), DenseSpec(3, "softmax"))
    image = an_image()
    activations, seen = network.activations(image), image / np.float32(255)
    pixel = explain(network, seen, activations, Place(IMAGE, 2, 5, 6))
    assert pixel.value == pytest.approx(image[5, 6, 2] / 255)
    pooled = explain(network, seen, activations, Place(0, 1, 2, 3))
    assert isinstance(pooled.origin, Pooled) and np.allclose(pooled.origin.window, seen[4:6, 6:8, 1])
    flat = explain(network, seen, activations, Place(1, 17))
    assert isinstance(flat.origin, Copied) and flat.origin.place == Place(0, 2, 1, 1)
    assert unflattened((7,), 3, 0) == Place(0, 3)


def test_a_layer_with_two_inputs_is_shown_and_not_taken_apart():
    import keras

    image = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(2, 3, padding="same")(image)
    y = keras.layers.Add()([x, keras.layers.Conv2D(2, 1)(image)])
    network = InsideNetwork(keras.Model(image, y))
    activations = network.activations(an_image((4, 4, 1)))
    number = next(n for n, layer in enumerate(network.layers) if layer.kind == "add")
    assert network.layers[number].before is None
    found = explain(network, np.zeros((4, 4, 1)), activations, Place(number, 0, 1, 1))
    assert found.stages == () and found.computed == found.value


@settings(max_examples=12)
@given(st.lists(st.one_of(
    st.builds(ConvSpec, filters=st.just(2), kernel_size=st.integers(1, 4), strides=st.integers(1, 2),
              padding=st.just("same")), st.just(PoolSpec(2)), st.just(BatchNormSpec())), min_size=1, max_size=3),
    st.integers(0, 99))
def test_what_lies_outside_the_receptive_field_changes_nothing(layers, seed):
    network = opened(*layers, FlattenSpec(), shape=(12, 12, 1), seed=seed)
    number = len(layers) - 1
    (place,) = places(network, number, 1, seed)
    field = field_of(network, number, place.row, place.column, place.unit)
    image = an_image((12, 12, 1), seed)
    other = an_image((12, 12, 1), seed + 1)
    inside = np.s_[field.top : field.top + field.height, field.left : field.left + field.width]
    other[inside] = image[inside]
    values = [network.activations(x)[number][place.row, place.column, place.unit] for x in (image, other)]
    assert values[0] == pytest.approx(values[1], rel=1e-5, abs=1e-6)


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(1, 7), st.integers(1, 4))
def test_padding_is_divided_as_in_keras(size, window, stride):
    from keras import ops

    line = np.zeros((1, size, 1, 1), np.float32)
    line[0, 0] = 1
    kernel = np.arange(1, window + 1, dtype=np.float32)[:, None, None, None]
    first = float(np.asarray(ops.conv(line, kernel, strides=(stride, 1), padding="same"))[0, 0, 0, 0])
    before = padding_before(size, window, stride, "same")
    # The first output sees the first pixel under the kernel's cell number `before`, if the kernel reaches it.
    assert first == (before + 1 if before < window else 0)
    assert padding_before(size, window, stride, "valid") == 0
