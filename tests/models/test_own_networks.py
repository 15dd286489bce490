"""Networks that users trained, in files that somebody damaged: left out or a message, wherever they are opened."""

import numpy as np
import pytest

from lib.base.errors import CheckpointError
from lib.models.clock_bench import ClockBench
from lib.models.digit_bench import own_denoiser
from lib.models.networks.generators import open_run
from lib.models.permuted_bench import trained_network
from lib.models.training import train
from lib.spec.runs import RunControl
from tests.models.test_clock_task import clocks, spec
from tests.models.test_generative_tasks import small
from tests.tiny import MLP, tiny_dataset, tiny_spec

__all__ = ["clocks"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classifier")
    train(tiny_spec(MLP, epochs=1), tiny_dataset(), lambda event: None, RunControl(), folder)
    return folder / "model.keras"


def spoiled(content, how):
    return {"cut": content[: len(content) // 2], "empty": b"", "text": b"no network",
            "bytes": content[:200] + bytes(300) + content[500:]}[how]


@pytest.mark.parametrize("how", ["cut", "empty", "text", "bytes"])
def test_a_damaged_model_is_a_message(how, classifier, tmp_path):
    (tmp_path / "model.keras").write_bytes(spoiled(classifier.read_bytes(), how))
    for load in (lambda: own_denoiser(tmp_path), lambda: open_run(small("f1_gan"), (8, 8, 1), tmp_path),
                 lambda: trained_network("t", tmp_path, tiny_spec(), (8, 8, 1))):
        with pytest.raises(CheckpointError, match="cannot be read") as caught:
            load()
        assert caught.value.remedy


def test_a_model_of_another_network_is_a_message(classifier):
    with pytest.raises(CheckpointError, match="another network"):
        open_run(small("f1_gan"), (8, 8, 1), classifier.parent)


def test_damaged_clock_networks_are_left_out_and_the_others_answer(classifier, tmp_path):
    damaged = tmp_path / "model.keras"
    damaged.write_bytes(spoiled(classifier.read_bytes(), "cut"))
    bench = ClockBench([("damaged", spec("classes_24"), damaged), ("a classifier", spec("classes_24"), classifier),
                        ("gone", spec("classes_24"), tmp_path / "none.keras")])
    assert bench.left_out == ["damaged", "a classifier", "gone"]
    answers = bench.predict(np.zeros((1, 150, 150), np.uint8))[0]
    assert len(answers) > 1 and all(0 <= answer.minutes < 720 for answer in answers)
