"""What the permutation page decides without drawing: permutations, which runs belong to a comparison, and its table."""

from dataclasses import replace

import pytest

from lib.catalog.permuted import CNN_PRESETS, CONTESTANTS, SHIPPED_PERMUTATION, comparison_spec
from lib.spec.permutations import PermutationSpec, neighbours_kept
from lib.spec.runs import EpochLog, RunRecord, RunState
from lib.spec.specs import DataSpec
from lib.ui.permuted.bench import own_cnn_run, slots
from lib.ui.permuted.controls import chosen_permutation, permutation_array, permutation_words
from lib.ui.permuted.inside import saliency_words
from lib.ui.permuted.runs import CellView, Plan, find_runs, permutation_title, run_title
from lib.ui.permuted.training import result_rows
from tests.fakes import fake_train

CNN = next(iter(CNN_PRESETS))
FULL = PermutationSpec("full", 0, 5)
DATA = DataSpec("mnist", 1000)
PLAN = Plan(CNN, DATA, FULL, (0, 1), 4, 2)
CONTROLS = {"images_of": "mnist", "shuffle": "full", "block": 7, "moved": 50, "shuffle_seed": 3}


@pytest.mark.parametrize(("kind", "wanted"), [
    ("identity", PermutationSpec("identity", 0, 0)), ("full", PermutationSpec("full", 0, 3)),
    ("blocks", PermutationSpec("blocks", 7, 3)), ("share", PermutationSpec("share", 50, 3)),
])
def test_only_the_controls_of_the_chosen_kind_count(kind, wanted):
    assert chosen_permutation(CONTROLS | {"shuffle": kind}) == wanted


def test_words_say_what_moves_and_what_still_touches():
    assert "Nothing moves" in permutation_words(PermutationSpec("identity"))
    blocks = PermutationSpec("blocks", 7, 3)
    share = 100 * neighbours_kept(permutation_array(blocks), 28, 28)
    assert permutation_words(blocks).startswith("Blocks of 7x7 pixels") and f" {share:.0f} %" in permutation_words(blocks)
    assert "shipped networks" in permutation_words(SHIPPED_PERMUTATION) and "shipped" not in permutation_words(FULL)


@pytest.mark.parametrize(("spec", "words"), [
    (FULL, "all pixels"), (PermutationSpec("blocks", 4, 0), "4x4 blocks"), (PermutationSpec("rows", 0, 0), "rows"),
    (PermutationSpec("share", 20, 0), "20 % of the pixels"),
])
def test_a_permutation_has_a_title(spec, words):
    assert permutation_title(spec) == words
    assert f"{words} permuted" in run_title(comparison_spec(CNN, DATA, spec, 0, 1), "MNIST")


def test_both_versions_of_a_network_share_all_but_the_order_of_pixels():
    specs = PLAN.specs()
    assert set(specs) == {(contestant.key, seed) for contestant in CONTESTANTS for seed in (0, 1)}
    for contestant in CONTESTANTS:
        for seed in (0, 1):
            spec = specs[contestant.key, seed]
            assert spec.data.permutation == (FULL if contestant.permuted else None) and spec.seed == seed
            assert spec.train.epochs == (4 if contestant.role == "mlp" else 2)
            twins = [c.key for c in CONTESTANTS if c.role == contestant.role]
            assert len({replace(specs[key, seed], data=DATA).digest for key in twins}) == 1
    assert len({spec.digest for spec in specs.values()}) == len(specs)


def keep(runner, name, spec, state, begun):
    """Put a run into the store that began at `begun`."""
    record = RunRecord(name, name, spec, state, begun, begun, begun + 1, "", {"test_accuracy": 0.9}, "cpu")
    runner.store.create(record)


def test_a_useful_run_is_found_before_a_newer_failed_one(use_runner):
    runner, specs = use_runner(fake_train), PLAN.specs()
    one, other = list(specs)[:2]
    keep(runner, "old", specs[one], RunState.FINISHED, 10.0)
    keep(runner, "new", specs[one], RunState.FINISHED, 20.0)
    keep(runner, "failed", specs[one], RunState.FAILED, 30.0)
    keep(runner, "lost", specs[other], RunState.FAILED, 40.0)
    assert find_runs(specs) == {one: "new", other: "lost"}


def test_the_newest_finished_cnn_of_this_permutation_answers(use_runner):
    runner = use_runner(fake_train)
    mlp = next(spec for (key, _), spec in PLAN.specs().items() if key.startswith("mlp") and spec.data.permutation)
    cnn = comparison_spec(CNN, DATA, FULL, 0, 2)
    keep(runner, "first", cnn, RunState.FINISHED, 10.0)
    keep(runner, "second", replace(cnn, seed=1), RunState.FINISHED, 20.0)
    keep(runner, "stopped", replace(cnn, seed=2), RunState.STOPPED, 30.0)
    keep(runner, "mlp", mlp, RunState.FINISHED, 40.0)
    keep(runner, "elsewhere", comparison_spec(CNN, DATA, PermutationSpec("full", 0, 6), 0, 2), RunState.FINISHED, 50.0)
    assert own_cnn_run("mnist", FULL) == "second"
    assert own_cnn_run("fashion_mnist", FULL) is None and own_cnn_run("mnist", PermutationSpec("rows", 0, 5)) is None


def test_where_nothing_moves_the_original_networks_answer():
    identity = {slot.key: slot for slot in slots("mnist", PermutationSpec("identity", 0, 0))}
    for role in ("mlp", "cnn"):
        assert identity[f"{role}_permuted"].network is identity[f"{role}_original"].network is not None
        assert identity[f"{role}_permuted"].accuracy == identity[f"{role}_original"].accuracy


def test_words_about_the_saliency_are_of_what_the_networks_learned():
    assert "Compare the maps" in saliency_words(SHIPPED_PERMUTATION)
    assert "weights reordered" in saliency_words(PermutationSpec("rows", 0, 5))
    assert "nothing to undo" in saliency_words(PermutationSpec("identity", 0, 0))


def test_the_table_has_means_over_finished_seeds_at_their_best_epoch():
    epochs = [EpochLog(number, number + 1, 1.0, {"accuracy": 0.5 + 0.1 * number, "val_accuracy": 0.4 + 0.1 * number})
              for number in range(3)]
    key = CONTESTANTS[0].key
    views = {(key, 0): CellView(RunState.FINISHED, epochs, {"test_accuracy": 0.8, "best_epoch": 2.0}, ""),
             (key, 1): CellView(RunState.FINISHED, epochs, {"test_accuracy": 0.9}, ""),
             (key, 2): CellView(RunState.STOPPED, epochs[:1], {"test_accuracy": 0.1, "best_epoch": 1.0}, ""),
             (key, 3): CellView(RunState.STOPPED, [], {"test_accuracy": 0.1}, "in the first epoch"),
             (CONTESTANTS[1].key, 0): CellView(RunState.RUNNING, epochs, {}, "")}
    (row,) = result_rows(PLAN, views)
    assert [row[name] for name in ("test", "training", "validation")] == pytest.approx([85, 65, 55])
    assert row["pixels"] == ("permuted" if CONTESTANTS[0].permuted else "original")
