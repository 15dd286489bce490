from lib.jobs.runner import Runner
from lib.jobs.store import RunStore, default_home

__all__ = ["RunStore", "Runner", "default_home"]
