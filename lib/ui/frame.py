"""The frame around every page: configuration, navigation, what runs in the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lib.base.folders import low_space_words
from lib.catalog.glossary import explained
from lib.catalog.lessons import LESSONS
from lib.catalog.presets import PRESETS
from lib.runs import run_home
from lib.ui.faults import show_fault
from lib.ui.lab import lab
from lib.ui.screen import first_sidebar
from lib.ui.sidebar import sidebar
from lib.ui.url_state import end_arrival, note_arrival
from lib.ui.words import as_text

_PAGES = Path(__file__).resolve().parents[2] / "pages"
#: A file of our own: browsers would fetch a named symbol from a font server.
_ICON = Path(__file__).resolve().parent / "icon.png"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page in the navigation; `name` is its file in pages/ and its URL path."""

    name: str
    title: str
    icon: str
    question: str
    invitation: str = ""
    section: str = ""

    @property
    def path(self) -> Path:
        """The page's script."""
        return _PAGES / f"{self.name}.py"


#: Every page, in the order of the navigation. The first one is home.
PAGES = (
    PageInfo("home", "Home", ":material/home:", "What can I ask?"),
    PageInfo("train", "Train", ":material/play_circle:", "What happens when this network learns these images?",
             f"Pick images and one of {len(PRESETS)} networks, press a button, watch the curves.", "Train"),
    PageInfo("runs", "Runs", ":material/list:", "Which run was better, and why?",
             "All that was trained here: curves over each other, what differs, files to take away.", "Train"),
    PageInfo("experiments", "Experiments", ":material/grid_on:", "Does this choice matter?",
             "The grids of the reports with several seeds: forecast, launch, watch, and read what is more than chance.",
             "Train"),
    PageInfo("inside", "Inside", ":material/layers:", "What does each layer see?",
             "Draw a digit, watch every layer's maps follow, and click any number for its arithmetic.", "Train"),
    PageInfo("lessons", "Lessons", ":material/school:", "What should I try, and what will I see?",
             f"{len(LESSONS)} lessons: predict, press a button, and compare with what was measured.", "Learn"),
    PageInfo("tell_time", "Tell the time", ":material/schedule:", "Can it read a clock, and which output works best?",
             "Turn a clock's hands and dial; rival networks answer at once.", "Ask"),
    PageInfo("permuted_pixels", "Permuted pixels", ":material/shuffle:", "Does pixel order matter?",
             "Shuffle every image the same way, draw a digit, and ask four networks.", "Ask"),
    PageInfo("denoise", "Clean a noisy digit", ":material/blur_on:", "How much noise can it remove, and does that help?",
             "Draw a digit, add noise, and let a median filter and two networks clean it.", "Ask"),
    PageInfo("invent_digits", "Generate digits", ":material/auto_awesome:", "Can it generate a digit?",
             "Five ways to generate digits: mixed or noisy latent codes, a latent map, a reversed network, a VAE.", "Ask"),
    PageInfo("cat_faces", "GAN or VAE?", ":material/pets:", "GAN or VAE?",
             "Two ways to generate cat faces: move through their training, walk between cats, redraw your own.", "Ask"),
    PageInfo("results", "Results", ":material/fact_check:", "Do we get what the reports got?",
             "The figures of the five reports, ours beside them, the difference, and a button that trains each.", "Check"),
)


def page_info(name: str) -> PageInfo:
    """The page called `name`."""
    return next(page for page in PAGES if page.name == name)


def page_script(name: str) -> str:
    """The page's script as `st.switch_page` and `st.page_link` want it."""
    return str(page_info(name).path)


def run_app() -> None:
    """Draw the frame and run the page that the URL asks for."""
    st.set_page_config(page_title="Neural Lab", page_icon=str(_ICON), layout="wide",
                       initial_sidebar_state=first_sidebar())
    sections: dict[str, list[st.Page]] = {}
    for info in PAGES:
        page = st.Page(info.path, title=info.title, icon=info.icon, url_path=info.name, default=info is PAGES[0])
        sections.setdefault(info.section, []).append(page)
    chosen = st.navigation(sections)
    note_arrival(chosen.url_path)
    sidebar(page_script("train"))
    scarce = low_space_words(run_home())
    if scarce:
        st.warning(as_text(scarce), icon=":material/hard_drive:")
    try:
        chosen.run()
    except Exception as error:
        show_fault(error)
    end_arrival()
    lab().start_background_work()


def page_header(name: str, text: str) -> None:
    """A page's question as its title, and what it is about in a sentence or two, "" where there is no need.

    Whoever comes from a lesson finds the way back to it there.
    """
    st.title(page_info(name).question)
    lesson = LESSONS.get(st.query_params.get("lesson", ""))
    if lesson is not None and name != "lessons":
        st.page_link(page_script("lessons"), label=f"Back to the lesson “{lesson.title}”", icon=":material/school:",
                     query_params={"lesson": lesson.name})
    if text:
        st.markdown(explained(text), unsafe_allow_html=True)
