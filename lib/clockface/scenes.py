"""Whole images with clocks somewhere in them: what a finder of dials learns from and is tested on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lib.clockface.canvas import scene_pixels
from lib.clockface.chances import between, chance, pick
from lib.clockface.draw import render
from lib.clockface.families import is_ambiguous, random_clock
from lib.clockface.geometry import PERIOD, ClockTime
from lib.clockface.lens import expose
from lib.clockface.pose import Camera, Pose, frame_of
from lib.clockface.style import Lens, Scene, Style

#: A clock is drawn in a patch of so many of its diameters, so that its shadow has room.
_PATCH = 2.0
_BACKGROUNDS = ("plain", "plaster", "brick", "wood", "tiles", "stripes", "checks", "clutter", "foliage", "bokeh", "page")


#: Grey photographs, uint8 (h, w) each.
Photos = Sequence[np.ndarray] | np.ndarray


@dataclass(frozen=True, slots=True)
class Placed:
    """A clock in a scene: the frame of its dial in pixels, its time and its look.

    `frame` is (x, y, a, b, d): the hub, and the symmetric matrix that takes the unit circle to the dial's edge.
    """

    frame: tuple[float, float, float, float, float]
    minutes: int
    pose: Pose
    style: Style

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the dial in pixels."""
        return frame_box(self.frame)


