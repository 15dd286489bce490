"""Digits that are read wrong after denoising: what scripts/train_digits.py keeps of them, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.measures.measured import MEASURED

DENOISED_MISTAKES = MEASURED / "denoise_mistakes.npz"


@dataclass(frozen=True, slots=True)
class DenoisedMistakes:
    """Images uint8 (N, 28, 28, 1) as they are, with half of their pixels salted or peppered, and denoised; their labels
    `true`, what was `said` of the denoised ones, int (N,), how `sure` (N,), and among how many test images (`of`)."""

    clean: np.ndarray
    noisy: np.ndarray
    denoised: np.ndarray
    true: np.ndarray
    said: np.ndarray
    sure: np.ndarray
    of: int


def denoised_mistakes(path: Path = DENOISED_MISTAKES) -> DenoisedMistakes | None:
    """What was kept, the surest mistakes first; None when there is no file."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in ("clean", "noisy", "denoised", "true", "said", "sure")}
        return DenoisedMistakes(**arrays, of=int(archive["of"]))
