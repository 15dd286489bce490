"""A network as a short text, for links and lists: "1~c32~m2~f~d64~tMy%20net".

The first part is the version. Each further part is a layer: a letter with its main number, then what is not as usual,
joined by underscores ("c32_k5_atanh_w0.001"). "h" is the output layer where it is not plain softmax, "t" the title.
The text has no character that a link would have to change, apart from the title's percent signs.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from lib.base.errors import SpecError
from lib.spec.specs import LAYER_KINDS, LayerSpec
from lib.spec.stack import MOST_LAYERS, PLAIN_HEAD, Stack

VERSION = "1"
LONGEST = 6000
_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,30})?(e-?[0-9]{1,3})?")
_WORDS = ("activation", "initializer", "padding", "method")
_FRACTIONS = ("rate", "stddev", "l1", "l2", "slope")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of layer is written: `main` is the field behind its letter, `fixed` what the letter itself says."""

    kind: str
    main: str = ""
    options: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()


_WEIGHTED = ("activation", "slope", "initializer", "l1", "l2")
#: Letter -> form.
_FORMS = {
    "d": _Form("dense", "units", _WEIGHTED),
    "c": _Form("conv", "filters", ("kernel_size", "strides", "padding", *_WEIGHTED)),
    "m": _Form("pool", "size", ("strides", "padding"), (("method", "max"),)),
    "a": _Form("pool", "size", ("strides", "padding"), (("method", "average"),)),
    "g": _Form("global_pool", "", (), (("method", "average"),)),
    "q": _Form("global_pool", "", (), (("method", "max"),)),
    "f": _Form("flatten"), "b": _Form("batch_norm"), "o": _Form("dropout", "rate"), "n": _Form("noise", "stddev"),
    "x": _Form("activation", "activation", ("slope",)),
}
_HEAD = _Form("dense", "", _WEIGHTED, (("activation", "softmax"),))
_OPTION_LETTERS = {"kernel_size": "k", "strides": "s", "padding": "p", "activation": "a", "slope": "z", "initializer": "i",
                   "l1": "l", "l2": "w"}


def network_text(stack: Stack) -> str:
    """The stack as a text that `read_network` takes back."""
    parts = [VERSION, *map(_layer_text, stack.layers)]
    if stack.head != PLAIN_HEAD:
        parts.append("h" + _options_text(stack.head, _HEAD))
    if stack.title:
        parts.append("t" + quote(stack.title, safe="").replace("~", "%7E"))
    return "~".join(parts)


def _layer_text(layer: LayerSpec) -> str:
    letter, form = next((letter, form) for letter, form in _FORMS.items() if form.kind == layer.kind
                        and all(getattr(layer, name) == value for name, value in form.fixed))
    main = _value_text(getattr(layer, form.main)) if form.main else ""
    return letter + main + _options_text(layer, form)


def _options_text(layer: LayerSpec, form: _Form) -> str:
    usual = _usual(form.kind) | dict(form.fixed)
    values = {name: getattr(layer, name) for name in form.options}
    return "".join(f"_{_OPTION_LETTERS[name]}{_value_text(value)}" for name, value in values.items() if value != usual[name])


@lru_cache
def _usual(kind: str) -> dict[str, Any]:
    return {f.name: f.default for f in fields(LAYER_KINDS[kind]) if f.default is not MISSING}


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("_", "-")
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


# --- reading ------------------------------------------------------------------------------


def is_network_text(text: str) -> bool:
    """Whether the text means to be a network and no preset's name: whether it can be read is another question."""
    return text == VERSION or "~" in text


def read_network(text: str) -> Stack:
    """The stack that `network_text` wrote; raises SpecError, and nothing else, for any other text."""
    if len(text) > LONGEST:
        raise SpecError("The network in this link is too long.", expected=f"at most {LONGEST:,} letters",
                        received=f"{len(text):,}")
    version, *parts = text.split("~")
    if version != VERSION:
        raise SpecError("The network in this link is of a version that this app does not know.", expected=VERSION,
                        received=repr(version[:20]), remedy="Update Neural Lab, or ask for the link again.")
    if len(parts) > MOST_LAYERS + 2:
        raise SpecError("The network in this link has too many layers.", expected=f"at most {MOST_LAYERS}",
                        received=f"{len(parts):,}")
    title, head, layers = "", PLAIN_HEAD, []
    for number, part in enumerate(parts, start=1):
        try:
            if part[:1] == "t":
                title = unquote(part[1:], errors="strict")
            elif part[:1] == "h":
                head = _read_part(part[1:], _HEAD, units=PLAIN_HEAD.units)
            else:
                layers.append(_read_part(part[1:], _FORMS[part[:1]]))
        except SpecError as error:
            raise SpecError(f"Layer {number} of the network in this link cannot be: {error.problem}",
                            expected=error.expected, received=error.received) from None
        except (ValueError, KeyError, TypeError):
            raise SpecError(f"Part {number} of the network in this link cannot be read.",
                            expected='layers such as "c32_k5", "m2", "f" and "d64", joined by "~"',
                            received=repr(part[:40]), remedy="Ask for the link again, or build the network anew.") from None
    return Stack(tuple(layers), head, title)


def _read_part(text: str, form: _Form, **more: Any) -> Any:
    main, *options = text.split("_")
    values: dict[str, Any] = {**dict(form.fixed), **more}
    if form.main:
        values[form.main] = _value(form.main, main)
    elif main:
        raise ValueError(main)
    names = {_OPTION_LETTERS[name]: name for name in form.options}
    for option in options:
        name = names[option[:1]]
        values[name] = _value(name, option[1:])
    return LAYER_KINDS[form.kind](**values)


def _value(name: str, text: str) -> Any:
    if name in _WORDS:
        return text.replace("-", "_")
    pattern, kind = (_NUMBER, float) if name in _FRACTIONS else (_WHOLE, int)
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return kind(text)
