"""The clock curriculum: the same with and without an interruption, with rates and blocks as planned."""

from dataclasses import replace

import numpy as np
import pytest

from lib.catalog.clock_curriculum import TURN_BANDS, WIDENING, Curriculum, Stage
from lib.datasets.turned_clocks import TurnedClocks
from lib.models.curriculum import TurnTraining, turn_report
from lib.models.tasks.clock import answered_minutes, build_clock_model
from lib.spec.specs import ArchitectureSpec, BatchNormSpec, ConvSpec, DataSpec, FlattenSpec, HeadSpec, RunSpec, TrainSpec

TINY = RunSpec(ArchitectureSpec((ConvSpec(2, 5, 8), BatchNormSpec(), FlattenSpec()), "tiny"), DataSpec("clocks_wall_75"),
               TrainSpec(batch_size=16), 0, "clock", HeadSpec("sincos_hands"))
CURRICULUM = Curriculum((Stage(25, 1), Stage(180, 2)), images=64, rate=0.01, batch_size=16)


def images(number):
    rng = np.random.default_rng(number)
    minutes = rng.integers(720, size=64).astype(np.int32)
    return TurnedClocks(rng.integers(0, 256, (64, 75, 75, 1), dtype=np.uint8), minutes, np.zeros(64, np.float32))


def training(folder, curriculum=CURRICULUM):
    weights = build_clock_model(TINY, (75, 75, 1)).get_weights()
    return TurnTraining(TINY, weights, curriculum, images, images(99), folder)


def test_an_interrupted_training_goes_on_where_it_was(tmp_path):
    whole, first = (tmp_path / name for name in ("whole", "first"))
    whole.mkdir()
    first.mkdir()
    one = training(whole)
    one.run(lambda row: None)

    class InterruptionError(Exception):
        pass

    def interrupt(row):
        raise InterruptionError

    with pytest.raises(InterruptionError):
        training(first).run(interrupt)
    other = training(first)
    assert len(other.rows) == 1
    other.run(lambda row: None)
    assert other.rows == one.rows and [row["turn"] for row in one.rows] == [25, 180, 180]
    for a, b in zip(one.network.model.get_weights(), other.network.model.get_weights(), strict=True):
        assert np.array_equal(a, b)
    done = training(first)
    done.run(interrupt)  # there is nothing left to do
    asked = images(5).images
    np.testing.assert_allclose(one.minutes(asked), answered_minutes(TINY, one.network.model, asked), atol=1e-3,
                               err_msg="it answers with the weights that it has now")


def test_a_block_is_named_by_its_stage():
    assert [stage.turn for stage in WIDENING.blocks] == sorted(stage.turn for stage in WIDENING.blocks)
    seeds = [WIDENING.images_of(number) for number in range(len(WIDENING.blocks))]
    assert len(set(seeds)) == len(seeds)
    longer = replace(WIDENING, stages=(*WIDENING.stages[:-1], replace(WIDENING.stages[-1], blocks=99)))
    assert [longer.images_of(number) for number in range(len(seeds))] == seeds
    assert WIDENING.total == WIDENING.images * len(seeds)


def test_errors_are_counted_by_the_turn():
    true = np.array([0, 100, 200, 300])
    rows = turn_report(true, true + np.arange(0, 40, 10), np.array([-10.0, 40.0, -180.0, 100.0]))
    found = [(row["from"], row["images"], row["minutes"]) for row in rows]
    assert found == [(0, 1, 0), (25, 1, 10), (90, 1, 30), (135, 1, 20)]
    assert TURN_BANDS[-1] == 180
