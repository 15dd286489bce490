"""Write the measured figures into README.md, between its <!-- measured: NAME --> and <!-- end --> marks.

    python scripts/readme_tables.py           write
    python scripts/readme_tables.py --check   fail when README and stored figures differ
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.catalog.digits import (  # noqa: E402 - needs the path above
    CLASSIFIERS,
    FIRST_STAGE,
    GENERATION_METHODS,
    METHODS,
    NOISY_READINGS,
)
from lib.catalog.generative import GENERATIVE_PRESETS  # noqa: E402
from lib.catalog.heads import HEADS  # noqa: E402
from lib.catalog.preset_groups import network_name  # noqa: E402
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.catalog.reported import REPORTED, SECTIONS, Reported, best_minutes  # noqa: E402
from lib.measures.clock_background import on_background  # noqa: E402
from lib.measures.clock_figures import head_rows, reading_figures  # noqa: E402
from lib.measures.measured import stored_figures  # noqa: E402
from lib.measures.results import (  # noqa: E402
    Measured,
    Scale,
    light_rows,
    measured_of,
    reported_text,
    scale_counts,
    stored_rows,
    what_text,
)
from lib.models.checkpoints import manifest  # noqa: E402
from lib.models.recording import SHARE  # noqa: E402
from lib.spec.metrics import figure_title, is_share  # noqa: E402


def stored(name: str) -> Any:
    """A file of measured results."""
    return stored_figures(name, None)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def mean_spread(values: list[float], scale: float = 100.0) -> str:
    """Mean and standard deviation over seeds; a single value alone."""
    mean = scale * statistics.fmean(values)
    return f"{mean:.2f} ± {scale * statistics.stdev(values):.2f}" if len(values) > 1 else f"{mean:.2f}"


def counts() -> str:
    """How many figures of each group of systems are measured, and as what."""
    rows, lights = stored_rows(), light_rows()
    lines = []
    for letter, title in {**SECTIONS, "": "**All**"}.items():
        figures = [reported for reported in REPORTED if reported.system.startswith(letter)]
        found = scale_counts(figures, rows, lights)
        lines.append([f"{letter} {title}".strip(), str(len(figures)), *(str(found[scale]) for scale in Scale)])
    return table(["systems", "figures", *map(str, Scale)], lines)


def figures() -> str:
    """Accuracies and minutes that were measured as the report measured them; the 27 triples of A2 in one line."""
    rows = stored_rows()
    lines, triples = [], []
    for reported in REPORTED:
        measured = measured_of(reported, rows)
        if reported.value is None or measured is None or measured.scale != Scale.REPORT:
            continue
        gap = measured.spread.mean - reported.value
        if reported.system == "A2":
            triples += [(abs(gap), measured.spread.count)] if reported.metric == "val_accuracy" else []
        elif reported.metric.endswith(("accuracy", "minutes")):
            lines.append(_figure_line(reported, measured, gap))
    gaps = [100 * gap for gap, _ in triples]
    if gaps:
        printed = [r.value for r in REPORTED if r.system == "A2" and r.metric == "val_accuracy"]
        lines.insert(0, ["A2", f"{len(gaps)} activation triples, Fashion-MNIST, validation accuracy",
                         f"{100 * min(printed):.2f} to {100 * max(printed):.2f} %", "",
                         f"{statistics.fmean(gaps):.1f} on average, {statistics.median(gaps):.1f} in the middle",
                         str(max(seeds for _, seeds in triples))])
    return table(["system", "figure", "the report", "ours", "difference (points, minutes)", "seeds"], lines)


def _figure_line(reported: Reported, measured: Measured, gap: float) -> list[str]:
    scale = 100 if is_share(reported.metric) else 1
    winner = f" ({measured.winner})" if measured.winner else ""
    unit = " %" if scale == 100 else " min"
    theirs = reported_text(reported) + (f" ({reported.winner})" if reported.winner else "")
    values = [float(row[reported.metric]) for row in measured.rows]
    return [reported.system, f"{what_text(reported)}, {figure_title(reported.metric)}", theirs,
            mean_spread(values, scale) + unit + winner, f"{scale * gap:+.2f}", str(measured.spread.count)]


def reader() -> str:
    """Test accuracy of our digit classifier over its seeds, and on other writers' digits."""
    figures, tested = stored("digits"), stored("digit_classifier")
    elsewhere = {row["name"]: row["accuracy"] for row in figures["elsewhere"]}
    lines = []
    stages = {CLASSIFIERS["mnist"]: "Our digit classifier", FIRST_STAGE: "The same before it saw drawn digits"}
    for name, title in stages.items():
        runs = [row for row in figures["trained"] if row["name"] == name]
        drawn = next(row for row in tested["hands"] if (row["name"], row["variant"]) == (name, "all"))
        paper = next(row for row in tested["paper"] if (row["name"], row["paper"], row["ink"]) == (name, "all", "local"))
        shares = [f"{100 * share:.1f}" for share in (elsewhere[name], drawn["accuracy"], paper["accuracy"])]
        lines.append([title, mean_spread([run["metrics"]["test_accuracy"] for run in runs]),
                      ", ".join(str(run["seed"]) for run in runs), *shares])
    titles = {"cnn_original": "Light CNN with pooling", "mlp_original": network_name(PRESETS["mlp_300_100"])}
    for name, title in titles.items():
        lines.append([title, "–", "0", f"{100 * elsewhere[f'permuted/mnist_{name}']:.1f}", "–", "–"])
    return table(["network", "MNIST, 10,000 test images (%)", "seeds", "scikit-learn's 1,797 digits (%)",
                  "drawn with a mouse (%)", "on paper (%)"], lines)


