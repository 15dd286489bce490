"""A photograph with the clocks that were found framed on it, to be corrected. Streamlit component v2.

In a fragment: read `frame_edits` first, read the clocks that follow from it, and mount `photo_frames` last. Lengths are
shares of the image's width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, last_sent, unanswered

_mount = component("photo_frames")
#: Frames that a user may have on one image.
MOST_FRAMES = 24


@dataclass(frozen=True, slots=True)
class FrameEdit:
    """What the user did to frame `id`: it is now a circle of diameter `d` at (x, y), or gone where `d` is 0."""

    id: int
    x: float
    y: float
    d: float
    seq: int


def parse_edit(payload: object) -> FrameEdit | None:
    """An edit in what the browser sent; None for anything else."""
    values = sent_numbers(payload, ("id", "x", "y", "d", "seq"))
    if values is None:
        return None
    number, x, y, d, seq = values
    fits = 0 <= number < MOST_FRAMES and number == int(number) and 0 <= x <= 1 and 0 <= y <= 20 and 0 <= d <= 2
    return FrameEdit(int(number), float(x), float(y), float(d), int(seq)) if fits else None


def frame_edits(key: str) -> list[FrameEdit]:
    """The edits that were not answered yet when the browser sent the last one, in their order; seen ones are among them."""
    return unanswered(key, "edits", parse_edit, MOST_FRAMES)


def chosen_frame(key: str) -> int | None:
    """The frame that was last clicked on."""
    sent = last_sent(key, "chosen")
    return sent if type(sent) is int else None


def photo_frames(key: str, image: str, ratio: float, clocks: Sequence[dict[str, Any]], revision: str, ack: int) -> None:
    """Mount the image `image` (a data: URI), `ratio` times as high as wide.

    Every clock has `id`, `x`, `y`, `d` (its frame), `path` (an SVG path of the dial, 1000 wide), `text` (its time), `note`,
    `more` (sentences), `sure` and `image` (what the reader sees). Another `revision` is another image; `ack` is the last
    edit's number.
    """
    data = {"image": image, "alt": "The image with its clocks framed", "ratio": ratio, "clocks": tuple(clocks),
            "most": MOST_FRAMES, "revision": revision, "ack": ack,
            "empty": "No clock was found here. Frame one, and it is read."}
    _mount(key=key, data=data, default={"edits": None, "chosen": None}, on_edits_change=ignore, on_chosen_change=ignore)
