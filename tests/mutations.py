"""Good files of every kind, and ways to spoil them: what the fuzzing of ``load_audio`` draws from.

A spoiled file is a good file and a list of mutations, each of four plain values (kind, place, number, span), so that
hypothesis and the long run in `fuzz_audio.py` share them.
"""

import io
import struct

import numpy as np
import soundfile

ENCODINGS = {  # extension: (format, subtypes, channels, rates)
    "wav": ("WAV", "PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW IMA_ADPCM MS_ADPCM GSM610", (1, 2, 8), None),
    "wave": ("WAVEX", "PCM_16 FLOAT", (1, 6), None),
    "au": ("AU", "PCM_S8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW G721_32", (1, 2, 8), None),
    "flac": ("FLAC", "PCM_S8 PCM_16 PCM_24", (1, 2, 8), None),
    "ogg": ("OGG", "VORBIS", (1, 2, 6), None),
    "opus": ("OGG", "OPUS", (1, 2), (8000, 16000, 48000)),
    "aiff": ("AIFF", "PCM_S8 PCM_16 PCM_24 FLOAT DOUBLE", (1, 2), None),
    "mp3": ("MP3", "MPEG_LAYER_III", (1, 2), (8000, 22050, 44100)),
}
ONE_CHANNEL = {"GSM610", "G721_32", "IMA_ADPCM", "MS_ADPCM"}  # or two, as their encoders go
RATES = (4000, 22050, 192000)
NUMBERS = [
    0,
    1,
    2,
    3,
    0x7F,
    0x80,
    0xFF,
    0x3FF,
    0x400,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0xFFFFFF,
    0x7FFFFFFE,
    0x7FFFFFFF,
]
NUMBERS += [0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 2**64 - 1]
FIELDS = {  # where headers keep rates, counts and sizes
    b"RIFF": [4, 16, 20, 22, 24, 28, 32, 34, 36, 40, 44],
    b".snd": [4, 8, 12, 16, 20],
    b"fLaC": [4, 5, 8, 10, 12, 15, 18, 20, 21, 22, 24],
    b"OggS": [4, 5, 6, 14, 18, 26, 27, 28, 35, 39, 40, 44, 48, 52, 56],
    b"FORM": [4, 8, 16, 20, 22, 26, 28, 30, 34, 38, 42, 46, 50],
    b"": [0, 1, 2, 3, 13, 36, 40, 44],  # MPEG: the frame's header, and the counts behind "Xing"
}
TAGS = [
    b"RIFF",
    b"RIFX",
    b"RF64",
    b"data",
    b"fmt ",
    b"LIST",
    b"fact",
    b"cue ",
    b"smpl",
    b"FORM",
    b".snd",
    b"fLaC",
    b"OggS",
]
TAGS += [
    b"ID3\x04",
    b"Xing",
    b"\xff\xfb\x90\x64",
    b"\x00\x00\xc0\x7f",
    b"\x00\x00\x80\x7f",
    b"PEAK",
    b"bext",
    b"\x00\x00\x00\x00",
]
KINDS = "flip byte number field tag cut drop insert repeat zero noise splice".split()


def good_files(rng, recordings=()):
    """(extension, bytes) of every encoding, channels and rate: cuts of `recordings`, or noise and tones."""
    files = []
    for extension, (container, subtypes, channels, rates) in ENCODINGS.items():
        for subtype in subtypes.split():
            for n_channels in (1,) if subtype in ONE_CHANNEL else channels:
                y = _piece(recordings, rng, n_channels)
                sr = int(rng.choice(rates or RATES))
                buffer = io.BytesIO()
                soundfile.write(buffer, y, sr, format=container, subtype=subtype)
                files.append((extension, buffer.getvalue()))
    return files


def _piece(recordings, rng, n_channels):
    n_samples = int(rng.integers(1500, 6000))
    if len(recordings):
        whole, _ = soundfile.read(recordings[rng.integers(len(recordings))], always_2d=True)
        start = rng.integers(max(1, len(whole) - n_samples))
        y = whole[start : start + n_samples]
    else:
        y = (0.3 * np.sin(np.arange(n_samples) * rng.uniform(0.01, 1)) + 0.1 * rng.normal(size=n_samples))[:, None]
    return y[:, :1] * rng.uniform(0.2, 1, n_channels)


