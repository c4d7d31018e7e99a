"""fetch_deam: ratings of songs and over time from its tables, artists from its metadata, its three archives."""

import re

import numpy as np
import pytest
import soundfile

import sklaudio.datasets._deam as deam
from sklaudio.datasets import fetch_deam
from sklaudio.datasets._download import Remote

from .conftest import put, sha256, wav_bytes, write_zip

SONGS = {2: (3.1, 3.0), 3: (3.5, 3.3), 1001: (5.7, 5.0), 2001: (4.3, 6.1)}  # valence and arousal
STATIC = "song_id, valence_mean, valence_std, arousal_mean, arousal_std"
METADATA = {  # as it is: tabs, other names, and more cells than names
    "2013": (
        "song_id,file_name,Artist,Song title,start of the segment (min.sec),end,Genre\n"
        '2,2.mp3,"The Kyoto\t",Hachiko\t,0,45,Blues\n3,3.mp3,The Kyoto,Nightmares,0,45,Blues\n'
    ),
    "2014": "Id,Artist,Album,Track,Genre,segment start,segment end\n1001,Bonobo,A,T,Rock,0,45,indie,mellow\n",
    "2015": "id,Filename,title,artist,album,genre\n2001,x.wav,A song,the kyoto,n/a,rock,pop\n",
}


def annotations():
    rows = {song: f"{song},{valence},0.9,{arousal},0.6" for song, (valence, arousal) in SONGS.items()}
    header = "song_id,sample_15000ms,sample_15500ms,sample_16000ms"
    return {
        f"annotations/{deam.STATIC[0]}": "\n".join([STATIC, *(rows[song] for song in (2, 3, 1001))]).encode(),
        f"annotations/{deam.STATIC[1]}": f"{STATIC}, valence_ max_mean\n{rows[2001]},9\n".encode(),
        f"annotations/{deam.DYNAMIC[0]}": f"{header}\n2,0.1,0.2,\n3,0.3,0.4,\n1001,,0.5,\n2001,1,1,1\n".encode(),
        f"annotations/{deam.DYNAMIC[1]}": f"{header}\n2,0.1,0.2,\n3,-0.3,-0.4,\n1001,,0,\n2001,0,0,0\n".encode(),
    }


def metadata():
    return {f"metadata/metadata_{year}.csv": text.encode() for year, text in METADATA.items()}


def members(sound=b""):
    return annotations() | metadata() | {f"MEMD_audio/{song}.mp3": sound for song in SONGS}


@pytest.fixture
def small_archives(server, monkeypatch):
    """Archives of the small set in place of the real ones; the paths requested."""
    address, folder, requested = server
    songs = {f"MEMD_audio/{song}.mp3": wav_bytes(0, "MP3") for song in SONGS}
    for name, content in (("AUDIO", songs), ("ANNOTATIONS", annotations()), ("METADATA", metadata())):
        archive = write_zip(folder / f"{name.lower()}.zip", content)
        remote = Remote(address + archive.name, sha256(archive), archive.stat().st_size)
        monkeypatch.setattr(deam, name, [remote])
    return requested


@pytest.fixture
def home(tmp_path):
    return put(tmp_path, members())


@pytest.mark.parametrize("layout", [".", "deam", "DEAM"])
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, members())
    data = fetch_deam(tmp_path, download_if_missing=False)
    assert data.data[0] == str(tmp_path / layout / "MEMD_audio" / "2.mp3")


def test_folders_of_archives_unpacked_apart_are_found(tmp_path):
    for name, content in members().items():
        around = {"annotations": "DEAM_Annotations", "MEMD_audio": "DEAM_audio"}.get(name.split("/")[0], "metadata")
        put(tmp_path / "deam" / around, {name: content})
    assert len(fetch_deam(tmp_path, download_if_missing=False).data) == len(SONGS)


