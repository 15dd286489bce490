import hashlib
import io
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib.base.errors import DataError
from lib.datasets import available, cifar10, load
from lib.datasets.cifar10 import ARCHIVE, read_archive, read_batch, read_sheet
from lib.spec.specs import DataSpec
from tests.datasets.files import Exploit, cifar_archive, cifar_batch, images, npz_bytes, overwrite, tar_bytes


@pytest.fixture
def pinned_archive(monkeypatch):
    """A small archive that the registry takes for the official one, and its batches."""
    content, batches = cifar_archive()
    small = replace(ARCHIVE, sha256=hashlib.sha256(content).hexdigest(), size=len(content), urls=("http://127.0.0.1:9/",))
    monkeypatch.setattr(cifar10, "ARCHIVE", small)
    return content, batches


def put(folder, path, content):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


def write_sheets(folder, train=2, test=1):
    """Sheets whose tile number n has the value n % 251 everywhere."""
    (folder / "cifar10").mkdir(parents=True)
    tiles = np.broadcast_to((np.arange(1000) % 251)[:, None, None, None], (1000, 32, 32, 3)).astype(np.uint8)
    sheet = tiles.reshape(25, 40, 32, 32, 3).transpose(0, 2, 1, 3, 4).reshape(800, 1280, 3)
    for split, count in (("train", train), ("test", test)):
        for number in range(count):
            Image.fromarray(sheet).save(folder / "cifar10" / f"{split}-{number:02d}.webp", lossless=True, quality=0)
    y = np.arange(1000) % 10
    labels = npz_bytes(y_train=np.tile(y, train).astype(np.uint8), y_test=np.tile(y, test).astype(np.uint8))
    put(folder, "cifar10/labels.npz", labels)


@pytest.mark.parametrize("path", ["cifar10/cifar-10-python.tar.gz", "cifar-10-python.tar.gz"])
def test_the_official_archive(data_home, pinned_archive, path, written):
    content, batches = pinned_archive
    put(data_home, path, content)
    del written[:]
    assert available("cifar10")
    dataset = load(DataSpec("cifar10", validation_size=0))
    assert dataset.x_train.shape == (100, 32, 32, 3) and dataset.x_test.shape == (20, 32, 32, 3)
    rows = batches["test_batch"][b"data"]
    np.testing.assert_array_equal(dataset.x_test[0, :, :, 1], rows[0, 1024:2048].reshape(32, 32))
    np.testing.assert_array_equal(dataset.y_test, np.arange(20) % 10)
    assert dataset.note == "This copy has 100 training images, not 50,000 and 20 test images, not 10,000."
    assert written == []


def test_a_changed_archive_is_not_opened(data_home, pinned_archive, monkeypatch):
    content, _ = pinned_archive
    put(data_home, ARCHIVE.path, content[:-1] + b"!")
    monkeypatch.setattr(cifar10, "read_archive", lambda path: pytest.fail("opened"))
    with pytest.raises(DataError, match="damaged or cut short"):
        load(DataSpec("cifar10"))


def test_sheets(data_home, written):
    write_sheets(data_home)
    del written[:]
    assert available("cifar10")
    seen = []
    dataset = load(DataSpec("cifar10", validation_size=0), lambda text, fraction: seen.append(fraction))
    assert len(dataset.x_train) == 2000
    assert dataset.x_test[:, 0, 0, 0].tolist() == (np.arange(1000) % 251).tolist()
    assert (dataset.x_test == dataset.x_test[:, :1, :1]).all()
    assert "1,000 test images" in dataset.note
    assert seen == sorted(seen) and written == []


def test_sheets_that_were_replaced_are_read_again(data_home):
    write_sheets(data_home)
    first = load(DataSpec("cifar10"))
    assert load(DataSpec("cifar10")).x_train is first.x_train
    with Image.open(data_home / "cifar10" / "train-01.webp") as sheet:
        sheet.rotate(180).save(file := io.BytesIO(), "WEBP", lossless=True, quality=0)
    overwrite(data_home / "cifar10" / "train-01.webp", file.getvalue())
    assert load(DataSpec("cifar10")).fingerprint != first.fingerprint


