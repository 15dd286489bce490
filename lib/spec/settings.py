"""A task's own settings: what they are called, what they may be, and what they are where a run says nothing.

A run spec stores those that were given, as pairs of name and value, so that its digest does not depend on a default that
came later. `Settings` reads and writes such pairs; a name or a value that a task does not know is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from lib.base.errors import SpecError
from lib.spec.checks import MOST_EPOCHS, Pairs

Kind = TypeVar("Kind", bound="Settings")
#: Task -> its settings.
_TYPES: dict[str, type[Settings]] = {}


def whole(default: int, low: int, high: int, stored: str = "") -> Any:
    """A setting that is a whole number from `low` to `high`; `stored` is its name in a run spec where that differs."""
    return field(default=default, metadata={"kind": int, "low": low, "high": high, "stored": stored})


def number(default: float, low: float, high: float, stored: str = "") -> Any:
    """A setting that is a number from `low` to `high`."""
    return field(default=default, metadata={"kind": float, "low": low, "high": high, "stored": stored})


def switch(default: bool = False, stored: str = "") -> Any:
    """A setting that is on or off, stored as 1 or 0."""
    return field(default=default, metadata={"kind": bool, "low": 0, "high": 1, "stored": stored})


def choice(*choices: str, stored: str = "") -> Any:
    """A setting that is one of these words, the first where nothing is said."""
    return field(default=choices[0], metadata={"kind": str, "choices": choices, "stored": stored})


def words(default: str, stored: str = "") -> Any:
    """A setting in words that the task reads itself."""
    return field(default=default, metadata={"kind": str, "choices": (), "stored": stored})


@dataclass(frozen=True)
class Settings:
    """What every task has; a task's own settings are a subclass: `class GanSettings(Settings, task="gan")`.

    `decay` is how the learning rate falls: "" not at all, "cosine" to 0 along half a cosine, over `decay_epochs` (0: all of
    them; a run that was extended keeps those that it began with).
    """

    #: Whether the data set decides how many outputs the last layer has.
    classes_from_data: ClassVar[bool] = False
    #: Settings that only the app's own runs have: no page offers them as they are.
    internal: ClassVar[tuple[str, ...]] = ()
    #: What a fork may choose otherwise (`lib.spec.choices`), since the weights stay valid and the task heeds it.
    choosable: ClassVar[tuple[str, ...]] = ("optimizer", "decay")
    decay: str = choice("", "cosine")
    decay_epochs: int = whole(0, 0, MOST_EPOCHS)

    def __init_subclass__(cls, task: str = "", **more: Any) -> None:
        super().__init_subclass__(**more)
        if task:
            _TYPES[task] = cls

    @classmethod
    def read(cls: type[Kind], pairs: Iterable[tuple[str, float | str]]) -> Kind:
        """The settings that a run spec stores; raises SpecError for an unknown name or a value out of range."""
        known = {_stored_name(f): f for f in fields(cls)}
        found = {}
        for name, value in pairs:
            if name not in known:
                raise SpecError(f"There is no setting {name!r}.", expected=", ".join(known), received=name)
            found[known[name].name] = _checked(name, value, known[name].metadata)
        return cls(**found)

    @classmethod
    def stored_names(cls) -> tuple[str, ...]:
        """What the settings are called in a run spec."""
        return tuple(_stored_name(f) for f in fields(cls))

    @classmethod
    def given(cls, **values: float | str) -> Pairs:
        """The pairs that a run spec stores for these settings; raises SpecError as `read` does."""
        names = {f.name: _stored_name(f) for f in fields(cls)}
        pairs = tuple(sorted((names.get(name, name), value) for name, value in values.items()))
        cls.read(pairs)
        return pairs


def settings_type(task: str) -> type[Settings] | None:
    """The settings of a task; None for one that this version of the app does not know."""
    return _TYPES.get(task)


def _stored_name(setting: Field[Any]) -> str:
    return setting.metadata["stored"] or setting.name


def _checked(name: str, value: float | str, rule: Mapping[str, Any]) -> Any:
    kind = rule["kind"]
    if kind is str:
        choices = rule["choices"]
        if not isinstance(value, str) or (choices and value not in choices):
            raise _out_of_range(name, value, "one of " + ", ".join(repr(c) for c in choices) if choices else "words")
        return value
    fits = not isinstance(value, str) and rule["low"] <= value <= rule["high"]
    if not fits or (kind is not float and value != int(value)):
        what = "a number" if kind is float else "a whole number"
        raise _out_of_range(name, value, f"{what} from {rule['low']:g} to {rule['high']:g}")
    return kind(value)


def _out_of_range(name: str, value: object, expected: str) -> SpecError:
    return SpecError(f"The setting {name} is out of range.", expected=expected, received=repr(value))


# --- the settings of each task --------------------------------------------------------------


@dataclass(frozen=True)
class ClassifySettings(Settings, task="classify"):
    """See `lib.models.tasks.classify`; `rate_search`: the run trains nothing but looks for a rate (`lib.spec.rate_search`).

    `augmentation`: "pen" changes grey training images as other hands and pens would. `drawn` and `others` are images that
    are added. `noise` as for denoisers, its level up to `level_high`. `start` is a shipped checkpoint, of which the share
    `keep` is mixed in at the end.
    """

    classes_from_data: ClassVar[bool] = True
    internal: ClassVar[tuple[str, ...]] = ("drawn", "others", "noise", "level_high", "start", "keep", "rate_search")
    choosable: ClassVar[tuple[str, ...]] = ("optimizer", "decay", "dropout", "l2", "augmentation", "noise", "level_high")
    augmentation: str = choice("", "pen", stored="augment")
    drawn: int = whole(0, 0, 1_000_000)
    others: int = whole(0, 0, 1_000_000)
    noise: str = choice("", "salt_pepper", "gaussian", "blocks", "blur", "all", "none")
    level_high: float = number(0.9, 0, 1)
    start: str = words("")
    keep: float = number(0.0, 0, 1)
    rate_search: str = words("")


@dataclass(frozen=True)
class ClockSettings(Settings, task="clock"):
    """None of its own: the run's head (`HeadSpec`) says what is asked, and how."""

    choosable: ClassVar[tuple[str, ...]] = ("optimizer", "decay", "dropout", "l2")


