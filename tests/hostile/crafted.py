"""Files that were made to do harm, made here by code."""

import functools
import io
import struct
import zipfile

import numpy as np
from PIL import Image

from tests.datasets.files import images, npy_header

Y = (np.arange(40) % 4).astype(np.int32)
X = images(40)


def packed(method=zipfile.ZIP_DEFLATED, **members):
    """An archive whose members hold exactly these bytes; names with __ for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    return file.getvalue()


def good_npz(method=zipfile.ZIP_DEFLATED):
    return packed(method, x_train__npy=npy(X), y_train__npy=npy(Y))


def spoiled(content, start=b"PK\x03\x04", skip=120, length=20, value=0x55):
    """`content` with bytes behind its first member's header overwritten: what is packed there makes no sense any more."""
    place = content.find(start) + skip
    return content[:place] + bytes([value]) * length + content[place + length :]


def with_header(text, shape=(40, 8, 8)):
    """An npy member whose header is `text` instead of a dict."""
    whole = npy_header(shape)
    body = text.ljust(len(whole) - 11) + b"\n"
    return whole[:8] + struct.pack("<H", len(body)) + body + X.tobytes()


#: name -> an npz that is none. What the libraries below raise for each differs: LZMAError, TokenError, IndexError, ...
BAD_NPZ = {
    "nothing": b"",
    "text": b"no archive",
    "cut short": good_npz()[:400],
    "lzma that is none": spoiled(good_npz(zipfile.ZIP_LZMA)),
    "bzip2 that is none": spoiled(good_npz(zipfile.ZIP_BZIP2)),
    "deflate that is none": spoiled(good_npz()),
    "unclosed header": packed(x_train__npy=with_header(b"{'descr': '|u1', 'shape': ((("), y_train__npy=npy(Y)),
    "header without braces": packed(x_train__npy=with_header(b")"), y_train__npy=npy(Y)),
    "header of a tuple": packed(x_train__npy=with_header(b"(1, 2)"), y_train__npy=npy(Y)),
    "empty descr": packed(x_train__npy=with_header(b"{'descr': [], 'fortran_order': False, 'shape': (40, 8, 8)}"),
                          y_train__npy=npy(Y)),
    "descr of a descr": packed(x_train__npy=with_header(b"{'descr': [('',)], 'fortran_order': False, 'shape': (40,)}"),
                               y_train__npy=npy(Y)),
    "deep header": packed(x_train__npy=with_header(b"{'descr': " + b"(" * 90), y_train__npy=npy(Y)),
    "negative shape": packed(x_train__npy=npy_header((-40, 8, -8)) + X.tobytes(), y_train__npy=npy(Y)),
    "a shape of words": packed(x_train__npy=with_header(b"{'descr': '|u1', 'fortran_order': False, 'shape': ('a',)}"),
                               y_train__npy=npy(Y)),
    "half a magic": packed(x_train__npy=b"\x93NUM", y_train__npy=npy(Y)),
    "unknown version": packed(x_train__npy=b"\x93NUMPY\x09\x00" + bytes(80), y_train__npy=npy(Y)),
}


def image(kind="PNG", size=(40, 30), seed=0, **options):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


#: Formats that Pillow opens and the app does not offer, under the name of one that it does.
OTHER_FORMATS = ("EPS", "DDS", "TIFF", "ICO", "PPM", "PCX", "TGA", "SGI", "ICNS", "JPEG2000", "PDF", "AVIF")


@functools.cache
def disguised():
    """Format -> its bytes, for those that this Pillow can write."""
    found = {}
    for kind in OTHER_FORMATS:
        try:
            found[kind] = image(kind, (64, 64))
        except (KeyError, OSError, ValueError):
            continue  # not built into this Pillow
    return found


def blank(size, mode="1"):
    """A PNG of `size` in black, large at little cost."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    return file.getvalue()


def crowded_zip(entries):
    """A zip whose directory names `entries` members and whose end says there is one."""
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 5) + bytes(16) + b"a.png"
    directory = entry * entries
    return directory + b"PK\x05\x06" + bytes(4) + struct.pack("<HHIIH", 1, 1, len(directory), 0, 0)


def many_passes(side, passes):
    """A progressive JPEG of a grey square whose last pass is repeated: small to send, long to decode."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:last] + content[last:-2] * passes + b"\xff\xd9"
