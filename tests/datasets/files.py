"""Tiny files of every format that the data sets come in."""

import gzip
import hashlib
import io
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from lib.datasets.source import RemoteFile


def idx_bytes(array, kind=8):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def images(count, side=8, channels=None, seed=0):
    shape = (count, side, side) if channels is None else (count, side, side, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def overwrite(path: Path, content: bytes):
    """Put other content into a file, a second later than whatever it holds: no clock is fine enough for a test."""
    later = path.stat().st_mtime + 1
    path.write_bytes(content)
    os.utime(path, (later, later))


def npz_bytes(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zip_bytes(**members):
    """An archive whose members `<key>.npy` hold exactly the given bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in members.items():
            archive.writestr(f"{key}.npy", content)
    return file.getvalue()


def npy_header(shape, descr="|u1"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue()


def remote_file(content, *urls, path="toy/toy.gz"):
    return RemoteFile(path, hashlib.sha256(content).hexdigest(), len(content), urls)


def write_idx_set(folder: Path, train=60, test=20):
    """Four small idx files under `folder`; returns their RemoteFiles in the order of `idx_source`."""
    rng, files = np.random.default_rng(1), []
    for split, count in (("train", train), ("t10k", test)):
        for kind, array in (
            ("images-idx3", rng.integers(0, 256, (count, 28, 28))), ("labels-idx1", np.arange(count) % 10),
        ):
            content = gzip.compress(idx_bytes(array), mtime=0)
            remote = remote_file(content, "http://127.0.0.1:9/x", path=f"mnist/{split}-{kind}-ubyte.gz")
            files.append(remote)
            (folder / remote.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / remote.path).write_bytes(content)
    return tuple(files)


def cifar_batch(count, seed=0):
    """A batch as in the official archive: rows of red, green and blue planes, keys as bytes."""
    rows = np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)
    return {b"batch_label": b"a batch", b"labels": [i % 10 for i in range(count)], b"data": rows}


def tar_bytes(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def cifar_archive(count=20):
    names = [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]
    batches = {name: cifar_batch(count, seed) for seed, name in enumerate(names)}
    content = tar_bytes({f"cifar-10-batches-py/{n}": pickle.dumps(b, protocol=4) for n, b in batches.items()})
    return content, batches


class Exploit:
    """Unpickled, it would create the file `marker`."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return open, (str(self.marker), "w")
