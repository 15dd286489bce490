"""Train a GAN or a VAE of one's own: images, network, budget; live curves and images."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.catalog.generative import GENERATIVE_PRESETS, GenerativePreset, generative_run
from lib.runs import run_home
from lib.spec.runs import RunState
from lib.spec.specs import DataSpec, RunSpec
from lib.ui.cats.curves import curves
from lib.ui.cats.networks import measured, networks, sheet_html
from lib.ui.fragments import fragment
from lib.ui.panels.own_sets import own_sets_panel
from lib.ui.panels.run import run_panel
from lib.ui.problems import show_problem
from lib.ui.resources import runner
from lib.ui.visitors import may_change_set, submit_run, visitor
from lib.ui.words import duration_text

#: Sets the networks can learn to draw; cats first.
DATA = ("cats", "fashion_mnist", "mnist", "cifar10", "digits")
SIZES: tuple[str | int, ...] = ("all", 500, 2000, 10000)
REFRESH_SECONDS = 3.0
MAX_UPLOAD_MB = 200
_SESSION: dict[str, Any] = {"persist_state": "session"}
_RUN = "cats_run"


def training_panel() -> None:
    """Controls on the left, the run on the right."""
    controls, watch = st.columns([3, 7], gap="large")
    with controls:
        _controls()
    with watch:
        _watch()


def _controls() -> None:
    name = st.selectbox("Network", list(GENERATIVE_PRESETS), index=1, key="cats_net", **_SESSION,
                        format_func=lambda n: _label(n))
    preset = GENERATIVE_PRESETS[name]
    infos = picture_sets()
    there = [data for data in infos if datasets.available(data, home=run_home())]
    st.session_state.setdefault("cats_data", there[0] if there else "digits")
    if st.session_state["cats_data"] not in infos:  # the user's own set was removed or replaced
        st.session_state["cats_data"] = there[0] if there else "digits"
    data = st.selectbox("Pictures", list(infos), key="cats_data", format_func=lambda n: infos[n].title, **_SESSION)
    _data_note(data)
    size = st.selectbox("Training images", SIZES, key="cats_size", **_SESSION,
                        format_func=lambda n: n if n == "all" else f"{n:,}")
    left, middle, right = st.columns(3)
    epochs = left.number_input("Epochs", 1, 1000, 5, key="cats_epochs", **_SESSION)
    batch = middle.selectbox("Batch", _batches(preset), key=f"cats_batch_{name}", **_SESSION,
                             help="Report 003 found its GAN much better with batches of 32 than of 64.")
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, key="cats_seed", **_SESSION)
    st.caption(preset.description)
    try:
        spec = generative_run(name, DataSpec(data, None if size == "all" else int(size)), int(seed), epochs=int(epochs),
                              batch_size=int(batch))
    except LabError as error:
        show_problem(error)
        return
    st.caption(_forecast(name, spec))
    missing = data == "cats" and "cats" not in there
    if st.button("Train it", type="primary", icon=":material/play_arrow:", key="cats_start", width="stretch",
                 disabled=missing):
        start(spec, f"{preset.title} · {infos[data].title} · seed {seed}")


def picture_sets() -> dict[str, datasets.DatasetInfo]:
    """The sets that the networks can learn to draw, the user's own last, by name."""
    own = {name: info for name, info in datasets.custom_sets(run_home()).items() if info.kind == "pictures"}
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
    own_sets_panel("pictures", "A zip of images of any size: the middle square is taken and scaled to 64x64", "zip",
                   _add, "cats_zip", MAX_UPLOAD_MB)


def _add(content: bytes, name: str, replace: bool) -> str:
    added, note = datasets.register_pictures(content, name, run_home(), replace=replace, owner=visitor().mark,
                                             may_change=may_change_set)
    count = added.train_images + added.test_images
    return f"{count:,} images. Choose “{added.title}” as the images. {note}".strip()


def start(spec: RunSpec, name: str) -> None:
    """Queue the run and show it."""
    st.session_state[_RUN] = submit_run(spec, name)


# --- watching -----------------------------------------------------------------------------


def _batches(preset: GenerativePreset) -> tuple[int, ...]:
    """Batch sizes to choose from, the preset's own first."""
    own = preset.train.batch_size
    return (own, *(size for size in (8, 16, 32, 64) if size != own))


def _watch() -> None:
    run_id = st.session_state.get(_RUN) or _newest()
    if run_id is None:
        st.info("No run yet: choose a network and press **Train it**. Five epochs of the better VAE on Fashion-MNIST show "
                "clothes in a few minutes.", icon=":material/arrow_back:")
        return
    snapshot = run_panel(run_id)
    if snapshot is not None:
        live = not snapshot.state.is_final
        fragment(_progress, run_every=REFRESH_SECONDS if live else None)(run_id)


def _newest() -> str | None:
    return next((record.id for record in runner().store.records() if record.spec.task in ("gan", "vae")
                 and record.state != RunState.FAILED), None)


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
