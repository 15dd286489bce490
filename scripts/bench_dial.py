"""How long a page takes from an event to the new answer on screen, in a browser: the clock, noise, Inside and the editor.

    python scripts/bench_dial.py --moves 100
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

from lib.catalog.digits import METHODS  # noqa: E402 - needs the path above
from scripts.bench import CHROMIUM_FLAGS, app_server  # noqa: E402
from scripts.bench_store import keep  # noqa: E402
from scripts.find_chromium import find  # noqa: E402

#: In the page: dispatch an event, and resolve with the milliseconds until the table has been drawn anew after it.
MEASURE = """([kind, x, y]) => new Promise(resolve => {
  const hosts = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const root = hosts.find(r => r.querySelector('table')) || document;
  const right = root.querySelector('.right'), grip = root.querySelector('[aria-label="Minute hand"]');
  const start = performance.now();
  const seen = new MutationObserver(() => {
    if (!right.querySelector('table')) return;
    seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - start));
  });
  seen.observe(right, {childList: true, subtree: true});
  if (kind === 'key') grip.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
  else grip.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true, pointerId: 1}));
})"""
HOLD = """() => {
  const hosts = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const root = hosts.find(r => r.querySelector('table')) || document;
  const grip = root.querySelector('[aria-label="Minute hand"]');
  grip.setPointerCapture = () => {}; const box = root.querySelector('svg').getBoundingClientRect();
  const x = box.x + box.width / 2 + 60;
  grip.dispatchEvent(new PointerEvent('pointerdown', {clientX: x, clientY: box.y + 40, pointerId: 1}));
  return [box.x + box.width / 2, box.y + box.height / 2, box.width / 3];
}"""


#: In the page: from the next key press on, count until the noisy image is another one.
WATCH = """() => { window.slid = new Promise(resolve => {
  const noisy = () => document.querySelector('.dn-cards img[alt="Noisy"]')?.src;
  const before = noisy();
  document.addEventListener('keydown', () => {
    const start = performance.now();
    const seen = new MutationObserver(() => {
      if (!noisy() || noisy() === before) return;
      seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - start));
    });
    seen.observe(document.body, {childList: true, subtree: true, attributes: true});
  }, {capture: true, once: true});
}); }"""


def slider_times(page: Any, port: int, moves: int) -> list[float]:
    """Milliseconds from each move of the noise slider to the images of all ways to clean."""
    page.goto(f"http://127.0.0.1:{port}/denoise")
    page.get_by_alt_text("Our convolutional denoiser", exact=True).wait_for(timeout=120_000)
    slider = page.locator(".st-key-level").get_by_role("slider")
    times = []
    for move in range(moves + 10):
        page.evaluate(WATCH)
        slider.press("ArrowLeft" if move % 20 < 10 else "ArrowRight")
        times.append(page.evaluate("window.slid"))
    return times[10:]


#: In the page: hold the pen on the pad; then, for each move of it, the milliseconds until every layer is drawn anew.
PEN_DOWN = """() => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const pad = roots.map(r => r.querySelector('.pad canvas')).find(Boolean);
  window.pad = pad; window.view = roots.map(r => r.querySelector('[data-drawn]')).find(Boolean);
  pad.setPointerCapture = () => {};
  const box = pad.getBoundingClientRect();
  pad.dispatchEvent(new PointerEvent('pointerdown', {clientX: box.x + 80, clientY: box.y + 40, pointerId: 1, buttons: 1}));
  return [box.x, box.y, box.width, box.height];
}"""
PEN_MOVE = """([x, y]) => new Promise(resolve => {
  const start = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - start));
  });
  seen.observe(window.view, {attributeFilter: ['data-drawn']});
  window.pad.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, pointerId: 1, buttons: 1}));
})"""
INSIDE = "shipped:permuted/mnist_cnn_original"


def stroke_times(page: Any, port: int, moves: int) -> list[float]:
    """Milliseconds from each move of the pen to the maps of every layer of a light CNN and the arithmetic of one number."""
    page.goto(f"http://127.0.0.1:{port}/inside?inside={INSIDE}&inside_tab=Kernels")
    page.get_by_text("the other 13 maps").or_(page.get_by_text("relu: max(0")).first.wait_for(timeout=120_000)
    left, top, width, height = page.evaluate(PEN_DOWN)
    times = []
    for move in range(moves + 10):
        # Line by line over fresh paper: a pen that goes over its own ink changes nothing, and nothing is drawn anew.
        x, y = left + width * (0.1 + 0.8 * (move % 12) / 12), top + height * (0.1 + 0.8 * move / (moves + 10))
        times.append(page.evaluate(PEN_MOVE, [x, y]))
    return times[10:]


#: In the page: from the next key press on, count until the diagram has other layers.
EDITED = """() => { window.edited = new Promise(resolve => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const list = roots.map(r => r.querySelector('[aria-label="Layers of the network"]')).find(Boolean);
  list.focus();
  const before = list.innerText;
  document.addEventListener('keydown', () => {
    const start = performance.now();
    const seen = new MutationObserver(() => {
      if (list.innerText === before) return;
      seen.disconnect(); requestAnimationFrame(() => resolve(performance.now() - start));
    });
    seen.observe(list, {childList: true, subtree: true, characterData: true});
  }, {capture: true, once: true});
}); }"""


#: The time that EDITED measures; an error where nothing changes.
ANSWERED = """Promise.race([window.edited, new Promise((_, fail) => {
  setTimeout(() => fail(new Error('no answer')), 20000);
})])"""


def edit_times(page: Any, port: int, moves: int) -> list[float]:
    """Milliseconds from a key that doubles a layer, or takes that back, to the redrawn diagram of shapes and costs."""
    page.goto(f"http://127.0.0.1:{port}/train?net=1~c16~m2~c32~m2~f~d64~o0.25")
    layers = page.get_by_role("listbox", name="Layers of the network")
    layers.get_by_role("option").nth(7).wait_for(timeout=120_000)
    layers.press("Home")  # the output, which is chosen at first, cannot be doubled
    layers.locator("[aria-selected=true]").filter(has_text="Convolution").wait_for()
    times = []
    for move in range(moves + 10):
        page.evaluate(EDITED)
        page.keyboard.press("Control+z" if move % 2 else "d")
        times.append(page.evaluate(ANSWERED))
    return times[10:]


def summary(name: str, times: list[float]) -> str:
    """One row: median and 95th percentile in milliseconds."""
    median, p95 = median_and_p95(times)
    return f"| {name} | {median} | {p95} |"


def median_and_p95(times: list[float]) -> tuple[int, int]:
    """Of milliseconds, rounded."""
    ordered = sorted(times)
    return round(statistics.median(ordered)), round(ordered[int(0.95 * (len(ordered) - 1))])


def main() -> None:
    """Measure and print."""
    import math

    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=100)
    args = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home, app_server(Path(home)) as server:
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"http://127.0.0.1:{server.port}/tell_time")
        page.get_by_role("cell", name="Our reader").wait_for(timeout=120_000)
        rows = page.get_by_role("row").count() - 1
        for _ in range(10):
            page.evaluate(MEASURE, ["key", 0, 0])
        keys = [page.evaluate(MEASURE, ["key", 0, 0]) for _ in range(args.moves)]
        x, y, radius = page.evaluate(HOLD)
        moves = []
        for step in range(args.moves):
            angle = 2 * math.pi * step / 40
            moves.append(page.evaluate(MEASURE, ["move", x + radius * math.sin(angle), y - radius * math.cos(angle)]))
        slides = slider_times(page, server.port, args.moves)
        strokes = stroke_times(page, server.port, args.moves)
        edits = edit_times(page, server.port, args.moves)
        browser.close()
    print(f"| {rows} networks answering | median (ms) | p95 (ms) |\n|---|---|---|")
    for name, times in ((f"clock: pointer move, {rows} networks answering", moves),
                        (f"clock: key press, {rows} networks answering", keys),
                        (f"noise slider, {len(METHODS)} ways to clean", slides),
                        ("inside: pen stroke, every layer of a light CNN drawn", strokes),
                        ("editor: a layer more or less, diagram redrawn", edits)):
        print(summary(name, times))
        keep("latency", {name: dict(zip(("median_ms", "p95_ms"), median_and_p95(times), strict=True))})


if __name__ == "__main__":
    main()
