"""Train a GAN or a VAE of one's own: images, network, budget; live curves and images."""

from __future__ import annotations

import streamlit as st

from lib import datasets
from lib.catalog.generative import GENERATIVE_PRESETS, generative_run
from lib.catalog.preset import Preset
from lib.catalog.tasks import GAN, VAE
from lib.runs import run_home
from lib.spec.runs import RunSnapshot
from lib.spec.specs import RunSpec
from lib.ui.cats.curves import curves
from lib.ui.cats.networks import measured, networks, sheet_html
from lib.ui.fragments import fragment
from lib.ui.panels.own_sets import own_sets_panel
from lib.ui.panels.training import Setup, budget_controls, training_panel
from lib.ui.resources import runner
from lib.ui.train.controls import assumptions_panel
from lib.ui.visitors import may_change_set, visitor
from lib.ui.words import duration_text

#: Sets the networks can learn to draw; cats first.
DATA = ("cats", "fashion_mnist", "mnist", "cifar10", "digits")
REFRESH_SECONDS = 3.0
MAX_UPLOAD_MB = 200


def cats_training() -> None:
    """Train a GAN or a VAE: controls on the left, the run on the right."""
    training_panel(
        "cats", (GAN, VAE), _controls, _watch, beside=True,
        waiting="No run yet: choose a network and press **Train it**. Five epochs of the light VAE on Fashion-MNIST show "
                "clothes in a few minutes.")


def _controls() -> Setup:
    name = st.selectbox("Network", list(GENERATIVE_PRESETS), index=1, key="cats_net", persist_state="session",
                        format_func=lambda n: _label(n))
    preset = GENERATIVE_PRESETS[name]
    infos = image_sets()
    budget = budget_controls("cats", infos, 5, columns=2)
    data = budget.data.dataset
    _data_note(data)
    batch = st.selectbox("Batch", _batches(preset), key=f"cats_batch_{name}", persist_state="session",
                         help="Report 003 found its GAN much better with batches of 32 than of 64.")
    st.caption(preset.description)
    assumptions_panel(preset.assumed)
    spec = generative_run(name, budget.data, budget.seed, epochs=budget.epochs, batch_size=int(batch))
    st.caption(_forecast(name, spec))
    missing = data == "cats" and not datasets.available(data, home=run_home())
    return Setup(spec, f"{preset.title} · {infos[data].title} · seed {budget.seed}", blocked=missing)


def image_sets() -> dict[str, datasets.DatasetInfo]:
    """The sets that the networks can learn to draw, the user's own last, by name."""
    own = {name: info for name, info in datasets.custom_sets(run_home()).items() if info.kind == "images"}
    return {**{name: datasets.DATASETS[name] for name in DATA}, **own}


def _label(name: str) -> str:
    preset = GENERATIVE_PRESETS[name]
    return f"{preset.system} · {preset.title}" if preset.system else preset.title


def _forecast(name: str, spec: RunSpec) -> str:
    """How long it took elsewhere, where that was measured."""
    row = measured().get("speed", {}).get(name)
    info = datasets.info(spec.data.dataset, run_home())
    if row is None or info.image_shape != (64, 64, 3):
        return f"Batches of {spec.train.batch_size}, Adam, learning rate {spec.train.learning_rate:g}."
    images = spec.data.train_size or int(0.9 * info.train_images)
    seconds = row["ms"] / 1000 * images / spec.train.batch_size
    return (f"Batches of {spec.train.batch_size}, learning rate {spec.train.learning_rate:g}. About "
            f"{duration_text(seconds)} an epoch on {row['device']}.")


def _data_note(data: str) -> None:
    with st.popover("Use your own images", icon=":material/upload:", width="stretch"):
        _upload()
    if datasets.available(data, home=run_home()):
        return
    if data == "cats":
        st.caption("The cat faces are not on this machine, and they cannot be downloaded without a login: get the zip "
                   f"[from Kaggle]({datasets.DATASETS['cats'].source}), or bring any images of your own.")
    else:
        st.caption(f"{datasets.DATASETS[data].bytes / 1e6:.0f} MB will be downloaded first.")


def _upload() -> None:
    own_sets_panel("images", "A zip of images of any size: the middle square is taken and scaled to 64x64", "zip",
                   _add, "cats_zip", MAX_UPLOAD_MB)


def _add(content: bytes, name: str, replace: bool) -> str:
    added, note = datasets.register_images(content, name, run_home(), replace=replace, owner=visitor().mark,
                                             may_change=may_change_set)
    count = added.train_images + added.test_images
    return f"{count:,} images. Choose “{added.title}” as the images. {note}".strip()


# --- watching -----------------------------------------------------------------------------


def _batches(preset: Preset) -> tuple[int, ...]:
    """Batch sizes to choose from, the preset's own first."""
    own = preset.train.batch_size
    return (own, *(size for size in (8, 16, 32, 64) if size != own))


def _watch(snapshot: RunSnapshot) -> None:
    live = not snapshot.state.is_final
    fragment(_progress, run_every=REFRESH_SECONDS if live else None)(snapshot.record.id)


def _progress(run_id: str) -> None:
    snapshot = runner().snapshot(run_id, max_steps=2)
    task = snapshot.record.spec.task
    rows = [{"epoch": log.epoch, "seconds": log.seconds, **log.metrics} for log in snapshot.epochs]
    network = networks(task).get(f"run:{run_id}")
    if network is not None:
        epoch = network.epochs[-1]
        samples, redrawn = (sheet_html(network, epoch, kind, f"{kind} after epoch {epoch}")
                            for kind in ("samples", "redrawn"))
        left, right = st.columns([2, 3])
        left.html(samples or "No image yet.")
        left.caption(f"After epoch {epoch}. Choose this run at the top of the page to move through its epochs.")
        if redrawn:
            right.html(redrawn)
            right.caption("Unseen images above, redrawn below.")
    curves(task, rows)
