"""Second hands and mirrored dials: the arithmetic of strips, and what the shipped network says of plain clocks."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib.clockface import ClockTime, Hand, Pose, Style, render
from lib.clockface.pose import frame_of
from lib.clockface.scenes import draw_scene
from lib.measures.clock_figures import reading_figures
from lib.models.clock_notes import DialNotes, in_mirror, shipped_notes
from lib.models.clock_reader import shipped_reader
from lib.models.photo_clocks import shipped_photo_reader

FLIP = np.array([-1, 1, 1, -1, 1], np.float32)
POSES = [Pose(rotation=turn, axis_ratio=ratio, tilt_direction=40, scale=0.72) for turn in (0, 25, 200) for ratio in (1, 0.8)]


@pytest.fixture(scope="module")
def notes():
    return shipped_notes()


def drawn(pose, minutes, second):
    """A plain clock as float image (150, 150, 1) in 0-1, with a thin second hand or without."""
    style = Style()
    if second:
        hand = Hand(length=0.85, width=0.02, tail=0.2, tone=90)
        style = replace(style, hands=replace(style.hands, second=hand, second_angle=float(minutes * 7 % 360)))
    return render(ClockTime.from_minutes(minutes), pose, style, 150)[..., None].astype(np.float32) / 255


def asked(notes, flipped=False, second=False):
    """Probabilities (second hand, mirrored) of plain clocks in many positions and times."""
    images = np.stack([drawn(pose, 47 * number + 13, second) for number, pose in enumerate(POSES)])
    frames = np.stack([frame_of(pose)[0] for pose in POSES]).astype(np.float32)
    said = notes(images[:, :, ::-1], frames * FLIP) if flipped else notes(images, frames)
    return [np.asarray(part) for part in said]


def test_a_strip_in_a_mirror_is_the_strip_of_the_mirrored_image():
    notes, pose = DialNotes(), POSES[3]
    image, frame = drawn(pose, 100, second=True)[None], frame_of(pose)[0][None].astype(np.float32)
    mirrored = np.asarray(in_mirror(notes.strips(image, frame)))
    assert np.abs(mirrored - np.asarray(notes.strips(image[:, :, ::-1], frame * FLIP))).max() < 1e-3


def test_the_network_begins_with_the_features_of_the_reader():
    notes, reader = DialNotes(), shipped_reader()
    notes.begin_with(reader)
    theirs, ours = reader.interpreter.get_weights(), notes.network.get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(theirs[:-2], ours, strict=False))


def test_second_hands_are_seen_where_they_are(notes):
    threshold = reading_figures()["notes"]["second_from"]
    with_one, without = asked(notes, second=True)[0], asked(notes)[0]
    assert (with_one >= threshold).mean() >= 0.8 and (without >= threshold).mean() <= 0.2


def test_mirrored_numerals_are_told_and_others_are_not_suspected(notes):
    threshold = reading_figures()["notes"]["mirrored_from"]
    assert (asked(notes, flipped=True)[1] >= threshold).mean() >= 0.6
    assert not (asked(notes)[1] >= threshold).any()


def test_of_a_dial_without_numerals_nothing_is_said(notes):
    style, threshold = Style(), reading_figures()["notes"]["mirrored_from"]
    style = replace(style, face=replace(style.face, numerals="none"))
    pose = Pose(scale=0.72)
    images = np.stack([render(ClockTime.from_minutes(minutes), pose, style, 150) for minutes in range(5, 720, 90)])
    frames = np.repeat(frame_of(pose)[0][None].astype(np.float32), len(images), axis=0)
    for shown, places in ((images, frames), (images[:, :, ::-1], frames * FLIP)):
        mirrored = np.asarray(notes(shown[..., None].astype(np.float32) / 255, places)[1])
        assert not (mirrored >= threshold).any()


def test_clocks_of_a_photograph_are_noted():
    photos = shipped_photo_reader(shipped_reader())
    image, _ = draw_scene(np.random.default_rng([2, 5]), 480, [0.45], things=0, aspect=0.75)
    (clock,) = photos.clocks(Image.fromarray(image))[:1]
    assert 0 <= clock.notes.second <= 1 and 0 <= clock.notes.mirrored <= 1
    assert clock.notes.scores.shape == (720,) and np.exp(clock.notes.scores).sum() == pytest.approx(1, abs=1e-3)