def hands() -> str:
    """Right answers for digits drawn by other means than those that were learned from, by variant."""
    rows = [row for row in stored("digit_classifier")["hands"] if row["variant"] != "all"]
    by_place = {(row["name"], row["variant"]): f"{100 * row['accuracy']:.1f}" for row in rows}
    return table(["written as", "drawings", "MNIST alone (%)", "drawn digits too (%)"], [
        [row["variant"], str(row["images"]), by_place[FIRST_STAGE, row["variant"]], by_place[row["name"], row["variant"]]]
        for row in rows if row["name"] == CLASSIFIERS["mnist"]])


def noisy_readings() -> str:
    """Does denoising help? Salt-and-pepper noise, read in every way."""
    rows = {(row["way"], row["level"]): row for row in stored("digits")["noisy_readings"] if row["noise"] == "salt_pepper"}
    levels = (0.2, 0.5, 0.8)
    images = [rows[next(iter(NOISY_READINGS)), level]["images"] for level in levels]
    heads = [f"{100 * level:.0f} % noise ({count:,} digits)" for level, count in zip(levels, images, strict=True)]
    return table(["read", *heads], [
        [title, *(f"{100 * rows[way, level]['accuracy']:.1f}" for level in levels)]
        for way, title in NOISY_READINGS.items()])


def clocks() -> str:
    """Every head on the same clocks, the best median first, beside the best mean that a report printed; and the reader."""
    entries = manifest()
    heads = {kind: entries[f"clocks/{kind}"]["metrics"] for kind in HEADS if f"clocks/{kind}" in entries}
    rows = []
    turned = {kind for kind in heads if "curriculum" in entries[f"clocks/{kind}"]}
    for kind, metrics in sorted(heads.items(), key=lambda item: item[1]["test_median_minutes"]):
        printed = best_minutes(kind)
        title = HEADS[kind].title + ", upright clocks only" * (kind not in turned)
        rows.append([title, *_clock_figures(metrics, "test_"), "–" if printed is None else f"{printed:.1f}"])
    reader = entries["clocks/reader"]["metrics"]
    rows.append(["**Our reader**, course clocks", *_clock_figures(reader, "test_"), "–"])
    rows.append(["**Our reader**, clocks of all kinds", *_clock_figures(reader, "varied_"), "–"])
    return table(["asked as", "mean (min)", "median", "p95", "within 1 min (%)", "within 5 min (%)", "hour right (%)",
                  "best mean of a report"], rows)


