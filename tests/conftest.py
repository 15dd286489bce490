"""Fixtures of all tests: no state left over between them."""

from __future__ import annotations

import os
import random
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
_SHARED_DATA = ROOT.parent / "shared" / "data"

settings.register_profile("lab", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("lab")


def real_data_folder() -> Path | None:
    """The folder with the real files, None when this machine has none."""
    named = os.environ.get("NEURAL_LAB_DATA")
    folder = Path(named) if named else _SHARED_DATA
    return folder if (folder / "mnist" / "train-images-idx3-ubyte.gz").exists() else None


@pytest.fixture(autouse=True)
def _fixed_seeds() -> None:
    random.seed(0)
    np.random.seed(0)


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real data folder, made the app's own; skips where there is none."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip("no real data: set NEURAL_LAB_DATA to a folder with mnist/train-images-idx3-ubyte.gz")
    monkeypatch.setenv("NEURAL_LAB_DATA", str(folder))
    return folder
