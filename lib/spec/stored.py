"""Specs as they are stored: plain values with the version of their form, and the steps that make an older form today's.

What a run or an experiment means never changes with its form: a migration renames, adds or leaves out, and does not train
anything differently. Values without a version are of the first form.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.base.errors import SpecError
from lib.spec.settings import settings_type

#: Takes the values of one form to those of the next.
Migration = Callable[[dict[str, Any]], dict[str, Any]]


def with_version(values: Mapping[str, Any], migrations: Sequence[Migration]) -> dict[str, Any]:
    """`values` of today's form, as they are stored."""
    return {"version": 1 + len(migrations), **values}


def upgraded(values: object, migrations: Sequence[Migration], what: str) -> object:
    """Stored `values` in today's form and without their version; `migrations[0]` goes from form 1 to form 2, and so on.

    Raises SpecError for values of a later form. What is no object is handed back, for the reader to refuse.
    """
    if not isinstance(values, Mapping):
        return values
    plain = dict(values)
    try:
        version = operator.index(plain.pop("version", 1))
    except TypeError:
        version = 0
    if not 1 <= version <= 1 + len(migrations):
        raise SpecError(f"{what} was stored by another version of Neural Lab.", expected=f"form 1 to {1 + len(migrations)}",
                        received=repr(values["version"])[:40], remedy="Update Neural Lab.")
    for migrate in migrations[version - 1 :]:
        plain = migrate(plain)
    return plain


def _without_unknown_settings(values: dict[str, Any]) -> dict[str, Any]:
    """Settings that the task never read were stored all the same; today they are refused."""
    kind, pairs = settings_type(str(values.get("task", "classify"))), values.get("settings", ())
    if kind is None or not isinstance(pairs, list | tuple):
        return values
    known = kind.stored_names()
    kept = [pair for pair in pairs if not (isinstance(pair, list | tuple) and pair and pair[0] not in known)]
    return values | {"settings": kept} if len(kept) < len(pairs) else values


#: Forms of a run's spec.
RUN_MIGRATIONS: tuple[Migration, ...] = (_without_unknown_settings,)