def clock_background() -> str:
    """The reports' networks, with and without the background's help."""
    rows = [row.cells for row in on_background(stored_rows())]
    return table(list(rows[0]), [list(row.values()) for row in rows]) if rows else "Not measured yet."


def clock_turns() -> str:
    """Median error of every head by the turn of the dial."""
    rows = sorted(head_rows(), key=lambda row: row["bands"][-1]["median_minutes"])
    bands = [f"{band['from']}° to {band['to']}°" for band in rows[0]["bands"]]
    return table(["median error (min)", *bands], [
        [HEADS[row["kind"]].title, *(f"{band['median_minutes']:.1f}" for band in row["bands"])] for row in rows])


def clock_scenes() -> str:
    """How often clocks of whole images are found and read."""
    scenes = reading_figures()["scenes"]
    return table(["clocks in whole images", "number", "found (%)", "of these right to a minute (%)", "called sure (%)",
                  "sure and right (%)"], [
        [name, str(found["clocks"]), *(f"{100 * found[key]:.1f}" for key in ("found", "right", "sure", "sure_right"))]
        for name, found in scenes["groups"].items()]) + (
        "\n\nImages without a clock in which it finds one: " + "; ".join(
            f"{row['false']} of {row['images']} ({name})" for name, row in scenes["without_clocks"].items()) + ".")


def clock_notes() -> str:
    """How well second hands and mirrored dials are told."""
    notes = reading_figures()["notes"]
    seconds = table(["second hands", "clocks", "with one", "precision (%)", "recall (%)"], [
        [name, str(row["clocks"]), str(row["with"]), f"{100 * row['precision']:.1f}", f"{100 * row['recall']:.1f}"]
        for name, row in notes["second"].items() if row["with"]])
    mirrors = table(["mirrored dials", "clocks", "called mirrored in a mirror (%)", "called mirrored as they are (%)"], [
        [name if kind == "all" else f"{name}, {kind}", str(row["clocks"]), f"{100 * row['found']:.1f}",
         f"{100 * row['false_alarms']:.2f}"]
        for name, kinds in notes["mirrored"].items() for kind, row in kinds.items()])
    return f"{seconds}\n\n{mirrors}"


def _clock_figures(metrics: dict[str, float], prefix: str) -> list[str]:
    minutes = [f"{metrics[prefix + name]:.1f}" for name in ("minutes", "median_minutes", "p95_minutes")]
    return minutes + [f"{100 * metrics[prefix + name]:.1f}" for name in ("within_1", "within_5", "hour_accuracy")]


def permuted() -> str:
    """Test accuracy on original and permuted pixels."""
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in stored("permuted"):
        groups.setdefault((row["data"], row["network"]), {}).setdefault(row["pixels"], []).append(row["test_accuracy"])
    rows = [[network_name(PRESETS[network]), data, mean_spread(part["original"]), mean_spread(part["permuted"])]
            for (data, network), part in sorted(groups.items()) if len(part) == 2]
    return table(["network", "images", "original (%)", "all pixels permuted (%)"], rows)


def noise() -> str:
    """Salt-and-pepper on MNIST's test set."""
    rows = {(r["method"], r["level"]): r for r in stored("digits")["noise"]
            if r["data"] == "mnist" and r["noise"] == "salt_pepper"}
    lines = []
    for method, title in METHODS.items():
        cells = [rows[method, level] for level in (0.0, 0.2, 0.5, 0.8)]
        lines.append([title, *(f"{c['psnr']:.1f} / {c['ssim']:.2f} / {100 * c['accuracy']:.1f}" for c in cells[1:])])
    return table(["cleaned with", "20 % noise", "50 %", "80 %"], lines)


def generated_images() -> str:
    """Report card of generated digits."""
    titles = {"real": "Real test images", **GENERATION_METHODS}
    rows = []
    for row in stored("digits")["inventions"]:
        agrees = "–" if row["agrees"] is None else f"{100 * row['agrees']:.1f}"
        taught = "–" if row.get("taught") is None else f"{100 * row['taught']:.1f}"
        rows.append([titles[row["way"]], f"{100 * row['recognised']:.1f}", agrees, f"{row['diversity']:.2f}",
                     f"{row['frechet']:.3f}", taught])
    return table(["way", "recognised (%)", "as asked (%)", "diversity", "Fréchet distance", "teaches (%)"], rows)


