"""Take the README's images of the app, docs/*.webp, and those of the home page's cards, lib/ui/home/cards/*.webp.

    python scripts/screenshots.py
    python scripts/screenshots.py --only train results
    python scripts/screenshots.py --cards

Needs MNIST in $NEURAL_LAB_DATA (or downloads it), Playwright and a Chromium (see scripts/find_chromium.py).
"""

from __future__ import annotations

import argparse
import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402 - needs the path above
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from lib.ui.home.card_images import card_image  # noqa: E402
from scripts.find_chromium import find  # noqa: E402

WIDTH, HEIGHT = 1400, 900
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
PATIENCE = 120_000


def train(page: Page) -> None:
    """A classic MLP halfway through twelve epochs of MNIST."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text(re.compile(r"The run: [3-9]\d %")).wait_for()


def results(page: Page) -> None:
    """All figures against the reports'."""
    page.get_by_text("Ours against the reports'").wait_for()


def experiments(page: Page) -> None:
    """A stored grid with its reading."""
    page.get_by_test_id("stVegaLiteChart").first.wait_for()
    page.mouse.wheel(0, 330)


def tell_time(page: Page) -> None:
    """The dial, answered by every network."""
    page.get_by_text("Our reader").first.wait_for()
    page.get_by_role("row").filter(has_text=re.compile(r"Our reader.*\d:\d\d")).wait_for()


def denoise(page: Page) -> None:
    """A test image, corrupted and cleaned."""
    page.get_by_role("button", name="A test image").first.click()


def cat_faces(page: Page) -> None:
    """Both networks' images."""
    page.get_by_text("Better VAE").first.wait_for()


def lessons(page: Page) -> None:
    """A lesson with the answer of its first step."""
    page.get_by_text("What you will see").first.click()
    page.get_by_text("Test accuracy").first.wait_for()


#: Image -> the page's address and what is done there.
SHOTS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "train": ("train?data=mnist&epochs=12&stopping=False", train), "experiments": ("experiments", experiments),
    "results": ("results", results), "tell_time": ("tell_time", tell_time), "denoise": ("denoise", denoise),
    "cat_faces": ("cat_faces", cat_faces), "lessons": ("lessons?lesson=over_fitting", lessons),
}


def finished_run(page: Page) -> None:
    """A small network that has learned the bundled digits."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_test_id("stMetric").filter(has_text="Test accuracy").first.wait_for()


def two_runs(page: Page) -> None:
    """The curves of two runs over each other, trained for it."""
    server = page.url.split("/train")[0]
    finished_run(page)
    page.goto(f"{server}/train?net=a5_64_64")
    finished_run(page)
    page.goto(f"{server}/runs")
    page.get_by_test_id("stVegaLiteChart").first.wait_for()


def drawn(page: Page) -> None:
    """What the page shows when its networks have answered."""
    page.wait_for_timeout(8000)


#: Card of the home page -> the page's address, what is done there, and what its image is cut from.
CARDS: dict[str, tuple[str, Callable[[Page], None], str]] = {
    "train": ("train?net=a5_64_64&epochs=20", finished_run, "[data-testid=stVegaLiteChart] >> nth=1"),
    "runs": ("train?net=softmax_regression&epochs=10", two_runs, "[data-testid=stVegaLiteChart] >> nth=0"),
    "experiments": ("experiments", experiments, "[data-testid=stVegaLiteChart] >> nth=0"),
    "inside": ("inside", drawn, "canvas[aria-label='Output of layer 1']"),
    "lessons": ("lessons?lesson=over_fitting", lessons, ".st-key-lesson_step_1"),
    "tell_time": ("tell_time", tell_time, "svg[aria-label^='Clock: drag']"),
    "permuted_pixels": ("permuted_pixels", drawn, "img[alt^='One test image of each']"),
    "denoise": ("denoise", denoise, ".dn-cards"),
    "invent_digits": ("invent_digits?invent_tab=Conditional+VAE", drawn, "[data-testid=stTabs] img >> nth=0"),
    "cat_faces": ("cat_faces", cat_faces, "img[alt^='Images of the GAN']"),
    "results": ("results", results, "[data-testid=stVegaLiteChart] >> nth=0"),
}
#: Pixels of a card's image.
CARD_SIZE = (640, 280)
#: Pixels of the page that a card shows side by side, at least; and of the browser's window, so that nothing is scrolled.
LEAST_CUT, TALL = 560, 2400


def take_card(page: Page, server: str, name: str, theme: str) -> None:
    """Save the image of a card: what shows the page best, and what stands beside or below it, in the card's proportions."""
    address, prepare, cut = CARDS[name]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/{address}")
    prepare(page)
    page.wait_for_timeout(4000)
    box = page.locator(cut).bounding_box()
    if box is None:
        raise SystemExit(f"The page {name} does not show {cut}.")
    # Of what is broad the upper part; what is square has its neighbour beside it.
    is_broad = box["width"] > 1.2 * box["height"]
    width = max(box["width"] if is_broad else box["height"] * CARD_SIZE[0] / CARD_SIZE[1], LEAST_CUT)
    clip = {"x": min(box["x"], WIDTH - width), "y": box["y"], "width": width, "height": width * CARD_SIZE[1] / CARD_SIZE[0]}
    shot = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").resize(CARD_SIZE, Image.Resampling.LANCZOS)
    target = card_image(name, dark=theme == "dark")
    target.parent.mkdir(exist_ok=True)
    shot.save(target, quality=75, method=6)
    page.close()
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB", flush=True)


def main() -> None:
    """Start the app in an empty home, and take the images one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices={**SHOTS, **CARDS}, default=list({**SHOTS, **CARDS}))
    parser.add_argument("--cards", action="store_true", help="those of the home page's cards")
    args = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"],
            cwd=ROOT, env={**os.environ, "NEURAL_LAB_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            for name in args.only:
                if args.cards and name in CARDS:
                    for theme in THEMES:
                        page = browser.new_page(viewport={"width": WIDTH, "height": TALL}, color_scheme=theme)
                        take_card(page, f"http://127.0.0.1:{port}", name, theme)
                if not args.cards and name in SHOTS:
                    take(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), f"http://127.0.0.1:{port}", name)
        finally:
            browser.close()
            server.terminate()
            server.wait(10)


def wait_for(url: str) -> None:
    """Return when the server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer.")


def take(page: Page, server: str, name: str) -> None:
    """Save the image `name`."""
    address, prepare = SHOTS[name]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server}/{address}")
    prepare(page)
    page.wait_for_timeout(4000)  # answers, charts and images settle
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    target = ROOT / "docs" / f"{name}.webp"
    shot.save(target, quality=80, method=6)
    page.close()
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
