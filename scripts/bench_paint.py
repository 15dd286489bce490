"""First paint of every page on a cold server and in a new tab of a warm one, beside an empty Streamlit app, in turn.

Cold: a fresh server and a fresh browser page; the time from the request to the page's first content (its dial, pad,
table or button, not only its title) on screen. Warm: a new tab of a browser and a server that have met all pages before
and have loaded their networks.

    python scripts/bench_paint.py --pairs 5
    python scripts/bench_paint.py tell_time denoise --app ../other/app.py --print-only
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.bench import CHROMIUM_FLAGS, Server, app_server  # noqa: E402 - needs the path above
from scripts.bench_store import keep  # noqa: E402
from scripts.find_chromium import find  # noqa: E402

EMPTY = "import streamlit as st\nst.title('Empty')\n"
#: Page -> a CSS selector of the first thing on it that is the page's own.
CONTENT = {
    "home": "h1", "train": ".st-key-start button", "runs": "[data-testid=stMainBlockContainer] p",
    "experiments": "[data-testid=stMainBlockContainer] [data-testid=stSelectbox]",
    "inside": "[data-testid=stMainBlockContainer] [data-testid=stSelectbox]",
    "tell_time": "svg[role=group]", "permuted_pixels": "img[alt^='The same images']", "denoise": "img[alt=Noisy]",
    "invent_digits": "img[alt=First]", "cat_faces": "img[alt^='Images of the GAN']",
    "lessons": "[class*='st-key-lesson_'] button",
    "results": "[data-testid=stMainBlockContainer] [data-testid=stVegaLiteChart]",
}
#: What a person waits for, in seconds.
COLD_LIMIT, WARM_LIMIT = 3.0, 1.5


#: Looks for the content in every frame: Playwright's own waiting looks every half second after the first quarter.
_SEEN = """selector => {
  const hosts = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
  const roots = [document, ...hosts.map(host => host.shadowRoot)];
  const found = roots.map(root => root?.querySelector(selector)).find(one => one);
  const box = found?.getBoundingClientRect();
  return box?.width && box.height && performance.now() / 1000;
}"""


def paint(context: Any, server: Server, path: str, selector: str) -> float:
    """Seconds from a request in a new tab to `selector` on screen. `context` is a browser of its own, with its own cache."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/{path}", wait_until="commit")
    seconds: float = page.wait_for_function(_SEEN, arg=selector, polling="raf", timeout=60_000).json_value()
    page.close()
    return seconds


def look_at(context: Any, server: Server, path: str, selector: str) -> None:
    """Open a page and stay until it loads nothing more."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/{path}", wait_until="commit")
    page.locator(selector).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)  # where networks are loaded, the words about it come a moment after the first content
    page.get_by_text("Loading the networks").first.wait_for(state="hidden", timeout=60_000)
    page.close()


def cold_paint(browser: Any, app: Path, path: str, selector: str) -> float:
    """The same as the first request of a new server's life."""
    with tempfile.TemporaryDirectory() as home, app_server(Path(home), app) as server:
        context = browser.new_context()
        try:
            return paint(context, server, path, selector)
        finally:
            context.close()


def warm_paints(browser: Any, app: Path, pages: list[str], pairs: int) -> dict[str, float]:
    """Medians on one server and in one browser, after every page has been looked at until its networks were there."""
    with tempfile.TemporaryDirectory() as home, app_server(Path(home), app) as server:
        context = browser.new_context()
        for name in pages:
            look_at(context, server, _path(name), CONTENT[name])
        medians = {name: statistics.median(paint(context, server, _path(name), CONTENT[name]) for _ in range(pairs))
                   for name in pages}
        context.close()
    return medians


def _path(name: str) -> str:
    return "" if name == "home" else name


def main() -> int:
    """Measure and print; 1 when a page is slower than people wait."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", choices=[*CONTENT, []], help="all by default")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--app", type=Path, default=ROOT / "app.py", help="the app.py to measure")
    parser.add_argument("--print-only", action="store_true", help="do not store the figures")
    args = parser.parse_args()
    pages = args.pages or list(CONTENT)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_FLAGS)
        times: dict[str, list[float]] = {name: [] for name in [*pages, "empty"]}
        for _ in range(args.pairs):
            for name in pages:
                times[name].append(cold_paint(browser, args.app, _path(name), CONTENT[name]))
            times["empty"].append(cold_paint(browser, empty, "", "h1"))
        warm = warm_paints(browser, args.app, pages, args.pairs)
        browser.close()
    cold = {name: statistics.median(values) for name, values in times.items()}
    bare = cold.pop("empty")
    print("| page | cold server (s) | beside an empty app | new tab, warm server (s) |\n|---|---|---|---|")
    for name in pages:
        print(f"| {name} | {cold[name]:.2f} | {cold[name] / bare:.2f}x | {warm[name]:.2f} |")
    print(f"| empty Streamlit app | {bare:.2f} | 1.00x | - |")
    if not args.print_only:
        if "home" in cold:
            keep("paint", {"home page": round(cold["home"], 2), "empty app": round(bare, 2)})
        keep("paint_pages", {name: {"cold": round(cold[name], 2), "warm": round(warm[name], 2)} for name in pages})
    return int(any(cold[name] > COLD_LIMIT or warm[name] > WARM_LIMIT for name in pages))


if __name__ == "__main__":
    sys.exit(main())
