import io
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.base.errors import DataError
from lib.datasets import available, custom, custom_owner, custom_sets, info, load, read_npz, register_npz, remove_custom
from lib.datasets.custom import custom_path
from lib.datasets.npz import read_headers
from lib.spec.specs import DataSpec
from tests.datasets.files import Exploit, images, npy_header, npz_bytes, zip_bytes
from tests.fakes import tiny_run_spec

Y = np.arange(40) % 4
X = images(40)


def test_the_usual_keys():
    x_train, y_train, x_test, y_test = read_npz(npz_bytes(x_train=X, y_train=Y, x_test=X[:8], y_test=Y[:8]), "toy")
    np.testing.assert_array_equal(x_train, X[..., None])
    np.testing.assert_array_equal(y_train, Y)
    assert x_train.dtype == x_test.dtype == np.uint8 and y_train.dtype == y_test.dtype == np.int32
    assert x_test.shape == (8, 8, 8, 1)


def test_images_and_labels_without_a_test_split(tmp_path):
    path = tmp_path / "toy.npz"
    path.write_bytes(npz_bytes(images=images(40, channels=3), labels=Y[:, None].astype(np.uint64), more=np.zeros(3)))
    x_train, y_train, x_test, y_test = read_npz(path, "toy")
    assert x_train.shape == (40, 8, 8, 3) and y_train.shape == (40,) and x_test is None and y_test is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_floats_become_bytes(dtype):
    x_train, *_ = read_npz(npz_bytes(x_train=(X / 255).astype(dtype), y_train=Y), "toy")
    np.testing.assert_array_equal(x_train, X[..., None])


def test_fortran_order_is_understood():
    x_train, *_ = read_npz(npz_bytes(x_train=np.asfortranarray(X), y_train=Y), "toy")
    np.testing.assert_array_equal(x_train[..., 0], X)


def floats(value):
    x = X / 255
    x[3, 2, 1] = value
    return x


BAD = {
    "missing key": (dict(pixels=X, y_train=Y), "lacks arrays", "pixels"),
    "half a test split": (dict(x_train=X, y_train=Y, x_test=X), "lacks arrays", "x_test"),
    "integers": (dict(x_train=X.astype(np.int64), y_train=Y), "type of number that images", "int64"),
    "text": (dict(x_train=X.astype(str), y_train=Y), "type of number that images", "U"),
    "complex": (dict(x_train=X.astype(complex), y_train=Y), "type of number that images", "complex"),
    "flat": (dict(x_train=X.reshape(40, 64), y_train=Y), "reshape(-1, 8, 8)", "(40, 64)"),
    "channels first": (dict(x_train=images(40).reshape(40, 1, 8, 8), y_train=Y), "x.transpose", "(40, 1, 8, 8)"),
    "four channels": (dict(x_train=images(40, channels=4), y_train=Y), "1 or 3 channels", "(40, 8, 8, 4)"),
    "no images": (dict(x_train=X[:0], y_train=Y[:0]), "no images", "(0, 8, 8)"),
    "tiny": (dict(x_train=X[:, :2], y_train=Y), "4 to 512 pixels", "(40, 2, 8)"),
    "huge": (dict(x_train=np.zeros((10, 600, 4), np.uint8), y_train=Y[:10]), "4 to 512 pixels", "(10, 600, 4)"),
    "counts": (dict(x_train=X, y_train=Y[:39]), "do not belong together", "40 images and 39 labels"),
    "float labels": (dict(x_train=X, y_train=Y.astype(float)), "type of number that labels", "float64"),
    "one-hot": (dict(x_train=X, y_train=np.eye(4, dtype=int)[Y]), "argmax", "(40, 4)"),
    "negative": (dict(x_train=X, y_train=Y - 1), "labels out of range", "-1 to 2"),
    "enormous": (dict(x_train=X, y_train=Y.astype(np.uint64) << 40), "labels out of range", "3298534883328"),
    "one class": (dict(x_train=X, y_train=Y * 0), "tell classes apart", "1."),
    "too many classes": (
        dict(x_train=np.zeros((1001, 4, 4), np.uint8), y_train=np.arange(1001)), "2 to 1,000 classes", "1,001",
    ),
    "too few": (dict(x_train=X[:6], y_train=Y[:6]), "at least 10", "6"),
    "not scaled": (dict(x_train=X.astype(np.float32), y_train=Y), "Divide by 255", "to 255"),
    "below zero": (dict(x_train=floats(-1.0), y_train=Y), "out of range", "-1 to"),
    "nan": (dict(x_train=floats(np.nan), y_train=Y), "not numbers", "NaN"),
    "infinite": (dict(x_train=floats(np.inf), y_train=Y), "not numbers", "infinity"),
    "bad test split": (dict(x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:4]), "do not belong together", "5 images"),
    "other test size": (dict(x_train=X, y_train=Y, x_test=X[:, :5], y_test=Y), "differ in size", "(5, 8, 1)"),
    "unknown test class": (dict(x_train=X, y_train=Y, x_test=X[:1], y_test=[9]), "no training image shows", "label 9"),
}


