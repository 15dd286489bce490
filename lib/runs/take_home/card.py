"""The model card of a run: what it learned from, how, and how well, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lib.base.markdown import as_text
from lib.base.percent import percent_text
from lib.datasets.dataset import DatasetInfo
from lib.spec.runs import EpochLog, RunRecord
from lib.spec.summary import multiply_add_count, parameter_count, summarise
from lib.spec.variations import with_classes
from lib.spec.words import spec_facts


def model_card(record: RunRecord, epochs: Sequence[EpochLog], info: DatasetInfo, link: str) -> str:
    """The card of a finished classifier. Figures are those of the run; `link` sets the Train page up like it."""
    sections = [f"# {as_text(record.name)}", _intro(record, link), "## Data", _data(record, info), "## Network",
                _network(record, info), "## Training", _training(record, epochs), "## Figures", _figures(record),
                "## Limits", _limits(info)]
    return "\n\n".join(sections) + "\n"


def _intro(record: RunRecord, link: str) -> str:
    as_it_began = " as it was before it was changed" if record.spec.changes else ""
    day = datetime.fromtimestamp(record.ended or record.created).strftime("%Y-%m-%d")
    return (f"A classifier of images, trained with Neural Lab on {day}, run `{record.id}`, seed {record.spec.seed}, on "
            f"{as_text(record.device or 'an unnamed device')}. The same set-up{as_it_began}: <{link}>")


def _data(record: RunRecord, info: DatasetInfo) -> str:
    facts, names = spec_facts(record.spec), ", ".join(map(as_text, info.class_names))
    height, width, channels = info.image_shape
    lines = [f"{as_text(info.title)}: {as_text(info.description)}", f"Images: {height} x {width} pixels, {channels} "
             f"channel{'s' * (channels > 1)}; classes: {names}",
             f"Training images: {facts['training images']}; validation: {facts['validation']}; pixels: {facts['pixels']}",
             f"Source: {as_text(info.source)}; licence: {as_text(info.licence)}"]
    return "\n".join(f"* {line}" for line in lines)


def _network(record: RunRecord, info: DatasetInfo) -> str:
    rows = summarise(with_classes(record.spec.architecture, info.classes), info.image_shape)
    table = ["| layer | output | parameters | multiply-adds |", "| --- | --- | --- | --- |"]
    for row in rows:
        shape = " x ".join(map(str, row.output_shape))
        table.append(f"| {row.description} | {shape} | {row.parameters:,} | {row.multiply_adds:,} |")
    return "\n".join([*table, f"| **All** | | {parameter_count(rows):,} | {multiply_add_count(rows):,} |"])


def _training(record: RunRecord, epochs: Sequence[EpochLog]) -> str:
    facts = spec_facts(record.spec)
    chosen = ("optimiser", "learning rate", "batch", "epochs", "patience", "monitor", "initialiser", "dropout", "L1", "L2",
              "precision", "changed")
    lines = [f"{name}: {facts[name]}" for name in chosen if name in facts]
    if epochs:
        lines.append(f"trained {len(epochs)} epochs in {epochs[-1].seconds:.0f} seconds. {as_text(record.message)}".strip())
    return "\n".join(f"* {line}" for line in lines)


def _figures(record: RunRecord) -> str:
    lines = []
    for name, value in record.metrics.items():
        shown = percent_text(value, 2) if name.endswith("accuracy") else f"{value:,.6g}"
        lines.append(f"| {name.replace('_', ' ')} | {shown} |")
    return "\n".join(["| figure | value |", "| --- | --- |", *lines])


def _limits(info: DatasetInfo) -> str:
    return (f"It was judged on the test images of {as_text(info.title)} alone, with one seed. It gives one of "
            f"{info.classes} classes for any image, also for one that shows none of them.")
