"""Handwriting on photographed paper as ink: shadows, ruled lines, grain and whatever touches the border are not ink.

The paper's own brightness is estimated at every place, so that ink is what is darker than the paper around it and not
what is darker than some tone: a shadow darkens paper and ink alike.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

#: Pixels of the longer side that are enough to find a digit that fills a tenth of the photo.
ENOUGH = 448
#: Smaller images are enlarged to this, so that no stroke is as thin as grain.
_LEAST = 224
#: The broadest stroke, as a share of the shorter side: narrower dark things are no shadow.
_BROADEST = 0.24
#: The least share of its light that ink takes away.
_FAINTEST = 0.07
#: Ink of less than this share of the strongest is grain or a printed line; from `_FULL` on it counts fully.
_CUT, _FULL = 0.38, 0.75
#: Tilts of ruled lines that are looked for (rise over run), and how much of the photo's width a line has to cross.
_TILTS = np.linspace(-0.09, 0.09, 19)
_CROSSES = 0.8


def photo_as_ink(photo: Image.Image) -> np.ndarray:
    """A grey photo of something drawn, any size, as bright ink on black, uint8 (H, W), at most `ENOUGH` pixels a side.

    Dark ink on light paper and light on dark are told apart by themselves. All black when there is no ink.
    """
    values = ndimage.median_filter(np.asarray(_resized(photo), np.float32), 3, mode="nearest")
    strength = _strength(values if _is_dark_on_light(values) else 255.0 - values)
    floor = max(_FAINTEST, 6.0 * _spread(strength))
    if not (strength > floor).any():
        return np.zeros(values.shape, np.uint8)
    strength = _without_lines(strength, floor)
    return _kept_parts(strength, floor)


def _resized(photo: Image.Image) -> Image.Image:
    """`photo` with a longer side of `_LEAST` to `ENOUGH` pixels."""
    side = max(photo.size)
    scale = min(max(side, _LEAST), ENOUGH) / side
    if scale == 1:
        return photo
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    return photo.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)


def _is_dark_on_light(values: np.ndarray) -> bool:
    """Whether what stands out from its surroundings is darker than they are.

    The edge of a shadow stands out on both sides alike, ink on one.
    """
    coarse = np.asarray(Image.fromarray(values).reduce(max(1, min(max(values.shape) // 56, *values.shape))))
    around = ndimage.median_filter(coarse, max(3, max(coarse.shape) // 2), mode="reflect")
    return float(((coarse - around) ** 3).sum()) <= 0


def _strength(values: np.ndarray) -> np.ndarray:
    """The share of the paper's light that is missing at each place, 0-1, of dark ink on lighter paper.

    The paper is a morphological closing: dark things narrower than the window are filled with what is around them; the
    edge of a broader shadow stays where it is.
    """
    window = max(5, int(_BROADEST * min(values.shape)) | 1)
    paper = ndimage.grey_closing(ndimage.uniform_filter(values, 3, mode="nearest"), (window, window), mode="reflect")
    return np.clip((paper - values) / np.maximum(paper, 24.0), 0.0, 1.0)


def _spread(strength: np.ndarray) -> float:
    """The standard deviation of the paper's grain, from the middle of all places, most of which are paper."""
    middle = float(np.median(strength))
    return 1.4826 * float(np.median(np.abs(strength - middle))) + 0.5 * middle


def _top(strength: np.ndarray, floor: float) -> float:
    """How strong the ink is."""
    marked = strength[strength > floor]
    return float(np.quantile(marked, 0.9)) if marked.size else 1.0


def _without_lines(strength: np.ndarray, floor: float) -> np.ndarray:
    """`strength` without ruled or squared paper's lines: thin, straight, from border to border."""
    mask = strength > max(floor, 0.3 * _top(strength, floor))
    level = _lines(mask)
    upright = _lines(mask.T).T
    found = level | upright
    if not found.any():
        return strength
    rest = np.where(found, 0.0, strength)
    # Where a stroke crosses a line, the strokes on both sides of the line are joined again.
    reach = max(5, 2 * min(strength.shape) // 60 + 1)
    closed = ndimage.grey_closing(rest, (reach, reach))
    return np.where(found, np.minimum(closed, strength), rest)


def _lines(mask: np.ndarray) -> np.ndarray:
    """bool like `mask` (H, W): where it shows lines that cross the photo from left to right, tilted a little at most."""
    height, width = mask.shape
    columns, rows = np.arange(width), np.arange(height)[:, None]
    found = np.zeros_like(mask)
    edge = max(2, width // 12)
    for tilt in _TILTS:
        places = rows + np.rint(tilt * (columns - width / 2)).astype(int)
        inside = (places >= 0) & (places < height)
        along = mask[np.clip(places, 0, height - 1), columns] & inside
        crosses = along.sum(axis=1) >= _CROSSES * np.maximum(inside.sum(axis=1), width // 2)
        crosses &= (along[:, :edge].mean(axis=1) > 0.5) & (along[:, -edge:].mean(axis=1) > 0.5)
        for row in np.flatnonzero(crosses):
            for beside in (-1, 0, 1):
                spots = places[row] + beside
                good = (spots >= 0) & (spots < height)
                found[spots[good], columns[good]] = True
    # A crossing band that is thick is no line: a dark table beside the paper.
    thick = ndimage.binary_opening(found, np.ones((max(8, height // 24), 3)))
    return found & mask & ~thick


def _kept_parts(strength: np.ndarray, floor: float) -> np.ndarray:
    """The largest thing that is drawn and what lies close to it, as ink; specks and what touches the border are left out."""
    top = _top(strength, floor)
    marks, count = ndimage.label(strength > max(floor, _CUT * top), np.ones((3, 3)))
    if not count:
        return np.zeros(strength.shape, np.uint8)
    numbers = np.arange(1, count + 1)
    weights = ndimage.sum_labels(strength, marks, numbers)
    boxes = ndimage.find_objects(marks)
    inner = np.array([_is_inside(box, strength.shape) for box in boxes])
    if inner.any() and weights[inner].max() > 0.08 * weights.max():
        weights = np.where(inner, weights, 0.0)
    main = boxes[int(weights.argmax())]
    reach = 0.4 * max(side.stop - side.start for side in main)
    kept = [number for number, weight, box in zip(numbers, weights, boxes, strict=True)
            if weight > 0.015 * weights.max() and _distance(main, box) <= reach]
    ink = np.clip((strength / top - 0.5 * _CUT) / (_FULL - 0.5 * _CUT), 0.0, 1.0)
    # The soft edge of a stroke lies just outside the marks.
    near = ndimage.binary_dilation(np.isin(marks, kept), np.ones((3, 3)))
    return np.rint(255 * np.where(near, ink, 0.0)).astype(np.uint8)


def _is_inside(box: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    return all(side.start > 0 and side.stop < end for side, end in zip(box, shape, strict=True))


def _distance(first: tuple[slice, slice], second: tuple[slice, slice]) -> float:
    """The gap between two boxes, 0 where they overlap."""
    gaps = [max(a.start - b.stop, b.start - a.stop, 0) for a, b in zip(first, second, strict=True)]
    return float(np.hypot(*gaps))
