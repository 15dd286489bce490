"""What a convolution through the spectra of maps and kernels costs (`lib/models/networks/fourier.py`), by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

#: Larger maps have spectra that fill the memory; they would have to be cut into tiles first.
MOST_PIXELS = 32
#: The direct way must take so many times the multiplications: each of them runs at twice the speed of these.
FEWEST_TIMES = 3.0
#: Images of a batch that share the transform of the kernels, in counting the multiplications.
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a convolution: `period` frequencies, of which the first `half` say all about real numbers.

    The kernel begins `before` pixels before each place of its `outputs`.
    """

    period: int
    half: int
    outputs: int
    before: int


def axis_of(side: int, size: int, padding: str) -> Axis:
    """For maps of `side` pixels and kernels of `size`, steps of 1; `padding` is "same" or "valid"."""
    if padding == "valid":
        return Axis(side, side // 2 + 1, side - size + 1, 0)
    before = (size - 1) // 2
    # What a kernel that sticks out at one end reads at the other must be the zeros of the padding.
    period = side + size - 1 - before
    return Axis(period, period // 2 + 1, side, before)


@dataclass(frozen=True, slots=True)
class Spectra:
    """Maps (height, width, channels) convolved with kernels (height, width) into `filters` maps, steps of 1."""

    maps: tuple[int, int, int]
    size: tuple[int, int]
    filters: int
    padding: str

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Downwards and across."""
        return axis_of(self.maps[0], self.size[0], self.padding), axis_of(self.maps[1], self.size[1], self.padding)

    @property
    def frequencies(self) -> int:
        """Numbers that a map has in its spectrum: three a frequency, for three products (see `fourier.py`)."""
        rows, columns = self.axes
        return 3 * rows.period * columns.half

    @property
    def pays(self) -> bool:
        """Whether this way is faster than the direct one, on a processor and in float32."""
        height, width, channels = self.maps
        rows, columns = self.axes
        if max(height, width) > MOST_PIXELS or min(rows.outputs, columns.outputs) < 1:
            return False
        kernels = channels * self.filters
        direct = rows.outputs * columns.outputs * self.size[0] * self.size[1] * kernels
        transforms = (channels * self._transform(height, width) + kernels * self._transform(*self.size) / _BATCH
                      + self.filters * self._transform(rows.outputs, columns.outputs))
        return direct >= FEWEST_TIMES * (self.frequencies * kernels + transforms)

    def _transform(self, height: int, width: int) -> int:
        """Multiplications from (height, width) numbers to a spectrum, or back."""
        rows, columns = self.axes
        return height * 2 * columns.half * width + 3 * rows.period * 2 * height * columns.half
