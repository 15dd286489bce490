import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import DataError
from lib.datasets.splits import default_validation_size, leading_split, split_indices, stratified_counts

labels = st.lists(st.integers(0, 5), min_size=2, max_size=120).map(np.array)
seeds = st.integers(0, 2**31 - 1)


@st.composite
def sized_labels(draw):
    y = draw(labels)
    validation_size = draw(st.integers(0, len(y) - 1))
    return y, draw(st.none() | st.integers(1, len(y) - validation_size)), validation_size


def shares(y, size):
    classes, counts = np.unique(y, return_counts=True)
    return classes, counts * size / len(y)


@given(sized_labels(), seeds)
def test_splits_are_disjoint_and_have_the_sizes_asked_for(sized, seed):
    y, train_size, validation_size = sized
    train, validation = split_indices(y, train_size=train_size, validation_size=validation_size, seed=seed)
    together = np.concatenate([train, validation])
    assert len(validation) == validation_size
    assert len(train) == (len(y) - validation_size if train_size is None else train_size)
    assert len(np.unique(together)) == len(together)
    assert set(together) <= set(range(len(y)))


@given(labels, seeds)
def test_without_a_size_the_splits_are_complete(y, seed):
    assert sorted(np.concatenate(split_indices(y, seed=seed))) == list(range(len(y)))


@given(sized_labels(), seeds)
def test_every_class_keeps_its_share_within_one_image(sized, seed):
    y, train_size, validation_size = sized
    train, validation = split_indices(y, train_size=train_size, validation_size=validation_size, seed=seed)
    rest = np.delete(y, validation)
    for part, whole in ((y[validation], y), (y[train], rest)):
        for label, share in zip(*shares(whole, len(part)), strict=True):
            assert abs((part == label).sum() - share) < 1


@given(sized_labels(), seeds)
def test_the_seed_decides(sized, seed):
    y, train_size, validation_size = sized
    first = split_indices(y, train_size=train_size, validation_size=validation_size, seed=seed)
    second = split_indices(y.copy(), train_size=train_size, validation_size=validation_size, seed=seed)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@given(sized_labels(), seeds)
def test_a_smaller_training_split_is_nearly_part_of_the_larger(sized, seed):
    y, train_size, validation_size = sized
    part, same = split_indices(y, train_size=train_size, validation_size=validation_size, seed=seed)
    whole, validation = split_indices(y, validation_size=validation_size, seed=seed)
    assert set(part) <= set(whole)
    assert np.array_equal(same, validation)


def test_other_seeds_give_other_splits():
    y = np.arange(100) % 10
    assert not np.array_equal(split_indices(y, seed=0)[1], split_indices(y, seed=1)[1])


def test_the_split_is_the_same_on_every_platform():
    train, validation = split_indices(np.arange(20) % 4, validation_size=4, train_size=8, seed=7)
    assert (train.tolist(), validation.tolist()) == GOLDEN


GOLDEN = ([3, 8, 12, 13, 14, 10, 15, 1], [4, 2, 9, 11])


@given(st.lists(st.integers(0, 50), min_size=1, max_size=9), st.data())
def test_counts_add_up_and_never_exceed_what_there_is(available, data):
    size = data.draw(st.integers(0, sum(available)))
    counts = stratified_counts(np.array(available), size)
    assert counts.sum() == size
    assert (counts <= available).all() and (counts >= 0).all()


@pytest.mark.parametrize(("images", "size"), [(60000, 6000), (50000, 5000), (1500, 150), (15, 1), (2, 1), (1, 0)])
def test_a_tenth_is_for_validation(images, size):
    assert default_validation_size(images) == size


@pytest.mark.parametrize(("train_size", "validation_size"), [(95, 10), (None, 100), (101, 0), (1, 100), (91, None)])
def test_sizes_that_do_not_fit_are_explained(train_size, validation_size):
    with pytest.raises(DataError, match="at most 100") as caught:
        split_indices(np.arange(100) % 10, train_size=train_size, validation_size=validation_size)
    assert "for validation" in caught.value.received


def test_no_validation_images_at_all():
    train, validation = split_indices(np.arange(10) % 2, validation_size=0)
    assert len(train) == 10 and len(validation) == 0


@given(st.integers(2, 200), st.integers(0, 100), seeds)
def test_the_book_s_split_takes_the_first_images_for_validation(images, size, seed):
    size = min(size, images - 1)
    train, validation = leading_split(images, validation_size=size, seed=seed)
    assert validation.tolist() == list(range(size)) and sorted(train) == list(range(size, images))
    few, _ = leading_split(images, train_size=1, validation_size=size, seed=seed)
    assert few.tolist() == train[:1].tolist()
    with pytest.raises(DataError):
        leading_split(images, train_size=images, validation_size=size + 1)
