"""Parts of files that say how many bytes of samples they hold: wav, RF64, W64, AIFF, AU, CAF.

A recorder that crashed leaves the size that it began with. Bytes after the samples are more samples, unless they are
chunks, tags, zeros, or another file.
"""

from typing import NamedTuple

from ._parts_of_frames import without_tags

UNKNOWN_SIZE = 0x7FFF0000  # and above, in 32 bits: written by programs that could not go back to the header
MIN_SECONDS = 0.05  # seconds that samples behind the end are worth to be read
MAX_CHUNKS = 10_000
AU_HEADER = 24  # bytes, at least
KNOWN = {  # chunks that may follow the samples, also where they are damaged
    name.ljust(4)
    for name in b"LIST id3 ID3 bext cue fact PEAK smpl inst JUNK junk FLLR PAD _PMX iXML axml NAME AUTH ANNO (c) MARK "
    b"COMT APPL INST".split()
}
W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")  # of the names of chunks


class _Form(NamedTuple):
    """How chunks are written."""

    order: str
    n_name: int = 4
    n_size: int = 4
    includes_head: bool = False  # whether sizes count the name and themselves
    align: int = 2
    n_start: int = 12  # bytes before the first
    data: bytes = b"data"


class _Chunk(NamedTuple):
    name: bytes
    at: int
    body: int
    end: int


FORMS = {
    b"RIFF": _Form("little"),
    b"RF64": _Form("little"),
    b"BW64": _Form("little"),
    b"RIFX": _Form("big"),
    b"FORM": _Form("big", data=b"SSND"),
    b"riff": _Form("little", 16, 8, True, 8, 40),
    b"caff": _Form("big", 4, 8, False, 1, 8),
}


def chunked_parts(file, start, stop):
    """Return the parts of wav, RF64, W64 and AIFF files."""
    return _in_order(_next_part, file, start, stop)


caf_parts = chunked_parts


def au_parts(file, start, stop):
    """Return the parts of AU files."""
    return _in_order(_next_au_part, file, start, stop)


def _in_order(next_part, file, start, stop):
    parts = []
    while start is not None:
        part, start = next_part(file, start, stop)
        parts.append(part)
    return parts


def _next_au_part(file, start, stop):
    """Return the part that begins at a byte, and where the one after it does, if there is one."""
    file.seek(start)
    head = file.read(AU_HEADER)
    at, size, encoding, rate, n_channels = (int.from_bytes(head[k : k + 4], "big") for k in range(4, AU_HEADER, 4))
    end = start + at + size
    width = {2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8}.get(encoding, 1) * max(1, n_channels)
    if at < AU_HEADER or size >= UNKNOWN_SIZE or end >= stop:
        return (start, stop, (), False), None
    file.seek(end)
    if file.read(4) == b".snd":
        return (start, end, (), False), end
    stop_of_samples = without_tags(file, end, stop)
    if size and stop_of_samples - end < MIN_SECONDS * rate * width:
        return (start, stop, (), False), None
    stop_of_samples = stop if not size else stop_of_samples
    return (start, stop, ((start + 8, (stop_of_samples - start - at).to_bytes(4, "big")),), False), None


def _next_part(file, start, stop):
    """Return the part that begins at a byte, and where the one after it does, if there is one."""
    file.seek(start)
    form = FORMS[file.read(4)]
    data, chunks = None, {}
    at = start + form.n_start
    for _ in range(MAX_CHUNKS):
        chunk = _chunk(file, at, stop, form, is_after=data is not None)
        if chunk is None:
            break
        if chunk.name in FORMS:
            return (start, at, (), False), at
        if chunk.name == form.data and data is None:
            data = chunk = _sized(file, chunk, chunks, stop)
        elif data is not None and chunk.name in KNOWN:
            return (start, stop, (), False), None
        chunks.setdefault(chunk.name, chunk)
        at = chunk.end
    if data is None or at >= stop - 1 or not _holds_samples(file, data, stop, form, chunks):
        return (start, stop, (), False), None
    stop = without_tags(file, data.end, stop) if data.end > data.body else stop
    return (start, stop, _patches(file, start, stop, form, data, chunks), False), None


def _chunk(file, at, stop, form, *, is_after):
    """Return the chunk that begins at a byte; None where none can."""
    file.seek(at)
    head = file.read(form.n_name + form.n_size)
    name, size = head[: form.n_name], int.from_bytes(head[form.n_name :], form.order)
    if len(head) < form.n_name + form.n_size:
        return None
    if form.n_name == 16:
        is_name = name[4:] == W64_TAIL or name[:4] == b"riff"
        name = name[:4]
    else:
        is_name = all(32 <= byte < 127 for byte in name)
    if not is_name:
        return None
    body = at + len(head)
    size -= len(head) * form.includes_head
    end = body + max(0, size)
    end += -(end - at) % form.align if form.align > 2 else (end - at) % form.align
    if is_after and name not in FORMS and name not in KNOWN and end > stop + 1:
        return None
    return _Chunk(name, at, body, end)


def _sized(file, data, chunks, stop):
    """Return the chunk of samples, with its size from where its format has it; to the end of the file if nowhere."""
    if b"ds64" in chunks:
        file.seek(chunks[b"ds64"].body + 8)
        return data._replace(end=data.body + int.from_bytes(file.read(8), "little"))
    size = data.end - data.body
    return data._replace(end=stop) if size >= UNKNOWN_SIZE and data.end > stop else data


def _holds_samples(file, data, stop, form, chunks):
    """Return whether what comes after the samples is more of them; it is none of the chunks that there are."""
    n_empty = {b"SSND": 8, b"data": 4 * (form.n_start == 8)}[form.data]  # bytes of the chunk that are no samples
    if data.end - data.body <= n_empty:
        return True
    return without_tags(file, data.end, stop) - data.end >= MIN_SECONDS * _bytes_per_second(file, chunks)


def _bytes_per_second(file, chunks):
    """Return the bytes per second that the chunk of the format says; 0 where it is of another kind."""
    if b"fmt " in chunks:
        file.seek(chunks[b"fmt "].body + 8)
        return int.from_bytes(file.read(4), "little")
    if b"COMM" in chunks:
        return 16000
    return 0


def _patches(file, start, stop, form, data, chunks):
    """Return the bytes to write over the header, so that it says what is there."""
    n_head = form.n_name + form.n_size
    size = stop - data.body + n_head * form.includes_head
    width = form.n_size
    patches = [(data.at + form.n_name, min(size, 256**width - 1).to_bytes(width, form.order))]
    if form.n_start == 12:
        patches.append((start + 4, min(stop - start - 8, 256**4 - 1).to_bytes(4, form.order)))
    if b"ds64" in chunks:
        at = chunks[b"ds64"].body
        patches += [(at, (stop - start - 8).to_bytes(8, "little") + (stop - data.body).to_bytes(8, "little"))]
        patches[0] = (data.at + 4, bytes([255] * 4))
        patches[1] = (start + 4, bytes([255] * 4))
    if b"COMM" in chunks:
        at = chunks[b"COMM"].body
        file.seek(at)
        head = file.read(8)
        frame = int.from_bytes(head[:2], "big") * -(-int.from_bytes(head[6:8], "big") // 8)
        patches.append((at + 2, min((stop - data.body - 8) // max(1, frame), 256**4 - 1).to_bytes(4, "big")))
    if form.includes_head:
        patches.append((start + 16, (stop - start).to_bytes(8, "little")))
    return tuple(patches)
