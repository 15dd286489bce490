"""Noise and the measures of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.measures.corruptions import BLUR, NOISES, corrupt, median_filter, psnr, ssim


def images(count=6, side=28, channels=1, seed=0):
    """Smooth blobs on black, as digits are."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    centres = rng.uniform(8, side - 8, (count, 2))
    blobs = np.exp(-((y - centres[:, :1, None]) ** 2 + (x - centres[:, 1:, None]) ** 2) / 30)
    return np.repeat((255 * blobs).astype(np.uint8)[..., None], channels, axis=-1)


@pytest.mark.parametrize("kind", NOISES)
class TestEveryKind:
    def test_level_zero_changes_nothing_and_the_input_is_left_alone(self, kind):
        clean = images()
        kept = clean.copy()
        assert np.array_equal(corrupt(clean, kind, 0.0), clean)
        corrupt(clean, kind, 0.7)
        assert np.array_equal(clean, kept)

    def test_more_noise_is_farther_from_the_original(self, kind):
        clean = images(20)
        values = [psnr(clean, corrupt(clean, kind, level, seed=3)).mean() for level in (0.1, 0.3, 0.6, 1.0)]
        assert values == sorted(values, reverse=True)

    @pytest.mark.parametrize("channels", [1, 3])
    def test_shape_dtype_and_seed(self, kind, channels):
        clean = images(channels=channels)
        noisy = corrupt(clean, kind, 0.5, seed=1)
        assert (noisy.shape, noisy.dtype) == (clean.shape, np.uint8)
        assert np.array_equal(noisy, corrupt(clean, kind, 0.5, seed=1))
        if kind != "blur":
            assert not np.array_equal(noisy, corrupt(clean, kind, 0.5, seed=2))


@given(st.floats(0, 1), st.integers(0, 1000))
def test_salt_and_pepper_changes_its_share_to_black_and_white(level, seed):
    grey = np.full((4, 28, 28, 1), 100, np.uint8)
    noisy = corrupt(grey, "salt_pepper", level, seed)
    assert set(np.unique(noisy)) <= {0, 100, 255}
    corrupted = (noisy != 100).mean()
    # Four standard deviations of a share of 3,136 pixels.
    assert abs(corrupted - level) <= 4 * np.sqrt(0.25 / noisy.size) + 1e-9


@given(st.floats(0.05, 0.5), st.floats(0.5, 1.0))
def test_a_higher_level_corrupts_what_a_lower_one_corrupted(low, high):
    grey = np.full((2, 28, 28, 1), 100, np.uint8)
    for kind in ("salt_pepper", "blocks"):
        first, second = corrupt(grey, kind, low, 5), corrupt(grey, kind, high, 5)
        assert np.array_equal(first[first != 100], second[first != 100])


def test_blur_keeps_the_light_inside_the_image():
    clean = images(3)
    blurred = corrupt(clean, "blur", 0.3)
    assert np.allclose(blurred.sum((1, 2, 3)), clean.sum((1, 2, 3), dtype=float), rtol=0.03)
    assert np.array_equal(corrupt(clean, "blur", 1e-9), clean)


@given(st.floats(0.01, 1))
def test_blur_is_a_gaussian_over_the_whole_image_black_outside(level):
    clean = images(2)
    apart = np.subtract.outer(np.arange(28), np.arange(28))
    weights = np.exp(-0.5 * (apart / (BLUR * level)) ** 2) / np.exp(-0.5 * (np.arange(-28, 29) / (BLUR * level)) ** 2).sum()
    expected = np.einsum("ij,njkc,lk->nilc", weights, clean.astype(float), weights)
    assert np.abs(corrupt(clean, "blur", level) - expected).max() < 0.51


@pytest.mark.parametrize(("kind", "level"), [("fog", 0.5), ("blur", -0.1), ("blur", 1.1), ("gaussian", float("nan"))])
def test_nonsense_is_refused_with_what_was_expected(kind, level):
    with pytest.raises(SpecError, match="Expected"):
        corrupt(images(), kind, level)


def test_a_median_filter_takes_lone_specks_and_leaves_edges():
    image = np.zeros((1, 9, 9, 1), np.uint8)
    image[0, :, 5:] = 200
    corrupted = image.copy()
    corrupted[0, 4, 2], corrupted[0, 4, 7] = 255, 0
    assert np.array_equal(median_filter(corrupted, 3)[0, 1:-1, 1:-1], image[0, 1:-1, 1:-1])


def test_psnr_of_a_known_error():
    clean = np.full((2, 28, 28, 1), 100, np.uint8)
    other = clean.copy()
    other[1] += 10
    assert np.isinf(psnr(clean, other)[0])
    assert psnr(clean, other)[1] == pytest.approx(20 * np.log10(255 / 10))


def test_ssim_of_constant_images_is_the_papers_luminance_term():
    clean = np.full((1, 28, 28, 1), 100, np.uint8)
    other = np.full((1, 28, 28, 1), 140, np.uint8)
    c1 = (0.01 * 255) ** 2
    assert ssim(clean, other)[0] == pytest.approx((2 * 100 * 140 + c1) / (100**2 + 140**2 + c1))


def test_ssim_against_its_definition_window_by_window():
    clean = images(1, seed=4)
    other = corrupt(clean, "gaussian", 0.1, 1)
    weights = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(weights, weights) / weights.sum() ** 2
    x, y = clean[0, ..., 0].astype(float), other[0, ..., 0].astype(float)
    c1, c2, found = (0.01 * 255) ** 2, (0.03 * 255) ** 2, []
    for row in range(18):
        for column in range(18):
            a, b = x[row : row + 11, column : column + 11], y[row : row + 11, column : column + 11]
            ma, mb = (window * a).sum(), (window * b).sum()
            va, vb = (window * (a - ma) ** 2).sum(), (window * (b - mb) ** 2).sum()
            cov = (window * (a - ma) * (b - mb)).sum()
            found.append((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2)))
    assert ssim(clean, other)[0] == pytest.approx(np.mean(found))
    assert ssim(clean, clean)[0] == pytest.approx(1.0)