@pytest.mark.parametrize("case", BAD)
def test_every_mistake_is_explained(case):
    arrays, message, received = BAD[case]
    with pytest.raises(DataError) as caught:
        read_npz(npz_bytes(**arrays), "my set")
    assert "my set" in caught.value.problem and message in str(caught.value)
    assert received in str(caught.value) and caught.value.remedy


# --- hostile and damaged files ------------------------------------------------------------


def test_a_pickle_is_never_executed(tmp_path, data_home):
    marker = tmp_path / "executed"
    hostile = np.empty(40, object)
    hostile[:] = [Exploit(marker)] * 40
    content = npz_bytes(x_train=X, y_train=hostile)
    for read in (lambda: read_npz(content, "toy"), lambda: register_npz(content, "toy")):
        with pytest.raises(DataError, match="Python objects, which are never loaded"):
            read()
    assert not marker.exists() and custom_sets() == {}


def test_objects_in_fields_are_refused():
    content = npz_bytes(x_train=X, y_train=np.zeros(40, [("a", "O"), ("b", int)]))
    with pytest.raises(DataError, match="Python objects"):
        read_npz(content, "toy")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    header = npy_header((40, 512, 512))
    bomb = zip_bytes(x_train=header + bytes(40 * 512 * 512), y_train=npy_header((40,)) + bytes(40))
    assert len(bomb) < 20_000
    with pytest.raises(DataError, match="too large when unpacked") as caught:
        read_headers(bomb, "toy", max_bytes=1_000_000)
    assert caught.value.received == "10,486,056 bytes"


@pytest.mark.parametrize("shape", [(10**9, 28, 28), (-40, 28, -28), (40, 8, 9)])
def test_a_header_that_lies_is_refused(shape):
    with pytest.raises(DataError, match="does not have the size its header announces"):
        read_npz(zip_bytes(x_train=npy_header(shape) + X.tobytes(), y_train=npy_header((40,)) + bytes(40)), "toy")


def test_too_many_members():
    with pytest.raises(DataError, match="too many members"):
        read_npz(zip_bytes(**{f"a{n}": b"" for n in range(100)}), "toy")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY\x01\x00", zip_bytes(x_train=b"no npy", y_train=b"")])
def test_other_files_are_explained(content):
    with pytest.raises(DataError, match="toy") as caught:
        read_npz(content, "toy")
    assert caught.value.remedy


def test_an_encrypted_member_is_explained():
    content = bytearray(npz_bytes(x_train=X, y_train=Y))
    file = zipfile.ZipFile(io.BytesIO(content))
    for member in file.infolist():
        content[member.header_offset + 6] |= 1
    start = file.start_dir
    while content[start:start + 4] == b"PK\x01\x02":
        content[start + 8] |= 1
        start = content.find(b"PK\x01\x02", start + 4)
        if start < 0:
            break
    with pytest.raises(DataError, match="cannot be read"):
        read_npz(bytes(content), "toy")


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_npz(tmp_path / "none.npz", "toy")


GOOD = npz_bytes(x_train=X, y_train=Y)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4), st.integers(1, len(GOOD)))
def test_damage_anywhere_gives_arrays_or_a_data_error(changes, length):
    content = bytearray(GOOD)
    for position, value in changes:
        content[position] = value
    for damaged in (bytes(content), GOOD[:length]):
        try:
            x_train, y_train, *_ = read_npz(damaged, "toy")
        except DataError:
            continue
        assert x_train.dtype == np.uint8 and len(x_train) == len(y_train)


# --- keeping ------------------------------------------------------------------------------


