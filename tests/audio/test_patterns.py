"""Which files are meant by files, folders and patterns."""

import os

import pytest

from sklaudio.audio._patterns import audio_files


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in [
        "b.wav",
        "a.MP3",
        "notes.txt",
        "deep/er/c.flac",
        "deep/d.ogg",
        ".hidden/e.wav",
        "deep/.f.wav",
        "empty/g",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ("b.wav", ["b.wav"]),
        (["notes.txt", "b.wav", "notes.txt"], ["notes.txt", "b.wav"]),  # what is named is meant, once
        (["lost.wav", "b.wav"], ["lost.wav", "b.wav"]),
        (".", ["a.MP3", "b.wav", "deep/d.ogg", "deep/er/c.flac"]),
        ("deep/", ["deep/d.ogg", "deep/er/c.flac"]),
        ("*.wav", ["b.wav"]),
        ("[ab].*", ["a.MP3", "b.wav"]),
        ("deep/**", ["deep/d.ogg", "deep/er/c.flac"]),
        ("**/*.flac", ["deep/er/c.flac"]),
        ("*", ["a.MP3", "b.wav", "deep/d.ogg", "deep/er/c.flac"]),  # audio, and what is in folders; not the notes
        ("*.txt", ["notes.txt"]),
        (["deep", "deep/*.ogg", "deep/d.ogg"], ["deep/d.ogg", "deep/er/c.flac"]),
    ],
)
def test_what_is_meant(tree, names, meant):
    assert audio_files(names) == meant


def test_paths_may_be_of_any_type_and_anywhere(tree):
    assert audio_files(tree / "b.wav") == [str(tree / "b.wav")]
    assert audio_files([b"b.wav", tree / "deep"]) == [
        "b.wav",
        str(tree / "deep" / "d.ogg"),
        str(tree / "deep" / "er" / "c.flac"),
    ]


def test_a_file_named_like_a_pattern_is_that_file(tree):
    for name in ("[ab].wav", "what?.wav"):
        (tree / name).write_text("x")
        assert audio_files(name) == [name]


def test_a_dangling_link_is_a_file_that_cannot_be_read(tree):
    os.symlink("nowhere", "link*.wav")
    assert audio_files("link*.wav") == ["link*.wav"]


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        ([], ValueError, "files is empty"),
        ("*.aiff", FileNotFoundError, r"^\*\.aiff: no file matches this pattern"),
        (["b.wav", "empty"], ValueError, "^empty: there is no audio file .* in it or below it"),
    ],
)
def test_what_finds_nothing_is_named(tree, names, error, message):
    with pytest.raises(error, match=message):
        audio_files(names)