@dataclass(frozen=True)
class DenoiseSettings(Settings, task="denoise"):
    """`noise`: a kind of `lib.measures.corruptions`, "all" of them in turn, or "none"; its levels between two bounds."""

    choosable: ClassVar[tuple[str, ...]] = ("optimizer", "decay", "dropout", "noise", "level_low", "level_high")
    noise: str = choice("salt_pepper", "gaussian", "blocks", "blur", "all", "none")
    level_low: float = number(0.4, 0, 1)
    level_high: float = number(0.4, 0, 1)


@dataclass(frozen=True)
class CvaeSettings(Settings, task="cvae"):
    """`latent_size`: values in a latent code."""

    latent_size: int = whole(16, 1, 256, stored="latent")


@dataclass(frozen=True)
class ReverseSettings(Settings, task="reverse"):
    """`latent_size`: random inputs. `tries`: how many of them are tried for each training image; the closest learns."""

    latent_size: int = whole(8, 1, 256, stored="inputs")
    tries: int = whole(1, 1, 64)


@dataclass(frozen=True)
class GenerativeSettings(Settings):
    """What a GAN and a VAE of images share: `network` is the form of the generator, `drawing` the filters of a light one.

    `finish`: maps of a light one at full size, over which a last convolution goes; 0: none.
    """

    #: Whether there is a way from an image to its latent code.
    has_encoder: ClassVar[bool] = False
    network: str = choice("light", "report")
    latent_size: int = whole(32, 1, 4096, stored="latent")
    drawing: str = words("160-128-80-48")
    finish: int = whole(0, 0, 256)
    spectral_norm: bool = switch(stored="spectral")


@dataclass(frozen=True)
class GanSettings(GenerativeSettings, task="gan"):
    """See `lib.models.tasks.gan`: `slope` and `input_noise` are the discriminator's, `average` the generator's."""

    loss: str = choice("hinge", "squared")
    slope: float = number(0.2, 0, 1)
    input_noise: float = number(0.0, 0, 10, stored="noise")
    augmentation: bool = switch(stored="augment")
    average: float = number(0.0, 0, 1)
    discriminator_rate: float = number(1.0, 0, 1000)


@dataclass(frozen=True)
class VaeSettings(GenerativeSettings, task="vae"):
    """Weights of the loss: `pixel_weight` of the squared error, `ssim` of structural similarity, `kl_weight` of the KL term.

    `structure` and `texture` are those of the differences in a classifier's feature maps (`lib.models.networks.perception`).
    The KL term comes in over the first `warm_up_images`. `units` of a dense layer, 0: none. `mirror`: every second training
    image is mirrored. `grid` is the weight of a pattern that repeats itself every few pixels and is not in the original.
    """

    has_encoder: ClassVar[bool] = True
    units: int = whole(0, 0, 16384)
    ssim: float = number(0.0, 0, 1e6)
    pixel_weight: float = number(1.0, 0, 1e6, stored="precision")
    warm_up_images: float = number(0.0, 0, 1e12)
    kl_weight: float = number(1.0, 0, 1e6)
    structure: float = number(0.0, 0, 1e6)
    texture: float = number(0.0, 0, 1e6)
    grid: float = number(0.0, 0, 1e6)
    mirror: bool = switch()


@dataclass(frozen=True)
class SimClrSettings(Settings, task="contrast"):
    """`features`: how many; `temperature`: by which similarities are divided."""

    features: int = whole(64, 1, 4096)
    temperature: float = number(0.2, 1e-6, 1000)
    spectral_norm: bool = switch(stored="spectral")
