import gzip
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lib.base.errors import DataError
from lib.datasets.idx import parse_idx, read_idx
from tests.datasets.files import idx_bytes

arrays = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6))


@given(arrays)
def test_a_written_array_is_read_back(array):
    read = parse_idx(io.BytesIO(idx_bytes(array)), array.ndim, "toy")
    assert read.dtype == np.uint8 and read.shape == array.shape
    np.testing.assert_array_equal(read, array)


@given(arrays, st.data())
def test_every_cut_and_every_addition_is_noticed(array, data):
    content = idx_bytes(array)
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    for damaged in (cut, content + b"\0"):
        with pytest.raises(DataError, match="toy"):
            parse_idx(io.BytesIO(damaged), array.ndim, "toy")


@given(st.binary(max_size=40))
def test_any_bytes_give_an_array_or_a_data_error(content):
    try:
        parse_idx(io.BytesIO(content), 1, "toy")
    except DataError as error:
        assert error.expected and error.received and error.remedy


@pytest.mark.parametrize(
    ("content", "expected", "received"),
    [
        (b"PK\x08\x03" + bytes(12), "two zero bytes", "0x504b"),
        (b"\0\0\x0d\x03" + bytes(12), "unsigned bytes", "type 0x0d"),
        (b"\0\0\x08\x01" + bytes(12), "3 axes", "1 axes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "at most", "a header that announces"),
    ],
)
def test_a_wrong_header_is_explained(content, expected, received):
    with pytest.raises(DataError) as caught:
        parse_idx(io.BytesIO(content), 3, "toy")
    assert expected in caught.value.expected and received in caught.value.received


def test_a_truncated_gzip_file_is_explained(tmp_path):
    path = tmp_path / "toy.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.zeros(500)))[:-9])
    with pytest.raises(DataError, match="ends too early"):
        read_idx(path, 1)


def test_a_damaged_gzip_file_is_explained(tmp_path):
    path = tmp_path / "toy.gz"
    content = bytearray(gzip.compress(idx_bytes(np.arange(200)), mtime=0))
    content[40] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"toy\.gz"):
        read_idx(path, 1)


def test_a_page_of_html_is_not_gzip(tmp_path):
    path = tmp_path / "toy.gz"
    path.write_bytes(b"<html>404</html>")
    with pytest.raises(DataError, match="a gzip file"):
        read_idx(path, 1)


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "none.gz", 1)
