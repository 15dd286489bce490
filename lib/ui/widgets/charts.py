"""Charts on a page: as they are drawn, or enlarged for a projector."""

from __future__ import annotations

from typing import Any

from lib.ui.screen import is_projected


def show_chart(place: Any, chart: Any, **options: Any) -> Any:
    """`place.altair_chart(chart, **options)`, enlarged where this tab is on a projector."""
    from lib.charts.theme import enlarged_chart

    return place.altair_chart(_AsItIs(enlarged_chart(chart) if is_projected() else chart), **options)


class _AsItIs:
    """A chart that is not checked against Vega-Lite's schema once more: the tests do, and it takes longer than to draw."""

    def __init__(self, chart: Any) -> None:
        self._chart = chart

    def to_dict(self) -> dict[str, Any]:
        """The specification, as Streamlit asks for it."""
        return self._chart.to_dict(validate=False)


def show_spec(place: Any, rows: Any, spec: dict[str, Any], **options: Any) -> Any:
    """`place.vega_lite_chart(rows, spec, **options)`, enlarged likewise."""
    from lib.charts.theme import enlarged

    return place.vega_lite_chart(rows, enlarged(spec) if is_projected() else spec, **options)
