"""Whatever file somebody brings: arrays or a message, never a traceback, a foreign program or a full memory."""

import io
import subprocess
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.base.errors import CheckpointError, DataError
from lib.clockface.photo import cut_out, open_photo
from lib.datasets import read_npz
from lib.datasets.image_files import image_from_upload, read_images
from lib.datasets.zips import open_zip
from lib.images import decoding
from lib.images.drawing import as_digit
from lib.images.paper import photo_as_ink
from lib.models.files import read_npz as read_run_file
from tests.hostile.crafted import BAD_NPZ, blank, crowded_zip, disguised, good_npz, image, many_passes, packed, spoiled

READERS = {"npz": lambda content: read_npz(content, "toy"), "zip": lambda content: read_images(content, 32),
           "face": lambda content: image_from_upload(content, 32), "photo": open_photo}


def is_message(error):
    return error.problem and error.remedy and "Traceback" not in str(error) and '.py"' not in str(error)


@pytest.mark.parametrize("name", BAD_NPZ)
@pytest.mark.parametrize("reader", READERS)
def test_a_bad_npz_is_a_message_wherever_it_is_brought(name, reader):
    with pytest.raises(DataError) as caught:
        READERS[reader](BAD_NPZ[name])
    assert is_message(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip_is_left_out(method):
    members = {f"{n}__png": image(seed=n) for n in range(3)}
    found = read_images(spoiled(packed(method, **members)), 32)
    assert len(found.images) == 2 and found.skipped == {"broken": 1}


@pytest.mark.parametrize("kind", disguised())
def test_formats_that_are_not_offered_are_refused_and_start_no_program(kind, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"an image started {arguments}")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    for reader in ("face", "photo"):
        with pytest.raises(DataError, match="broken"):
            READERS[reader](disguised()[kind])
    found = read_images(packed(a__png=disguised()[kind], b__png=image()), 32)
    assert len(found.images) == 1 and found.skipped == {"broken": 1}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_formats_that_are_offered_are_opened(kind):
    assert image_from_upload(image(kind), 32).shape == (32, 32, 3)
    assert open_photo(image(kind)).mode == "L"


def test_what_is_transparent_is_white_paper_and_16_bits_are_read_whole():
    def saved(drawn):
        file = io.BytesIO()
        drawn.save(file, "PNG")
        return file.getvalue()

    stroke = np.zeros((200, 200), bool)
    stroke[30:170, 92:108] = True
    clear = np.zeros((200, 200, 4), np.uint8)
    clear[stroke] = (0, 0, 0, 255)
    fine = np.where(stroke, 3000, 65535).astype(np.uint16)
    white = np.asarray(open_photo(saved(Image.fromarray(np.where(stroke, 0, 255).astype(np.uint8)))))
    np.testing.assert_array_equal(np.asarray(open_photo(saved(Image.fromarray(clear)))), white)
    assert np.abs(np.asarray(open_photo(saved(Image.fromarray(fine)))).astype(int) - white).max() <= 12
    half = clear.copy()
    half[..., 3] //= 2
    assert np.asarray(open_photo(saved(Image.fromarray(half))))[stroke].mean() == pytest.approx(128, abs=2)


@pytest.mark.parametrize("size", [(20_001, 16), (16, 20_001), (10_000, 5_001), (15, 400)])
def test_pixels_are_limited_by_area_and_by_side(size):
    for reader in ("face", "photo"):
        with pytest.raises(DataError, match=r"too (large|small)"):
            READERS[reader](blank(size))


@pytest.mark.parametrize("size", [(16, 16), (16, 19_999), (19_999, 16), (2_500, 2_500)])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "LA"])
def test_images_of_extreme_sizes_go_all_the_way(size, mode):
    photo = open_photo(blank(size, mode))
    as_digit(photo_as_ink(photo))
    for share, turn in ((0.2, 0), (1.4, 45), (1.0, -180)):
        assert cut_out(photo, 150, 0.0, 1.0, share, turn).shape == (150, 150)
    assert image_from_upload(blank(size, mode), 64).shape == (64, 64, 3)


def test_an_image_of_endless_passes_ends_with_a_message(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_SECONDS", 0.0)
    content = many_passes(500, 50)
    for reader in ("face", "photo"):
        with pytest.raises(DataError, match="too slow to decode"):
            READERS[reader](content)
    slow = {f"{n}__jpg": many_passes(100 + n, 50) for n in range(9)}
    with pytest.raises(DataError, match="take too long"):
        read_images(packed(**slow), 32)


def test_a_zip_of_countless_members_is_counted_before_it_is_read(monkeypatch):
    class Counted(zipfile.ZipInfo):
        made = 0

        def __init__(self, *arguments, **options):
            Counted.made += 1
            super().__init__(*arguments, **options)

    content = crowded_zip(500_000)
    monkeypatch.setattr(zipfile, "ZipInfo", Counted)
    for reader in ("zip", "npz"):
        with pytest.raises(DataError, match="too many members"):
            READERS[reader](content)
    assert Counted.made == 0


def test_as_many_members_as_allowed_are_read():
    with open_zip(packed(**{f"{n}": b"" for n in range(64)}), 64) as archive:
        assert len(archive.infolist()) == 64
    with pytest.raises(DataError, match="too many members"), open_zip(packed(**{f"{n}": b"" for n in range(65)}), 64):
        pass


# --- damage anywhere ----------------------------------------------------------------------


def _damage(content):
    """Strategy: `content` with some bytes changed, a piece cut out, or one doubled."""
    place = st.integers(0, len(content) - 1)

    def apply(changes, start, end, double):
        changed = bytearray(content)
        for position, value in changes:
            changed[position] = value
        start, end = sorted((start, end))
        return bytes(changed[:end] + changed[start:] if double else changed[:start] + changed[end:]) if end - start < 200 \
            else bytes(changed)

    return st.builds(apply, st.lists(st.tuples(place, st.integers(0, 255)), max_size=6), place, place, st.booleans())


_BUDGET = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SAMPLES = {"npz": good_npz(), "npz lzma": good_npz(zipfile.ZIP_LZMA),
           "zip": packed(a__png=image(), b__jpg=image("JPEG")),
           **{kind: image(kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF")}}


@pytest.mark.parametrize("sample", SAMPLES)
def test_mutations_give_arrays_or_a_message(sample):
    @_BUDGET
    @given(_damage(SAMPLES[sample]))
    def check(content):
        for read in READERS.values():
            try:
                read(content)
            except DataError as error:
                assert is_message(error)

    check()


def test_a_mutated_run_file_gives_arrays_or_a_message(tmp_path):
    whole = tmp_path / "resume.npz"
    np.savez(whole, meta=np.array("{}"), state_0=np.zeros((3, 4), np.float32))

    @_BUDGET
    @given(_damage(whole.read_bytes()))
    def check(content):
        path = tmp_path / "damaged.npz"
        path.write_bytes(content)
        try:
            read_run_file(path)
        except CheckpointError as error:
            assert is_message(error)

    check()