def frame_box(frame: Sequence[float]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the ellipse that `frame` (x, y, a, b, d) describes."""
    x, y, a, b, d = frame
    wide, high = math.hypot(a, b), math.hypot(b, d)
    return x - wide, y - high, x + wide, y + high


def frame_diameter(frame: Sequence[float]) -> float:
    """The diameter of the circle that is as large as the ellipse of `frame`."""
    _, _, a, b, d = frame
    return 2.0 * math.sqrt(abs(a * d - b * b))


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    inner = _shared(one, other)
    return inner / (_area(one) + _area(other) - inner)


def covered(one: Sequence[float], other: Sequence[float]) -> float:
    """The share of the smaller box that the larger one covers."""
    return _shared(one, other) / min(_area(one), _area(other))


def _shared(one: Sequence[float], other: Sequence[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _area(box: Sequence[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def draw_scene(rng: np.random.Generator, size: int, diameters: Sequence[float], photos: Photos | None = None,
               things: int = 6, aspect: float = 1.0) -> tuple[np.ndarray, list[Placed]]:
    """A grey image, uint8 (size * aspect, size), with clocks of about `diameters` (shares of its width), and those.

    They hang before a texture, a gradient or a part of one of `photos` (uint8 (h, w) each), among up to `things` shapes that
    are no clocks. A clock for which no free place is found is left out.
    """
    height = round(size * aspect)
    scene = _background(rng, max(size, height), photos)
    scene = _with_things(rng, scene, int(rng.integers(0, things + 1)))
    placed: list[Placed] = []
    for share in diameters:
        spot = _free_spot(rng, (size, height), share * size, placed)
        if spot is not None:
            placed.append(_hang(rng, scene, share * size, spot))
    return expose(scene, _lens(rng), int(rng.integers(2**31)))[:height, :size], placed


def _background(rng: np.random.Generator, size: int, photos: Photos | None) -> np.ndarray:
    kind = pick(rng, ["texture", "photo", "gradient"], [0.45, 0.4 if photos is not None else 0.0, 0.15])
    if kind == "photo" and photos is not None:
        return _photo(rng, photos[int(rng.integers(len(photos)))], size)
    middle, spread = between(rng, 30, 225), between(rng, 5, 60) if kind == "gradient" else between(rng, 30, 230)
    scene = Scene("plain" if kind == "gradient" else str(rng.choice(_BACKGROUNDS)), int(rng.integers(12)),
                  between(rng, -180, 180), between(rng, 200, 620), middle - spread / 2, middle + spread / 2,
                  between(rng, 0, 120), between(rng, -180, 180), on_plane=False)
    return scene_pixels(scene, Camera(Pose(), size))


def _photo(rng: np.random.Generator, photo: np.ndarray, size: int) -> np.ndarray:
    """A part of a photograph, enlarged and sometimes with grain, so that its softness gives nothing away."""
    image = Image.fromarray(photo)
    part = min(image.size) * between(rng, 0.5, 1.0)
    left, top = between(rng, 0, image.width - part), between(rng, 0, image.height - part)
    image = image.resize((size, size), Image.Resampling.BICUBIC, box=(left, top, left + part, top + part))
    scene = np.asarray(image, np.float32)
    return scene + rng.standard_normal(scene.shape, np.float32) * np.float32(between(rng, 0, 8))


def _with_things(rng: np.random.Generator, scene: np.ndarray, count: int) -> np.ndarray:
    """Discs, plates, wheels, frames, bars and words: round or dark things that are no clocks."""
    size = len(scene)
    image = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y = rng.uniform(0, size, 2).tolist()
        wide = float(np.exp(rng.uniform(np.log(0.04), np.log(0.6)))) * size / 2
        high = wide * between(rng, 0.5, 1.0) if chance(rng, 0.5) else wide
        tone, line = int(rng.integers(256)), int(rng.integers(256))
        box, width = (x - wide, y - high, x + wide, y + high), max(1, round(between(rng, 0.02, 0.3) * min(wide, high)))
        kind = rng.integers(8)
        if kind == 0:
            draw.ellipse(box, tone)
        elif kind == 1:
            draw.ellipse(box, tone, line, width)
        elif kind == 2:
            draw.ellipse(box, None, line, width)
        elif kind == 3:
            draw.rectangle(box, tone, line, width)
        elif kind == 4:
            _wheel(draw, rng, (x, y, wide, high), (tone, line), chance(rng, 0.6))
        elif kind == 5:
            draw.line((x - wide, y - high, x + wide, y + high * between(rng, -1, 1)), line, max(1, width // 2))
        elif kind == 6:
            for ring in range(3):
                part = 1 - ring / 3
                draw.ellipse((x - part * wide, y - part * high, x + part * wide, y + part * high), (tone, line)[ring % 2])
        else:
            draw.text((x, y), "".join(rng.choice(list("0123456789ABEIMNORSTVX"), int(rng.integers(1, 9)))), tone,
                      font_size=max(6.0, 0.4 * wide))
    if chance(rng, 0.5):
        image = image.filter(ImageFilter.GaussianBlur(between(rng, 0.2, 1.5) * size / 300))
    return np.asarray(image, np.float32).copy()


def _wheel(draw: ImageDraw.ImageDraw, rng: np.random.Generator, place: tuple[float, float, float, float],
           tones: tuple[int, int], filled: bool) -> None:
    """A disc with 3 to 16 equal spokes or as many dots along its edge: a wheel, a flower, an old telephone's dial."""
    x, y, wide, high = place
    draw.ellipse((x - wide, y - high, x + wide, y + high), tones[0] if filled else None, tones[1], max(1, round(wide / 10)))
    count, turn, dots = int(rng.integers(3, 17)), between(rng, 0, 2 * math.pi), chance(rng, 0.4)
    for number in range(count):
        angle = turn + 2 * math.pi * number / count
        dx, dy = math.sin(angle), -math.cos(angle)
        if dots:
            r = wide / 9
            draw.ellipse((x + 0.75 * wide * dx - r, y + 0.75 * high * dy - r, x + 0.75 * wide * dx + r,
                          y + 0.75 * high * dy + r), tones[1])
        else:
            draw.line((x, y, x + wide * dx, y + high * dy), tones[1], max(1, round(wide / 14)))


def _free_spot(rng: np.random.Generator, sides: tuple[int, int], diameter: float,
               placed: Sequence[Placed]) -> tuple[float, float] | None:
    """Where a dial of `diameter` fits into `sides` (width, height) beside those that hang there already."""
    half = 0.5 * diameter
    for _ in range(20):
        # A large dial may be cut a little at the edge; of one larger than the image any part may be seen.
        margin = min(0.95 * half, 0.5 * min(sides)) if diameter <= min(sides) else 0.0
        x, y = between(rng, margin, sides[0] - margin), between(rng, margin, sides[1] - margin)
        if all(math.hypot(x - p.frame[0], y - p.frame[1]) > 1.25 * (half + max(p.frame[2], p.frame[4])) for p in placed):
            return x, y
    return None


def _hang(rng: np.random.Generator, scene: np.ndarray, diameter: float, spot: tuple[float, float]) -> Placed:
    """Draw a clock of any kind into `scene`, in place."""
    while True:
        pose, style = random_clock(rng, str(pick(rng, ["varied", "course"], [0.85, 0.15])))
        if not is_ambiguous(pose, style):
            break
    pose = replace(pose, scale=1 / _PATCH, offset_x=0.0, offset_y=0.0)
    # Light and camera belong to the whole scene.
    style = replace(style, streaks=(), lens=Lens(softness=max(0.7, style.lens.softness)))
    side = max(16, round(_PATCH * diameter))
    left, top = round(spot[0] - side / 2), round(spot[1] - side / 2)
    inside_y = slice(max(top, 0), min(top + side, scene.shape[0]))
    inside_x = slice(max(left, 0), min(left + side, scene.shape[1]))
    rows = np.clip(np.arange(top, top + side), 0, scene.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, scene.shape[1] - 1)
    minutes = int(rng.integers(PERIOD))
    patch = render(ClockTime.from_minutes(minutes), pose, style, side, background=scene[np.ix_(rows, columns)])
    scene[inside_y, inside_x] = patch[inside_y.start - top : inside_y.stop - top][
        :, inside_x.start - left : inside_x.stop - left]
    x, y, a, b, d = (0.5 * side * frame_of(pose)[0]).tolist()
    return Placed((left + 0.5 * side + x, top + 0.5 * side + y, a, b, d), minutes, pose, style)


def _lens(rng: np.random.Generator) -> Lens:
    """One camera for the whole image."""
    return Lens(
        blur=between(rng, 0.0, 0.8) if chance(rng, 0.4) else 0.0, gain=between(rng, 0.6, 1.15), bias=between(rng, -10, 25),
        gamma=float(np.exp(rng.uniform(-0.4, 0.4))), vignette=between(rng, 0.1, 0.6) if chance(rng, 0.25) else 0.0,
        noise=between(rng, 0, 10) if chance(rng, 0.6) else 0.0, quality=int(rng.integers(35, 90)) if chance(rng, 0.3) else 0)
