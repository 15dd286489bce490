"""What the table of the Runs page was given, and how a test ticks its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from streamlit.testing.v1 import AppTest


def table(app: AppTest) -> dict[str, Any]:
    """What the browser was sent: columns, rows, words, page."""
    (found,) = [c.proto for c in app.get("bidi_component") if c.proto.component_name == "run_table"]
    return json.loads(found.json)


def has_table(app: AppTest) -> bool:
    """Whether there is a table at all."""
    return any(c.proto.component_name == "run_table" for c in app.get("bidi_component"))


def shown(app: AppTest) -> list[str]:
    """The names of the rows of the open page."""
    return [row["name"] for row in table(app)["rows"]]


def column(app: AppTest, key: str) -> list[str]:
    """The cells of a column."""
    return [row["cells"][key] for row in table(app)["rows"]]


def tick(app: AppTest, ids: Sequence[str]) -> AppTest:
    """The page after the browser has ticked exactly these."""
    before = app.session_state["runs_table_chosen"][1] if "runs_table_chosen" in app.session_state else 0
    app.session_state["runs_table"] = {"chosen": {"ids": list(ids), "seq": before + 1}}
    return app.run()


def tick_first(app: AppTest, count: int) -> AppTest:
    """The page with the first `count` rows ticked."""
    return tick(app, [row["id"] for row in table(app)["rows"][:count]])


def link(app: AppTest) -> dict[str, str]:
    """The parameters of the page's address."""
    return {name: value[0] if isinstance(value, list) else str(value) for name, value in app.query_params.items()}
