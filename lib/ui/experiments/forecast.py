"""How long a grid will take: networks are timed in the background, then the forecast is arithmetic."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.catalog.experiments import Experiment, Trial
from lib.datasets.splits import default_validation_size
from lib.measures.forecast import Forecast, StepCost, cost_key, remaining, trial_seconds
from lib.measures.replicates import TrialResult
from lib.runs import run_home
from lib.spec.specs import RunSpec
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.lab import lab
from lib.ui.resources import runner, sweeps
from lib.ui.words import as_text, duration_text

REFRESH_SECONDS = 1.0
#: After a network could not be timed it is tried again when somebody looks at it so much later.
RETRY_SECONDS = 60.0
Measure = Callable[[RunSpec, datasets.DatasetInfo], StepCost]


def _measure(spec: RunSpec, info: datasets.DatasetInfo) -> StepCost:
    from lib.models.calibration import measure_step

    return measure_step(spec, info)


class Calibrator:
    """Times networks one after the other in a thread of its own, each once; what it finds goes to the sweep store."""

    def __init__(self, measure: Measure = _measure, delay: float = 0.0) -> None:
        self._measure, self._delay = measure, delay
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, RunSpec] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._failed: dict[str, float] = {}

    def cannot_time(self, specs: Iterable[RunSpec]) -> bool:
        """Whether none of these that nobody has timed yet can be timed for now."""
        costs = sweeps().store.costs()
        unknown = {key for spec in specs if (key := _key(spec)) not in costs}
        with self._lock:
            return bool(unknown) and all(self._is_failed(key) for key in unknown)

    def _is_failed(self, key: str) -> bool:
        return time.monotonic() - self._failed.get(key, -math.inf) < RETRY_SECONDS

    def request(self, specs: dict[str, RunSpec]) -> None:
        """Time these, before anything asked for earlier: they are what somebody looks at now."""
        with self._lock:
            wanted = {key: spec for key, spec in specs.items() if not self._is_failed(key)}
            for key, spec in self._waiting.items():
                wanted.setdefault(key, spec)
            self._waiting = OrderedDict(wanted)
            if self._waiting and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, name="neural-lab-calibration", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Time nothing more; waits for the network that is being timed."""
        with self._lock:
            self._waiting.clear()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        time.sleep(self._delay)
        while (job := self._next()) is not None:
            key, spec = job
            try:
                info = datasets.info(spec.data.dataset, home=run_home())
                sweeps().store.set_cost(key, self._measure(spec, info))
            except Exception:  # a network that cannot be built has no cost; its trial will say why
                with self._lock:
                    self._failed[key] = time.monotonic()

    def _next(self) -> tuple[str, RunSpec] | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            return self._waiting.popitem(last=False)


# --- arithmetic ---------------------------------------------------------------------------


def split_sizes(spec: RunSpec) -> tuple[int, int, int]:
    """Training, validation and test images of a run, from the registry alone."""
    info = datasets.info(spec.data.dataset, home=run_home())
    validation = spec.data.validation_size
    validation = default_validation_size(info.train_images) if validation is None else validation
    return spec.data.train_size or info.train_images - validation, validation, info.test_images


def estimates(trials: Sequence[Trial]) -> dict[str, float]:
    """Seconds of every trial whose network has been timed, by digest; asks for the others to be timed."""
    costs, found = sweeps().store.costs(), {}
    unknown: dict[str, RunSpec] = {}
    for trial in trials:
        key = _key(trial.spec)
        if key in costs:
            found[trial.digest] = trial_seconds(trial.spec, costs[key], *split_sizes(trial.spec))
        else:
            unknown[key] = trial.spec
    if unknown:
        lab().calibrator.request(unknown)
    return found


def _key(spec: RunSpec) -> str:
    return cost_key(replace(spec, seed=0))


def launch_forecast(trials: Sequence[Trial]) -> Forecast:
    """What a grid takes that is launched now, finished runs of the same specs left out."""
    finished = {record.spec.digest for record in runner().store.records() if str(record.state) == "finished"}
    waiting = [TrialResult(t.cell, t.seed, "finished" if t.digest in finished else "waiting", planned=1) for t in trials]
    return remaining(trials, waiting, estimates(trials), runner().workers)


def running_forecast(sweep_id: str, results: Sequence[TrialResult]) -> Forecast:
    """What is left of a launched experiment, corrected by what its finished trials took."""
    trials = sweeps().trials(sweep_id)
    return remaining(trials, results, estimates(trials), runner().workers, sweeps().seconds_spent(sweep_id))


def about(seconds: float) -> str:
    """A duration with no more digits than a forecast deserves."""
    if seconds < 60:
        return f"{max(5, round(seconds / 5) * 5):.0f} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return duration_text(round(seconds / 300) * 300)
    return f"{seconds / 86400:.0f} days"


# --- on the page --------------------------------------------------------------------------


def forecast_panel(experiment: Experiment, trials: Sequence[Trial]) -> None:
    """The number of runs and the time they will take; refreshes itself while networks are being timed."""
    try:
        forecast = launch_forecast(trials)
    except LabError as error:
        st.caption(as_text(error))
        return
    pending = forecast.unknown > 0 and not lab().calibrator.cannot_time(trial.spec for trial in trials)
    fragment(_forecast_text, run_every=REFRESH_SECONDS if pending else None)(experiment, tuple(trials), pending)


def _forecast_text(experiment: Experiment, trials: Sequence[Trial], was_pending: bool) -> None:
    forecast = launch_forecast(trials)
    fails = forecast.unknown > 0 and lab().calibrator.cannot_time(trial.spec for trial in trials)
    if was_pending and (fails or not forecast.unknown):
        draw_page_again()  # once more, without the timer
    st.markdown(forecast_words(experiment, forecast, fails))


def forecast_words(experiment: Experiment, forecast: Forecast, fails: bool = False) -> str:
    """"15 runs (5 cells x 3 seeds), about 4 min."; `fails` where what is not timed yet cannot be."""
    cells, seeds = experiment.trial_count // len(experiment.seeds), len(experiment.seeds)
    runs = count_text(experiment.trial_count, "run")
    words = f"**{runs}** ({count_text(cells, 'cell')} x {count_text(seeds, 'seed')})"
    done = experiment.trial_count - forecast.trials
    if done:
        words += f", {done} of them trained before"
    if not forecast.trials:
        return words + "."
    if forecast.seconds is None and fails:
        return words + "; how long this takes cannot be said: timing the network failed, and its runs will say why."
    if forecast.seconds is None:
        return words + "; timing a few steps of the network to say how long this takes …"
    more = ("." if not forecast.unknown else "; some networks could not be timed." if fails else
            "; still timing the other networks …")
    return f"{words}, at most about **{about(forecast.seconds)}** on this machine{more}"