def draw(rng):
    """A few mutations at random, as values for `spoil`."""
    return [
        (str(rng.choice(KINDS)), int(rng.integers(2**31)), int(rng.integers(2**63)), int(rng.integers(1, 65)))
        for _ in range(rng.choice([1, 1, 1, 2, 3, 4]))
    ]


def spoil(data, mutations, other=b""):
    """Apply (kind, place, number, span) one after the other; checksums are then made right for half of the files."""
    spoiled = bytearray(data)
    for kind, place, number, span in mutations:
        if len(spoiled) > 0:
            near = len(spoiled) if place % 3 == 0 else min(len(spoiled), 128)  # two of three hit the header
            _mutate(spoiled, kind, place // 3 % near, number, span, other)
    if mutations and mutations[0][2] % 2:
        mend_ogg(spoiled)
        mend_flac(spoiled, data)
    return bytes(spoiled)


def _mutate(data, kind, at, number, span, other):
    noise = np.random.default_rng(number).bytes(span)
    end = at + span
    if kind == "flip":
        data[at] ^= 1 << number % 8
    elif kind == "byte":
        data[at] = number % 256
    elif kind in ("number", "field"):
        places = next(fields for magic, fields in FIELDS.items() if data.startswith(magic))
        at = places[number % len(places)] if kind == "field" else at
        width, order = (1, 2, 4, 8)[span % 4], ("little", "big")[span // 4 % 2]
        value = NUMBERS[number // 64 % len(NUMBERS)] if span % 16 else number
        data[at : at + width] = (value % 256**width).to_bytes(width, order)
    elif kind == "tag":
        data[at : at + 4] = TAGS[number % len(TAGS)]
    elif kind == "cut":
        del data[at:]
    elif kind == "drop":
        del data[at:end]
    elif kind == "insert":
        data[at:at] = noise
    elif kind == "repeat":
        data[at:at] = data[at:end] * (number % 8)
    elif kind == "zero":
        data[at:end] = bytes(len(data[at:end]))
    elif kind == "noise":
        data[at:end] = noise[: len(data[at:end])]
    elif kind == "splice":
        data[:at] = other[:at]


def checksum(data, polynomial, bits):
    """CRC of `bits`, most significant bit first, from zero: as Ogg pages (32) and FLAC frames (8, 16) have it."""
    value, top, mask = 0, 1 << bits - 1, (1 << bits) - 1
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & mask
    return value


def mend_ogg(data):
    """Make the checksums of Ogg pages right, or libogg drops what was spoiled before a codec sees it."""
    at = data.find(b"OggS")
    while at >= 0 and len(data) >= at + 27:
        header_end = at + 27 + data[at + 26]
        end = header_end + sum(data[at + 27 : header_end])
        data[at + 22 : at + 26] = bytes(4)
        data[at + 22 : at + 26] = struct.pack("<I", checksum(data[at:end], 0x04C11DB7, 32))
        at = data.find(b"OggS", max(end, at + 4))


def mend_flac(data, original):
    """Make the checksums of FLAC frames right where they were before, or libFLAC leaves the frames out."""
    if len(data) != len(original) or not original.startswith(b"fLaC"):
        return
    starts = list(_flac_frames(original))
    for (start, header_end), (end, _) in zip(starts, [*starts[1:], (len(data), 0)], strict=True):
        data[header_end] = checksum(data[start:header_end], 0x07, 8)
        data[end - 2 : end] = struct.pack(">H", checksum(data[start : end - 2], 0x8005, 16))


def _flac_frames(data):
    """Where frames begin, and where the checksum of their header is."""
    at = data.find(b"\xff\xf8")
    while at >= 0:
        for header_end in range(at + 5, min(at + 16, len(data) - 2)):
            if checksum(data[at:header_end], 0x07, 8) == data[header_end] and data[header_end + 1] < 0x80:
                yield at, header_end
                break
        at = data.find(b"\xff\xf8", at + 2)
