"""Small images compared with stored ones. `UPDATE_GOLDEN=1 pytest tests/clockface/test_clock_golden.py` renews them."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.clockface import render
from tests.clockface.clock_cases import GALLERY

_FOLDER = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("name", sorted(GALLERY))
def test_the_image_is_the_stored_one(name: str) -> None:
    path = _FOLDER / f"clock_{name}.png"
    image = render(*GALLERY[name], 75, seed=1)
    if os.environ.get("UPDATE_GOLDEN") or not path.exists():
        missing = not path.exists()
        Image.fromarray(image).save(path)
        assert not missing, f"{path.name} was missing and has been written: look at it, then run again"
    with Image.open(path) as stored:
        difference = np.abs(np.asarray(stored).astype(int) - image)
    # Another release of Pillow's font engine moves numerals by parts of a pixel; a wrong hand changes far more.
    assert difference.mean() < 1.0
    assert (difference > 60).mean() < 0.005
