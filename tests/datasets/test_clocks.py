"""The clock data set, rendered and a user's own."""

from pathlib import Path

import numpy as np
import pytest

from lib.base.errors import DataError, SpecError
from lib.datasets import clocks
from lib.datasets.clocks import (
    check_own_clocks,
    clock_labels,
    draw_clock,
    load_own_clocks,
    make_clocks,
    stratified_split,
)


def test_labels_hold_every_minute_in_order() -> None:
    labels = clock_labels(25)
    assert labels.shape == (18_000, 2)
    assert np.array_equal(labels[:, 0] * 60 + labels[:, 1], np.repeat(np.arange(720), 25))


def test_the_split_is_complete_disjoint_and_stratified() -> None:
    labels = clock_labels(25)
    parts = stratified_split(labels, seed=1)
    assert [len(part) for part in parts] == [14_400, 1_800, 1_800]
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(18_000))
    for part, low, high in zip(parts, (20, 2, 2), (21, 3, 3), strict=True):
        counts = np.bincount(labels[part, 0] * 60 + labels[part, 1], minlength=720)
        assert counts.min() >= low - 1 and counts.max() <= high
    again, other = stratified_split(labels, seed=1), stratified_split(labels, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))
    assert not np.array_equal(parts[2], other[2])


@pytest.mark.parametrize("family", ["course", "varied"])
def test_a_set_has_the_promised_form_and_images(family: str) -> None:
    told: list[tuple[int, int]] = []
    images, labels = make_clocks(family, 32, 1, 5, lambda done, total: told.append((done, total)), workers=2)
    assert images.shape == (720, 32, 32, 1) and images.dtype == np.uint8
    assert labels.shape == (720, 2) and np.issubdtype(labels.dtype, np.integer)
    assert not images.flags.writeable
    assert told[-1] == (720, 720) and [done for done, _ in told] == sorted(done for done, _ in told)
    for index in (0, 359, 719):
        assert np.array_equal(images[index, ..., 0], draw_clock(family, 32, 1, 5, index))


def test_a_kept_set_is_read_again_and_a_damaged_one_drawn_again(tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def fake_clock(family: str, size: int, per_minute: int, seed: int, index: int) -> np.ndarray:
        drawn.append(index)
        return np.full((size, size), index % 256, np.uint8)

    monkeypatch.setattr(clocks, "draw_clock", fake_clock)
    first, _ = make_clocks("course", 16, 1, cache=tmp_path, workers=1)
    assert len(drawn) == 720
    again, _ = make_clocks("course", 16, 1, cache=tmp_path, workers=1)
    assert len(drawn) == 720 and np.array_equal(first, again)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    make_clocks("course", 16, 1, cache=tmp_path, workers=1)
    assert len(drawn) == 1440
    assert [path.name for path in tmp_path.iterdir()] == [kept.name], "temporary files are left"


def test_a_failing_worker_is_reported_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks.sys, "executable", "/bin/false")
    with pytest.raises(DataError, match="Drawing the clocks failed"):
        make_clocks("course", 16, 1, cache=tmp_path, workers=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("request_", "message"), [
    (("sundial", 150, 25), "course, varied"), (("course", 5, 25), "16 to 1024"), (("course", 150, 0), "1 to 1000"),
])
def test_impossible_sets_are_refused(request_: tuple, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        make_clocks(*request_)


def _write(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    return folder


def test_a_users_own_set_is_read(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (720, 20, 20), dtype=np.uint8)
    own, labels = load_own_clocks(_write(tmp_path, images, clock_labels(1).astype(np.int64)))
    assert own.shape == (720, 20, 20, 1) and np.array_equal(own[..., 0], images)
    assert labels.dtype == np.int32 and np.array_equal(labels, clock_labels(1))


GOOD = (np.zeros((20, 20, 20), np.uint8), np.zeros((20, 2), np.int64))
MALFORMED = {
    "float images": (GOOD[0].astype(float), GOOD[1], "uint8 of shape"),
    "colour images": (np.zeros((20, 20, 20, 3), np.uint8), GOOD[1], "uint8 of shape"),
    "oblong images": (np.zeros((20, 20, 30), np.uint8), GOOD[1], "square"),
    "tiny images": (np.zeros((20, 8, 8), np.uint8), GOOD[1], "at least 16x16"),
    "flat labels": (GOOD[0], np.zeros(20, np.int64), r"shape \(N, 2\)"),
    "float labels": (GOOD[0], np.zeros((20, 2)), "whole numbers"),
    "fewer labels": (GOOD[0], np.zeros((19, 2), np.int64), "20 images and 19 labels"),
    "hour 12": (GOOD[0], np.full((20, 2), 12), "12 o'clock is hour 0"),
    "minute 60": (GOOD[0], np.tile([3, 60], (20, 1)), r"\[3, 60\]"),
    "too few": (GOOD[0][:5], GOOD[1][:5], "at least 10"),
}


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed_sets_are_explained(name: str) -> None:
    images, labels, message = MALFORMED[name]
    with pytest.raises(DataError, match=message):
        check_own_clocks(images, labels)


def test_files_that_are_no_arrays_are_explained(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"images\.npy is missing"):
        load_own_clocks(tmp_path)
    _write(tmp_path, *GOOD)
    (tmp_path / "labels.npy").write_text("hour,minute")
    with pytest.raises(DataError, match=r"labels\.npy cannot be read"):
        load_own_clocks(tmp_path)
    np.save(tmp_path / "labels.npy", np.array([{"hour": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="without pickled objects"):
        load_own_clocks(tmp_path)
