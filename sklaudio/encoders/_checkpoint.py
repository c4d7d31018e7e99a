"""Checkpoints of TensorFlow, read without it: an index, which is a sorted table, and raw tensors.

The table is that of LevelDB: blocks of entries whose keys share a prefix with the one before, a block that lists the
blocks, and a footer that says where it is. Its values are messages of protocol buffers.
"""

import struct
from functools import cache
from pathlib import Path

import numpy as np

MAGIC = 0xDB4775248B80FB57
FOOTER = 48  # bytes
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 10: "|b1"}
MAX_DIMS = 16


def read_checkpoint(index, data, names=None):
    """Read tensors of a checkpoint.

    Parameters
    ----------
    index, data : path-like
        Its files ``….index`` and ``….data-00000-of-00001``.
    names : collection of str or None, default=None
        Which tensors; None reads all.

    Returns
    -------
    dict of str to ndarray
        The tensors by name.

    Raises
    ------
    ValueError
        If a file is damaged, ends too early, is of more than one part or compressed, or lacks one of `names`.
    """
    index, data = Path(index), Path(data)
    try:
        entries = _read_table(index.read_bytes())
        entries = {key.decode(): _message(value) for key, value in entries.items()}
    except (ValueError, IndexError, struct.error) as error:
        raise ValueError(f"{index} is damaged, or no index of a checkpoint: {error}.") from error
    header = entries.pop("", {})
    if _last(header, 1, 1) != 1 or _last(header, 2, 0) != 0:
        raise ValueError(f"{index} is of {_last(header, 1, 1)} parts, or big-endian. One little-endian part is read.")
    wanted = entries if names is None else names
    absent = sorted(set(wanted) - set(entries))
    if absent:
        raise ValueError(f"{index} has no tensor {', '.join(absent)}.")
    with open(data, "rb") as file:
        try:
            return {name: _read_tensor(file, entries[name]) for name in wanted}
        except (ValueError, IndexError) as error:
            raise ValueError(f"{data} is damaged, or does not belong to {index.name}: {error}.") from error


def _read_tensor(file, entry):
    """Read one tensor, from the entry that says type (1), shape (2), offset (4), bytes (5) and checksum (6)."""
    kind, n_bytes = _last(entry, 1, 0), _last(entry, 5, 0)
    if kind not in DTYPES or 7 in entry:
        raise ValueError(f"a tensor is of type {kind}, or in slices")
    dims = [_last(_message(dim), 1, 0) for dim in _message(entry[2][-1]).get(2, [])] if 2 in entry else []
    dtype = np.dtype(DTYPES[kind])
    if len(dims) > MAX_DIMS or int(np.prod(dims, dtype=object)) * dtype.itemsize != n_bytes:
        raise ValueError(f"a tensor of shape {dims} has {n_bytes} bytes")
    file.seek(0, 2)
    if _last(entry, 4, 0) + n_bytes > file.tell():
        raise ValueError("it ends before its last tensor")
    file.seek(_last(entry, 4, 0))
    content = file.read(n_bytes)
    if 6 in entry and masked_crc32c(content) != entry[6][-1]:
        raise ValueError("the checksum of a tensor does not agree")
    return np.frombuffer(content, dtype=dtype).reshape(dims)


def _read_table(table):
    """Read all entries of a sorted table: dict of bytes to bytes."""
    if len(table) < FOOTER or struct.unpack("<Q", table[-8:])[0] != MAGIC:
        raise ValueError("it does not end as one does")
    footer = table[-FOOTER:]
    _, place = _varint(footer, 0)
    _, place = _varint(footer, place)
    offset, place = _varint(footer, place)
    size, _ = _varint(footer, place)
    entries = {}
    for handle in _read_block(table, offset, size).values():
        offset, place = _varint(handle, 0)
        size, _ = _varint(handle, place)
        entries |= _read_block(table, offset, size)
    return entries


def _read_block(table, offset, size):
    """Read the entries of one block, behind which are how it is compressed and a checksum."""
    if offset + size + 5 > len(table) - FOOTER:
        raise ValueError("a block reaches past its end")
    block, (kind, checksum) = table[offset : offset + size], struct.unpack_from("<BI", table, offset + size)
    if masked_crc32c(table[offset : offset + size + 1]) != checksum:
        raise ValueError("the checksum of a block does not agree")
    if kind != 0:
        raise ValueError("it is compressed")
    (n_restarts,) = struct.unpack("<I", block[-4:])
    end, place, key, entries = len(block) - 4 * (n_restarts + 1), 0, b"", {}
    while place < end:
        n_shared, place = _varint(block, place)
        n_unshared, place = _varint(block, place)
        n_value, place = _varint(block, place)
        key = key[:n_shared] + block[place : place + n_unshared]
        place += n_unshared
        entries[key] = block[place : place + n_value]
        place += n_value
    return entries


def _message(data):
    """Read the fields of a protocol buffer: dict of number to the list of its values, int or bytes."""
    fields, place = {}, 0
    while place < len(data):
        tag, place = _varint(data, place)
        kind = tag & 7
        if kind == 0:
            value, place = _varint(data, place)
        elif kind == 2:
            size, place = _varint(data, place)
            value, place = data[place : place + size], place + size
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, place = int.from_bytes(data[place : place + size], "little"), place + size
        else:
            raise ValueError(f"a field is of kind {kind}")
        if place > len(data):
            raise ValueError("a field reaches past its end")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _last(fields, number, default):
    """Return the last value of a field, which counts; protocol buffers leave out zeros."""
    return fields.get(number, [default])[-1]


def _varint(data, place):
    """Read a number of 7 bits a byte, lowest first; return it, and where what follows it begins."""
    value, shift = 0, 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")


def masked_crc32c(data):
    """Compute Castagnoli's checksum (polynomial 0x82f63b78, reflected), rotated and shifted as the format has it."""
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _crc_table():
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table
