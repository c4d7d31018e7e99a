"""fetch_fma_small: the small subset of a table with three lines of names, broken clips left out, its two archives."""

import re

import pytest
import soundfile

import sklaudio.datasets._fma_small as fma_small
from sklaudio.datasets import fetch_fma_small
from sklaudio.datasets._download import Remote

from .conftest import put, sha1, wav_bytes, write_zip

HEADER = """\
,album,album,artist,artist,set,set,track,track,track
,id,title,id,name,split,subset,genre_top,license,title
track_id,,,,,,,,,
"""
ROWS = {  # by track: album, artist, split, subset, genre
    2: (1, 11, "training", "small", "Hip-Hop"),
    5: (1, 11, "training", "medium", "Hip-Hop"),
    10: (6, 6, "training", "small", "Pop"),
    140: (61, 54, "validation", "small", "Folk"),
    141: (60, 54, "validation", "large", ""),
    98565: (2, 7, "test", "small", "Folk"),
    98570: (2, 7, "test", "small", "Folk"),
    133297: (3, 8, "training", "small", "Pop"),
}


def metadata(rows=ROWS):
    lines = [
        f'{track},{album},"Food, and\nmore",{artist},AWOL,{split},{subset},{genre},CC BY-NC,"A ""title"""'
        for track, (album, artist, split, subset, genre) in rows.items()
    ]
    return {"fma_metadata/tracks.csv": (HEADER + "\n".join(lines) + "\n").encode()}


def clips(sound=b""):
    tracks = [track for track, row in ROWS.items() if row[3] == "small"]
    return {f"fma_small/{track // 1000:03d}/{track:06d}.mp3": sound for track in tracks}


@pytest.fixture
def small_archives(server, monkeypatch):
    """Archives of the small set in place of the real ones; the paths requested."""
    address, folder, requested = server
    contents = {
        "CLIPS": clips(wav_bytes(0, "MP3")) | {"fma_small/README.txt": b"", "fma_small/checksums": b""},
        "METADATA": metadata() | {"fma_metadata/genres.csv": b""},
    }
    for name, content in contents.items():
        archive = write_zip(folder / f"{name.lower()}.zip", content)
        remote = Remote(address + archive.name, sha1(archive), archive.stat().st_size)
        monkeypatch.setattr(fma_small, name, [remote])
    return requested


@pytest.fixture
def home(tmp_path):
    return put(tmp_path, clips() | metadata())


@pytest.mark.parametrize("layout", [".", "fma"])
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, clips() | metadata())
    data = fetch_fma_small(tmp_path, download_if_missing=False)
    assert data.data[0] == str(tmp_path / layout / "fma_small" / "000" / "000002.mp3")
    assert data.target.tolist() == ["Hip-Hop", "Pop", "Folk", "Folk"]


def test_the_official_partition(home):
    data = fetch_fma_small(home)
    assert {part: index.tolist() for part, index in data.splits.items()} == {"train": [0, 1], "valid": [2], "test": [3]}
    assert data.fold.tolist() == ["train", "train", "valid", "test"]
    assert data.groups.tolist() == ["11", "6", "54", "7"]
    assert data.frame.index.tolist() == [2, 10, 140, 98570]
    assert data.frame.columns.tolist() == ["path", "genre", "artist", "album", "license", "split"]
    assert data.frame.loc[140].tolist() == ["000/000140.mp3", "Folk", 54, 61, "CC BY-NC", "valid"]
    assert "2 train, 1 valid, 1 test" in data.DESCR
    assert "in two of its parts: 0." in data.DESCR
    test = fetch_fma_small(home, split="test")
    assert test.data.tolist() == data.data[3:].tolist()
    assert list(test.splits) == ["test"]


def test_artists_that_are_in_two_parts_are_counted(tmp_path):
    rows = ROWS | {10: (6, 54, "training", "small", "Pop")}
    assert "in two of its parts: 1." in fetch_fma_small(put(tmp_path, clips() | metadata(rows))).DESCR


def test_broken_clips_are_left_out_and_said(home):
    assert "issue 8 of the source): 098565, 133297." in fetch_fma_small(home).DESCR
    whole = fetch_fma_small(home, broken=True)
    assert whole.frame.index.tolist() == [2, 10, 140, 98565, 98570, 133297]
    assert "Left out" not in whole.DESCR


def test_what_is_missing_is_downloaded_once(small_archives, tmp_path):
    data = fetch_fma_small(tmp_path / "home")
    assert {soundfile.info(path).format for path in data.data} == {"MP3"}
    assert fetch_fma_small(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archives == ["/metadata.zip", "/clips.zip"]
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["fma_metadata", "fma_small"]


def test_archives_put_there_by_hand_are_unpacked(small_archives, server, tmp_path):
    for name, served in {"fma_small.zip": "clips.zip", "fma_metadata.zip": "metadata.zip"}.items():
        put(tmp_path / "home", {name: (server[1] / served).read_bytes()})
    assert len(fetch_fma_small(tmp_path / "home", download_if_missing=False).data) == 4
    assert small_archives == []


def test_a_download_gone_wrong_leaves_nothing_of_it(small_archives, monkeypatch, tmp_path):
    (right,) = fma_small.CLIPS
    monkeypatch.setattr(fma_small, "CLIPS", [Remote(right.url, "sha1:" + "0" * 40, right.size)])
    with pytest.raises(OSError, match=r"fma_small\.zip could not be downloaded.*the sha1 is"):
        fetch_fma_small(tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["fma_metadata"]


def test_what_is_missing_is_named(home):
    with pytest.raises(
        FileNotFoundError, match=r"fma_metadata of FMA is not in .*tracks\.csv, or as .*fma_metadata\.zip"
    ):
        fetch_fma_small(home / "nowhere", download_if_missing=False)
    (home / "fma_small" / "000" / "000140.mp3").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 4 files are missing: .*140\.mp3.*Complete .*fma_small by hand"):
        fetch_fma_small(home)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"tracks\.csv: this is not the table of FMA"),
        (b"no table", r"tracks\.csv: this is not the table of FMA"),
        (HEADER.replace("genre_top", "genres").encode(), r"it has no column \('track', 'genre_top'\)\. Put"),
    ],
)
def test_another_table_is_named(content, words, home):
    (home / "fma_metadata" / "tracks.csv").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        fetch_fma_small(home)


def test_the_addresses_are_the_real_ones():
    for (remote,), name, size in (
        (fma_small.CLIPS, "fma_small.zip", 7_679_594_875),
        (fma_small.METADATA, "fma_metadata.zip", 358_412_441),
    ):
        assert remote.url == f"https://os.unil.cloud.switch.ch/fma/{name}"
        assert re.fullmatch(r"sha1:[0-9a-f]{40}", remote.hash)
        assert remote.size == size
