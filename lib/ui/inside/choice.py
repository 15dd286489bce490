"""Which network the page Inside opens: a shipped one, a run that has ended, or one that nobody has trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.digits import REPORT_CLASSIFIER
from lib.catalog.tasks import Answer, Input, Part, Task, task_of
from lib.spec.specs import RunSpec, run_from_dict
from lib.ui.inside.offered import options_of, untrained_spec
from lib.ui.resources import runner
from lib.ui.url_state import arrived, one_of, publish, put, remember
from lib.ui.words import as_text

#: Where networks come from -> what that is called.
KINDS = {"shipped": "shipped", "run": "trained here", "preset": "untrained"}
DEFAULT = f"shipped:{REPORT_CLASSIFIER}"
#: What a link may leave out: the network, the place (numbers from 1, layer 0 is the input), the test image or the code.
LINK_DEFAULTS: dict[str, Any] = {
    "inside": DEFAULT, "part": "", "layer": "", "unit": "", "pixel": "", "image": "0", "dropout": "", "noisy": "",
    "code": 0, "values": "", "told": 0}


@dataclass(frozen=True)
class Choice:
    """A network that can be opened.

    `key` is its name in links ("run:ab12"), `spec` what it was or would be trained as, `part` which of the task's networks.
    `version` tells a resumed run from what it was before; `accuracy` is its share of right answers on test images, None
    where nobody measured.
    """

    key: str
    title: str
    spec: RunSpec
    part: Part
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

    @property
    def same(self) -> tuple[Any, ...]:
        """Equal for what opens the same network: what is computed from it may be kept."""
        return self.key, self.version, self.part.name, st.session_state.get("told", 0) if self.part.is_told_class else 0

    @property
    def takes_code(self) -> bool:
        """Whether it is given a latent code and not an image."""
        return self.part.takes is Input.CODE

    @property
    def is_stack(self) -> bool:
        """Whether its first layers are those of the architecture, one after the other."""
        return self.part.says in (Answer.CLASS, Answer.TIME)

    @property
    def says_class(self) -> bool:
        """Whether it answers with one of the classes of its images."""
        return self.part.says is Answer.CLASS


def chosen_network() -> Choice | None:
    """Draw the choice; None (and a sentence) where a link names none that there is."""
    remember("inside", DEFAULT, _parsed)
    asked = st.query_params.get("inside")
    unknown = arrived() and asked is not None and asked != st.session_state["inside"]
    kind = st.session_state["inside"].partition(":")[0]
    options = options_of(kind, st.session_state["inside"])
    if st.session_state["inside"] not in options:
        unknown, kind, options = True, "shipped", options_of("shipped")
        st.session_state["inside"] = DEFAULT if DEFAULT in options else next(iter(options), DEFAULT)
    put("inside_kind", kind)
    with st.container(horizontal=True, vertical_alignment="top"):
        st.segmented_control("Networks", list(KINDS), format_func=KINDS.__getitem__, key="inside_kind", required=True,
                             on_change=_take_first, width="content")
        st.selectbox("Network", list(options), format_func=options.__getitem__, key="inside", on_change=forget_place,
                     persist_state="session")
        parts = st.empty()
    if unknown:
        st.warning(f"This link names a network that is not here: {as_text(asked or 'none')[:120]}. Another one is shown.",
                   icon=":material/search_off:")
    publish({"inside": st.session_state["inside"]}, LINK_DEFAULTS)
    return choice_of(st.session_state["inside"], options, parts)


def _parsed(text: str) -> str:
    kind = text.partition(":")[0]
    if kind not in KINDS or text not in options_of(kind, text):
        raise ValueError(text)
    return text


def _take_first() -> None:
    kind = st.session_state["inside_kind"]
    options = options_of(kind)
    if st.session_state["inside"].partition(":")[0] == kind:
        return  # a browser may send what it was told
    if options:
        st.session_state["inside"] = next(iter(options))
        forget_place()
    else:
        st.toast("No network has been trained here yet. Train one on the Train page.", icon=":material/info:")


def forget_place() -> None:
    """Another network has other layers, and other codes."""
    for key in ("layer", "unit", "pixel", "values"):
        st.session_state[key] = ""


def choice_of(key: str, options: dict[str, str], place: Any) -> Choice | None:
    """The network called `key` in links; None, and a sentence, where it cannot be read. `place` is for its parts."""
    kind, _, name = key.partition(":")
    title, version, accuracy = options[key], None, None
    try:
        if kind == "run":
            record = runner().store.record(name)
            title, spec, version = record.name, record.spec, record.ended
            accuracy = record.metrics.get("test_accuracy")
        elif kind == "preset":
            spec = untrained_spec(name)
        else:
            from lib.models.checkpoints import manifest_entry

            entry = manifest_entry(name)
            spec, accuracy = run_from_dict(entry["spec"]), entry["metrics"].get("test_accuracy")
        return Choice(key, title, spec, _part(task_of(spec), kind, place), version, accuracy)
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        return None


def _part(task: Task, kind: str, place: Any) -> Part:
    """Which of the task's networks: a choice where there are several."""
    names = {part.name: part.title for part in task.parts if part.is_shipped or kind != "shipped"}
    usual = task.parts[0].name
    remember("part", usual, one_of(tuple(names)))
    if st.session_state["part"] not in names:
        st.session_state["part"] = usual
    if len(names) > 1:
        place.segmented_control("Part", list(names), format_func=names.__getitem__, key="part", required=True,
                                on_change=forget_place, width="content", persist_state="session")
    publish({"part": "" if st.session_state["part"] == usual else st.session_state["part"]}, LINK_DEFAULTS)
    return task.part(st.session_state["part"])


@st.cache_resource(max_entries=4, show_spinner=False)
def opened(key: str, version: float | None, part: str, told: int, shape: tuple[int, int, int], classes: int) -> Any:
    """The network called `key` in links (an `InsideNetwork`) for images of `shape`; the last four are kept."""
    from lib.models.inside import sources

    kind, _, name = key.partition(":")
    if kind == "shipped":
        return sources.shipped_inside(name, part, told, classes)
    if kind == "run":
        record = runner().store.record(name)
        return sources.run_inside(runner().store.folder(name), record.spec, shape, part, told, classes)
    return sources.untrained_inside(untrained_spec(name), shape, part, told, classes)
