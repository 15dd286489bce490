"""Which networks the page Inside offers: shipped ones, runs that have ended, and networks nobody has trained."""

from __future__ import annotations

from collections import Counter

from lib import datasets
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.digits import (
    DENOISE_DATA,
    GENERATION_METHODS,
    REPORT_CLASSIFIER,
    SHIPPED,
    conv_denoiser_spec,
    cvae_spec,
    dense_denoiser_spec,
    flat_autoencoder_spec,
    reversed_spec,
)
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.heads import HEADS
from lib.catalog.networks import is_network, is_own, network_named, network_title
from lib.catalog.permuted import CONTESTANTS, SHIPPED_DATA, checkpoint_name
from lib.catalog.preset_groups import preset_label
from lib.catalog.presets import PRESETS
from lib.catalog.tasks import CLOCK, SIMCLR, TASKS
from lib.spec.runs import RunRecord
from lib.spec.specs import RunSpec
from lib.ui.networks import own_choices
from lib.ui.resources import runner

#: Untrained networks of other pages than Train -> what they would be trained as, with their titles.
_OTHERS: dict[str, tuple[str, RunSpec]] = {
    "denoise_dense": ("Dense denoiser (E1)", dense_denoiser_spec()),
    "denoise_conv": ("Our convolutional denoiser", conv_denoiser_spec()),
    "autoencoder_2": ("Autoencoder with two latent values (E6)", flat_autoencoder_spec()),
    "reversed": (GENERATION_METHODS["reversed"], reversed_spec()),
    "cvae_16": (GENERATION_METHODS["cvae_16"], cvae_spec()),
    **{f"{preset.task}_{preset.name}": (preset.title, preset.spec()) for preset in GENERATIVE_PRESETS.values()},
    **{f"clock_{preset.name}": (f"Clock: {preset.title}", preset.spec()) for preset in CLOCK_PRESETS.values()},
}


def options_of(kind: str, chosen: str = "") -> dict[str, str]:
    """Key in links -> title, of every network of this kind, a key of `choice.KINDS`.

    The key `chosen` is among them too where it is itself a network of somebody's own that nobody has saved.
    """
    if kind == "shipped":
        return {f"shipped:{name}": title for name, title in shipped_titles().items()}
    if kind == "run":
        records = openable_runs()
        count = Counter(record.name for record in records)
        # Streamlit knows options by their labels: two runs may have one name.
        return {f"run:{record.id}": record.name + (f" ({record.id[:6]})" if count[record.name] > 1 else "")
                for record in records}
    linked = chosen.partition(":")[2]
    found = ({linked: network_title(linked)} if is_own(linked) and is_network(linked) else {}) | own_choices()
    own = {f"preset:{name}": f"{title}, your own" for name, title in found.items()}
    presets = {f"preset:{name}": preset_label(preset) for name, preset in PRESETS.items()}
    return presets | own | {f"preset:{name}": title for name, (title, _) in _OTHERS.items()}


def untrained_spec(name: str) -> RunSpec:
    """What the untrained network called `name` would be trained as; raises SpecError for one that there is not."""
    if name in _OTHERS:
        return _OTHERS[name][1]
    return network_named(name).spec()


def shipped_titles() -> dict[str, str]:
    """Name in the manifest -> title, of every shipped network that this page opens; the report's first."""
    from lib.models.checkpoints import manifest, shipped_of

    entries = manifest()
    titles = {REPORT_CLASSIFIER: "Small CNN of report 004 (B4), MNIST", "digits/reader": "Our digit classifier, MNIST"}
    for data in SHIPPED_DATA:
        for contestant in CONTESTANTS:
            titles[checkpoint_name(data, contestant)] = f"{contestant.title} pixels, {datasets.DATASETS[data].title}"
    titles |= {name: f"Clock: {HEADS[entry['spec']['head']['kind']].title}"
               for name, entry in shipped_of(CLOCK.name).items()}
    for data in DENOISE_DATA:
        titles |= {f"digits/{data}_dense": f"Dense denoiser (E1), {datasets.DATASETS[data].title}",
                   f"digits/{data}_conv": f"Our convolutional denoiser, {datasets.DATASETS[data].title}"}
    titles["digits/map_2d"] = "Autoencoder with two latent values (E6), MNIST"
    titles |= {f"digits/{name}": f"{title}, MNIST" for name, title in GENERATION_METHODS.items()
               if f"digits/{name}" in SHIPPED}
    titles |= {f"cats/{name}": f"{preset.title}, cat faces" for name, preset in GENERATIVE_PRESETS.items()}
    titles["cats/features"] = f"{SIMCLR.title.capitalize()} of the report cards, cat faces"
    return {name: title for name, title in titles.items() if name in entries}


def openable_runs() -> list[RunRecord]:
    """Runs that have ended with a network that this page opens, newest first."""
    return [record for record in runner().records() if is_openable(record)]


def is_openable(record: RunRecord) -> bool:
    """Whether the page Inside can open the network of this run."""
    has_model = (runner().store.folder(record.id) / "model.keras").exists()
    return record.spec.task in TASKS and record.state.is_final and has_model
