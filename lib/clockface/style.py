"""How a clock looks, as frozen values. Everything that is drawn is here; choosing at random is not.

Lengths are fractions of the face's radius, tones grey values 0-255, angles degrees clockwise (from up in
the image, or from 12 where they belong to the dial). Every value compares, hashes and prints.
"""

from __future__ import annotations

from dataclasses import dataclass

HAND_SHAPES = ("bar", "round", "taper", "sword", "leaf", "spade", "lollipop", "arrow", "baton", "dagger", "cathedral")
ALL_HOURS = tuple(range(12))


@dataclass(frozen=True, slots=True)
class Tick:
    """One kind of mark: from `inner` to `outer` along the radius, `width` wide (a dot's diameter is its width)."""

    shape: str = "bar"
    inner: float = 0.86
    outer: float = 0.94
    width: float = 0.02
    tone: float = 30.0


@dataclass(frozen=True, slots=True)
class Text:
    """A word on the dial, its middle at (x, y), `height` high; it turns with the dial."""

    text: str
    font: str
    x: float
    y: float
    height: float
    tone: float


@dataclass(frozen=True, slots=True)
class Ring:
    """A band of another tone between two radii; `opacity` 1 hides what is beneath."""

    inner: float
    outer: float
    tone: float
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Subdial:
    """A small dial with a hand of its own, a distractor."""

    x: float
    y: float
    radius: float
    tone: float
    ink: float
    angle: float


@dataclass(frozen=True, slots=True)
class Plate:
    """A disc or a box of another tone beneath marks, its middle at (x, y): a date's window, a numeral's background."""

    shape: str
    x: float
    y: float
    width: float
    height: float
    tone: float


@dataclass(frozen=True, slots=True)
class Wheel:
    """A toothed wheel that shows through an open dial, a distractor: a ring `width` wide and its spokes."""

    x: float
    y: float
    radius: float
    width: float
    teeth: int
    spokes: int
    tone: float


