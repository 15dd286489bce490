"""Permutations: nothing is lost, everything can be undone, and a seed means the same shuffle everywhere."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.catalog.presets import PRESETS
from lib.spec.permutations import (
    KINDS,
    PermutationSpec,
    apply,
    check_permutation,
    inverse,
    make_permutation,
    neighbours_kept,
)
from lib.spec.specs import DataSpec, RunSpec, run_from_dict, to_dict
from tests.conftest import ROOT
from tests.strategies import permutation_specs, seeds

SIDES = st.sampled_from([8, 28])


def images(seed, side, channels=1, count=3):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels)).astype(np.uint8)


@given(permutation_specs, SIDES, seeds, st.sampled_from([1, 3]))
def test_the_inverse_undoes_it_and_no_pixel_is_lost(spec, side, seed, channels):
    permutation = make_permutation(spec, side, side)
    before = images(seed, side, channels)
    kept = before.copy()
    after = apply(before, permutation)
    assert after.shape == before.shape and after.dtype == before.dtype
    np.testing.assert_array_equal(before, kept)
    np.testing.assert_array_equal(apply(after, inverse(permutation)), before)
    np.testing.assert_array_equal(inverse(inverse(permutation)), permutation)
    pixels = [np.sort(a.reshape(len(a), -1, channels), axis=1) for a in (before, after)]
    np.testing.assert_array_equal(*pixels)


@given(permutation_specs, permutation_specs, seeds)
def test_two_after_each_other_are_their_composition(first, second, seed):
    p, q = make_permutation(first, 28, 28), make_permutation(second, 28, 28)
    before = images(seed, 28)
    np.testing.assert_array_equal(apply(apply(before, p), q), apply(before, p[q]))
    np.testing.assert_array_equal(p[inverse(p)], np.arange(784))


@given(permutation_specs)
def test_a_permutation_has_every_index_once_and_is_read_only(spec):
    permutation = make_permutation(spec, 28, 28)
    assert permutation.dtype == np.int32 and not permutation.flags.writeable
    np.testing.assert_array_equal(np.sort(permutation), np.arange(784))
    np.testing.assert_array_equal(check_permutation(permutation, 784), permutation)


PINNED = {
    PermutationSpec("full"): "a22a26eec862", PermutationSpec("full", seed=2**31 - 1): "1864c947999b",
    PermutationSpec("blocks", 7): "41a55909918c", PermutationSpec("rows"): "3d1bdc367a51",
    PermutationSpec("share", 50): "cf78241cb970",
}


def digest(spec):
    return hashlib.sha256(make_permutation(spec, 28, 28).astype("<i4").tobytes()).hexdigest()[:12]


@pytest.mark.parametrize("spec", PINNED, ids=lambda s: f"{s.kind}-{s.seed}")
def test_a_seed_means_this_permutation_for_good(spec):
    assert digest(spec) == PINNED[spec]


def test_another_process_makes_the_same():
    code = "from tests.spec.test_permutations import digest, PermutationSpec; print(digest(PermutationSpec('full', seed=7)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(PermutationSpec("full", seed=7))


@given(seeds, seeds)
def test_seeds_are_told_apart(first, second):
    same = (make_permutation(PermutationSpec("full", seed=first), 28, 28)
            == make_permutation(PermutationSpec("full", seed=second), 28, 28)).all()
    assert same == (first == second)


@given(st.sampled_from([2, 4, 7, 14]), seeds)
def test_blocks_stay_whole(side, seed):
    places = make_permutation(PermutationSpec("blocks", side, seed), 28, 28).reshape(28, 28)
    for top in range(0, 28, side):
        for left in range(0, 28, side):
            block = places[top : top + side, left : left + side]
            np.testing.assert_array_equal(block - block[0, 0], np.arange(side)[:, None] * 28 + np.arange(side))


@given(seeds)
def test_rows_stay_whole(seed):
    rows = make_permutation(PermutationSpec("rows", seed=seed), 28, 28).reshape(28, 28)
    assert (np.diff(rows, axis=1) == 1).all() and (rows[:, 0] % 28 == 0).all()


@given(st.integers(0, 99), seeds)
def test_a_larger_share_moves_more_and_lets_moved_pixels_be(percent, seed):
    small, large = (make_permutation(PermutationSpec("share", p, seed), 28, 28) for p in (percent, percent + 1))
    moved = [np.flatnonzero(p != np.arange(784)) for p in (small, large)]
    assert len(moved[0]) == round(7.84 * percent) or percent == 0
    assert set(moved[0]) <= set(moved[1])
    assert (small[moved[0]] != large[moved[0]]).sum() <= 1


def test_locality_falls_from_stage_to_stage():
    stages = [PermutationSpec("identity"), *(PermutationSpec("blocks", b) for b in (14, 7, 4, 2, 1))]
    kept = [neighbours_kept(make_permutation(s, 28, 28), 28, 28) for s in stages]
    assert kept[0] == 1.0 and kept[-1] < 0.02
    assert kept == sorted(kept, reverse=True)


# --- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(("permutation", "message"), [
    (np.arange(783), "Expected: 784 indices.* Received: 783"), (np.arange(785), "Received: 785"),
    (np.r_[np.arange(783), 5], "repeats a pixel.* index 5 2 times"), (np.arange(784) + 1, "outside the image"),
    (np.arange(784) - 1, "outside the image"), (np.arange(784.0), "whole numbers"),
    (np.arange(784).reshape(28, 28), "whole numbers"),
])
def test_what_is_no_permutation_is_refused(permutation, message):
    with pytest.raises(SpecError, match=message):
        apply(images(0, 28), permutation)


@pytest.mark.parametrize("make", [
    lambda: PermutationSpec("mirror"), lambda: PermutationSpec("blocks", 0), lambda: PermutationSpec("share", 101),
    lambda: PermutationSpec("full", 3), lambda: PermutationSpec("full", seed=-1), lambda: PermutationSpec("full", seed=True),
    lambda: make_permutation(PermutationSpec("blocks", 5), 28, 28), lambda: apply(np.zeros((28, 28)), np.arange(784)),
    lambda: DataSpec(permutation="full"),
])
def test_values_out_of_range_are_explained(make):
    with pytest.raises(SpecError, match=r"Expected: .+ Received: .+"):
        make()


# --- in a run's spec ----------------------------------------------------------------------


def run_of(data):
    return RunSpec(PRESETS["softmax_regression"].architecture, data)


@given(permutation_specs)
def test_it_survives_json_and_changes_the_digest(spec):
    run = run_of(DataSpec(permutation=spec))
    again = run_from_dict(json.loads(json.dumps(to_dict(run))))
    assert again == run
    assert (run.digest == run_of(DataSpec()).digest) == spec.is_identity


def test_runs_without_one_keep_their_digest():
    assert run_of(DataSpec(permutation=PermutationSpec("identity", seed=3))) == run_of(DataSpec())
    assert "permutation" not in to_dict(DataSpec())
    assert run_of(DataSpec()).named_digest == "85e733c9a2b1"


def test_every_kind_has_words():
    assert all(KINDS.values())
