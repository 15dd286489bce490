"""Charts on a projector: all of them grow, and nothing else changes."""

import json

from tests.fakes import PATIENCE, fake_train, tiny_run_spec


def charts(app):
    return [json.loads(chart.proto.spec) for chart in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")]


def test_charts_of_a_run_are_larger_on_a_projector(open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec())
    runner.wait(run_id, PATIENCE)
    usual, large = charts(open_page("train", run=run_id)), charts(open_page("train", run=run_id, projector="1"))
    assert len(usual) == len(large) >= 2
    for before, after in zip(usual, large, strict=True):
        assert after["config"]["axis"]["labelFontSize"] > 15
        assert "labelFontSize" not in before["config"]["axis"]
        drawn, enlarged = ([layer["encoding"].keys() for layer in spec["layer"]] for spec in (before, after))
        assert drawn == enlarged
