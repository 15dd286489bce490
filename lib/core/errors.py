"""Errors that teach: what was expected, what came, what to do."""

from __future__ import annotations


class LabError(Exception):
    """An error meant for the user: one readable message, never a traceback.

    `problem` is a sentence; `expected`, `received` and `remedy` are optional phrases
    and are joined to it, so that every message of the app has the same form. `details` (Markdown) are
    files, addresses and hashes, for those who ask: no part of the message.
    """

    def __init__(self, problem: str, *, expected: str = "", received: str = "", remedy: str = "",
                 details: str = "") -> None:
        self.problem, self.expected, self.received, self.remedy = problem, expected, received, remedy
        self.details = details
        parts = [problem]
        if expected:
            parts.append(f"Expected: {expected}.")
        if received:
            parts.append(f"Received: {received}.")
        if remedy:
            parts.append(remedy)
        super().__init__(" ".join(parts))


class SpecError(LabError):
    """A layer, architecture or training choice that cannot work."""


class DataError(LabError):
    """A file, download or array that is not the data set it should be."""


class TrainingError(LabError):
    """Training could not go on, for instance because the device ran out of memory."""


class DivergedError(TrainingError):
    """The loss became NaN or infinite. `metrics` say what the network is worth as it is then."""

    def __init__(self, problem: str, **phrases: str) -> None:
        super().__init__(problem, **phrases)
        self.metrics: dict[str, float] = {}


class CheckpointError(LabError):
    """Stored weights that are missing, damaged or made for another network."""


class RunError(LabError):
    """A request that the runner or the run store cannot carry out."""
