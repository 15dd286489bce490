"""Gradient, occlusion, Grad-CAM, gradient ascent and favourite images against independent computations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models.inside.arithmetic import weights_of
from lib.models.inside.attribution import grad_cam, grad_cam_layer, occlusion, saliency, scores_after
from lib.models.inside.embedding import IMAGE, hidden_layer, look_at
from lib.models.inside.excitation import maximise, strongest_images
from lib.models.inside.network import InsideNetwork
from lib.spec.specs import ActivationSpec, ConvSpec, DenseSpec, DropoutSpec, FlattenSpec, GlobalPoolSpec, PoolSpec
from tests.models.test_inside_arithmetic import an_image, opened

SHAPE = (8, 9, 2)
CNN = (ConvSpec(4, 3, activation="tanh"), PoolSpec(2, "average"), ConvSpec(3, 3, activation="softplus"), FlattenSpec(),
       DenseSpec(4, "softmax"))


def cnn(seed=0):
    return opened(*CNN, shape=SHAPE, seed=seed)


def logits(network, x):
    """Scores of float images (N, H, W, C), layer by layer with Keras' own layers."""
    for part in network.parts[:-1]:
        x = part(x, training=False)
    kernel, bias = weights_of(network.parts[-1])
    return np.asarray(x, np.float64) @ kernel + bias


@settings(max_examples=4)
@given(st.integers(0, 50), st.integers(0, 3))
def test_the_gradient_is_the_slope_of_the_score(seed, output):
    network, image = cnn(seed), an_image(SHAPE, seed)
    found = saliency(network, image, output)
    assert found.shape == SHAPE
    x, rng = image.astype(np.float64) / 255, np.random.default_rng(seed)
    for _ in range(3):
        at = tuple(int(rng.integers(side)) for side in SHAPE)
        step = np.zeros(SHAPE)
        step[at] = 1e-2
        high, low = logits(network, np.stack([x + step, x - step]).astype(np.float32))[:, output]
        assert found[at] == pytest.approx((high - low) / 2e-2, rel=0.02, abs=2e-3)


def test_a_shuffled_network_is_asked_about_pixels_in_their_own_order():
    plain = opened(FlattenSpec(), DenseSpec(3, "softmax"), shape=(4, 5, 1))
    order = np.random.default_rng(1).permutation(20)
    shuffled = InsideNetwork(plain.model, order)
    image = an_image((4, 5, 1))
    kernel = weights_of(plain.parts[-1])[0]
    wanted = np.zeros(20)
    wanted[order] = kernel[:, 1]
    assert np.allclose(saliency(shuffled, image, 1).reshape(-1), wanted, atol=1e-6)
    assert np.allclose(saliency(plain, image, 1).reshape(-1), kernel[:, 1], atol=1e-6)


def test_occlusion_is_the_mean_fall_over_all_patches_that_cover_a_pixel():
    network, image = cnn(), an_image(SHAPE)
    found = occlusion(network, image, 2, side=3, stride=2, paper=7)
    whole = network.predict(image[None])[0, 2]
    falls = np.full((8, 9, 20), np.nan)
    tops, lefts = [0, 2, 4, 5], [0, 2, 4, 6]
    for number, (top, left) in enumerate((t, at) for t in tops for at in lefts):
        covered = image.copy()
        covered[top : top + 3, left : left + 3] = 7
        falls[top : top + 3, left : left + 3, number] = whole - network.predict(covered[None])[0, 2]
    assert np.allclose(found, np.nanmean(falls, axis=-1), atol=1e-5)


def test_a_patch_larger_than_the_image_covers_all_of_it():
    network, image = cnn(), an_image(SHAPE)
    found = occlusion(network, image, 0, side=99, stride=5, paper=0)
    whole, covered = network.predict(np.stack([image, np.zeros_like(image)]))[:, 0]
    assert np.allclose(found, whole - covered, atol=1e-6)


def test_grad_cam_weighs_each_map_by_the_mean_slope_of_the_score():
    network, image = cnn(3), an_image(SHAPE, 3)
    assert grad_cam_layer(network) == 2
    maps = network.activations(image)[2].astype(np.float64)
    # The head is flatten and dense: the slope of the score by each number of a map is its weight.
    kernel = weights_of(network.parts[-1])[0].reshape(*maps.shape, 4)
    for output in range(4):
        wanted = np.maximum((maps * kernel[..., output].mean(axis=(0, 1))).sum(axis=-1), 0)
        assert np.allclose(grad_cam(network, image, output), wanted, atol=1e-4)


