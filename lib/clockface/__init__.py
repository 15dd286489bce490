"""Clock images: times, poses, styles and the renderer.

`render(time, pose, style, size, seed)` draws one clock; `random_pose` and `random_style` choose for a family,
`random_clock` chooses a pair that can be read without doubt.
"""

from lib.clockface.draw import render
from lib.clockface.families import (
    FAMILIES,
    RENDERER_VERSION,
    family_number,
    is_ambiguous,
    random_clock,
    random_pose,
    random_style,
    render_many,
    seen_from,
)
from lib.clockface.geometry import (
    PERIOD,
    ClockTime,
    circular_error,
    hand_angles,
    minutes_from_angles,
    time_from_angles,
)
from lib.clockface.pose import Camera, Pose
from lib.clockface.style import Case, Face, Glare, Hand, Hands, Lens, Ring, Scene, Streak, Style, Subdial, Text, Tick

__all__ = [
    "FAMILIES", "PERIOD", "RENDERER_VERSION", "Camera", "Case", "ClockTime", "Face", "Glare", "Hand", "Hands", "Lens",
    "Pose", "Ring", "Scene", "Streak", "Style", "Subdial", "Text", "Tick", "circular_error", "family_number", "hand_angles",
    "is_ambiguous", "minutes_from_angles", "random_clock", "random_pose", "random_style", "render", "render_many",
    "seen_from", "time_from_angles",
]
