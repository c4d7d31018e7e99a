"""Kinds of files that libsndfile does not decode, by their first bytes, and whether something else is here that does.

A module by itself, without numpy: the command line lists extensions before anything is loaded.
"""

import importlib.util
import shutil

from ._parts_of_frames import skip_id3

IMAGES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}
KINDS = {  # first bytes: kind for people, and for ffmpeg
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": ("Windows Media", "asf"),
    b"\x1a\x45\xdf\xa3": ("Matroska or WebM", "matroska"),
    b"#!AMR": ("AMR", "amr"),
    b"\x0b\x77": ("AC-3", "ac3"),
    b"\x7f\xfe\x80\x01": ("DTS", "dts"),
    b"MAC ": ("Monkey's Audio", "ape"),
    b"wvpk": ("WavPack", "wv"),
    b"TTA1": ("TTA", "tta"),
    b"MPCK": ("Musepack", "mpc8"),
    b"MP+": ("Musepack", "mpc"),
    b"OggS": ("Ogg of another codec", "ogg"),
    b"FLV\x01": ("Flash video", "flv"),
    b"\x00\x00\x01\xba": ("MPEG video", "mpeg"),
    b"caff": ("CAF of another codec", "caf"),
}


def has_av():
    """Return whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def has_ffmpeg():
    """Return whether the program ffmpeg is installed."""
    return shutil.which("ffmpeg") is not None


def is_installed():
    """Return whether there is a decoder for what libsndfile does not decode."""
    return has_av() or has_ffmpeg()


def kind_of(path):
    """Return, by its first bytes, what kind of file libsndfile does not decode, for people and ffmpeg; else None."""
    with open(path, "rb") as file:
        file.seek(skip_id3(file, 0))
        head = file.read(377)
    for first, kind in KINDS.items():
        if head.startswith(first):
            return kind
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return None if head[8:12] in IMAGES and head[4:8] == b"ftyp" else ("MPEG-4", "mov")
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return "AAC", "aac"
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "):
        return ("wav of another codec", "wav") if head[8:12] == b"WAVE" else ("AVI", "avi")
    if head[:4] == b"FORM" and head[8:12] == b"AIFC":
        return "AIFF of another codec", "aiff"
    if len(head) == 377 and head[0] == head[188] == head[376] == 0x47:
        return "MPEG transport stream", "mpegts"
    return None
