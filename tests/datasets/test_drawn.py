"""Drawn digits as data."""

import numpy as np

from lib.datasets.drawn import NO_DIGIT, drawn_digits, drawn_others


def test_drawn_digits_are_prepared_as_mnist_and_equally_many():
    drawn = drawn_digits(40, seed=1)
    assert drawn.images.shape == (40, 28, 28, 1) and drawn.images.dtype == np.uint8 and len(drawn.variants) == 40
    assert np.array_equal(np.bincount(drawn.labels), [4] * 10)
    assert drawn.images.any(axis=(1, 2, 3)).all()
    assert all(name.startswith(str(label)) for name, label in zip(drawn.variants, drawn.labels, strict=True))


def test_the_first_do_not_depend_on_how_many_there_are():
    assert np.array_equal(drawn_digits(20, 3).images[:10], drawn_digits(10, 3).images)
    assert not np.array_equal(drawn_digits(10, 3).images, drawn_digits(10, 4).images)


def test_what_is_no_digit_has_no_class():
    others = drawn_others(30, seed=1)
    assert (others.labels == NO_DIGIT).all() and len(set(others.variants)) > 2
