from lib.base.folders import run_home
from lib.runs.own_networks import OwnNetworks, SavedNetwork
from lib.runs.rights import Visitor, steer_run, steer_sweep
from lib.runs.runner import Runner
from lib.runs.store import RunStore
from lib.runs.sweep_store import SweepStore
from lib.runs.sweeps import Sweeps

__all__ = ["OwnNetworks", "RunStore", "Runner", "SavedNetwork", "SweepStore", "Sweeps", "Visitor", "run_home", "steer_run",
           "steer_sweep"]
