"""At what level can you still read it? The user's own limit beside the network's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lib import datasets
from lib.measures.corruptions import NOISES, corrupt
from lib.ui.denoise.bench import NOISE_TITLES, networks_loaded
from lib.ui.digits.networks import classifier, cleaners
from lib.ui.fragments import fragment
from lib.ui.permuted.images import examples
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import beside, figures

STEP = 0.05


@dataclass(frozen=True, slots=True)
class Round:
    """One question: which image, how noisy it is now, and whether it has been answered."""

    index: int
    seed: int
    level: float = 1.0
    guess: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Limits in one round: the highest level that was read rightly, 0 for a wrong guess."""

    yours: float
    noisy_read: float
    cleaned: float


def limit_of(answers: list[bool], levels: list[float]) -> float:
    """The highest level up to which every answer is right; levels ascend, 0 when even the first is wrong."""
    limit = 0.0
    for right, level in zip(answers, levels, strict=True):
        if not right:
            return limit
        limit = level
    return limit


def quiz_panel(data: str) -> None:
    """One round after the other; reruns alone."""
    fragment(_quiz)(data)


def _quiz(data: str) -> None:
    if not networks_loaded(data):
        return
    kind = st.pills("Noise", list(NOISES), format_func=NOISE_TITLES.__getitem__, key="quiz_noise", default="salt_pepper",
                                required=True)
    game = f"{data}_{kind}"  # every set and noise has a round and scores of its own
    state: Round = st.session_state.get(f"quiz_round_{game}") or _new_round(game, data)
    images, labels = examples(data)
    image, names = images[state.index % len(images)], datasets.DATASETS[data].class_names
    left, right = beside("quiz")
    with left:
        shown = image if state.guess is not None else corrupt(image[None], kind, state.level, state.seed)[0]
        st.html(f'<div style="max-width:260px">{image_html(shown, "The image of this round")}</div>')
    with right:
        if state.guess is None:
            _ask(state, names, game, data, kind)
        else:
            _tell(state.guess, names, int(labels[state.index % len(labels)]), game, data)


def _ask(state: Round, names: tuple[str, ...], game: str, data: str, kind: str) -> None:
    st.markdown(f"Noise level **{state.level:.2f}**. Guess as soon as you can read it: a wrong guess counts as 0.")
    st.button("Less noise", icon=":material/remove:", key="quiz_less", on_click=_less, args=(game,),
              disabled=state.level < STEP)
    with st.container(horizontal=True):
        for number, name in enumerate(names):
            st.button(name, key=f"quiz_{number}", on_click=_guess, args=(number, game, data, kind))


def _less(game: str) -> None:
    state: Round = st.session_state[f"quiz_round_{game}"]
    st.session_state[f"quiz_round_{game}"] = replace(state, level=round(max(state.level - STEP, 0.0), 2))


def _guess(number: int, game: str, data: str, kind: str) -> None:
    state: Round = st.session_state[f"quiz_round_{game}"]
    images, labels = examples(data)
    image, label = images[state.index % len(images)], int(labels[state.index % len(images)])
    levels = [round(STEP * step, 2) for step in range(1, 21)]
    noisy = np.concatenate([corrupt(image[None], kind, level, state.seed) for level in levels])

    def limit(way: str) -> float:
        return limit_of((classifier(data).predict(cleaners(data)[way](noisy)).argmax(axis=1) == label).tolist(), levels)

    score = Score(state.level if number == label else 0.0, limit("nothing"), limit("conv"))
    st.session_state[f"quiz_scores_{game}"] = [*st.session_state.get(f"quiz_scores_{game}", []), score]
    st.session_state[f"quiz_round_{game}"] = replace(state, guess=number)


def _tell(guess: int, names: tuple[str, ...], label: int, game: str, data: str) -> None:
    scores: list[Score] = st.session_state[f"quiz_scores_{game}"]
    said = names[guess]
    if guess == label:
        st.markdown(f":green[Right]: it is **{said}**.")
    else:
        st.markdown(f":red[~~{said}~~] No, it is **{names[label]}**.")
    limits = {"You": [s.yours for s in scores], "Classifier": [s.noisy_read for s in scores],
              "Denoiser, then classifier": [s.cleaned for s in scores]}
    with figures():
        for title, values in limits.items():
            with st.container(width="content", gap=None):
                st.metric(title, f"{values[-1]:.2f}", width="content",
                          help="The highest level up to which the answer is right.")
                st.caption(f"Mean of {len(values)}: {sum(values) / len(values):.2f}")
    st.button("Next", type="primary", icon=":material/skip_next:", key="quiz_next", on_click=_next_round, args=(game, data))


def _next_round(game: str, data: str) -> None:
    _new_round(game, data)


def _new_round(game: str, data: str) -> Round:
    rng = np.random.default_rng()
    state = Round(int(rng.integers(len(examples(data)[0]))), int(rng.integers(10_000)))
    st.session_state[f"quiz_round_{game}"] = state
    return state
