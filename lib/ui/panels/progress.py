"""How far a run is, in a share and in words."""

from __future__ import annotations

from lib.base.percent import percent_text
from lib.spec.early_stopping import earliest_end
from lib.spec.runs import RunSnapshot
from lib.spec.step_plan import StepPlan
from lib.ui.words import as_text


def progress_share(snapshot: RunSnapshot) -> float:
    """Steps done as a share of those until the earliest end, 0-1: with early stopping, if nothing improves any more."""
    if snapshot.started is None:
        return 0.0
    spec = snapshot.record.spec
    epochs = earliest_end([log.metrics for log in snapshot.epochs], spec.train)
    return min(snapshot.step / max(StepPlan(spec, snapshot.started.train_images).first_step(epochs), 1), 1.0)


def progress_text(snapshot: RunSnapshot, short: bool = False) -> str:
    """"43 %", "epoch 12, ends when it stops improving", "place 2 in the queue", or what it is doing.

    `short` fits into the sidebar: "starting", "epoch 12".
    """
    if snapshot.position is not None:
        return f"place {snapshot.position} in the queue"
    if snapshot.note and not snapshot.paused:
        return "starting" if short and not snapshot.step else as_text(snapshot.note)
    if snapshot.record.spec.train.patience is None:
        return percent_text(progress_share(snapshot), 0)
    return f"epoch {len(snapshot.epochs) + 1}" + ("" if short else ", ends when it stops improving")
