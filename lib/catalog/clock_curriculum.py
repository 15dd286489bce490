"""How the small clock networks learn turned dials: in stages of wider and wider turns, the same for every head."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """`blocks` blocks of fresh images whose dials are turned by at most `turn` degrees to either side."""

    turn: float
    blocks: int


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The stages, and how they are trained: `images` images a block, each seen once, Adam at `rate`.

    The rate is constant while turns widen and falls along half a cosine in the last stage. `seed` decides the training
    images, `validation` and `test` are (images, seed) of the sets on which choices are made and figures measured.
    """

    stages: tuple[Stage, ...]
    images: int
    rate: float
    batch_size: int = 64
    seed: int = 211
    validation: tuple[int, int] = (3600, 307)
    test: tuple[int, int] = (7200, 401)

    @property
    def blocks(self) -> list[Stage]:
        """The stage of every block, in order."""
        return [stage for stage in self.stages for _ in range(stage.blocks)]

    def images_of(self, number: int) -> tuple[float, tuple[int, ...]]:
        """The turn and the seed of block `number`'s images; a longer last stage goes on where a shorter one ended."""
        stage = self.blocks[number]
        return stage.turn, (self.seed, round(stage.turn), number - self.blocks.index(stage))

    @property
    def total(self) -> int:
        """All training images together."""
        return len(self.blocks) * self.images


#: Edges of the bands of turns, in degrees to either side, in which errors are counted.
TURN_BANDS = (0, 25, 50, 90, 135, 180)
WIDENING = Curriculum(
    (Stage(25, 2), Stage(50, 3), Stage(90, 3), Stage(135, 4), Stage(180, 12)), images=24_000, rate=0.002)
