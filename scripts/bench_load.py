"""What visitors cost: page times of many of them at once while a network trains, and what viewers take from a run.

Visits are websocket sessions without a browser (scripts/visits.py), so that what is measured is the server. Every window
with viewers stands between two without any, in the same run. Run it on a machine that does nothing else; with --store the
figures go to checkpoints/measured/load.json.

    python scripts/bench_load.py --sessions 10 --rounds 3 --store
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.folders import MEASURED  # noqa: E402 - needs the path above
from lib.base.json_files import write_json  # noqa: E402
from lib.runs import RunStore  # noqa: E402
from lib.ui.frame import PAGES  # noqa: E402
from scripts.bench import Server, app_server  # noqa: E402
from scripts.visits import Visit, viewers  # noqa: E402

RUN = "data={}&net=a4_512_512&batch=32&epochs=5000&stopping=False"
VIEWERS = (1, 3, 10)
SETTLING_SECONDS = 4.0


def start_run(server: Server, dataset: str) -> str:
    """Start an endless run as a visitor does; the query of its page, once an epoch has ended."""
    visit, store = Visit(server.port), RunStore(server.home)
    visit.open("train", RUN.format(dataset))
    visit.press("Train")
    deadline = time.monotonic() + 120
    while not store.epochs(run_of(visit.query)):
        if time.monotonic() > deadline:
            raise SystemExit("The run did not start: " + " ".join(visit.errors))
        time.sleep(0.5)
    visit.close()
    store.close()
    return visit.query


def run_of(query: str) -> str:
    """The id in the query of a run's page."""
    return query.rsplit("run=", 1)[1].split("&")[0]


def rate(server: Server, query: str, seconds: float) -> float:
    """Steps per second of training in the window that begins now, from the first to the last epoch that ends in it."""
    store = RunStore(server.home)
    before = len(store.epochs(run_of(query)))
    time.sleep(seconds)
    epochs = store.epochs(run_of(query))[before:]
    store.close()
    if len(epochs) < 2:
        raise SystemExit(f"Only {len(epochs)} epochs ended in {seconds:g} s: use longer windows (--seconds).")
    return (epochs[-1].step - epochs[0].step) / (epochs[-1].seconds - epochs[0].seconds)


def viewers_cost(server: Server, query: str, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """Number of viewers -> what share of the run's speed they take, as a median of the rounds, with the extremes."""
    costs: dict[int, list[float]] = {count: [] for count in VIEWERS}
    alone = rate(server, query, seconds)
    for _ in range(rounds):
        for count in VIEWERS:
            with viewers(server.port, count, "train", query):
                time.sleep(SETTLING_SECONDS)
                watched = rate(server, query, seconds)
            time.sleep(1.0)
            after = rate(server, query, seconds)
            costs[count].append(1 - 2 * watched / (alone + after))
            alone = after
            print(f"{count} viewers: {watched:,.0f} steps/s beside {after:,.0f} without, {costs[count][-1]:.1%}", flush=True)
    return {str(count): {"median": round(statistics.median(found), 4), "lowest": round(min(found), 4),
                         "highest": round(max(found), 4)} for count, found in costs.items()}


def page_times(server: Server, sessions: int, reading: float) -> dict[str, dict[str, float]]:
    """Page -> median and 95th percentile of seconds until it is there, for that many visitors who open all pages at once.

    Each stays on a page for `reading` seconds, half of it to half as much again; 0: opens the next at once. "all" is of all.
    """

    def tour(first: int) -> list[tuple[str, float]]:
        rng, visit, found = random.Random(first), Visit(server.port), []
        for page in PAGES[first % len(PAGES):] + PAGES[:first % len(PAGES)]:
            found.append((page.name, visit.open(page.name)))
            visit.watch(threading.Event(), reading * rng.uniform(0.5, 1.5))
        visit.close()
        return found

    with ThreadPoolExecutor(sessions) as pool:
        times = [timed for found in pool.map(tour, range(sessions)) for timed in found]
    seconds = {page.name: sorted(taken for name, taken in times if name == page.name) for page in PAGES}
    seconds["all"] = sorted(taken for _name, taken in times)
    return {name: {"median": round(statistics.median(found), 3), "p95": round(found[int(0.95 * (len(found) - 1) + 0.5)], 3)}
            for name, found in seconds.items()}


def main() -> int:
    """Measure, print, and store if that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10, help="visitors that open all pages at once")
    parser.add_argument("--reading", type=float, nargs="*", default=[5.0, 0.0],
                        help="seconds that they stay on a page, one measurement for each number")
    parser.add_argument("--rounds", type=int, default=3, help="windows for each number of viewers")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a window")
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--app", type=Path, default=ROOT / "app.py", help="another version of the app, to compare with")
    parser.add_argument("--store", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, app_server(Path(home), args.app.resolve()) as server:
        query = start_run(server, args.dataset)
        cost = viewers_cost(server, query, args.seconds, args.rounds)
        pages = {str(reading): page_times(server, args.sessions, reading) for reading in args.reading}
    print(json.dumps({"viewers_cost": cost, "page_seconds": pages}, indent=1))
    if args.store:
        figures = {"date": date.today().isoformat(), "device": f"{os.cpu_count()} cores, {platform.machine()}",
                   "sessions": args.sessions, "rounds": args.rounds, "window_seconds": args.seconds,
                   "viewers_cost": cost, "page_seconds": pages}
        write_json(MEASURED / "load.json", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
