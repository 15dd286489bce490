"""The networks that the cat page can show: shipped ones, and this app's own runs."""

from __future__ import annotations

import base64
import contextlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import CheckpointError, DataError, LabError
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.tasks import GAN, VAE
from lib.images.sheets import contact_sheet
from lib.measures.measured import stored_figures
from lib.runs import run_home
from lib.spec.settings import GenerativeSettings
from lib.spec.specs import RunSpec, run_from_dict
from lib.ui.lab import lab
from lib.ui.loading import loaded
from lib.ui.panels.epoch_scrubber import stored_epochs
from lib.ui.resources import runner
from lib.ui.widgets.images import data_uri

CHECKPOINTS = Path(__file__).resolve().parents[3] / "checkpoints"
SHEETS = CHECKPOINTS / "cats" / "epochs"
#: Task -> what its networks are called.
KINDS = {task.name: task.title for task in (GAN, VAE)}


@dataclass(frozen=True)
class Network:
    """A trained GAN or VAE. `key` is "shipped:..." or "run:..."; `epochs` are those (from 1) with images."""

    key: str
    title: str
    spec: RunSpec
    shape: tuple[int, int, int]
    epochs: tuple[int, ...]
    rows: tuple[dict[str, float], ...]
    source: str

    @property
    def name(self) -> str:
        """The preset's name or the run's id."""
        return self.key.split(":", 1)[1]

    @property
    def has_encoder(self) -> bool:
        """Whether it can redraw an image: a VAE."""
        settings = self.spec.own_settings
        return isinstance(settings, GenerativeSettings) and settings.has_encoder

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the app."""
        return self.key.startswith("shipped:")


def measured() -> dict[str, Any]:
    """The stored figures; empty when there are none."""
    return stored_figures("cats", {})


def networks(task: str) -> dict[str, Network]:
    """All networks of a task by key: the shipped ones, better first, then own runs, the newest first."""
    found = [*_shipped(task), *_own(task)]
    return {network.key: network for network in found}


def _shipped(task: str) -> list[Network]:
    from lib.models.checkpoints import manifest

    entries, history, found = manifest(), measured().get("history", {}), []
    for preset in GENERATIVE_PRESETS.values():
        entry = entries.get(f"cats/{preset.name}")
        if preset.task != task or entry is None:
            continue
        epochs = sorted(int(path.name[:3]) for path in (SHEETS / preset.name).glob("*_samples.jpg"))
        data = entry["data"]
        source = (f"Trained on {data['train']:,} cat faces, {entry['epochs']} epochs, seed {entry['seed']}, "
                  f"{entry['device']}, {entry['date']}.")
        spec, shape = run_from_dict(entry["spec"]), tuple(entry["image_shape"])
        found.append(Network(f"shipped:{preset.name}", preset.title, spec, shape, tuple(epochs),
                             tuple(history.get(preset.name, ())), source))
    return sorted(found, key=lambda network: "better" not in network.key)


def _own(task: str) -> list[Network]:
    found = []
    for record in runner().store.records():
        if record.spec.task != task:
            continue
        epochs = [epoch + 1 for epoch in stored_epochs(record.id)]
        if not epochs:
            continue
        rows = tuple({"epoch": log.epoch, "seconds": log.seconds, **log.metrics} for log in runner().store.epochs(record.id))
        try:
            shape = datasets.info(record.spec.data.dataset, home=run_home()).image_shape
        except DataError:
            continue  # the user's own set is gone, and with it the size of the images
        found.append(Network(f"run:{record.id}", f"Yours: {record.name}", record.spec, shape, tuple(epochs), rows,
                             f"Your own run, {len(epochs)} epochs, seed {record.spec.seed}."))
    return found


def network_control(task: str, place: Any) -> Network | None:
    """Choose a network of this kind; None (and a sentence) when there is none."""
    options = networks(task)
    if not options:
        place.info(f"No {KINDS[task]} yet: train one below.", icon=":material/school:")
        return None
    key = f"cats_{task}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = next(iter(options))
    chosen = place.selectbox(KINDS[task], list(options), format_func=lambda k: options[k].title, key=key,
                             persist_state="session")
    return options[chosen]


# --- images of an epoch -----------------------------------------------------------------


def sheet_html(network: Network, epoch: int, kind: str, alt: str) -> str | None:
    """An <img> of the stored "samples" or "redrawn" images after `epoch` (from 1); None where there are none."""
    if network.is_shipped:
        path = SHEETS / network.name / f"{epoch:03d}_{kind}.jpg"
        if not path.exists():
            return None
        return uri_html("data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode(), alt)
    from lib.models.recording import epoch_images

    arrays = epoch_images(runner().store.folder(network.name), epoch - 1)
    if kind == "samples" and "samples" in arrays:
        return uri_html(data_uri(contact_sheet(arrays["samples"], round(len(arrays["samples"]) ** 0.5), scale=1)), alt)
    if kind == "redrawn" and "reconstructions" in arrays:
        pairs = np.concatenate([arrays["originals"], arrays["reconstructions"]])
        return uri_html(data_uri(contact_sheet(pairs, len(arrays["originals"]), scale=1)), alt)
    return None


def uri_html(uri: str, alt: str, width: str = "100%") -> str:
    """An <img> for photographs: the browser scales them smoothly."""
    return f'<img src="{uri}" alt="{html.escape(alt, quote=True)}" style="width:{width};display:block;border-radius:6px">'


def strip_html(images: np.ndarray, alt: str, columns: int | None = None, width: str = "100%") -> str:
    """uint8 images (N, H, W, C) side by side as one <img>."""
    gap = 2
    sheet = contact_sheet(images, columns or len(images), scale=1, gap=gap)
    return uri_html(data_uri(np.ascontiguousarray(sheet[:-gap, :-gap])), alt, width)


# --- networks in memory -------------------------------------------------------------------


def generator(network: Network) -> Any:
    """The network opened to draw (`lib.models.networks.generators.Generator`); raises CheckpointError when it cannot be."""
    if network.is_shipped:
        return lab().network(f"cats_{network.name}", partial(_open_shipped, network.name))
    record = runner().store.record(network.name)
    if not record.state.is_final:
        raise CheckpointError("This network still trains.", remedy="Its images above follow; ask it once it has ended.")
    return _open_run(network.name, record.ended or 0.0, network.spec, network.shape)


def _open_shipped(name: str) -> Any:
    from lib.models.networks.generators import open_shipped

    return open_shipped(f"cats/{name}")


@st.cache_resource(max_entries=4, show_spinner=False)
def _open_run(run_id: str, ended: float, _spec: RunSpec, shape: tuple[int, int, int]) -> Any:
    """`ended` tells a resumed run from what it was before."""
    from lib.models.networks.generators import open_run

    return open_run(_spec, shape, runner().store.folder(run_id))


def generators_loaded(chosen: Mapping[str, Network | None]) -> bool:
    """Whether the chosen networks can draw at once; loads them beside the page. What cannot be opened says so later."""
    there = [network for network in chosen.values() if network is not None]

    def once() -> None:
        for network in there:
            with contextlib.suppress(LabError):
                opened = generator(network)
                opened.draw(np.zeros((1, opened.latent_size)))

    return loaded(f"cats {[network.key for network in there]}", once)


def finished_words(network: Network) -> str:
    """Which state of a network draws on demand."""
    if not network.epochs:
        return "Drawn by the finished network."
    last = network.epochs[-1]
    return f"Drawn by the finished network, after epoch {last}: the slider above moves only its stored images."


def feature_network() -> Any:
    """The shipped network whose features measure images."""
    def load() -> Any:
        from lib.models.networks.generators import FeatureNetwork

        return FeatureNetwork()

    return lab().network("cats_features", load)
