"""Which runs a list shows."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lib.measures.run_filter import RunFilter
from lib.spec.runs import RunRecord, RunState
from tests.many_runs import clock_record, made_accuracy, made_spec

RUNS = [RunRecord(f"id{n}", f"Run {n}", made_spec(n), RunState.STOPPED if n % 4 == 3 else RunState.FINISHED, float(n),
                  metrics={"test_accuracy": made_accuracy(n)}, starred=n % 5 == 0, note="Überanpassung" if n == 7 else "")
        for n in range(24)] + [clock_record(0)]


def kept(**conditions):
    return [run.id for run in RUNS if RunFilter(**conditions).keeps(run, "MNIST")]


def test_no_condition_keeps_every_run():
    assert kept() == [run.id for run in RUNS] and RunFilter(text="  ").keeps(RUNS[0]) and RunFilter().conditions == 0


def test_each_condition_by_itself():
    assert kept(starred=True) == ["id0", "id5", "id10", "id15", "id20"]
    assert kept(states=("stopped",)) == [f"id{n}" for n in range(3, 24, 4)]
    assert kept(tasks=("clock",)) == ["clock000"] == kept(datasets=("clocks",))
    convolutional = [run.id for run in RUNS if run.spec.architecture.layers[0].kind == "conv"]
    assert kept(families=("CNN",)) == convolutional != []
    assert kept(families=("CNN", "MLP")) == kept()


def test_words_are_looked_for_everywhere_and_all_must_occur():
    assert kept(text="übeRANpass") == ["id7"] and kept(text="clock network") == ["clock000"]
    assert kept(text="mnist") == kept() and kept(text="mnist nowhere") == []
    assert kept(text='"run 1"') == ["id1", *(f"id{n}" for n in range(10, 20))], "a phrase"
    assert kept(text='"') == [] and kept(text='""') == [], "half a phrase is a word"


def test_a_figure_must_be_there_and_within_its_limits():
    assert kept(metric="test_minutes") == ["clock000"]
    assert "clock000" not in kept(metric="test_accuracy") and kept(metric="no such figure") == kept()
    assert kept(metric="test_accuracy", least=0.5, most=0.4) == []
    value = made_accuracy(3)
    assert "id3" in kept(metric="test_accuracy", least=value, most=value), "limits are included"
    broken = replace(RUNS[0], metrics={"test_accuracy": float("nan")})
    assert not RunFilter(metric="test_accuracy").keeps(broken)


@given(st.floats(0, 1), st.floats(0, 1), st.booleans(), st.sampled_from(["", "run", "2", "cnn"]))
def test_conditions_together_keep_what_each_keeps(least, most, starred, text):
    together = kept(metric="test_accuracy", least=least, most=most, starred=starred, text=text)
    apart = [kept(metric="test_accuracy", least=least), kept(metric="test_accuracy", most=most), kept(text=text),
             *([kept(starred=True)] if starred else [])]
    assert set(together) == set.intersection(*map(set, apart))
