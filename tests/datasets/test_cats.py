"""Images that a user brings: nothing leaves the zip, nothing broken stops the rest."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from lib.base.errors import DataError
from lib.base.folders import home_folder
from lib.datasets import DATASETS, available, image_files, load, register_images
from lib.datasets.cats import SIDE
from lib.datasets.image_files import image_from_upload, read_images
from lib.images import decoding
from lib.spec.specs import DataSpec
from tests.datasets.files import npz_bytes, overwrite


def image(seed=0, size=(40, 30), kind="PNG", mode="RGB"):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind)
    return file.getvalue()


def packed(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def many(count=30):
    return {f"cats/{number}.png": image(number) for number in range(count)}


def test_images_of_any_size_and_mode_become_squares():
    sizes = {"a.jpg": image(1, (100, 300), "JPEG"), "b.png": image(2, (64, 64), "PNG", "L"),
             "c.png": image(3, (17, 900), "PNG", "RGBA"), "readme.txt": b"no image"}
    found = read_images(packed(sizes), SIDE)
    assert found.images.shape == (3, SIDE, SIDE, 3) and found.images.dtype == np.uint8
    assert found.skipped == {} and found.note == ""


def test_the_middle_of_a_wide_image_is_taken():
    pixels = np.zeros((64, 192, 3), np.uint8)
    pixels[:, 64:128] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    assert read_images(packed({"a.png": file.getvalue()}), 64).images.min() == 255


def test_members_cannot_leave_the_zip(written, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"../../outside.png": image(1), "/etc/absolute.png": image(2), "..\\windows.png": image(3)}
    content = packed(names)
    written.clear()
    assert len(read_images(content, SIDE).images) == 3
    assert written == [] and list(tmp_path.iterdir()) == []


def test_what_cannot_be_used_is_counted_with_its_reason(monkeypatch):
    monkeypatch.setattr(image_files, "MAX_BYTES", 20_000)
    monkeypatch.setattr(decoding, "MAX_PIXELS", 5_000)
    good = image(1)
    members = {"a.png": good, "b.png": good, "c.jpg": b"\xff\xd8 no image at all", "d.png": good[: len(good) // 2],
               "e.png": image(2, (8, 8)), "f.png": image(3, (100, 60)), "g.png": bytes(30_000),
               "__MACOSX/a.png": good, ".hidden.png": good, "folder/": b""}
    found = read_images(packed(members), SIDE)
    assert len(found.images) == 1
    assert found.skipped == {"exact repeats": 1, "broken": 2, "too small": 1, "too large": 2}
    assert found.note == "Left out: 2 broken, 1 exact repeats, 2 too large, 1 too small."


def test_a_member_with_a_wrong_checksum_is_broken():
    content = packed(many(3))
    start = content.find(b"IDAT") + 50
    damaged = content[:start] + bytes(40) + content[start + 40 :]
    found = read_images(damaged, SIDE)
    assert len(found.images) == 2 and found.skipped == {"broken": 1}


def test_a_header_that_lies_about_its_size_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(image_files, "MAX_BYTES", 1000)
    content = bytearray(packed({"a.png": bytes(2_000_000), "b.png": image(1, (17, 17))}))
    real = (2_000_000).to_bytes(4, "little")
    while (place := content.find(real)) >= 0:
        content[place : place + 4] = (500).to_bytes(4, "little")
    found = read_images(bytes(content), SIDE)
    assert len(found.images) == 1 and sum(found.skipped.values()) == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", packed({}), packed({"a.txt": b"x"})])
def test_files_without_images_are_a_message(content):
    with pytest.raises(DataError) as caught:
        read_images(content, SIDE)
    assert caught.value.expected and caught.value.remedy


def test_an_upload_that_is_no_image_is_a_message():
    assert image_from_upload(image(1, (90, 70), "JPEG"), 32).shape == (32, 32, 3)
    with pytest.raises(DataError, match="cannot be used"):
        image_from_upload(b"GIF89a nothing", 32)


@pytest.mark.parametrize("form", ["zip", "folder", "kept"])
def test_cats_load_from_a_zip_a_folder_or_what_the_page_kept(form, data_home):
    assert not available("cats")
    place = data_home / "cats"
    if form == "kept":
        kept = read_images(packed(many()), SIDE).images
        (home_folder() / "datasets" / "pictures").mkdir(parents=True)
        np.savez(home_folder() / "datasets" / "pictures" / "cats.npz", images=kept)
    elif form == "zip":
        place.mkdir(parents=True)
        (place / "mine.zip").write_bytes(packed(many()))
    else:
        for name, content in many().items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
    assert available("cats")
    dataset = load(DataSpec("cats", validation_size=5, split_seed=1))
    assert [len(x) for x in (dataset.x_train, dataset.x_validation, dataset.x_test)] == [22, 5, 3]
    assert dataset.info.classes == 1 and not dataset.y_train.any()
    images = np.concatenate([dataset.x_train, dataset.x_validation, dataset.x_test])
    assert len({image.tobytes() for image in images}) == 30
    other = load(DataSpec("cats", validation_size=5, split_seed=2))
    np.testing.assert_array_equal(dataset.x_test, other.x_test)
    assert not np.array_equal(dataset.x_validation, other.x_validation)


@pytest.mark.parametrize("form", ["zip", "folder", "kept"])
def test_cats_that_were_replaced_are_read_again(form, data_home):
    others = {name: image(number + 100) for number, name in enumerate(many())}
    kept, kept_others = (npz_bytes(images=read_images(packed(members), SIDE).images) for members in (many(), others))
    path, content, other = {
        "zip": (data_home / "cats" / "mine.zip", packed(many()), packed(others)),
        "folder": (data_home / "cats" / "7.png", image(7), image(107)),
        "kept": (home_folder() / "datasets" / "pictures" / "cats.npz", kept, kept_others),
    }[form]
    path.parent.mkdir(parents=True)
    if form == "folder":
        for number in range(30):
            (path.parent / f"{number}.png").write_bytes(image(number))
    path.write_bytes(content)
    first = load(DataSpec("cats"))
    assert load(DataSpec("cats")).x_train is first.x_train
    overwrite(path, other)
    second = load(DataSpec("cats"))
    assert second.fingerprint != first.fingerprint and len(second.x_train) == len(first.x_train)


def test_without_cats_it_says_where_to_get_them(data_home):
    with pytest.raises(DataError) as caught:
        load(DataSpec("cats"))
    assert "kaggle" in caught.value.remedy and str(data_home) in caught.value.remedy


def test_too_few_images_are_a_message():
    with pytest.raises(DataError, match="too few"):
        register_images(packed(many(5)), "mine")


def test_own_images_are_a_set_of_their_own(tmp_path):
    added, note = register_images(packed(many() | {"again.png": many()["cats/0.png"]}), "mine", tmp_path)
    assert (added.title, added.kind, added.train_images, added.test_images) == ("mine", "images", 27, 3)
    assert note == "Left out: 1 exact repeats." and not available("cats")
    dataset = load(DataSpec(added.name, validation_size=5), home=tmp_path)
    assert [len(x) for x in (dataset.x_train, dataset.x_validation, dataset.x_test)] == [22, 5, 3]
    assert not dataset.y_train.any() and dataset.info == added


def test_another_zip_does_not_replace_the_images_unless_it_is_asked_to(tmp_path):
    first, _ = register_images(packed(many()), "mine", tmp_path)
    other = packed({f"{n}.png": image(n + 100) for n in range(21)})
    with pytest.raises(DataError, match="another data set called 'mine'"):
        register_images(other, "mine", tmp_path)
    assert len(load(DataSpec(first.name), home=tmp_path).x_test) == 3
    second, _ = register_images(other, "mine", tmp_path, replace=True)
    assert load(DataSpec(second.name), home=tmp_path).info.train_images == 19
    with pytest.raises(DataError, match="were replaced"):
        load(DataSpec(first.name), home=tmp_path)


def test_pages_that_tell_classes_apart_do_not_offer_cats():
    from lib.ui.train.controls import dataset_infos

    assert "cats" in DATASETS and "cats" not in dataset_infos()


@pytest.mark.real_data
def test_the_real_cats_are_9303_distinct_faces(real_data):
    if not available("cats"):
        pytest.skip("no cat faces")
    dataset = load(DataSpec("cats"))
    assert len(dataset.x_train) + len(dataset.x_validation) == DATASETS["cats"].train_images
    assert len(dataset.x_test) == DATASETS["cats"].test_images
