"""The idx format of MNIST and Fashion-MNIST, read strictly.

Four bytes (0, 0, type, number of axes), then one big-endian 32-bit length per axis, then the values.
http://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from lib.base.errors import DataError

UNSIGNED_BYTE = 0x08
#: Far above MNIST's 47 MB; a header that asks for more is damaged or hostile.
MAX_VALUES = 1 << 30
_REMEDY = "Delete the file, so that it is fetched again, or put an unharmed copy in its place."


def _bad(name: str, expected: str, received: str) -> DataError:
    return DataError(f"{name} is not the idx file it should be.", expected=expected, received=received, remedy=_REMEDY)


def _read_shape(file: IO[bytes] | gzip.GzipFile, axes: int, name: str) -> tuple[int, ...]:
    """The lengths in the header; checks magic number, type and number of axes."""
    magic = file.read(4)
    if len(magic) < 4:
        raise _bad(name, "a header of at least 4 bytes", f"{len(magic)} bytes")
    expected = bytes([0, 0, UNSIGNED_BYTE, axes])
    if magic[:2] != expected[:2]:
        raise _bad(name, "two zero bytes at the start", f"0x{magic[:2].hex()}")
    if magic[2] != UNSIGNED_BYTE:
        raise _bad(name, f"values of type 0x{UNSIGNED_BYTE:02x} (unsigned bytes)", f"type 0x{magic[2]:02x}")
    if magic[3] != axes:
        raise _bad(name, f"{axes} axes", f"{magic[3]} axes")
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise _bad(name, f"{axes} lengths of 4 bytes", f"{len(lengths)} bytes")
    return tuple(int(n) for n in np.frombuffer(lengths, ">u4"))


def parse_idx(file: IO[bytes] | gzip.GzipFile, axes: int, name: str) -> np.ndarray:
    """The uint8 array with `axes` axes in `file`; `name` is for messages.

    Raises DataError unless type, axes and the exact number of values are right.
    """
    shape = _read_shape(file, axes, name)
    count = math.prod(shape)
    if count > MAX_VALUES:
        raise _bad(name, f"at most {MAX_VALUES:,} values", f"a header that announces {count:,}")
    # One byte more than announced, to notice what should not be there.
    values = file.read(count + 1)
    if len(values) != count:
        received = f"{len(values):,}" if len(values) < count else "more"
        raise _bad(name, f"{count:,} values, as its header says", received)
    return np.frombuffer(values, np.uint8).reshape(shape)


def read_idx(path: Path, axes: int) -> np.ndarray:
    """The uint8 array in the gzipped idx file at `path`; DataError if it is missing, cut short or something else."""
    try:
        with gzip.open(path, "rb") as file:
            return parse_idx(file, axes, str(path))
    except EOFError as error:
        raise _bad(str(path), "a whole gzip file", "one that ends too early") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise _bad(str(path), "a gzip file", str(error)) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read.", received=str(error), remedy="Check the file's permissions.") from error