def test_missing_sheets_are_noticed(data_home):
    write_sheets(data_home)
    os.remove(data_home / "cifar10" / "train-01.webp")
    with pytest.raises(DataError, match="not complete") as caught:
        load(DataSpec("cifar10"))
    assert caught.value.received == "1 sheets"


@pytest.mark.parametrize("content", [b"no image", None])
def test_other_images_are_explained(tmp_path, content):
    path = tmp_path / "train-00.webp"
    if content is None:
        Image.new("RGB", (64, 64)).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"train-00\.webp"):
        read_sheet(path)


@pytest.mark.parametrize("path", ["cifar10/cifar10.npz", "cifar10.npz"])
def test_an_npz_comes_first(data_home, path):
    write_sheets(data_home, train=1)
    x, y = images(30, side=32, channels=3), np.arange(30)[:, None] % 10
    put(data_home, path, npz_bytes(x_train=x, y_train=y, x_test=x[:10], y_test=y[:10]))
    np.testing.assert_array_equal(load(DataSpec("cifar10")).x_test, x[:10])


def test_an_npz_of_other_images_is_explained(data_home):
    y = np.arange(30) % 10
    put(data_home, "cifar10.npz", npz_bytes(x_train=images(30, 28), y_train=y, x_test=images(30, 28), y_test=y))
    with pytest.raises(DataError, match="CIFAR-10 are not what they should be"):
        load(DataSpec("cifar10"))


def test_an_npz_without_test_images_is_explained(data_home):
    put(data_home, "cifar10.npz", npz_bytes(x_train=images(30, 32, 3), y_train=np.arange(30) % 10))
    with pytest.raises(DataError, match="no test images"):
        load(DataSpec("cifar10"))


# --- batches ------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(3, 5))
def test_a_batch_is_read(protocol):
    batch = cifar_batch(4)
    images, labels = read_batch(io.BytesIO(pickle.dumps(batch, protocol)), "toy")
    np.testing.assert_array_equal(images[2, 5, 7], batch[b"data"][2].reshape(3, 32, 32)[:, 5, 7])
    assert labels.tolist() == [0, 1, 2, 3]


def test_a_batch_written_by_python_2_and_old_numpy_is_read():
    # Protocol 2 with byte strings and the module name of NumPy 1, as in the official files.
    pixels = bytes(range(256)) * 12
    content = (
        b"\x80\x02}(U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        b"K\x00tb\x89T" + len(pixels).to_bytes(4, "little") + pixels + b"tbU\x06labels]K\x03au."
    )
    images, labels = read_batch(io.BytesIO(content), "toy")
    np.testing.assert_array_equal(images[0].transpose(2, 0, 1).reshape(-1), np.frombuffer(pixels, np.uint8))
    assert labels.tolist() == [3]


def test_a_hostile_pickle_is_never_executed(tmp_path):
    marker = tmp_path / "executed"
    with pytest.raises(DataError, match="not allowed"):
        read_batch(io.BytesIO(pickle.dumps({b"data": Exploit(marker), b"labels": []})), "toy")
    assert not marker.exists()


@pytest.mark.parametrize(
    "batch",
    [
        [1, 2], {}, {b"data": 3, b"labels": [1]}, {b"data": np.zeros((2, 3072)), b"labels": [1, 2]},
        {b"data": np.zeros((2, 7), np.uint8), b"labels": [1, 2]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": ["a", "b"]},
    ],
)
def test_other_batches_are_explained(batch):
    with pytest.raises(DataError, match="toy") as caught:
        read_batch(io.BytesIO(pickle.dumps(batch, 4)), "toy")
    assert caught.value.expected and caught.value.received


@pytest.mark.parametrize("content", [b"", b"no gzip", cifar_archive()[0][:5000], tar_bytes({"else": b"x"})],
                         ids=["empty", "no gzip", "cut off", "of something else"])
def test_other_archives_are_explained(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="fetched again"):
        read_archive(path)
