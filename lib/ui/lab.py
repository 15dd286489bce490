"""The lab: what this process has one of, however many browser tabs there are. Made once, by the first page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lib.base.once import Once
from lib.runs import Runner, RunStore, Sweeps, SweepStore, run_home
from lib.runs.local import make_runner

if TYPE_CHECKING:
    from lib.runs.background import Background
    from lib.ui.experiments.forecast import Calibrator
    from lib.ui.watching import Viewers

#: TensorFlow's import would hold the interpreter lock while the first page is still being painted.
WARM_UP_DELAY_SECONDS = 3.0


class Lab:
    """Owns the runner with its store, the experiments, and the networks that pages answer with.

    Each part is made when it is first asked for. `networks` keeps what is loaded from files, by name, for all sessions;
    `loading` are the loads that go on beside pages, under `loading_lock`.
    """

    def __init__(self) -> None:
        self._parts = Once()
        self.networks = Once()
        self.loading: dict[str, Background] = {}
        self.loading_lock = threading.Lock()

    @property
    def runner(self) -> Runner:
        """The one runner; it survives reruns and every browser tab."""
        return self._parts.get("runner", make_runner)

    @property
    def store(self) -> RunStore:
        """The runner's store of runs."""
        return self.runner.store

    @property
    def sweeps(self) -> Sweeps:
        """The one scheduler of experiments."""
        return self._parts.get("sweeps", lambda: Sweeps(self.runner, SweepStore(run_home(), self.store.process)))

    @property
    def viewers(self) -> Viewers:
        """The tabs that watch something live."""
        from lib.ui.watching import Viewers

        return self._parts.get("viewers", Viewers)

    @property
    def calibrator(self) -> Calibrator:
        """What times networks for forecasts. It waits until the page that asks first has been painted."""
        from lib.ui.experiments.forecast import Calibrator

        return self._parts.get("calibrator", lambda: Calibrator(delay=WARM_UP_DELAY_SECONDS))

    def network(self, name: str, load: Callable[[], Any]) -> Any:
        """What is kept under `name`, loaded by the first caller."""
        return self.networks.get(name, load)

    def start_background_work(self) -> None:
        """Start, once and after the first page has been sent, what would delay that page."""
        self._parts.get("background", _start_warm_up)

    def use(self, **parts: Any) -> None:
        """Use these parts from now on ("runner", "sweeps", "viewers", "calibrator", "background")."""
        for name, part in parts.items():
            self._parts.put(name, part)

    def release(self, name: str) -> Any | None:
        """Give a part back, so that the next caller makes it anew; None where it was not made."""
        return self._parts.forget(name)

    def shut_down(self, seconds: float = 2.0) -> None:
        """End what trains so that it can be resumed: within `seconds` its state is written and it counts as interrupted."""
        if self._parts.has("sweeps"):
            self.sweeps.shutdown(0.5)
        if self._parts.has("runner"):
            self.runner.shutdown(seconds)


def _start_warm_up() -> threading.Thread:
    thread = threading.Timer(WARM_UP_DELAY_SECONDS, _warm_up)
    thread.daemon = True
    thread.start()
    return thread


def _warm_up() -> None:
    # The charts' libraries first, so that they too are out of the garbage collector's sight afterwards.
    import lib.charts.confusion
    import lib.charts.curves  # noqa: F401
    from lib.models.runtime import warm_up

    warm_up()


_LAB = Lab()


def lab() -> Lab:
    """This process's lab."""
    return _LAB
