"""Images of course clocks a second: our renderer against the same clock drawn with Pillow.

The Pillow drawing is the usual way: everything four times as large, from polygons, pasted numerals and a warped
plank texture, then reduced, which is the anti-aliasing that ours computes directly. Both run in the same
number of processes, one after the other, on the same clocks.

    python scripts/bench_clock.py [--workers 2] [--seconds 5]
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib.clockface import Camera, ClockTime, Pose, Style, random_clock, render
from lib.clockface.canvas import direction
from lib.clockface.textures import texture
from scripts.bench_store import keep

_SCALE, _SIZE, _CLOCKS = 4, 150, 300


class PillowClock:
    """The course's clock with Pillow alone, at `_SCALE` times the size."""

    def __init__(self, pose: Pose, style: Style) -> None:
        self.pose, self.style = pose, style
        self.camera = Camera(pose, _SIZE * _SCALE)
        self.image = self._planks()
        self.draw = ImageDraw.Draw(self.image)

    def _planks(self) -> Image.Image:
        scene, size = self.style.scene, _SIZE * _SCALE
        planks = texture(scene.kind, scene.seed)
        turn = math.radians(scene.angle)
        cos, sin, middle = math.cos(turn) * scene.zoom, math.sin(turn) * scene.zoom, planks.width / 2
        matrix = np.array([[cos, sin, middle], [-sin, cos, middle], [0, 0, 1]]) @ self.camera.homography()
        matrix /= matrix[2, 2]
        image = planks.transform((size, size), Image.Transform.PERSPECTIVE, matrix.ravel()[:8].tolist(),
                                 Image.Resampling.BILINEAR)
        return image.point([round(scene.low + (scene.high - scene.low) * k / 255) for k in range(256)])

    def _polygon(self, points: list[tuple[float, float]], tone: float, height: float = 0.0) -> None:
        places = [self.camera.project_point(x, y, height) for x, y in points]
        self.draw.polygon(places, fill=int(np.clip(tone, 0, 255)))

    def _disc(self, radius: float, tone: float, height: float = 0.0) -> None:
        self._polygon([(radius * math.sin(t), radius * math.cos(t)) for t in np.linspace(0, 2 * math.pi, 90)],
                      tone, height)

    def _bar(self, angle: float, inner: float, outer: float, width: float, tone: float, height: float = 0.0) -> None:
        x, y = direction(angle + self.pose.rotation)
        corners = [(inner, -width / 2), (outer, -width / 2), (outer, width / 2), (inner, width / 2)]
        self._polygon([(r * x - s * y, r * y + s * x) for r, s in corners], tone, height)

    def _numeral(self, hour: int) -> None:
        face = self.style.face
        x, y = direction(30 * hour + self.pose.rotation)
        at = self.camera.project_point(face.numeral_radius * x, face.numeral_radius * y)
        word = _word(str(hour or 12), round(face.numeral_height * self.camera.radius / 0.7))
        word = word.rotate(-30 * hour - self.pose.rotation, Image.Resampling.BILINEAR, expand=True)
        word = word.resize((word.width, max(1, round(word.height * self.pose.axis_ratio))))
        self.image.paste(int(face.numeral_tone), (round(at[0] - word.width / 2), round(at[1] - word.height / 2)), word)

    def image(self, moment: ClockTime) -> np.ndarray:
        """The finished image, uint8 (150, 150)."""
        case, face, hands = self.style.case, self.style.face, self.style.hands
        for share in np.linspace(0, 1, 8):
            tone = case.side_tone + share * (case.tone - case.side_tone)
            self._disc(1 + case.width, tone, -case.depth + share * (case.lip + case.depth))
        self._disc(1 + case.inner_width, case.inner_tone, case.lip)
        self._disc(1.0, face.tone)
        for minute in range(60):
            tick = face.minute_tick if minute % 5 else face.hour_tick
            self._bar(6 * minute, tick.inner, tick.outer, tick.width, tick.tone)
        for hour in range(12):
            self._numeral(hour)
        for hand, angle in ((hands.hour, moment.hour_angle), (hands.minute, moment.minute_angle)):
            self._bar(angle, -hand.tail, hand.length, hand.width, hand.tone, hands.height)
        self._disc(hands.hub, hands.hub_tone, hands.height)
        frame = np.asarray(self.image.reduce(_SCALE), dtype=np.float32)
        for glare in self.style.glares:
            frame = self._lit(frame, glare)
        frame = frame + np.random.default_rng(0).standard_normal(frame.shape, np.float32) * self.style.lens.noise
        return np.clip(frame + 0.5, 0, 255).astype(np.uint8)

    def _lit(self, frame: np.ndarray, glare: object) -> np.ndarray:
        x, y = (c / _SCALE for c in self.camera.project_point(glare.x, glare.y))
        ys, xs = np.mgrid[:_SIZE, :_SIZE].astype(np.float32)
        square = ((xs - x) ** 2 + (ys - y) ** 2) / (self.camera.radius / _SCALE) ** 2
        spot = np.minimum(2 * glare.strength * np.exp(-0.5 * square / glare.radius**2), 1)
        haze = glare.haze * np.exp(-0.5 * square / glare.haze_radius**2)
        return 255 - (255 - frame) * (1 - spot) * (1 - haze)