def test_ratings_of_songs_and_over_time(home):
    data = fetch_deam(home)
    assert data.target_names == ["valence", "arousal"]
    np.testing.assert_array_equal(data.target, list(SONGS.values()))
    assert data.groups.tolist() == ["the kyoto", "the kyoto", "bonobo", "the kyoto"]
    assert data.frame.index.tolist() == list(SONGS)
    assert data.frame.loc[2].tolist() == ["2.mp3", 3.1, 3.0, 0.9, 0.6, "the kyoto", "2013", "train"]
    np.testing.assert_array_equal(data.dynamic[1], [[0.3, -0.3], [0.4, -0.4]])
    assert [len(numbers) for numbers in data.dynamic] == [2, 2, 1, 3]
    assert data.start.tolist() == [15.0, 15.0, 15.5, 15.0]
    assert data.step == 0.5


def test_full_songs_are_the_part_to_test_on(home):
    data = fetch_deam(home)
    assert {part: index.tolist() for part, index in data.splits.items()} == {"train": [0, 1, 2], "test": [3]}
    assert "Songs of each part: 3 train, 1 test" in data.DESCR
    assert "Artists that are in both parts: 1." in data.DESCR
    test = fetch_deam(home, split="test")
    assert test.data.tolist() == data.data[3:].tolist()
    assert test.start.tolist() == [15.0]


def test_what_is_missing_is_downloaded_once(small_archives, tmp_path):
    data = fetch_deam(tmp_path / "home")
    assert {soundfile.info(path).format for path in data.data} == {"MP3"}
    assert fetch_deam(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archives == ["/metadata.zip", "/annotations.zip", "/audio.zip"]
    found = sorted(path.name for path in (tmp_path / "home" / "deam").iterdir())
    assert found == ["MEMD_audio", "annotations", "metadata"]


def test_archives_put_there_by_hand_are_unpacked(small_archives, server, tmp_path):
    for name, served in {"DEAM_audio": "audio", "DEAM_Annotations": "annotations", "metadata": "metadata"}.items():
        put(tmp_path / "home" / "deam", {f"{name}.zip": (server[1] / f"{served}.zip").read_bytes()})
    assert len(fetch_deam(tmp_path / "home", download_if_missing=False).data) == len(SONGS)
    assert small_archives == []


def test_a_download_gone_wrong_leaves_nothing_of_it(small_archives, monkeypatch, tmp_path):
    (right,) = deam.AUDIO
    monkeypatch.setattr(deam, "AUDIO", [Remote(right.url, "sha256:" + "0" * 64, right.size)])
    with pytest.raises(OSError, match=r"DEAM_audio\.zip could not be downloaded.*the sha256 is"):
        fetch_deam(tmp_path / "home")
    assert sorted(path.name for path in (tmp_path / "home" / "deam").iterdir()) == ["annotations", "metadata"]


def test_what_is_missing_is_named(home):
    with pytest.raises(FileNotFoundError, match=r"metadata of DEAM is not in .*, or as .*deam/metadata\.zip"):
        fetch_deam(home / "nowhere", download_if_missing=False)
    (home / "MEMD_audio" / "3.mp3").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 4 files are missing: .*3\.mp3.*Complete .*MEMD_audio by hand"):
        fetch_deam(home)


def test_other_tables_are_named(home):
    path = home / "metadata" / "metadata_2014.csv"
    path.write_text("Id,Album\n1001,A\n")
    with pytest.raises(
        ValueError, match=r"metadata_2014\.csv: this is not the table of DEAM, it has no column 'Artist'"
    ):
        fetch_deam(home)
    path.write_text("Id,Artist\n")
    with pytest.raises(ValueError, match=r"metadata: there is no song 1001\. Put the published"):
        fetch_deam(home)


def test_the_addresses_are_the_real_ones():
    for (remote,), name in (
        (deam.AUDIO, "DEAM_audio"),
        (deam.ANNOTATIONS, "DEAM_Annotations"),
        (deam.METADATA, "metadata"),
    ):
        assert remote.url == f"https://cvml.unige.ch/databases/DEAM/{name}.zip"
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", remote.hash)
        assert remote.size > 300_000
