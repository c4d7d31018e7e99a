"""Parts of files that are sequences of frames or pages: mp3, FLAC, Ogg.

Each function takes an open file, the index of the first byte and of the end, and lists (start, stop, patches,
is_endless).
"""

TAIL = 2**16  # bytes in which the tags at the end are looked for
FIRST_FRAME = 2**17  # bytes in which the first frame of an mp3 is looked for
BLOCK = 2**20
BITRATES = {  # kbit/s, by (is MPEG-1, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # hertz, by the bits of MPEG


def flac_parts(file, start, stop):
    """Return parts of FLAC streams that follow each other, without tags behind them, which libFLAC stumbles over."""
    starts = _find_all(file, b"fLaC\x00\x00\x00\x22", start, stop)
    end = without_tags(file, start, stop)
    if not starts:
        return []
    return [(low, high, (), False) for low, high in zip(starts, [*starts[1:], end], strict=True)]


def ogg_parts(file, start, stop):
    """Return the parts of chained Ogg: each begins with pages of type "first", one for each stream that it holds."""
    firsts = _find_all(file, b"OggS\x00\x02" + bytes(8), start, stop)
    starts, end_of_page = [], -1
    for at in firsts:
        if at != end_of_page:
            starts.append(at)
        file.seek(at + 26)
        n_segments = int.from_bytes(file.read(1), "big")
        end_of_page = at + 27 + n_segments + sum(file.read(n_segments))
    if len(starts) < 2:
        return []
    return [(low, high, (), False) for low, high in zip(starts, [*starts[1:], stop], strict=True)]


def mp3_parts(file, start, stop):
    """Return the parts of mp3 files that were joined; one whose Xing header gives no length goes on to the end."""
    end = without_tags(file, start, stop)
    parts = []
    while (at := _first_frame(file, start, end)) is not None:
        n_bytes = _xing_bytes(file, at)
        if not n_bytes:
            return [*parts, (at, end, (), True)]
        frame_after = _first_frame(file, at + n_bytes, end) if at + n_bytes < end else None
        parts.append((start if not parts else at, stop if frame_after is None else at + n_bytes, (), False))
        if frame_after is None:
            break
        start = frame_after
    return parts


def without_tags(file, start, stop):
    """Return the index of the end of what comes before tags: ID3v1, Lyrics3, APE, and zeros."""
    size = min(TAIL, stop - start)
    file.seek(stop - size)
    tail = file.read(size)
    while True:
        shorter = tail
        if tail[-128:-125] == b"TAG" and len(tail) >= 128:
            shorter = tail[:-128]
        elif tail[-32:-24] == b"APETAGEX":
            has_header = tail[-9] & 0x80
            n_bytes = int.from_bytes(tail[-20:-16], "little") + 32 * bool(has_header)
            if n_bytes > len(tail):
                return max(start, stop - size + len(tail) - n_bytes)
            shorter = tail[:-n_bytes] if n_bytes else tail
        elif tail.endswith(b"LYRICS200") and b"LYRICSBEGIN" in tail:
            shorter = tail[: tail.rindex(b"LYRICSBEGIN")]
        elif tail.endswith(bytes(16)):
            shorter = tail.rstrip(b"\x00")
        if len(shorter) == len(tail):
            return stop - size + len(tail)
        tail = shorter


def skip_id3(file, start):
    """Return the index of what comes after the ID3v2 tags at a place."""
    while True:
        file.seek(start)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10:
            return start
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size + 10 * bool(head[5] & 0x10)


def _find_all(file, pattern, start, stop):
    """Return the indexes at which a pattern begins."""
    found, at, rest = [], start, b""
    file.seek(start)
    while block := file.read(min(BLOCK, stop - at)):
        joined, first = rest + block, at - len(rest)
        where = joined.find(pattern)
        while where >= 0:
            found.append(first + where)
            where = joined.find(pattern, where + 1)
        at += len(block)
        rest = joined[-len(pattern) + 1 :]
    return found


def _first_frame(file, start, stop):
    """Return the index of the first frame of MPEG audio that another of its kind, or the end, follows; else None."""
    start = skip_id3(file, start)
    file.seek(start)
    data = file.read(min(FIRST_FRAME, stop - start))
    at = data.find(b"\xff")
    while at >= 0:
        length = _frame_length(data[at : at + 4])
        after = data[at + length : at + length + 4] if length else b""
        if length and (start + at + length == stop or (_frame_length(after) and _is_alike(data[at : at + 4], after))):
            return start + at
        at = data.find(b"\xff", at + 1)
    return None


def _is_alike(one, other):
    """Return whether two frames are of one version, layer and rate."""
    return one[1] & 0xFE == other[1] & 0xFE and one[2] & 0x0C == other[2] & 0x0C


def _frame_length(header):
    """Return the bytes of the frame that begins with these four; 0 if none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or not 0 < bitrate < 15 or rate == 3:
        return 0
    is_first = version == 3
    bits = 1000 * BITRATES[is_first, layer][bitrate - 1]
    if layer == 1:
        return (12 * bits // RATES[version][rate] + padding) * 4
    n_samples = 1152 if is_first or layer == 2 else 576
    return n_samples // 8 * bits // RATES[version][rate] + padding


def _xing_bytes(file, at):
    """Return the bytes of an mp3 from its first frame on, as a Xing header there has it; 0 without one."""
    file.seek(at)
    frame = file.read(200)
    if len(frame) < 4:
        return 0
    is_first, is_mono = frame[1] >> 3 & 3 == 3, frame[3] >> 6 == 3
    begin = 4 + 2 * (1 - (frame[1] & 1)) + ((17 if is_mono else 32) if is_first else (9 if is_mono else 17))
    for where in {begin, begin - 2 * (1 - (frame[1] & 1))}:
        header = frame[where : where + 16]
        if header[:4] in (b"Xing", b"Info") and header[7] & 3 == 3:
            return int.from_bytes(header[12:16], "big")
    return 0
