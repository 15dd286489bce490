"""Scripted use for a while: visitors open pages, train small runs and watch them to their end; what the server holds.

Memory, threads and open files of the server are sampled. Linux only. With --store the figures go to
checkpoints/measured/soak.json.

    python scripts/soak.py --minutes 120 --store
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.folders import MEASURED  # noqa: E402 - needs the path above
from lib.base.json_files import write_json  # noqa: E402
from lib.ui.frame import PAGES  # noqa: E402
from scripts.bench import app_server  # noqa: E402
from scripts.visits import Visit  # noqa: E402

RUN = "data=digits&images=500&net=softmax_regression&epochs=3&stopping=False&seed={}"


def use(port: int, seed: int, until: float, done: Counter, problems: list[str]) -> None:
    """One visitor after the other until then: a page, a run from its start to its end, another page."""
    rng = random.Random(seed)
    while time.monotonic() < until:
        try:
            visit = Visit(port)
            visit.open(rng.choice(PAGES).name)
            visit.open("train", RUN.format(rng.randrange(2**31)))
            visit.press("Train")
            while visit.buttons.keys() & {"Pause", "Stop"} and time.monotonic() < until:
                visit.open("train", visit.query)
                done["looks"] += 1
            problems += visit.errors
            visit.open("runs")
            visit.close()
            done["visits"] += 1
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")


def sample(pid: int, began: float) -> dict[str, float]:
    """Minutes since the start, and the process's memory in MB, threads and open files."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"minute": round((time.monotonic() - began) / 60, 3),
            "memory_mb": round(int(status["VmRSS"].split()[0]) / 1024, 1),
            "threads": int(status["Threads"]), "files": len(os.listdir(f"/proc/{pid}/fd"))}


def server_process() -> int:
    """The id of this process's child."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return int(children[0])


def main() -> int:
    """Use, sample, print; 1 where a visitor met an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--visitors", type=int, default=3, help="at a time")
    parser.add_argument("--store", action="store_true")
    args = parser.parse_args()
    done, problems, samples = Counter(), [], []
    with tempfile.TemporaryDirectory() as home, app_server(Path(home)) as server:
        began, pid = time.monotonic(), server_process()
        until = began + 60 * args.minutes
        threads = [threading.Thread(target=use, args=(server.port, seed, until, done, problems), daemon=True)
                   for seed in range(args.visitors)]
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            samples.append(sample(pid, began))
            time.sleep(min(60 * args.minutes / 60, max(0.0, until - time.monotonic())))
        for thread in threads:
            thread.join(120)
        samples.append(sample(pid, began))
    figures = {"date": date.today().isoformat(), "device": f"{os.cpu_count()} cores, {platform.machine()}",
               "minutes": args.minutes, "visitors": args.visitors, **done, "errors": problems[:20], "samples": samples}
    print(json.dumps({**figures, "samples": [samples[0], samples[len(samples) // 2], samples[-1]]}, indent=1))
    if args.store:
        write_json(MEASURED / "soak.json", figures)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