def test_a_network_without_convolution_has_no_grad_cam():
    network = opened(FlattenSpec(), DenseSpec(3, "softmax"))
    assert grad_cam_layer(network) is None
    with pytest.raises(ValueError, match="without convolution"):
        grad_cam(network, an_image(), 0)


@pytest.mark.parametrize("layers", [
    (FlattenSpec(), DenseSpec(3), ActivationSpec("softmax")), (ConvSpec(3), GlobalPoolSpec()),
])
def test_scores_are_taken_before_the_last_activation_wherever_it_stands(layers):
    network, image = opened(*layers), an_image()
    score = scores_after(network, network.model.inputs[0])
    found = np.asarray(score(np.float32(image[None] / 255)))[0]
    out = network.predict(image[None])[0]
    if layers[-1].kind == "activation":
        out = np.log(out)
        found, out = found - found[0], out - out[0]
    assert np.allclose(found, out, atol=1e-4)


@pytest.mark.parametrize(("layer", "unit"), [(0, 1), (2, 0), (4, 3)])
def test_gradient_ascent_excites_its_unit_more_than_noise_and_is_repeatable(layer, unit):
    network, told = cnn(), []
    found = maximise(network, layer, unit, told.append)
    assert found.after > found.before and told[-1] == 1.0
    assert found.image.shape == SHAPE and found.image.dtype == np.uint8
    assert np.array_equal(found.image, maximise(network, layer, unit).image)


def test_a_linear_units_favourite_image_has_the_signs_of_its_weights():
    network = opened(FlattenSpec(), DropoutSpec(0.5), DenseSpec(3, "softmax"), shape=(5, 5, 1))
    kernel = weights_of(network.parts[-1])[0][:, 0].reshape(5, 5)
    image = maximise(network, 2, 0).image[..., 0].astype(int)
    clear = np.abs(kernel) > np.quantile(np.abs(kernel), 0.6)
    assert ((image > 128) == (kernel > 0))[clear].mean() > 0.85


def test_favourite_images_and_places_are_those_of_single_looks():
    network = cnn()
    images = np.stack([an_image(SHAPE, seed) for seed in range(70)])
    found = strongest_images(network, 2, images)
    maps = np.stack([network.activations(image)[2] for image in images])
    assert np.allclose(found.values, maps.max(axis=(1, 2)), atol=1e-5)
    best = found.best(1, 5)
    assert list(best) == list(np.argsort(-maps[..., 1].max(axis=(1, 2)), kind="stable")[:5])
    one = maps[best[0], ..., 1]
    assert one[found.rows[best[0], 1], found.columns[best[0], 1]] == one.max()
    vector = strongest_images(network, 4, images)
    assert np.allclose(vector.values, network.predict(images), atol=1e-5) and not vector.rows.any()


def test_hidden_features_are_what_the_last_layer_is_given():
    network = cnn()
    images = np.stack([an_image(SHAPE, seed) for seed in range(60)])
    found = look_at(network, images, seconds=60)
    assert np.allclose(found.outputs, network.predict(images), atol=1e-5)
    assert np.allclose(found.features[7], network.activations(images[7])[3], atol=1e-5)
    assert len(look_at(network, images, seconds=0).outputs) == 50  # the first batch always
    one = opened(FlattenSpec(), DenseSpec(3, "softmax"))
    assert hidden_layer(one) == 0
    assert look_at(one, np.stack([an_image()] * 3), 9).features.shape == (3, 9 * 8 * 3)
    assert hidden_layer(opened(DenseSpec(3), ActivationSpec("softmax"), shape=(4,))) == IMAGE


def test_only_a_dozen_functions_of_a_network_are_kept():
    network = cnn()
    made = []
    for number in range(30):
        network.program(number, lambda n=number: made.append(n) or n)
    assert network.program(29, lambda: 1 / 0) == 29 and len(made) == 30
    assert network.program(0, lambda: "again") == "again"
