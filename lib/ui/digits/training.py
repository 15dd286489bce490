"""Controls of denoisers and generators of digits of one's own."""

from __future__ import annotations

from dataclasses import asdict, replace

from lib import datasets
from lib.catalog.digits import (
    DENOISE_DATA,
    conv_denoiser_spec,
    cvae_spec,
    dense_denoiser_spec,
    flat_autoencoder_spec,
    reversed_spec,
)
from lib.catalog.tasks import CVAE, DENOISE, REVERSE
from lib.measures.corruptions import NOISES
from lib.spec.settings import DenoiseSettings
from lib.spec.specs import RunSpec
from lib.ui.denoise.bench import NOISE_TITLES
from lib.ui.panels.training import Budget, Setup, budget_controls, training_panel
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.number_field import number_field

#: A plain autoencoder of two latent values, beside the tasks of their own.
_MAP = "map"
_NOISES = {**NOISE_TITLES, "all": "all kinds", "none": "none"}


def denoise_training() -> None:
    """Train a denoiser."""
    training_panel("denoise", (DENOISE,), _denoiser_controls)


def generate_training() -> None:
    """Train a network that generates digits."""
    training_panel("invent", (CVAE, REVERSE, DENOISE), _generator_controls)


def _budget(kind: str, epochs: int) -> Budget:
    return budget_controls(kind, {name: datasets.DATASETS[name] for name in (*DENOISE_DATA, "digits")}, epochs)


def _denoiser_controls() -> Setup:
    network, noise, levels, bottleneck, depth = side_by_side("dn_network", 5, "controls")
    conv = network.selectbox("Network", ["dense", "convolutional"], key="dn_network") == "convolutional"
    kinds = [*NOISES, "all", "none"]
    kind = noise.selectbox("Noise", kinds, index=kinds.index("all") if conv else 0, format_func=_NOISES.__getitem__,
                           key=f"dn_noise_{conv}")
    low, high = levels.slider("Levels", 0.0, 1.0, (0.0, 0.9) if conv else (0.4, 0.4), 0.05, key=f"dn_levels_{conv}",
                              disabled=kind == "none")
    latent_size = number_field(bottleneck, "Latent size", 1, 784, "dn_code", 96, disabled=conv,
                               help="Report 004 used 96, and 2 for its map.")
    layers = number_field(depth, "Hidden layers each way", 1, 4, "dn_depth", 1, disabled=conv)
    budget = _budget("dn", 4 if conv else 20)
    data, epochs, seed = budget.data.dataset, budget.epochs, budget.seed
    if conv:
        spec = conv_denoiser_spec(data, epochs, seed, noise=kind)
    else:
        sides = tuple(128 * 2**i for i in range(layers))
        spec = dense_denoiser_spec(data, (*reversed(sides), latent_size, *sides), kind, epochs=epochs, seed=seed)
    settings = asdict(spec.options(DenoiseSettings)) | {"level_low": low, "level_high": high}
    given = {name: value for name, value in settings.items() if name != "decay" or value}
    spec = replace(spec, settings=DenoiseSettings.given(**given), data=budget.data)
    what = "Convolutional denoiser" if conv else f"Autoencoder {'-'.join(str(w) for w in _widths(spec))}"
    return Setup(spec, f"{what} · {_NOISES[kind]} · seed {seed}")


def _widths(spec: RunSpec) -> list[int]:
    return [layer.units for layer in spec.architecture.layers[:-1] if layer.kind == "dense"]


def _generator_controls() -> Setup:
    way, first, second = side_by_side("inv_network", 3, "controls")
    titles = {CVAE.name: "Conditional VAE", REVERSE.name: "Reversed network (E7)", _MAP: "Autoencoder for a map (E6)"}
    chosen = way.selectbox("Network", list(titles), format_func=titles.__getitem__, key="inv_network")
    latent_size = number_field(first, "Latent size", 1, 64, f"inv_latent_{chosen}",
                               {CVAE.name: 16, REVERSE.name: 8, _MAP: 2}[chosen])
    tries = 1
    if chosen == REVERSE.name:
        tries = number_field(second, "Tries, the closest learns", 1, 20, "inv_tries", 1,
                             help="1 is the network that report 004 proposed.")
    budget = _budget("inv", 20)
    data, epochs, seed = budget.data.dataset, budget.epochs, budget.seed
    make = {
        CVAE.name: lambda: cvae_spec(data, latent_size, epochs, seed),
        REVERSE.name: lambda: reversed_spec(data, latent_size, tries, epochs, seed),
        _MAP: lambda: flat_autoencoder_spec(data, (128, latent_size, 128), epochs, seed),
    }
    spec = replace(make[chosen](), data=budget.data)
    return Setup(spec, f"{titles[chosen]} · latent size {latent_size} · seed {seed}")
