"""Where the benchmarks keep their last figures: checkpoints/measured/bench.json, which README's tables are made of."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.folders import MEASURED  # noqa: E402 - needs the path above
from lib.base.json_files import write_json  # noqa: E402

BENCH = MEASURED / "bench.json"


def keep(part: str, figures: dict[str, Any]) -> None:
    """Store the figures of a part of the benchmark, in place of older ones of the same keys, with today's date."""
    stored = json.loads(BENCH.read_text()) if BENCH.exists() else {}
    before = stored.get(part, {}).get("figures", {})
    stored[part] = {"date": date.today().isoformat(), "device": f"{os.cpu_count()} cores, {platform.machine()}",
                    "figures": {**before, **figures}}
    write_json(BENCH, stored)