def cats() -> str:
    """Report card of the shipped cat networks; mean and spread over sets of random latent codes."""
    titles = {"training images": "Real faces, from training", "f2_vae": "VAE of the report (F2)",
              "f2_vae fitted": "VAE of the report, fitted latent codes",
              "f2_vae redrawn": "VAE of the report, redrawing unseen faces",
              "gan_better": "Better GAN", "vae_better": "Better VAE",
              "vae_better fitted": "Better VAE, fitted latent codes",
              "vae_better redrawn": "Better VAE, redrawing unseen faces",
              "vae_plain": "Light VAE", "vae_plain fitted": "Light VAE, fitted latent codes",
              "vae_plain redrawn": "Light VAE, redrawing unseen faces"}
    cards = stored("cats")["cards"]
    rows = []
    for name, title in titles.items():
        card = cards[name]
        frechet = statistics.fmean(card["frechet"])
        spread = f" ± {statistics.stdev(card['frechet']):.0f}" if len(card["frechet"]) > 1 else ""
        rows.append([title, f"{frechet:.0f}{spread}",
                     *(f"{statistics.fmean(card[key]):.2f}" for key in ("precision", "recall", "sharpness"))])
    return table(["images", "Fréchet distance", "precision", "recall", "sharpness (real = 1)"], rows) + cat_trainings()


def cat_trainings() -> str:
    """How long the cat networks trained, and the figures of the one that was trained with several seeds."""
    part = stored("cats")
    parts = [f"{GENERATIVE_PRESETS[name].title}: {len(rows)} epochs, {rows[-1]['seconds'] / 60:.0f} minutes"
             for name, rows in part["history"].items() if name in GENERATIVE_PRESETS]
    lines = [f"Wall-clock time of the trainings: {'; '.join(parts)}."]
    for name, trainings in part.get("trainings", {}).items():
        cards = [row["cards"]["fitted"] for row in trainings if "fitted" in row["cards"]]
        if len(cards) > 1:
            spans = [statistics.fmean(card["frechet"]) for card in cards]
            sharp = [statistics.fmean(card["sharpness"]) for card in cards]
            lines.append(f"{GENERATIVE_PRESETS[name].title} with {len(cards)} seeds, fitted latent codes: Fréchet distance "
                         f"{statistics.fmean(spans):.0f} ± {statistics.stdev(spans):.0f}, sharpness "
                         f"{statistics.fmean(sharp):.2f} ± {statistics.stdev(sharp):.2f}.")
    return "\n\n" + " ".join(lines)


def speed() -> str:
    """Training with the page open against bare Keras, as `make bench` measured it last."""
    part = stored("bench")["training"]
    rows = [[network_name(PRESETS[name]), str(row["batch"]), f"{row['images_per_second']:,}", f"{row['ratio']:.2f}x"]
            for name, row in part["figures"].items()]
    return table(["training in the app with its page open, against `keras.Model.fit` with its defaults", "batch",
                  "ours (images/s)", "ratio"], rows) + f"\n\nMeasured {part['date']} on {part['device']}."


def latency() -> str:
    """From an event to what it changes on the page."""
    part = stored("bench")["latency"]
    rows = [[name, str(row["median_ms"]), str(row["p95_ms"])] for name, row in part["figures"].items()]
    head = ["from an event to the answers on screen", "median (ms)", "p95 (ms)"]
    return table(head, rows) + f"\n\nMeasured {part['date']} on {part['device']}."


