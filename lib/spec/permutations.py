"""Fixed reorderings of an image's pixels: from none at all to a full shuffle, each the same on every machine.

A permutation is an int32 array of length height x width: place `i` of the permuted image shows pixel
`permutation[i]` of the original, rows before columns; all channels of a pixel move together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from lib.base.errors import SpecError
from lib.spec.checks import require_int

#: Kind -> what it does, for a select box.
KINDS = {
    "identity": "nothing moves",
    "blocks": "blocks of pixels change places",
    "rows": "whole rows change places",
    "share": "a share of the pixels changes places",
    "full": "every pixel may go anywhere",
}
#: Kinds whose `amount` says how much, and its range: side of a block in pixels; moved pixels in percent.
AMOUNTS = {"blocks": (1, 1024), "share": (0, 100)}


@dataclass(frozen=True, slots=True)
class PermutationSpec:
    """Which reordering: a kind of `KINDS`, its `amount` (see `AMOUNTS`; 0 for the other kinds) and a seed."""

    kind: str = "full"
    amount: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SpecError("Unknown kind of permutation.", expected=", ".join(KINDS), received=repr(self.kind))
        require_int("The permutation's amount", self.amount, *AMOUNTS.get(self.kind, (0, 0)))
        require_int("The permutation's seed", self.seed, 0, 2**31 - 1)

    @property
    def is_identity(self) -> bool:
        """Whether it moves nothing whatever the image."""
        return self.kind == "identity" or (self.kind == "share" and self.amount == 0)


def permutation_from_dict(values: object) -> PermutationSpec | None:
    """The permutation that `to_dict` wrote, None for None; raises SpecError for anything else."""
    if values is None:
        return None
    known = [f.name for f in fields(PermutationSpec)]
    if not isinstance(values, Mapping) or not set(values) <= set(known):
        raise SpecError("A permutation cannot be read.", expected=f"an object with {', '.join(known)}",
                        received=repr(values)[:80])
    return PermutationSpec(**values)


# --- from a spec to an array --------------------------------------------------------------


def make_permutation(spec: PermutationSpec, height: int, width: int) -> np.ndarray:
    """The permutation of `spec` for images of this size, int32 (height * width,), read-only.

    Raises SpecError when blocks do not fit the image.
    """
    places = np.arange(height * width, dtype=np.int32)
    match spec.kind:
        case "full":
            places = random_order(height * width, spec.seed)
        case "rows":
            places = places.reshape(height, width)[random_order(height, spec.seed)].ravel()
        case "blocks":
            places = shuffled_blocks(places.reshape(height, width), spec.amount, spec.seed).ravel()
        case "share":
            places = shuffled_share(places, spec.amount, spec.seed)
    places = np.ascontiguousarray(places, dtype=np.int32)
    places.setflags(write=False)
    return places


def random_order(count: int, seed: int) -> np.ndarray:
    """0 ... count - 1 in random order, int32.

    Sorted by the raw 64-bit numbers of PCG64, whose stream NumPy promises to keep; that of
    `Generator.permutation` may change with NumPy's version.
    """
    return np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable").astype(np.int32)


def shuffled_blocks(places: np.ndarray, side: int, seed: int) -> np.ndarray:
    """`places` (height, width) with its blocks of `side` x `side` in random order; SpecError where they do not fit."""
    height, width = places.shape
    if height % side or width % side:
        fitting = [str(n) for n in range(1, min(height, width) + 1) if height % n == width % n == 0]
        raise SpecError("The blocks do not fit the image.", received=f"{side} pixels",
                        expected=f"a side that divides {height} and {width}: {', '.join(fitting)}")
    rows, columns = height // side, width // side
    blocks = places.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows * columns, side, side)
    blocks = blocks[random_order(rows * columns, seed)]
    return blocks.reshape(rows, columns, side, side).swapaxes(1, 2)


def shuffled_share(places: np.ndarray, percent: int, seed: int) -> np.ndarray:
    """The first `percent` of a random order of places each take the pixel of the next one.

    So a larger share with the same seed moves more pixels and leaves the moved ones where they are, but for one.
    """
    moved = random_order(len(places), seed)[: round(len(places) * percent / 100)]
    result = places.copy()
    result[moved] = np.roll(moved, -1)
    return result


# --- what one does with it ----------------------------------------------------------------


def check_permutation(permutation: np.ndarray, pixels: int) -> np.ndarray:
    """`permutation` as int32; SpecError unless it has every index from 0 to pixels - 1 exactly once."""
    array = np.asarray(permutation)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise SpecError("A permutation is a list of whole numbers.", expected=f"{pixels} of them",
                        received=f"{array.dtype} {array.shape}")
    if len(array) != pixels:
        raise SpecError("The permutation does not fit the images.", expected=f"{pixels} indices, one for each pixel",
                        received=f"{len(array)}", remedy="Make it for images of this size.")
    if len(array) and (array.min() < 0 or array.max() >= pixels):
        raise SpecError("The permutation points outside the image.", expected=f"indices from 0 to {pixels - 1}",
                        received=f"{array.min()} to {array.max()}")
    counts = np.bincount(array, minlength=pixels)
    if (counts > 1).any():
        index = int(np.flatnonzero(counts > 1)[0])
        raise SpecError("The permutation repeats a pixel, so another one would be lost.",
                        expected="every index once", received=f"index {index} {counts[index]} times")
    return array.astype(np.int32)


def apply(images: np.ndarray, permutation: np.ndarray) -> np.ndarray:
    """`images` (N, height, width, channels) with their pixels reordered; the input is not changed."""
    if images.ndim != 4:
        raise SpecError("These are no images.", expected="shape (N, height, width, channels)", received=str(images.shape))
    count, height, width, channels = images.shape
    permutation = check_permutation(permutation, height * width)
    return np.take(images.reshape(count, height * width, channels), permutation, axis=1).reshape(images.shape)


def inverse(permutation: np.ndarray) -> np.ndarray:
    """The permutation that puts every pixel back."""
    permutation = check_permutation(permutation, len(permutation))
    back = np.empty_like(permutation)
    back[permutation] = np.arange(len(permutation), dtype=np.int32)
    return back


def neighbours_kept(permutation: np.ndarray, height: int, width: int) -> float:
    """The share of pairs of touching pixels (side by side or one above the other) that still touch, 0-1."""
    places = inverse(check_permutation(permutation, height * width)).reshape(height, width)
    rows, columns = places // width, places % width
    kept = total = 0
    for axis in (0, 1):
        distance = np.abs(np.diff(rows, axis=axis)) + np.abs(np.diff(columns, axis=axis))
        kept, total = kept + int((distance == 1).sum()), total + distance.size
    return kept / max(total, 1)
