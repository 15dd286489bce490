"""MNIST and Fashion-MNIST: the same four idx files, twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lib.datasets.dataset import DatasetInfo
from lib.datasets.download import fetch
from lib.datasets.idx import read_idx
from lib.datasets.source import Progress, RawImages, RemoteFile, Source, make_raw

_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# The first is plain HTTP, the authors' own address; the pinned SHA-256 makes that safe.
_FASHION_MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
#: In this order everywhere: training images, training labels, test images, test labels.
_NAMES = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
)


def _files(folder: str, mirrors: tuple[str, ...], pins: tuple[tuple[str, int], ...]) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(f"{folder}/{name}", sha256, size, tuple(mirror + name for mirror in mirrors))
        for name, (sha256, size) in zip(_NAMES, pins, strict=True)
    )


MNIST_FILES = _files("mnist", _MNIST_MIRRORS, (
    ("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9912422),
    ("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28881),
    ("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1648877),
    ("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4542),
))
FASHION_FILES = _files("fashion-mnist", _FASHION_MIRRORS, (
    ("3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26421880),
    ("a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29515),
    ("346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4422102),
    ("67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5148),
))


def _reader(info: DatasetInfo, files: tuple[RemoteFile, ...]) -> Callable[[Path, Progress], RawImages]:
    def read(folder: Path, on_progress: Progress) -> RawImages:
        paths = [fetch(remote, folder, on_progress) for remote in files]
        on_progress(f"Reading {info.title}", None)
        x_train, x_test = (read_idx(path, axes=3)[..., None] for path in paths[::2])
        y_train, y_test = (read_idx(path, axes=1) for path in paths[1::2])
        return make_raw(info, (x_train, y_train), (x_test, y_test))

    return read


def idx_source(info: DatasetInfo, files: tuple[RemoteFile, ...]) -> Source:
    """A source that reads four idx files and downloads those that are missing."""
    return Source(
        info, read=_reader(info, files),
        is_available=lambda folder: all((folder / remote.path).is_file() for remote in files), files=files,
    )


MNIST = idx_source(
    DatasetInfo(
        name="mnist", title="MNIST",
        description="Handwritten digits of census clerks and pupils, centred and scaled to 28x28.",
        image_shape=(28, 28, 1), class_names=tuple("0123456789"), train_images=60000, test_images=10000,
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes", source="http://yann.lecun.com/exdb/mnist/",
        bytes=sum(remote.size for remote in MNIST_FILES),
    ),
    MNIST_FILES,
)
FASHION_MNIST = idx_source(
    DatasetInfo(
        name="fashion_mnist", title="Fashion-MNIST",
        description="Photographs of clothes from a catalogue, 28x28; made to be harder than MNIST.",
        image_shape=(28, 28, 1),
        class_names=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        train_images=60000, test_images=10000,
        licence="MIT, Zalando SE", source="https://github.com/zalandoresearch/fashion-mnist",
        bytes=sum(remote.size for remote in FASHION_FILES),
    ),
    FASHION_FILES,
)
