"""An unusual split of the images as a short text for links: "v5000~start", "s3~o0.1~pblocks.7.2"."""

from __future__ import annotations

from dataclasses import replace

from lib.base.errors import SpecError
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import DataSpec

#: The text of the usual split where a network's source has another one.
USUAL = "usual"


def split_text(data: DataSpec, usual: DataSpec | None = None) -> str:
    """How `data` is split, "" for as `usual` is (a tenth drawn at random with seed 0 where that is None)."""
    text = _text(data)
    return "" if text == _text(usual or DataSpec()) else text or USUAL


def _text(data: DataSpec) -> str:
    order = data.permutation
    parts = [f"v{data.validation_size}" if data.validation_size is not None else "",
             f"s{data.split_seed}" if data.split_seed else "", "start" if data.validation_from == "start" else "",
             f"o{data.overlap:g}" if data.overlap else "",
             f"p{order.kind}.{order.amount}.{order.seed}" if order is not None else ""]
    return "~".join(part for part in parts if part)


def with_split(data: DataSpec, text: str) -> DataSpec:
    """`data` split as `text` says; raises SpecError for a text that says nothing of the kind."""
    data = replace(data, validation_size=None, split_seed=0, validation_from="random", overlap=0.0, permutation=None)
    for part in text.split("~") if text and text != USUAL else ():
        try:
            data = _with_part(data, part)
        except ValueError as error:
            raise SpecError("A split cannot be read.", expected="like v5000~start", received=repr(part)[:40]) from error
    return data


def _with_part(data: DataSpec, part: str) -> DataSpec:
    if part == "start":
        return replace(data, validation_from="start")
    match part[:1]:
        case "v":
            return replace(data, validation_size=int(part[1:]))
        case "s":
            return replace(data, split_seed=int(part[1:]))
        case "o":
            return replace(data, overlap=float(part[1:]))
        case "p":
            kind, amount, seed = part[1:].split(".")
            return replace(data, permutation=PermutationSpec(kind, int(amount), int(seed)))
    raise ValueError(part)