def test_a_registered_set_is_listed_and_loaded(tmp_path):
    described = register_npz(npz_bytes(images=X, labels=Y * 2 + 1), "my-set", home=tmp_path)
    assert re.fullmatch("custom:my-set@[0-9a-f]{10}", described.name) and described.title == "my-set"
    assert described.class_names == ("1", "3", "5", "7")
    assert (described.train_images, described.test_images, described.image_shape) == (36, 4, (8, 8, 1))
    assert custom_sets(tmp_path) == {described.name: described} == {described.name: info(described.name, tmp_path)}
    assert available(described.name, tmp_path) and not available("custom:other", tmp_path)
    dataset = load(DataSpec(described.name), home=tmp_path)
    assert dataset.info == described and "4 images were set aside" in dataset.note
    assert sorted(dataset.y_test) == [0, 1, 2, 3]
    assert len(dataset.x_train) + len(dataset.x_validation) == 36


def test_every_image_keeps_its_label():
    x = np.repeat(np.arange(40, dtype=np.uint8), 64).reshape(40, 8, 8)
    d = load(DataSpec(register_npz(npz_bytes(images=x, labels=np.arange(40) % 4), "marked").name))
    seen = [*zip(d.x_train, d.y_train, strict=True), *zip(d.x_validation, d.y_validation, strict=True)]
    seen += zip(d.x_test, d.y_test, strict=True)
    assert sorted(int(image[0, 0, 0]) for image, _ in seen) == list(range(40))
    assert all(image[0, 0, 0] % 4 == label for image, label in seen)


def test_a_given_test_split_is_kept_in_order():
    added = register_npz(npz_bytes(x_train=X, y_train=Y, x_test=X[:8], y_test=Y[:8]), "toy")
    dataset = load(DataSpec(added.name))
    np.testing.assert_array_equal(dataset.x_test[..., 0], X[:8])
    assert dataset.note == ""


def test_registering_the_same_again_is_fine_and_another_is_not(tmp_path):
    first = register_npz(npz_bytes(x_train=X, y_train=Y), "toy")
    assert register_npz(npz_bytes(x_train=X, y_train=Y), "toy") == first
    with pytest.raises(DataError, match="another data set called 'toy'"):
        register_npz(npz_bytes(x_train=X[::-1], y_train=Y), "toy")
    assert list(custom_sets()) == [first.name]
    remove_custom(first.name)
    remove_custom(first.name)
    assert custom_sets() == {}


def test_a_replaced_set_is_another_one_and_the_old_one_says_so():
    old = register_npz(npz_bytes(x_train=X, y_train=Y), "toy")
    new = register_npz(npz_bytes(x_train=images(44, seed=5), y_train=np.arange(44) % 4), "toy", replace=True)
    assert old.name != new.name and list(custom_sets()) == [new.name]
    assert len(load(DataSpec(new.name, validation_size=0)).x_train) == 40
    for use in (load, lambda spec: info(spec.dataset)):
        with pytest.raises(DataError, match="were replaced") as caught:
            use(DataSpec(old.name))
        assert old.name[-10:] in str(caught.value) and new.name[-10:] in str(caught.value)
    assert register_npz(npz_bytes(x_train=X, y_train=Y), "toy", replace=True) == old
    assert len(load(DataSpec(old.name, validation_size=0)).x_train) == 36


def test_a_set_belongs_to_the_browser_that_brought_it(tmp_path):
    def only(mark):
        return lambda owner: owner in ("", mark)

    content, other = npz_bytes(x_train=X, y_train=Y), npz_bytes(x_train=X[::-1], y_train=Y)
    added = register_npz(content, "toy", tmp_path, owner="mine", may_change=only("mine"))
    assert custom_owner(added.name, tmp_path) == "mine"
    assert len(load(DataSpec(added.name), home=tmp_path).x_train), "others may use it"
    assert register_npz(content, "toy", tmp_path, owner="theirs", may_change=only("theirs")) == added
    assert custom_owner(added.name, tmp_path) == "mine", "the same images again are no new set"
    for change in (lambda: register_npz(other, "toy", tmp_path, replace=True, owner="theirs", may_change=only("theirs")),
                   lambda: remove_custom(added.name, tmp_path, only("theirs"))):
        with pytest.raises(DataError, match=r"added in another browser.*Expected: the browser that added it"):
            change()
    assert list(custom_sets(tmp_path)) == [added.name]
    new = register_npz(other, "toy", tmp_path, replace=True, owner="mine", may_change=only("mine"))
    assert custom_owner(new.name, tmp_path) == "mine" and list(custom_sets(tmp_path)) == [new.name]
    remove_custom(new.name, tmp_path, lambda owner: True)
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == []


