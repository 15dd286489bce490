"""Train denoisers and generators of one's own: controls, live curves, images of every epoch."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.catalog.digits import (
    DENOISE_DATA,
    conv_denoiser_spec,
    cvae_spec,
    dense_denoiser_spec,
    flat_autoencoder_spec,
    reversed_spec,
)
from lib.measures.corruptions import NOISES
from lib.runs import run_home
from lib.spec.specs import DataSpec, RunSpec
from lib.ui.denoise.bench import NOISE_TITLES
from lib.ui.panels.epoch_scrubber import scrubber_panel
from lib.ui.panels.run import run_panel
from lib.ui.problems import show_problem
from lib.ui.resources import runner
from lib.ui.train.controls import ALL_IMAGES, TRAIN_SIZES
from lib.ui.visitors import submit_run
from lib.ui.widgets.layout import side_by_side

_NOISES = {**NOISE_TITLES, "all": "all kinds", "none": "none"}


def training_panel(kind: str) -> None:
    """Controls for `kind` ("denoise" or "invent"), and below them the run that was started last."""
    try:
        spec, name = (_denoiser_controls if kind == "denoise" else _generator_controls)()
    except LabError as error:
        show_problem(error)
        return
    key = f"{kind}_run"
    if st.button("Train it", type="primary", icon=":material/play_arrow:", key=f"{kind}_start"):
        st.session_state[key] = submit_run(spec, name)
    run_id = st.session_state.get(key) or _newest(spec.digest)
    if run_id is not None:
        snapshot = run_panel(run_id)
        if snapshot is not None:
            scrubber_panel(snapshot.record, live=not snapshot.state.is_final)


def _newest(digest: str) -> str | None:
    """The newest run of exactly this spec, from before a refresh or from another tab."""
    return next((record.id for record in runner().store.records() if record.spec.digest == digest), None)


def _common(kind: str, epochs: int) -> tuple[str, int | None, int, int]:
    data, size, budget, seed = side_by_side(f"{kind}_common", 4, "controls")
    default = next((name for name in DENOISE_DATA if datasets.available(name, home=run_home())), "digits")
    names = ("mnist", "fashion_mnist", "digits")
    chosen = data.selectbox("Images", names, index=names.index(default), key=f"{kind}_data",
                            format_func=lambda n: datasets.DATASETS[n].title)
    images = size.selectbox("Training images", TRAIN_SIZES, key=f"{kind}_images",
                            format_func=lambda n: n if n == ALL_IMAGES else f"{n:,}")
    count = budget.number_input("Epochs", 1, 500, epochs, key=f"{kind}_epochs")
    number = seed.number_input("Seed", 0, 2**31 - 1, 0, key=f"{kind}_seed")
    return chosen, None if images == ALL_IMAGES else int(images), int(count), int(number)


def _with_size(spec: RunSpec, data: str, size: int | None) -> RunSpec:
    return replace(spec, data=DataSpec(data, size))


def _denoiser_controls() -> tuple[RunSpec, str]:
    network, noise, levels, bottleneck, depth = side_by_side("dn_network", 5, "controls")
    conv = network.selectbox("Network", ["dense", "convolutional"], key="dn_network") == "convolutional"
    kinds = [*NOISES, "all", "none"]
    kind = noise.selectbox("Noise", kinds, index=kinds.index("all") if conv else 0, format_func=_NOISES.__getitem__,
                           key=f"dn_noise_{conv}")
    low, high = levels.slider("Levels", 0.0, 1.0, (0.0, 0.9) if conv else (0.4, 0.4), 0.05, key=f"dn_levels_{conv}",
                              disabled=kind == "none")
    latent_size = bottleneck.number_input("Latent size", 1, 784, 96, key="dn_code", disabled=conv,
                                   help="Report 004 used 96, and 2 for its map.")
    layers = depth.number_input("Hidden layers each way", 1, 4, 1, key="dn_depth", disabled=conv)
    data, size, epochs, seed = _common("dn", 4 if conv else 20)
    if conv:
        spec = conv_denoiser_spec(data, epochs, seed, noise=kind)
    else:
        sides = tuple(128 * 2**i for i in range(int(layers)))
        spec = dense_denoiser_spec(data, (*reversed(sides), int(latent_size), *sides), kind, epochs=epochs, seed=seed)
    settings = dict(spec.settings) | {"level_low": low, "level_high": high}
    spec = _with_size(replace(spec, settings=tuple(settings.items())), data, size)
    what = "Convolutional denoiser" if conv else f"Autoencoder {'-'.join(str(w) for w in _widths(spec))}"
    return spec, f"{what} · {_NOISES[kind]} · seed {seed}"


def _widths(spec: RunSpec) -> list[int]:
    return [layer.units for layer in spec.architecture.layers[:-1] if layer.kind == "dense"]


def _generator_controls() -> tuple[RunSpec, str]:
    way, first, second = side_by_side("inv_network", 3, "controls")
    titles = {"cvae": "Conditional VAE", "reverse": "Reversed network (E7)", "map": "Autoencoder for a map (E6)"}
    chosen = way.selectbox("Network", list(titles), format_func=titles.__getitem__, key="inv_network")
    latent_size = first.number_input("Latent size", 1, 64, {"cvae": 16, "reverse": 8, "map": 2}[chosen],
                                 key=f"inv_latent_{chosen}")
    tries = 1
    if chosen == "reverse":
        tries = second.number_input("Tries, the closest learns", 1, 20, 1, key="inv_tries",
                                    help="1 is the network that report 004 proposed.")
    data, size, epochs, seed = _common("inv", 20)
    make = {
        "cvae": lambda: cvae_spec(data, int(latent_size), epochs, seed),
        "reverse": lambda: reversed_spec(data, int(latent_size), int(tries), epochs, seed),
        "map": lambda: flat_autoencoder_spec(data, (128, int(latent_size), 128), epochs, seed),
    }
    return _with_size(make[chosen](), data, size), f"{titles[chosen]} · latent size {latent_size} · seed {seed}"
