"""fetch_emomusic: the development and the evaluation set of its tables, and its two archives."""

import re

import numpy as np
import pytest
import soundfile

import sklaudio.datasets._emomusic as emomusic
from sklaudio.datasets import fetch_emomusic
from sklaudio.datasets._download import Remote

from .conftest import put, sha256, wav_bytes, write_tar

INFO = (
    "song_id,file_name,Artist,Song title,start of the segment (min.sec),end of the segment (min.sec),Genre,"
    "Mediaeval 2013 set"
)
ROWS = {  # by song: artist, set, arousal, valence
    2: ("The Kyoto\t", "development", 3.1, 3.0),
    3: ("", "development", 3.5, 3.3),
    10: ("Bonobo", "evaluation", 5.7, 5.0),
}


def annotations():
    info = [f'{song},{song}.mp3,"{artist}",title\t,0.0,0.45,Rock\t,{part}' for song, (artist, part, *_) in ROWS.items()]
    static = [f"{song},{arousal},1.5,{valence},0.8" for song, (*_, arousal, valence) in ROWS.items()]
    over_time = "song_id,sample_15000ms,sample_15500ms\n" + "\n".join(f"{song},0.1,0.{song}" for song in ROWS)
    return {
        "songs_info.csv": "\n".join([INFO, *info]).encode(),
        "static_annotations.csv": "\n".join(
            ["song_id,mean_arousal,std_arousal,mean_valence,std_valence", *static]
        ).encode(),
        "valence_cont_average.csv": over_time.encode(),
        "arousal_cont_average.csv": over_time.replace("0.", "-0.").encode(),
    }


def clips(sound=b""):
    return {f"clips_45seconds/{song}.mp3": sound for song in ROWS}


def members(sound=b""):
    return clips(sound) | {f"annotations/{name}": content for name, content in annotations().items()}


@pytest.fixture
def small_archives(server, monkeypatch):
    """Archives of the small set in place of the real ones; the paths requested."""
    address, folder, requested = server
    for name, content in (("CLIPS", clips(wav_bytes(0, "MP3"))), ("ANNOTATIONS", annotations())):
        archive = write_tar(folder / f"{name.lower()}.tar.gz", content)
        monkeypatch.setattr(emomusic, name, [Remote(address + archive.name, sha256(archive))])
    return requested


@pytest.fixture
def home(tmp_path):
    return put(tmp_path, members())


@pytest.mark.parametrize("layout", [".", "emomusic", "emoMusic"])
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, members())
    data = fetch_emomusic(tmp_path, download_if_missing=False)
    assert data.data[0] == str(tmp_path / layout / "clips_45seconds" / "2.mp3")


def test_ratings_and_parts(home):
    data = fetch_emomusic(home)
    np.testing.assert_array_equal(data.target, [[3.0, 3.1], [3.3, 3.5], [5.0, 5.7]])
    assert data.target_names == ["valence", "arousal"]
    assert data.groups.tolist() == ["the kyoto", "song 3", "bonobo"]
    assert data.frame.loc[2].tolist() == ["2.mp3", "the kyoto", "Rock", 3.0, 3.1, 0.8, 1.5, "train"]
    assert {part: index.tolist() for part, index in data.splits.items()} == {"train": [0, 1], "test": [2]}
    np.testing.assert_array_equal(data.dynamic[1], [[0.1, -0.1], [0.3, -0.3]])
    assert (data.start.tolist(), data.step) == ([15.0] * 3, 0.5)
    assert "Songs of each part: 2 train, 1 test" in data.DESCR
    test = fetch_emomusic(home, split="test")
    assert test.data.tolist() == data.data[2:].tolist()
    assert len(test.dynamic) == len(test.start) == 1


def test_what_is_missing_is_downloaded_once(small_archives, tmp_path):
    data = fetch_emomusic(tmp_path / "home")
    assert {soundfile.info(path).format for path in data.data} == {"MP3"}
    assert fetch_emomusic(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archives == ["/annotations.tar.gz", "/clips.tar.gz"]
    assert sorted(path.name for path in (tmp_path / "home" / "emomusic").iterdir()) == [
        "annotations",
        "clips_45seconds",
    ]


def test_archives_put_there_by_hand_are_unpacked(small_archives, server, tmp_path):
    for name, served in {"clips_45sec": "clips", "annotations": "annotations"}.items():
        put(tmp_path / "home" / "emomusic", {f"{name}.tar.gz": (server[1] / f"{served}.tar.gz").read_bytes()})
    assert len(fetch_emomusic(tmp_path / "home", download_if_missing=False).data) == len(ROWS)
    assert small_archives == []


def test_a_download_gone_wrong_leaves_nothing_of_it(small_archives, monkeypatch, tmp_path):
    (right,) = emomusic.CLIPS
    monkeypatch.setattr(emomusic, "CLIPS", [Remote(right.url, "sha256:" + "0" * 64)])
    with pytest.raises(OSError, match=r"clips_45sec\.tar\.gz could not be downloaded.*the sha256 is"):
        fetch_emomusic(tmp_path / "home")
    assert [path.name for path in (tmp_path / "home" / "emomusic").iterdir()] == ["annotations"]


def test_what_is_missing_is_named(home):
    with pytest.raises(
        FileNotFoundError, match=r"annotations of emoMusic is not in .*songs_info\.csv, or as .*tar\.gz"
    ):
        fetch_emomusic(home / "nowhere", download_if_missing=False)
    (home / "clips_45seconds" / "3.mp3").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"1 of 3 files are missing: .*3\.mp3.*Complete .*clips_45seconds by ha"
    ):
        fetch_emomusic(home)


def test_other_tables_are_named(home):
    path = home / "annotations" / "songs_info.csv"
    text = path.read_text()
    path.write_text(text.replace("evaluation", "practice"))
    with pytest.raises(ValueError, match=r"songs_info\.csv: 'practice' is no part of emoMusic\. Put"):
        fetch_emomusic(home)
    path.write_text(text.replace("Mediaeval 2013 set", "set"))
    with pytest.raises(
        ValueError, match=r"songs_info\.csv: this is not the table of emoMusic, it has no column 'Mediaev"
    ):
        fetch_emomusic(home)


def test_the_addresses_are_the_real_ones():
    for (remote,), name in ((emomusic.CLIPS, "clips_45sec"), (emomusic.ANNOTATIONS, "annotations")):
        assert remote.url == f"https://cvml.unige.ch/databases/emoMusic/{name}.tar.gz"
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", remote.hash)
