"""Speed, side by side in one run: training in the app with its page open against bare `keras.Model.fit`.

For every network the two are measured in turn, several times: bare Keras with its defaults in this process, then
the same network, data, optimiser and batch size as a run of the app, started through the browser and watched by an
open page. Images/s count training steps only, from the second epoch on. Prints a table of medians and ratios.

    make bench                                      # all networks
    python scripts/bench.py a1_model3_relu --pairs 5
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402
from scripts.bench_store import keep  # noqa: E402
from scripts.find_chromium import find  # noqa: E402 - needs the path above

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
#: Network -> (training images, epochs): long enough that the second epoch on is steady, short enough for a coffee.
NETWORKS = {
    "a1_model3_relu": (20_000, 4), "a5_64_64": (20_000, 4), "a4_512_512": (20_000, 4), "a6_500_300": (20_000, 4),
    "light_cnn": (10_000, 3), "b4_small_cnn": (10_000, 3), "b2_baseline": (2_000, 5), "b1_model4": (1_000, 4),
}


@dataclass(frozen=True)
class Server:
    """The app on `port`, its runs in `home`."""

    port: int
    home: Path


def bare_keras(name: str, data: datasets.Dataset, epochs: int) -> float:
    """Images/s of `fit` with Keras' defaults on float32 images, from the second epoch on."""
    import keras

    from lib.models.build import build_model
    from lib.spec.specs import DEFAULT_LEARNING_RATES

    train = PRESETS[name].train
    # A copy by configuration has the layers that Keras makes, without what the lab changes in them.
    model = keras.models.clone_model(build_model(PRESETS[name].architecture, (28, 28, 1), seed=0))
    optimizers = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}
    assert train.learning_rate == DEFAULT_LEARNING_RATES[train.optimizer]
    model.compile(optimizers[train.optimizer](), "sparse_categorical_crossentropy", metrics=["accuracy"])
    marks: list[float] = []

    class Marks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            marks.append(time.perf_counter())

    images = data.x_train.astype("float32") / 255.0
    model.fit(images, data.y_train, batch_size=train.batch_size, epochs=epochs, verbose=0, callbacks=[Marks()])
    return (epochs - 1) * len(images) / (marks[-1] - marks[0])


@contextlib.contextmanager
def app_server(home: Path, app: Path = ROOT / "app.py") -> Iterator[Server]:
    """The app (or another one) in a process of its own, ready for requests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless", "true", "--server.port", str(port)]
    environment = {**os.environ, "NEURAL_LAB_HOME": str(home)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).read()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield Server(port, home)
    finally:
        process.terminate()
        process.wait(20)


def app_run(browser: Any, server: Server, name: str, dataset: str, images: int, epochs: int) -> float:
    """Images/s of a run started and watched on the Train page, from the second epoch on."""
    from lib.runs import RunStore

    page = browser.new_page()
    query = f"data={dataset}&images={images}&net={name}&epochs={epochs}&stopping=False"
    page.goto(f"http://127.0.0.1:{server.port}/train?{query}")
    page.get_by_role("button", name="Train", exact=True).click(timeout=60_000)
    page.get_by_text("How good is it?").wait_for(timeout=600_000)
    page.close()
    store = RunStore(server.home)
    newest = max(store.records(), key=lambda record: record.created)
    rates = [log.metrics["images_per_second"] for log in store.epochs(newest.id)[1:]]
    return len(rates) / sum(1 / rate for rate in rates)


def compare(browser: Any, server: Server, name: str, dataset: str, pairs: int) -> tuple[list[float], list[float]]:
    """Images/s of the app and of bare Keras, measured in turn."""
    images, epochs = NETWORKS[name]
    data = datasets.load(DataSpec(dataset, images))
    ours, bare = [], []
    for _ in range(pairs):
        bare.append(bare_keras(name, data, epochs))
        ours.append(app_run(browser, server, name, dataset, images, epochs))
    return ours, bare


def main() -> int:
    """Measure and print; 1 when a network is slower in the app than in bare Keras."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="names of presets; all of the table by default")
    parser.add_argument("--pairs", type=int, default=3, help="measurements of each, in turn")
    args = parser.parse_args()
    if not datasets.available("mnist"):
        print("The benchmark needs MNIST: set NEURAL_LAB_DATA, or download it once on the Train page.")
        return 1
    from playwright.sync_api import sync_playwright

    slow = []
    print("| network | batch | app, page open (images/s) | bare Keras fit (images/s) | ratio (lowest pair) |")
    print("|---|---|---|---|---|")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home, app_server(Path(home)) as server:
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_FLAGS)
        for name in args.networks or NETWORKS:
            ours, bare = compare(browser, server, name, "mnist", args.pairs)
            ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
            ratio = statistics.median(ratios)
            slow += [name] if ratio < 1 else []
            keep("training", {name: {"batch": PRESETS[name].train.batch_size, "ratio": round(ratio, 2),
                                     "images_per_second": round(statistics.median(ours))}})
            print(
                f"| {name} | {PRESETS[name].train.batch_size} | {statistics.median(ours):,.0f} | "
                f"{statistics.median(bare):,.0f} | {ratio:.2f}x ({min(ratios):.2f}x) |", flush=True,
            )
        browser.close()
    if slow:
        print("Slower than bare Keras:", ", ".join(slow))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
