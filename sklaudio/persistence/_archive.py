"""The zip file around a model: members as they are, in one order, and not a byte that is none of theirs."""

import io
import re
import struct
import sys
import zipfile
import zlib

import numpy as np

VERSIONS, SCHEMA = "sklaudio.json", "schema.json"
PROTOCOL = 2  # of the nodes; skops goes on reading it where its protocol is newer
MEMBER = re.compile(r"(?:sklaudio\.json|schema\.json|(?:0|[1-9][0-9]*)\.npy)")
DATE = (1980, 1, 1, 0, 0, 0)  # the first that zip knows: equal models are equal files
MAX_FILE_BYTES = 2_000_000_000  # bytes; beyond, and beyond so many members, zip writes other structures
MAX_MEMBERS = 65_000
MAX_SCHEMA_BYTES = 2**26  # bytes of schema.json, the nodes
MAX_FIRST_BYTES = 10_000  # of sklaudio.json
LOCAL_HEADER, CENTRAL_HEADER, END = 30, 46, 22  # bytes besides the name, in the zip specification


class RefusedError(ValueError):
    """What is wrong with a file, in words that follow its name."""


def check_size(members):
    """Raise a ValueError if members are too large to be packed."""
    n_bytes = sum(LOCAL_HEADER + CENTRAL_HEADER + 2 * len(name) + len(content) for name, content in members.items())
    if n_bytes > MAX_FILE_BYTES or len(members) > MAX_MEMBERS or len(members.get(SCHEMA, b"")) > MAX_SCHEMA_BYTES:
        raise ValueError(
            f"model is too large to be saved: {n_bytes} bytes in {len(members)} arrays. A file may have "
            f"{MAX_FILE_BYTES} bytes, {MAX_MEMBERS} arrays and {MAX_SCHEMA_BYTES} bytes of structure. Use fewer trees."
        )


def pack(members, file):
    """Write members into a zip file.

    Parameters
    ----------
    members : dict of str to bytes
        What they hold, by name.
    file : binary file
        Open to be written.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, DATE)
            info.create_system = 3  # the same on all systems
            archive.writestr(info, content)


def first_member(data):
    """Return the first member, which gives the format of the others: stored, and at the same place in all formats.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    bytes
        The content of ``sklaudio.json``.

    Raises
    ------
    RefusedError
        If it is no zip file, has another first member, or is damaged there.
    """
    if not data.startswith(b"PK\x03\x04") or len(data) < LOCAL_HEADER:
        raise RefusedError("is no model file: it does not begin as one does. Save the model with sklaudio.save.")
    checksum, _, size, n_name, n_extra = struct.unpack("<IIIHH", data[14:LOCAL_HEADER])
    if data[LOCAL_HEADER : LOCAL_HEADER + n_name] != VERSIONS.encode():
        raise RefusedError(f"does not begin with {VERSIONS}: it was not written by sklaudio.save.")
    if size > MAX_FIRST_BYTES:
        raise RefusedError(f"has a {VERSIONS} of {size} bytes.")
    start = LOCAL_HEADER + n_name + n_extra
    content = data[start : start + size]
    if zlib.crc32(content) != checksum:
        raise RefusedError("is damaged at its beginning. Save or copy it again.")
    return content


def unpack(data):
    """Take the members out of a zip file, none of which is compressed.

    What is read is therefore never more than the file has bytes. The members stand one behind the other from the first
    byte on, and the file ends with their list: there is no room for anything else.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    dict of str to bytes
        What they hold, by name.

    Raises
    ------
    RefusedError
        If it is anything but what :func:`pack` makes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_layout(archive, len(data))
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except RefusedError:
        raise
    except Exception as error:  # zipfile has a dozen of them for a broken file
        raise RefusedError(f"is damaged or was cut off ({error}). Save or copy it again.") from error


def _check_layout(archive, n_bytes):
    infos = archive.infolist()
    names = [info.filename for info in infos]
    odd = [name for name in names if not MEMBER.fullmatch(name)]
    if odd:
        raise RefusedError(f"holds {odd[:3]}, which sklaudio.save does not write. Nothing was unpacked.")
    if len(set(names)) < len(names) or names[:2] != [VERSIONS, SCHEMA]:
        raise RefusedError(f"does not hold {VERSIONS}, {SCHEMA} and arrays, each once and in this order.")
    end = 0
    for info in infos:
        is_stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
        bare = not (info.flag_bits or info.extra or info.comment or info.internal_attr or info.volume)
        if not (is_stored and bare and info.header_offset == end and info.date_time == DATE):
            raise RefusedError(f"holds {info.filename} compressed, encrypted, or not as sklaudio.save writes it.")
        end += LOCAL_HEADER + len(info.filename) + info.file_size
    if end + sum(CENTRAL_HEADER + len(name) for name in names) + END != n_bytes:
        raise RefusedError("holds bytes that belong to none of its members, or lacks some.")
    if infos[1].file_size > MAX_SCHEMA_BYTES:
        raise RefusedError(f"has a {SCHEMA} of more than {MAX_SCHEMA_BYTES} bytes.")


def read_array(content):
    """Read the array in a member: numbers or text, of exactly the size that its header says.

    Parameters
    ----------
    content : bytes
        A file in numpy's format, version 1.0.

    Returns
    -------
    ndarray
        The array.

    Raises
    ------
    ValueError
        If it holds objects, or does not fit its header.
    """
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("its format is not 1.0.")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    parts = [part[0] for part in dtype.fields.values()] if dtype.fields else [dtype]
    if any(part.kind not in "biufcUS" or part.itemsize == 0 or part.shape for part in parts):
        raise ValueError(f"it is of dtype {dtype}.")
    n_bytes = dtype.itemsize
    for length in shape:
        n_bytes *= length
    if n_bytes != len(content) - stream.tell() or min(shape, default=0) < 0 or max(shape, default=0) > 2**40:
        raise ValueError(f"of shape {shape} and dtype {dtype}, it has {len(content) - stream.tell()} bytes.")
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if dtype.kind == "U" and array.size and array.reshape(-1).view(np.uint32).max() > sys.maxunicode:
        raise ValueError("what it holds is no text.")
    return array
