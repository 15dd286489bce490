"""Draws a range of a clock set into a file that exists: run as `python -m lib.datasets.clock_worker`.

Arguments: file, family, size, per_minute, seed, first index, index after the last. Prints how many
images were finished since the line before.
"""

from __future__ import annotations

import sys

import numpy as np

from lib.datasets.clocks import draw_clock

_REPORT_EVERY = 100


def main(arguments: list[str]) -> None:
    """Draw and report."""
    path, family = arguments[:2]
    size, per_minute, seed, start, stop = map(int, arguments[2:])
    images = np.lib.format.open_memmap(path, mode="r+")
    reported = start
    for index in range(start, stop):
        images[index] = draw_clock(family, size, per_minute, seed, index)
        if index - reported >= _REPORT_EVERY:
            print(index - reported, flush=True)
            reported = index
    images.flush()
    print(stop - reported, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
