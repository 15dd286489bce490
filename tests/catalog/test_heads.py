"""Heads: what goes in as a time comes out as that time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalog.clock_presets import CLOCK_PRESETS, LIGHT_BACKBONE, LIGHT_HEADS
from lib.catalog.heads import HEADS
from lib.clockface import circular_error
from lib.clockface.pose import Camera, Pose, frame_of
from lib.measures.clock_figures import CHANCE_MINUTES, clock_report
from lib.spec.specs import DataSpec, HeadSpec, RunSpec, run_from_dict, to_dict
from lib.spec.summary import multiply_add_count, summarise

MINUTES = np.arange(720)


def perfect_outputs(head, minutes):
    """What a network without error puts out."""
    parts = []
    for target, size, loss in zip(head.encode(minutes), head.outputs, head.losses, strict=True):
        parts.append(np.eye(size)[target] if loss == "cross_entropy" else target)
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("kind", HEADS)
def test_every_minute_survives_encoding(kind):
    head = HEADS[kind]
    decoded = head.decode(perfect_outputs(head, MINUTES))
    allowed = 360 / head.classes if head.classes else 0.01
    if kind == "hours_59":  # report 001's label for x:59 is that of the next full hour
        allowed = 1.0
    assert circular_error(MINUTES, decoded).max() <= allowed
    assert decoded.shape == (720,)
    assert ((decoded >= 0) & (decoded < 720)).all()


@pytest.mark.parametrize("kind", HEADS)
def test_any_output_decodes_to_a_time(kind):
    head = HEADS[kind]
    outputs = np.random.default_rng(0).normal(0, 50, (500, sum(head.outputs))).astype(np.float32)
    decoded = head.decode(outputs)
    assert ((decoded >= 0) & (decoded < 720)).all()


def test_720_classes_are_exact_and_24_are_not():
    assert circular_error(MINUTES, HEADS["classes_720"].decode(perfect_outputs(HEADS["classes_720"], MINUTES))).max() == 0
    errors = circular_error(MINUTES, HEADS["classes_24"].decode(perfect_outputs(HEADS["classes_24"], MINUTES)))
    assert errors.mean() == pytest.approx(7.5)


def test_the_report_knows_chance_swaps_and_wraps():
    rng = np.random.default_rng(0)
    report = clock_report(rng.integers(0, 720, 20000), rng.uniform(0, 720, 20000))
    assert report["minutes"] == pytest.approx(CHANCE_MINUTES, rel=0.02)
    assert clock_report(np.array([5.0]), np.array([715.0]))["wraps"] == 1.0
    # 3:00 with its hands exchanged looks like 12:15.
    assert clock_report(np.array([180.0]), np.array([15.0]))["hand_swaps"] == 1.0
    perfect = clock_report(MINUTES, MINUTES)
    assert (perfect["minutes"], perfect["within_1"], perfect["hour_accuracy"]) == (0.0, 1.0, 1.0)


@given(st.sampled_from(sorted(CLOCK_PRESETS)), st.integers(0, 100))
def test_a_clock_run_survives_json(name, seed):
    preset = CLOCK_PRESETS[name]
    spec = RunSpec(preset.architecture, DataSpec("clocks_course_75"), preset.train, seed, "clock", preset.head)
    assert run_from_dict(to_dict(spec)) == spec


def test_specs_without_a_head_keep_their_form():
    assert "head" not in to_dict(RunSpec(LIGHT_BACKBONE))
    assert RunSpec(LIGHT_BACKBONE).digest != RunSpec(LIGHT_BACKBONE, head=HeadSpec("sincos_time")).digest


def test_clock_presets_cover_every_row_and_every_head_family():
    assert {preset.system for preset in CLOCK_PRESETS.values()} - {""} == {f"D{i}" for i in range(1, 12)}
    assert {preset.head.kind for preset in CLOCK_PRESETS.values() if not preset.system} == set(LIGHT_HEADS)
    assert multiply_add_count(summarise(LIGHT_BACKBONE, (150, 150, 1))) < 25e6


@given(st.floats(0, 360), st.floats(0.6, 1), st.floats(-180, 180), st.floats(0.4, 1), st.floats(-0.2, 0.2),
       st.floats(0, 359))
def test_the_frame_gives_exact_hand_directions(rotation, ratio, direction, scale, offset, angle):
    pose = Pose(rotation, ratio, direction, scale, offset, -offset)
    (x, y, a, b, d), twelve = frame_of(pose)
    turn = np.radians(twelve + angle)
    unit = np.array([np.sin(turn), -np.cos(turn)])
    along = np.array([[a, b], [b, d]]) @ unit
    on_dial = np.radians(rotation + angle)
    tip = np.array(Camera(pose, 2).project_point(0.7 * np.sin(on_dial), -0.7 * np.cos(on_dial))) - 1.0 - (x, y)
    cross = along[0] * tip[1] - along[1] * tip[0]
    assert abs(cross) < 1e-4
    assert along @ tip > 0
