from lib.jobs.rights import Visitor, steer_run, steer_sweep
from lib.jobs.runner import Runner
from lib.jobs.store import RunStore, default_home
from lib.jobs.sweep_store import SweepStore
from lib.jobs.sweeps import Sweeps

__all__ = ["RunStore", "Runner", "SweepStore", "Sweeps", "Visitor", "default_home", "steer_run", "steer_sweep"]