@dataclass(frozen=True, slots=True)
class Face:
    """The dial without its hands.

    `numerals` are drawn at `hours` (0 is 12), `upright` or else radially. `twelve` is an extra mark at 12,
    drawn `twelve_count` times side by side. `texture` is the strength of a mottled surface in grey values.
    `minutes_radius` is where the numerals 5 to 60 of the minutes stand, 0 for none; they are `minutes_height` high.
    `printed` keeps the marks as an image to be warped, which is faster where many clocks share them; they
    must be darker than the face.
    """

    shape: str = "round"
    corner: float = 0.3
    tone: float = 215.0
    gradient: float = 0.0
    gradient_angle: float = 0.0
    texture: float = 0.0
    texture_seed: int = 0
    rings: tuple[Ring, ...] = ()
    numerals: str = "arabic"
    hours: tuple[int, ...] = ALL_HOURS
    font: str = "sans"
    numeral_height: float = 0.17
    numeral_radius: float = 0.72
    numeral_tone: float = 40.0
    upright: bool = False
    minute_tick: Tick | None = Tick(inner=0.89, outer=0.93, width=0.012)
    hour_tick: Tick | None = Tick()
    hour_tick_at: tuple[int, ...] = ALL_HOURS
    twelve: Tick | None = None
    twelve_count: int = 1
    texts: tuple[Text, ...] = ()
    subdials: tuple[Subdial, ...] = ()
    plates: tuple[Plate, ...] = ()
    wheels: tuple[Wheel, ...] = ()
    minutes_radius: float = 0.0
    minutes_height: float = 0.07
    printed: bool = False

    @property
    def marks_twelve(self) -> bool:
        """Whether the face itself tells where 12 is, however it is turned."""
        lettered = self.numerals != "none" and bool(self.hours)
        return lettered or self.twelve is not None

    @property
    def has_ticks(self) -> bool:
        """Whether hour or minute marks go all round, so that a slight turn can be seen."""
        return self.minute_tick is not None or (self.hour_tick is not None and len(self.hour_tick_at) >= 4)

    @property
    def max_turn(self) -> float:
        """Degrees by which the dial may be turned before its time becomes ambiguous."""
        if self.marks_twelve:
            return 180.0
        return 10.0 if self.has_ticks else 1.5


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand: full `width` at its widest, `tail` behind the centre, an `edge` of another tone, a `hollow` share.

    `weight` is the radius of a disc at the tail's end, which balances the hand.
    """

    shape: str = "bar"
    length: float = 0.8
    width: float = 0.06
    tail: float = 0.06
    tone: float = 50.0
    edge: float = 0.0
    edge_tone: float = 0.0
    hollow: float = 0.0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Hands:
    """All hands; `second` and `alarm` are distractors that stand at fixed angles (degrees from 12).

    `stepping` lets the hour hand stand on its full hour until half past, as many icons and drawings do.
    """

    hour: Hand = Hand(length=0.63, width=0.07)
    minute: Hand = Hand(length=0.78, width=0.06)
    second: Hand | None = None
    second_angle: float = 0.0
    alarm: Hand | None = None
    alarm_angle: float = 0.0
    hub: float = 0.05
    hub_tone: float = 50.0
    pin: float = 0.0
    pin_tone: float = 200.0
    height: float = 0.0
    shadow: float = 0.0
    shadow_x: float = 0.02
    shadow_y: float = 0.03
    hour_on_top: bool = False
    stepping: bool = False

    @property
    def are_distinct(self) -> bool:
        """Whether the hour hand can be told from the minute hand: clearly shorter, or shorter and thicker."""
        length = self.hour.length / self.minute.length
        width = self.hour.width / self.minute.width
        return length <= 0.85 or (length <= 0.92 and width >= 1.3)


@dataclass(frozen=True, slots=True)
class Case:
    """What holds the face: a rim `width` wide, `lip` above and `depth` below the face.

    `shading` is how much the rim brightens towards `light_angle`; `lines` are thin dark contours (a drawing's
    outline). `extras` are (kind, angle, size) of straps, crowns, bells and feet; `rays` are that many bars all round.
    """

    width: float = 0.15
    lip: float = 0.03
    depth: float = 0.12
    tone: float = 60.0
    side_tone: float = 45.0
    inner_tone: float = 35.0
    inner_width: float = 0.03
    bevel: float = 0.0
    shading: float = 15.0
    light_angle: float = 0.0
    line: float = 0.0
    line_tone: float = 20.0
    shadow: float = 0.4
    shadow_x: float = 0.05
    shadow_y: float = 0.1
    shadow_blur: float = 0.2
    sparkles: tuple[tuple[float, float], ...] = ()
    extras: tuple[tuple[str, float, float], ...] = ()
    rays: int = 0
    ray: Tick = Tick(inner=1.1, outer=1.8, width=0.03)


@dataclass(frozen=True, slots=True)
class Scene:
    """What lies behind: texture `kind` number `seed`, its tones stretched to [`low`, `high`].

    `on_plane` ties it to the plane of the dial (a wall or table seen by the same camera); otherwise it is a
    flat image. `zoom` is texture pixels per dial radius, or per image.
    """

    kind: str = "plain"
    seed: int = 0
    angle: float = 0.0
    zoom: float = 85.0
    low: float = 90.0
    high: float = 160.0
    gradient: float = 0.0
    gradient_angle: float = 0.0
    on_plane: bool = True


@dataclass(frozen=True, slots=True)
class Glare:
    """A reflection at (x, y) in dial units: a saturated spot of `radius` in a `haze` (0-1) of `haze_radius`."""

    x: float
    y: float
    radius: float
    strength: float = 1.0
    haze: float = 0.4
    haze_radius: float = 0.5


@dataclass(frozen=True, slots=True)
class Lens:
    """What the camera does: softness of edges in pixels, blur in pixels at 150 pixels, exposure, noise, artefacts.

    `gain`, `bias` and `gamma` map tones; `noise` is a standard deviation in grey values; `quality` is that
    of a JPEG (0: none); `resolution` below 1 is a coarser image enlarged; `sharpen` is that of an unsharp mask.
    """

    softness: float = 1.0
    blur: float = 0.0
    motion: float = 0.0
    motion_angle: float = 0.0
    gain: float = 1.0
    bias: float = 0.0
    gamma: float = 1.0
    vignette: float = 0.0
    noise: float = 0.0
    quality: int = 0
    resolution: float = 1.0
    sharpen: float = 0.0
    invert: bool = False
    wobble: float = 0.0
    wobble_seed: int = 0


@dataclass(frozen=True, slots=True)
class Streak:
    """A straight band across the image, `offset` and `width` in image sides: light, a shadow, or a thing before it.

    `strength` 1 hides what is beneath; `blur` is the width of its edge in image sides.
    """

    angle: float
    offset: float
    width: float
    strength: float
    tone: float = 255.0
    blur: float = 0.08


@dataclass(frozen=True, slots=True)
class Style:
    """Everything that is drawn, apart from the time and the pose."""

    face: Face = Face()
    hands: Hands = Hands()
    case: Case = Case()
    scene: Scene = Scene()
    glares: tuple[Glare, ...] = ()
    streaks: tuple[Streak, ...] = ()
    lens: Lens = Lens()
