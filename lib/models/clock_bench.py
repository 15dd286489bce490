"""All shipped clock networks at once: one image in, every network's answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError, guarded
from lib.catalog.tasks import CLOCK
from lib.measures.clock_background import TABLE_CHECKPOINT, TABLE_TASK, TABLE_TITLE
from lib.models.checkpoints import shipped_model, shipped_of
from lib.models.clock_reader import SIDE, ClockReader, shipped_reader
from lib.models.files import load_model
from lib.models.program import compiled
from lib.models.runtime import prepare
from lib.models.tasks.classify import to_unit_range
from lib.models.tasks.clock import build_clock_model, head_of
from lib.spec.specs import RunSpec, run_from_dict

READER_TITLE = "Our reader"


@dataclass(frozen=True)
class Answer:
    """What one network says: `minutes` after 12:00, and its raw `outputs` (the reader's: log-probabilities of 720 times)."""

    title: str
    kind: str
    minutes: float
    outputs: np.ndarray


def _halved(scaled: Any) -> Any:
    from keras import ops

    return ops.average_pool(scaled, 2, 2, padding="valid")


class ClockBench:
    """The reader, every head that is shipped, the one that learned on the table, and `own` runs (title, spec, model.keras),
    compiled into one call."""

    def __init__(self, own: Sequence[tuple[str, RunSpec, Path]] = ()) -> None:
        prepare()
        self._reader = shipped_reader()
        shipped = shipped_of(CLOCK.name) | shipped_of(TABLE_TASK)
        self._specs: list[RunSpec] = [run_from_dict(entry["spec"]) for entry in shipped.values()]
        self._models = [shipped_model(name, build_clock_model) for name in shipped]
        self._titles = [TABLE_TITLE if name == TABLE_CHECKPOINT else head_of(spec).title
                        for name, spec in zip(shipped, self._specs, strict=True)]
        #: Own networks that could not be opened: a damaged one must not take the others' place.
        self.left_out: list[str] = []
        for title, spec, path in own:
            self._add_own(title, spec, path)
        state = [*self._reader.variables, *(v for model in self._models for v in model.variables)]
        self._predict = compiled(self._outputs, state)

    @property
    def reader(self) -> ClockReader:
        """The reader among them."""
        return self._reader

    def _add_own(self, title: str, spec: RunSpec, path: Path) -> None:
        """Take in the network of a run, or its title among those left out."""
        try:
            model = load_model(path)
            # A file of another network would open, and fail all of them at the first question.
            with guarded("The run's model belongs to another network.", CheckpointError):
                scaled = np.zeros((1, SIDE, SIDE, 1), np.float32)
                head_of(spec).decode(np.asarray(self._outputs_of(model, scaled, _halved(scaled))))
        except CheckpointError:
            self.left_out.append(title)
            return
        self._models.append(model)
        self._specs.append(spec)
        self._titles.append(title)

    def _outputs(self, images: Any) -> list[Any]:
        scaled = to_unit_range(images)
        halves = _halved(scaled)
        return [self._reader(scaled).scores, *(self._outputs_of(model, scaled, halves) for model in self._models)]

    @staticmethod
    def _outputs_of(model: Any, scaled: Any, halves: Any) -> Any:
        """What `model` says of the images, in the size that it learned from."""
        return model(scaled if model.input.shape[1] == SIDE else halves, training=False)

    def predict(self, images: np.ndarray) -> list[list[Answer]]:
        """One list of answers for each image, uint8 (N, 150, 150); the reader's first."""
        outputs = self._predict(np.ascontiguousarray(images[..., None]))
        return [self._answers([part[index] for part in outputs]) for index in range(len(images))]

    def _answers(self, outputs: Sequence[np.ndarray]) -> list[Answer]:
        answers = [Answer(READER_TITLE, "reader", float(outputs[0].argmax()), outputs[0])]
        for title, spec, values in zip(self._titles, self._specs, outputs[1:], strict=True):
            head = head_of(spec)
            answers.append(Answer(title, head.kind, float(head.decode(values[None])[0]), values))
        return answers

    def minutes(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers in minutes for many images, uint8 (N, 150, 150), by network title."""
        outputs = self._predict(np.ascontiguousarray(images[..., None]))
        table = {READER_TITLE: outputs[0].argmax(axis=1).astype(np.float64)}
        for title, spec, values in zip(self._titles, self._specs, outputs[1:], strict=True):
            table[title] = head_of(spec).decode(values)
        return table