def other_speeds() -> str:
    """The rest of the benchmark in sentences."""
    bench = stored("bench")
    sweep, cats, paint, clock = (bench[name]["figures"] for name in ("sweep", "cats", "paint", "clock"))
    lines = [f"The whole A6 sweep (15 networks, 40 epochs, full MNIST) against 15 plain `fit` calls, extrapolated from one "
             f"network: {row['ours_minutes']:.0f} minutes against {row['keras_minutes']:.0f} at a batch size of {batch} "
             f"({row['ratio']:.2f}x)." for batch, row in sweep.items()]
    lines += [f"One step of the cat networks against a plain TensorFlow loop: {cats['lowest_ratio']:.2f}x to "
              f"{cats['highest_ratio']:.2f}x.",
              f"First paint of the home page on a cold server: {paint['home page']:.2f} s, an empty Streamlit app "
              f"{paint['empty app']:.2f} s.",
              *_paint_and_recording(bench),
              f"Course clocks of 150x150 pixels: {clock['ours']:,} a second, {clock['pillow']:,} with a plain Pillow "
              f"drawing of the same clock ({clock['ours'] / clock['pillow']:.1f}x)."]
    return "\n".join(f"* {line}" for line in lines)


def _paint_and_recording(bench: Any) -> list[str]:
    pages, kept = bench["paint_pages"]["figures"].values(), bench["recording"]["figures"].values()
    cold, warm = sorted(page["cold"] for page in pages), sorted(page["warm"] for page in pages)
    costs = sorted(row["cpu_percent"] for row in kept)
    return [f"First content of every page: {cold[0]:.1f} s to {cold[-1]:.1f} s on a cold server, {warm[0]:.1f} s to "
            f"{warm[-1]:.1f} s in a new tab.",
            f"Recording the inside of a classifier after every epoch: {costs[0]:.1f} % to {costs[-1]:.1f} % of a training's "
            f"CPU time ({len(costs)} networks); the app records fewer epochs where it is more than {100 * SHARE:.0f} %."]


def load() -> str:
    """Many visitors while a network trains, and the last long use."""
    return "\n".join(f"* {line}" for line in [*_visitors_lines(stored("load")), *_use_lines(stored("soak"))])


def _visitors_lines(figures: Any) -> list[str]:
    lines = []
    for reading, pages in figures["page_seconds"].items() if figures else ():
        how = f"stay some {float(reading):g} s on each page" if float(reading) else "open one page after the other at once"
        lines.append(f"{figures['sessions']} visitors who {how} while a network trains wait {pages['all']['median']:.1f} s "
                     f"for a page (median; p95 {pages['all']['p95']:.1f} s).")
    if figures:
        costs = ", ".join(f"{count}: {100 * cost['median']:.0f} %" for count, cost in figures["viewers_cost"].items())
        lines.append(f"What viewers take from a run's speed, by their number: {costs} (medians of {figures['rounds']} pairs "
                     f"of windows). Measured {figures['date']} on {figures['device']}.")
    return lines


def _use_lines(figures: Any) -> list[str]:
    if not figures:
        return []
    first, last = (next(s for s in figures["samples"] if s["minute"] >= at * figures["minutes"]) for at in (1 / 6, 1))
    return [f"{figures['minutes']:g} minutes of use by {figures['visitors']} visitors at a time ({figures['visits']:,} "
            f"visits, each with a run trained and watched): from minute {first['minute']:.0f} to the end "
            f"{first['memory_mb']:.0f} to {last['memory_mb']:.0f} MB, {first['threads']} to {last['threads']} threads, "
            f"{first['files']} to {last['files']} open files. Measured {figures['date']}."]


TABLES: dict[str, Callable[[], str]] = {
    "counts": counts, "figures": figures, "clock_background": clock_background, "reader": reader, "clocks": clocks,
    "clock_turns": clock_turns, "clock_scenes": clock_scenes, "clock_notes": clock_notes, "permuted": permuted,
    "hands": hands, "noise": noise, "noisy_readings": noisy_readings, "inventions": generated_images, "cats": cats,
    "speed": speed, "latency": latency, "other_speeds": other_speeds, "load": load,
}


def filled(text: str) -> str:
    """`text` with every table between its marks."""
    def block(match: re.Match[str]) -> str:
        return f"<!-- measured: {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- measured: (\w+) -->\n.*?<!-- end -->", block, text, flags=re.S)


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    path = ROOT / "README.md"
    before = path.read_text()
    after = filled(before)
    if options.check:
        return int(before != after)
    path.write_text(after)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
