"""First paint of the home page on a cold server, beside an empty Streamlit app, in turn.

Each measurement starts a fresh server and a fresh browser page, and takes the time from the request to the page's
title on screen.

    python scripts/bench_paint.py --pairs 5
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.bench import CHROMIUM_FLAGS, app_server  # noqa: E402 - needs the path above
from scripts.bench_store import keep  # noqa: E402
from scripts.find_chromium import find  # noqa: E402

EMPTY = "import streamlit as st\nst.title('Empty')\n"


def first_paint(browser: Any, app: Path, title: str) -> float:
    """Seconds from the first request of a new server's life to its title on screen."""
    with tempfile.TemporaryDirectory() as home, app_server(Path(home), app) as server:
        page = browser.new_page()
        started = time.perf_counter()
        page.goto(f"http://127.0.0.1:{server.port}/", wait_until="commit")
        page.get_by_role("heading", name=title, level=1).wait_for(timeout=60_000)
        seconds = time.perf_counter() - started
        page.close()
    return seconds


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    args = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_FLAGS)
        pairs = [
            (first_paint(browser, ROOT / "app.py", "Neural Lab"), first_paint(browser, empty, "Empty"))
            for _ in range(args.pairs)
        ]
        browser.close()
    ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    keep("paint", {"home page": round(ours, 2), "empty app": round(bare, 2)})
    print("| first paint, cold server | seconds |\n|---|---|")
    print(f"| home page | {ours:.2f} |\n| empty Streamlit app | {bare:.2f} |\n| ratio | {ours / bare:.2f}x |")


if __name__ == "__main__":
    main()
