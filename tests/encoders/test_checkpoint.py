"""A small checkpoint, written here as TensorFlow writes them, whole and damaged."""

import struct
from contextlib import suppress

import numpy as np
import pytest

from sklaudio.encoders._checkpoint import MAGIC, masked_crc32c, read_checkpoint

TENSORS = {
    "conv/bias": np.arange(3, dtype=np.float32),
    "conv/bias/Adam": np.ones(3, dtype=np.float32),
    "conv/kernel": np.arange(24, dtype=np.float32).reshape(2, 4, 3),
    "global_step": np.array(7, dtype=np.int64),
    "thresholds": np.array([0.25, 1e300]),
}
TYPES = {"float32": 1, "float64": 2, "int64": 9}


def varint(number):
    data = bytearray()
    while number >= 128:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def block(entries, interval=2):
    """Entries with shared prefixes, but for each `interval`-th, and where these begin."""
    data, restarts, last = b"", [], b""
    for index, (key, value) in enumerate(entries):
        n_shared = 0
        if index % interval == 0:
            restarts.append(len(data))
        else:
            while n_shared < min(len(key), len(last)) and key[n_shared] == last[n_shared]:
                n_shared += 1
        data += varint(n_shared) + varint(len(key) - n_shared) + varint(len(value)) + key[n_shared:] + value
        last = key
    return data + b"".join(struct.pack("<I", offset) for offset in [*restarts, len(restarts)])


def write_checkpoint(folder, tensors=TENSORS, compression=0, parts=1):
    data, entries = b"", [(b"", field(1, parts) + field(3, field(1, 1)))]
    for name, tensor in sorted(tensors.items()):
        content = tensor.tobytes()
        shape = b"".join(field(2, field(1, n)) for n in tensor.shape)
        entry = field(1, TYPES[tensor.dtype.name]) + (field(2, shape) if shape else b"")
        entry += field(4, len(data)) if data else b""
        entry += field(5, len(content)) + varint(6 << 3 | 5) + struct.pack("<I", masked_crc32c(content))
        entries.append((name.encode(), entry))
        data += content
    table, handles = b"", []

    def append(content):
        nonlocal table
        handle = varint(len(table)) + varint(len(content))
        content += bytes([compression])
        table += content + struct.pack("<I", masked_crc32c(content))
        return handle

    for first in range(0, len(entries), 3):  # a block for three of them
        part = entries[first : first + 3]
        handles.append((part[-1][0], append(block(part))))
    meta, index = append(block([])), append(block(handles, interval=1))
    footer = (meta + index).ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    (folder / "net.index").write_bytes(table + footer)
    (folder / "net.data-00000-of-00001").write_bytes(data)
    return folder / "net.index", folder / "net.data-00000-of-00001"


def test_a_whole_checkpoint(tmp_path):
    tensors = read_checkpoint(*write_checkpoint(tmp_path))
    assert sorted(tensors) == sorted(TENSORS)
    for name, expected in TENSORS.items():
        assert tensors[name].dtype == expected.dtype
        np.testing.assert_array_equal(tensors[name], expected)


def test_only_what_is_asked_for(tmp_path):
    tensors = read_checkpoint(*write_checkpoint(tmp_path), ["conv/kernel"])
    assert list(tensors) == ["conv/kernel"]
    with pytest.raises(ValueError, match=r"net\.index has no tensor conv/gamma"):
        read_checkpoint(*write_checkpoint(tmp_path), ["conv/kernel", "conv/gamma"])


def test_the_checksum_is_castagnolis():
    assert masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_every_damaged_byte_is_noticed(tmp_path):
    index, data = write_checkpoint(tmp_path)
    whole = index.read_bytes(), data.read_bytes()
    for path, content in zip((index, data), whole, strict=True):
        for place in range(len(content)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
            with suppress(ValueError):
                tensors = read_checkpoint(index, data)
                # a byte that says nothing: of the footer, or of a list of blocks that is not needed
                assert all(np.array_equal(tensors[name], TENSORS[name]) for name in TENSORS)
        path.write_bytes(content)


@pytest.mark.parametrize("part", ["index", "data"])
def test_files_that_end_too_early(tmp_path, part):
    index, data = write_checkpoint(tmp_path)
    path = index if part == "index" else data
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"damaged"):
            read_checkpoint(index, data)


def test_what_is_not_read_is_named(tmp_path):
    with pytest.raises(ValueError, match="it is compressed"):
        read_checkpoint(*write_checkpoint(tmp_path, compression=1))
    with pytest.raises(ValueError, match="of 2 parts"):
        read_checkpoint(*write_checkpoint(tmp_path, parts=2))
    (tmp_path / "net.index").write_bytes(b"no table" * 20)
    with pytest.raises(ValueError, match=r"net\.index is damaged, or no index of a checkpoint"):
        read_checkpoint(tmp_path / "net.index", tmp_path / "net.data-00000-of-00001")