def test_a_set_without_an_owner_is_anybodys_and_one_with_a_damaged_owner_nobodys(tmp_path):
    added = register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    assert custom_owner(added.name, tmp_path) == ""
    custom_path(added.name, tmp_path).with_suffix(".owner").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="another browser"):
        remove_custom(added.name, tmp_path, lambda owner: owner in ("", "mine"))


def test_the_version_is_part_of_a_runs_digest():
    names = [register_npz(npz_bytes(x_train=images(40, seed=seed), y_train=Y), f"toy{seed}").name for seed in (0, 1)]
    names = [name.replace("toy0", "toy").replace("toy1", "toy") for name in names]
    assert len({replace(tiny_run_spec(), data=DataSpec(name)).digest for name in names}) == 2


def test_a_set_kept_before_there_were_versions_is_still_read(tmp_path):
    added = register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    path = custom_path(added.name, tmp_path)
    path.rename(path.with_name("toy.npz"))
    assert list(custom_sets(tmp_path)) == ["custom:toy"]
    assert len(load(DataSpec("custom:toy", validation_size=0), home=tmp_path).x_train) == 36


def test_a_set_whose_file_was_changed_is_not_read(tmp_path):
    added = register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    other = register_npz(npz_bytes(x_train=X[::-1], y_train=Y), "other", tmp_path)
    custom_path(other.name, tmp_path).replace(custom_path(added.name, tmp_path))
    with pytest.raises(DataError, match="not those that were added"):
        load(DataSpec(added.name), home=tmp_path)


def test_what_could_not_be_read_again_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(custom, "MAX_BYTES", 2_000)
    with pytest.raises(DataError, match="too large when unpacked"):
        register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_a_small_upload_stays_small_on_the_disk(tmp_path):
    content = npz_bytes(x_train=np.zeros((2000, 64, 64), np.uint8), y_train=np.arange(2000) % 2)
    added = register_npz(content, "zeros", tmp_path)
    assert custom_path(added.name, tmp_path).stat().st_size < 3 * len(content)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../evil", "a/b", "a\\b", "/etc/passwd", ".hidden", "C:x", "nul", "COM1", "a" * 41, "ä", "a\0b", "a\n",
     "a@", "a@b", "a@0123456789@0123456789"],
)
def test_unsafe_names_are_refused(name, tmp_path):
    for call in (
        lambda: register_npz(npz_bytes(x_train=X, y_train=Y), name, tmp_path),
        lambda: remove_custom(name, tmp_path), lambda: load(DataSpec("custom:" + name), home=tmp_path),
    ):
        with pytest.raises(DataError, match="cannot have this name"):
            call()
    assert list(tmp_path.rglob("*.npz")) == []


def test_a_version_is_given_and_not_chosen(tmp_path):
    with pytest.raises(DataError, match="cannot have this name"):
        register_npz(npz_bytes(x_train=X, y_train=Y), "a@0123456789", tmp_path)


def test_a_refused_file_leaves_nothing_behind(tmp_path):
    with pytest.raises(DataError):
        register_npz(npz_bytes(x_train=X, y_train=Y * 0), "toy", tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_an_interrupted_write_leaves_nothing_behind(tmp_path, monkeypatch):
    content = npz_bytes(x_train=X, y_train=Y)
    monkeypatch.setattr(np, "savez_compressed", failing_savez)
    with pytest.raises(DataError, match="cannot be kept"):
        register_npz(content, "toy", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def failing_savez(file, **arrays):
    file.write(b"half")
    raise OSError("No space left on device")


def test_damaged_and_foreign_files_are_left_out_and_explained(tmp_path):
    register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    (tmp_path / "datasets" / "foreign.npz").write_bytes(npz_bytes(x_train=X, y_train=Y))
    (tmp_path / "datasets" / "broken.npz").write_bytes(b"no zip")
    assert [info.title for info in custom_sets(tmp_path).values()] == ["toy"]
    with pytest.raises(DataError, match="was not written by the lab"):
        load(DataSpec("custom:foreign"), home=tmp_path)
    with pytest.raises(DataError, match="no readable"):
        load(DataSpec("custom:broken"), home=tmp_path)


def test_an_unknown_set_names_those_there_are(tmp_path):
    register_npz(npz_bytes(x_train=X, y_train=Y), "toy", tmp_path)
    with pytest.raises(DataError, match="custom:toy"):
        load(DataSpec("custom:gone"), home=tmp_path)
