"""How much memory a training needs, by arithmetic, against what the machine has free: refused before it is built.

An allocation that fails inside the compiled loop cannot be caught: it ends the process, and every other run with it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from lib.base.errors import SpecError
from lib.spec.specs import ArchitectureSpec, LayerSpec, RunSpec
from lib.spec.spectra import Spectra
from lib.spec.summary import LayerSummary, Shape, check_stack, summarise

#: Of every number that a layer puts out, training keeps the value, its gradient and a workspace.
_TRAINING_COPIES = 3
#: Weights, gradients and two moments of Adam.
_WEIGHT_COPIES = 4
#: Spectra of maps and of kernels (lib/spec/spectra.py): the value and its gradient.
_SPECTRUM_COPIES = 2
#: Images per forward pass when only measuring; large enough to keep two cores busy, small enough to stop soon.
EVALUATION_BATCH = 500
#: The share of the free memory that one run may plan with; estimates are not exact, and others live here too.
USABLE_SHARE = 0.7
_FLOAT = 4


def needed_bytes(spec: RunSpec, image_shape: Shape, images: int | None = None) -> int:
    """About how much memory the run needs at once beside its images, of which there are `images` to train on.

    Raises SpecError for layers that do not fit.
    """
    stacks = [spec.architecture.layers]
    rows = list(summarise(spec.architecture, image_shape))
    spectra = list(_spectra(spec, image_shape, rows))
    for branch in spec.head.branches if spec.head else ():
        if branch:
            rows += summarise(ArchitectureSpec(branch), rows[len(stacks[0]) - 1].output_shape)
    sizes = [math.prod(image_shape), *(math.prod(row.output_shape) for row in rows)]
    batch = spec.train.batch_size if images is None else min(spec.train.batch_size, max(images, 1))
    of_maps, of_kernels = [one for one, _ in spectra], [one for _, one in spectra]
    # Evaluating keeps what goes into a layer and what comes out of it, and nothing else.
    evaluation = EVALUATION_BATCH * (max(first + second for first, second in pairwise(sizes)) + max(of_maps, default=0))
    training = batch * (_TRAINING_COPIES * sum(sizes) + _SPECTRUM_COPIES * sum(of_maps))
    weights = _WEIGHT_COPIES * sum(row.parameters for row in rows) + _SPECTRUM_COPIES * sum(of_kernels)
    return _FLOAT * (max(training, evaluation) + weights)


def _spectra(spec: RunSpec, image_shape: Shape, rows: Sequence[LayerSummary]) -> Iterator[tuple[int, int]]:
    """For every layer that convolves through spectra: how many numbers those of one image's maps have, and the kernels'.

    `rows` are the summary of the layers.
    """
    shape = image_shape
    for layer, row in zip(spec.architecture.layers, rows, strict=True):
        if layer.kind == "conv" and layer.strides == 1 and spec.train.precision == "float32":
            height, width, channels = shape
            found = Spectra((height, width, channels), (layer.kernel_size,) * 2, layer.filters, layer.padding)
            if found.pays:
                yield found.frequencies * (channels + layer.filters), found.frequencies * channels * layer.filters
        shape = row.output_shape


def heaviest_layer(layers: Sequence[LayerSpec], image_shape: Shape, batch: int) -> int:
    """Which layer of a stack that fits takes the most memory in training, counted from 0."""
    rows = check_stack(layers, image_shape).rows
    need = [batch * _TRAINING_COPIES * math.prod(row.output_shape) + _WEIGHT_COPIES * row.parameters for row in rows]
    return need.index(max(need))


def free_bytes() -> int | None:
    """What this machine, or the container that the app lives in, has free; None where nobody says."""
    found = [value for value in (_meminfo(), _container()) if value is not None]
    return min(found) if found else None


def _meminfo(path: Path = Path("/proc/meminfo")) -> int | None:
    try:
        for line in path.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    try:
        left = int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text())
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return None
    return left + _unused_file_pages(folder / "memory.stat")


def _unused_file_pages(path: Path) -> int:
    """Bytes of files that were read once and stay in memory until somebody needs it: the container counts them as used."""
    try:
        return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith("inactive_file "))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0


def check_memory(spec: RunSpec, image_shape: Shape, images: int | None = None) -> None:
    """Raise SpecError when the run needs more than USABLE_SHARE of the memory that is free."""
    free, needed = free_bytes(), needed_bytes(spec, image_shape, images)
    if free is not None and needed > USABLE_SHARE * free:
        raise SpecError(
            "This run does not fit into memory.", expected=f"at most {USABLE_SHARE * free / 1e9:.1f} GB",
            received=f"about {needed / 1e9:.1f} GB for batches of {spec.train.batch_size:,} images of "
            f"{'x'.join(map(str, image_shape))}", remedy="Use smaller batches, smaller images or a smaller network.")
