"""Which network the page Inside opens: a shipped one, a run that has ended, or a preset nobody has trained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.catalog.digits import REPORT_CLASSIFIER
from lib.catalog.heads import HEADS
from lib.catalog.permuted import CONTESTANTS, SHIPPED_DATA, checkpoint_name
from lib.catalog.preset_groups import preset_label
from lib.catalog.presets import PRESETS
from lib.catalog.tasks import CLOCK, TASKS
from lib.spec.runs import RunRecord
from lib.spec.specs import RunSpec, run_from_dict
from lib.ui.frame import page_script
from lib.ui.resources import runner
from lib.ui.url_state import arrived, publish, remember
from lib.ui.words import as_text

#: Where networks come from -> what that is called.
KINDS = {"shipped": "shipped", "run": "trained here", "preset": "untrained"}
DEFAULT = f"shipped:{REPORT_CLASSIFIER}"
#: What a link may leave out: the network, the place (numbers from 1, layer 0 is the image) and the test image.
LINK_DEFAULTS: dict[str, Any] = {"inside": DEFAULT, "layer": "", "unit": "", "pixel": "", "image": "0", "dropout": ""}
_SESSION: dict[str, Any] = {"persist_state": "session"}


@dataclass(frozen=True)
class Choice:
    """A network that can be opened.

    `key` is its name in links ("run:ab12"), `spec` what it was or would be trained as. `version` tells a resumed run from
    what it was before; `accuracy` is its share of right answers on test images, None where nobody measured.
    """

    key: str
    title: str
    spec: RunSpec
    version: float | None = None
    accuracy: float | None = None

    @property
    def kind(self) -> str:
        """A key of `KINDS`."""
        return self.key.partition(":")[0]

    @property
    def name(self) -> str:
        """The checkpoint's name, the run's id or the preset's name."""
        return self.key.partition(":")[2]


def shipped_titles() -> dict[str, str]:
    """Name in the manifest -> title, of every shipped network that this page opens; the report's first."""
    titles = {REPORT_CLASSIFIER: "Small CNN of report 004 (B4), MNIST", "digits/reader": "Our digit reader, MNIST"}
    for data in SHIPPED_DATA:
        for contestant in CONTESTANTS:
            titles[checkpoint_name(data, contestant)] = f"{contestant.title} pixels, {datasets.DATASETS[data].title}"
    from lib.models.checkpoints import manifest, shipped_of

    clocks = shipped_of(CLOCK.name).items()
    titles |= {name: f"Clock: {HEADS[entry['spec']['head']['kind']].title}" for name, entry in clocks}
    return {name: title for name, title in titles.items() if name in manifest()}


def openable_runs() -> list[RunRecord]:
    """Runs that have ended with a network that this page opens, newest first."""
    return [record for record in runner().records() if is_openable(record)]


def is_openable(record: RunRecord) -> bool:
    """Whether the page Inside can open the network of this run."""
    task = TASKS.get(record.spec.task)
    has_model = (runner().store.folder(record.id) / "model.keras").exists()
    return task is not None and task.reads_images and record.state.is_final and has_model


def _options(kind: str) -> dict[str, str]:
    """Key in links -> title, of every network of this kind."""
    if kind == "shipped":
        return {f"shipped:{name}": title for name, title in shipped_titles().items()}
    if kind == "run":
        records = openable_runs()
        count = Counter(record.name for record in records)
        # Streamlit knows options by their labels: two runs may have one name.
        return {f"run:{record.id}": record.name + (f" ({record.id[:6]})" if count[record.name] > 1 else "")
                for record in records}
    return {f"preset:{name}": preset_label(preset) for name, preset in PRESETS.items()}


def chosen_network() -> Choice | None:
    """Draw the choice; None (and a sentence) where a link names none that there is."""
    remember("inside", DEFAULT, _parsed)
    asked = st.query_params.get("inside")
    unknown = arrived() and asked is not None and asked != st.session_state["inside"]
    kind = st.session_state["inside"].partition(":")[0]
    options = _options(kind)
    if st.session_state["inside"] not in options:
        unknown, kind, options = True, "shipped", _options("shipped")
        st.session_state["inside"] = DEFAULT if DEFAULT in options else next(iter(options), DEFAULT)
    st.session_state["inside_kind"] = kind
    with st.container(horizontal=True, vertical_alignment="top"):
        st.segmented_control("Networks", list(KINDS), format_func=KINDS.__getitem__, key="inside_kind", required=True,
                             on_change=_take_first, width="content")
        st.selectbox("Network", list(options), format_func=options.__getitem__, key="inside", on_change=forget_place,
                     **_SESSION)
    if unknown:
        st.warning(f"This link names a network that is not here: {as_text(asked or 'none')[:120]}. Another one is shown.",
                   icon=":material/search_off:")
    publish({"inside": st.session_state["inside"]}, LINK_DEFAULTS)
    return choice_of(st.session_state["inside"], options)


def _parsed(text: str) -> str:
    kind = text.partition(":")[0]
    if kind not in KINDS or text not in _options(kind):
        raise ValueError(text)
    return text


def _take_first() -> None:
    kind = st.session_state["inside_kind"]
    options = _options(kind)
    if st.session_state["inside"].partition(":")[0] == kind:
        return  # a browser may send what it was told
    if options:
        st.session_state["inside"] = next(iter(options))
        forget_place()
    else:
        st.toast("No network has been trained here yet. Train one on the Train page.", icon=":material/info:")


def forget_place() -> None:
    """Another network has other layers."""
    for key in ("layer", "unit", "pixel"):
        st.session_state[key] = ""


def choice_of(key: str, options: dict[str, str]) -> Choice | None:
    """The network called `key` in links; None, and a sentence, where it cannot be read."""
    kind, _, name = key.partition(":")
    try:
        if kind == "run":
            record = runner().store.record(name)
            return Choice(key, record.name, record.spec, record.ended, record.metrics.get("test_accuracy"))
        if kind == "preset":
            preset = PRESETS[name]
            return Choice(key, options[key], preset.spec())
        from lib.models.checkpoints import manifest_entry

        entry = manifest_entry(name)
        return Choice(key, options[key], run_from_dict(entry["spec"]), None, entry["metrics"].get("test_accuracy"))
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def opened(key: str, version: float | None, shape: tuple[int, int, int], classes: int) -> Any:
    """The network called `key` in links (an `InsideNetwork`) for images of `shape`; the last four are kept."""
    from lib.models.inside import sources
    from lib.spec.specs import with_classes

    kind, _, name = key.partition(":")
    if kind == "shipped":
        return sources.shipped_inside(name)
    if kind == "run":
        record = runner().store.record(name)
        return sources.run_inside(runner().store.folder(name), record.spec, shape)
    return sources.untrained_inside(with_classes(PRESETS[name].architecture, classes), shape)


def look_inside(network: str, label: str = "Look inside", **place: str) -> None:
    """A link to the page Inside with the network called `network` in links, and a `image`, `layer`, ... of it."""
    st.page_link(page_script("inside"), label=label, icon=":material/layers:", query_params={"inside": network, **place})


def look_inside_run(record: RunRecord) -> None:
    """The same for a run whose network the page can open; nothing for others."""
    if is_openable(record):
        look_inside(f"run:{record.id}")