@lru_cache(maxsize=4096)
def _word(text: str, height: int) -> Image.Image:
    font = ImageFont.load_default(height)
    left, top, right, bottom = font.getbbox(text)
    word = Image.new("L", (math.ceil(right - left), math.ceil(bottom - top)))
    ImageDraw.Draw(word).text((-left, -top), text, font=font, fill=255)
    return word


def draw_ours(moment: ClockTime, pose: Pose, style: Style) -> None:
    """One image with our renderer."""
    render(moment, pose, style, _SIZE)


def draw_pillow(moment: ClockTime, pose: Pose, style: Style) -> None:
    """One image with Pillow alone."""
    PillowClock(pose, style).image(moment)


def _rate(draw: Callable[[ClockTime, Pose, Style], None], family: str, seconds: float, number: int,
          start: object, rates: object) -> None:
    """Put this process's images a second into `rates`; all processes begin together."""
    rng = np.random.default_rng(number)
    clocks = [(ClockTime.from_minutes(int(rng.integers(720))), *random_clock(rng, family)) for _ in range(_CLOCKS)]
    for clock in clocks:
        draw(*clock)
    start.wait()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        draw(*clocks[count % _CLOCKS])
        count += 1
    rates.put(count / (time.perf_counter() - begun))


def rate(draw: Callable[[ClockTime, Pose, Style], None], family: str, workers: int, seconds: float) -> float:
    """Images a second of `workers` processes together."""
    context = multiprocessing.get_context("spawn")
    start, rates = context.Barrier(workers), context.Queue()
    processes = [context.Process(target=_rate, args=(draw, family, seconds, number, start, rates))
                 for number in range(workers)]
    for process in processes:
        process.start()
    total = sum(rates.get(timeout=seconds + 300) for _ in processes)
    for process in processes:
        process.join()
    return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    ours = rate(draw_ours, "course", chosen.workers, chosen.seconds)
    pillow = rate(draw_pillow, "course", chosen.workers, chosen.seconds)
    varied = rate(draw_ours, "varied", chosen.workers, chosen.seconds)
    print(f"clocks of {_SIZE}x{_SIZE} a second, {chosen.workers} processes, {chosen.seconds:g} s each")
    print(f"  course, ours    {ours:8.0f}")
    print(f"  course, Pillow  {pillow:8.0f}   (drawn at {_SCALE}x, reduced)")
    print(f"  ratio           {ours / pillow:8.1f}")
    keep("clock", {"ours": round(ours), "pillow": round(pillow)})
    print(f"  varied, ours    {varied:8.0f}")


if __name__ == "__main__":
    main()
