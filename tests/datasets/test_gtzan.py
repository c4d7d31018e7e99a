"""fetch_gtzan: found in its layouts, downloaded where missing, partitioned as in the literature."""

import re

import pytest

import sklaudio.datasets._gtzan as gtzan
from sklaudio.datasets import fetch_gtzan
from sklaudio.datasets._download import Remote

from .conftest import md5, sha256, wav_bytes, write_tar


@pytest.fixture
def small_archive(server, monkeypatch):
    """An archive of two tracks a genre and the corrupt one, with lists, in place of the real ones."""
    address, folder, requested = server
    members = {
        f"genres/{genre}/{genre}.{number:05d}.wav": wav_bytes(number) for genre in gtzan.GENRES for number in (0, 54)
    }
    archive = write_tar(folder / "genres.tar.gz", members)
    monkeypatch.setattr(gtzan, "ARCHIVE", [Remote(address + archive.name, md5(archive), archive.stat().st_size)])
    lists = {}
    for part, number in {"train": 0, "valid": 54, "test": 99}.items():
        path = folder / f"{part}_filtered.txt"
        path.write_text("".join(f"{genre}/{genre}.{number:05d}.wav\n" for genre in gtzan.GENRES))
        lists[part] = [Remote(address + path.name, sha256(path))]
    monkeypatch.setattr(gtzan, "FAULT_FILTERED", lists)
    return requested


def make_tracks(folder, extension, numbers=(0, 1)):
    for genre in gtzan.GENRES:
        (folder / genre).mkdir(parents=True)
        for number in numbers:
            (folder / genre / f"{genre}.{number:05d}{extension}").touch()


@pytest.mark.parametrize("layout", ["genres", "gtzan/genres", "genres_original", "Data/genres_original", "."])
@pytest.mark.parametrize("extension", [".au", ".wav", ".flac", ".mp3", ".ogg"])
def test_every_layout_is_found(layout, extension, tmp_path):
    make_tracks(tmp_path / "home" / layout, extension)
    data = fetch_gtzan(tmp_path / "home", download_if_missing=False)
    assert len(data.data) == 20
    assert data.target_names == sorted(gtzan.GENRES)
    assert data.groups[:2].tolist() == ["blues.00000", "blues.00001"]
    assert all(path.endswith(extension) for path in data.data)
    assert data.splits == {}


def test_the_corrupt_track_is_left_out_with_a_note(tmp_path):
    make_tracks(tmp_path / "genres", ".au", (53, 54))
    data = fetch_gtzan(tmp_path)
    assert "jazz.00054" not in data.groups
    assert "blues.00054" in data.groups
    assert "Left out: jazz.00054" in data.DESCR
    assert "19 of 1000 tracks" in data.DESCR


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing is False"):
        fetch_gtzan(tmp_path / "home", download_if_missing=False)
    data = fetch_gtzan(tmp_path / "home")
    assert len(data.data) == 19
    again = fetch_gtzan(tmp_path / "home")
    assert again.data.tolist() == data.data.tolist()
    assert len(small_archive) == 1
    assert [path.name for path in (tmp_path / "home" / "gtzan").iterdir()] == ["genres"]


def test_the_lists_are_downloaded_too(small_archive, tmp_path):
    data = fetch_gtzan(tmp_path / "home", split="fault-filtered")
    assert {part: len(index) for part, index in data.splits.items()} == {"train": 10, "valid": 9, "test": 0}
    assert data.groups[data.splits["train"]].tolist() == [f"{genre}.00000" for genre in gtzan.GENRES]
    assert data.target[data.splits["valid"]].tolist() == [genre for genre in gtzan.GENRES if genre != "jazz"]
    make_tracks(tmp_path / "other" / "genres", ".wav")
    with pytest.raises(FileNotFoundError, match=r"train_filtered\.txt"):
        fetch_gtzan(tmp_path / "other", split="fault-filtered", download_if_missing=False)


def test_lists_lie_beside_the_genres(small_archive, tmp_path):
    for home in ("genres", "."):
        make_tracks(tmp_path / home / "set" / ("" if home == "." else "genres"), ".wav")
        fetch_gtzan(tmp_path / home / "set", split="fault-filtered")
        assert (tmp_path / home / "set" / "splits" / "test_filtered.txt").exists()


def test_a_download_gone_wrong_leaves_nothing(small_archive, monkeypatch, tmp_path):
    wrong = [Remote(remote.url, "md5:" + "0" * 32, remote.size) for remote in gtzan.ARCHIVE]
    monkeypatch.setattr(gtzan, "ARCHIVE", wrong)
    with pytest.raises(OSError, match="md5"):
        fetch_gtzan(tmp_path / "home")
    assert list((tmp_path / "home" / "gtzan").iterdir()) == []


def test_six_genres_by_number(tmp_path):
    make_tracks(tmp_path / "genres", ".wav", (0, 9, 10, 29, 30, 99))
    data = fetch_gtzan(tmp_path, split="six-genres")
    assert data.target_names == ["classical", "hiphop", "jazz", "metal", "pop", "reggae"]
    numbers = {part: sorted({int(name[-5:]) for name in data.groups[index]}) for part, index in data.splits.items()}
    assert numbers == {"train": [30, 99], "valid": [10, 29], "test": [0, 9]}
    assert "12 tracks to train" in data.DESCR


def test_an_unknown_split_is_named(tmp_path):
    with pytest.raises(ValueError, match="split='random'"):
        fetch_gtzan(tmp_path, split="random")


def test_x_and_y_alone(tmp_path):
    make_tracks(tmp_path / "genres", ".wav")
    X, y = fetch_gtzan(tmp_path, return_X_y=True)
    assert X.shape == y.shape == (20,)


def test_the_addresses_are_the_real_ones():
    (archive,) = gtzan.ARCHIVE
    assert archive.hash == "md5:5b3d6dddb579ab49814ab86dba69e7c7"
    assert archive.size == 1_226_192_050
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", remote.hash) for (remote,) in gtzan.FAULT_FILTERED.values())


def test_real_tracks(gtzan_home):
    data = fetch_gtzan(gtzan_home, download_if_missing=False)
    assert len(data.data) == 70
    split = fetch_gtzan(gtzan_home, download_if_missing=False, split="fault-filtered")
    assert sum(map(len, split.splits.values())) == len(split.data)
    for part, (remote,) in gtzan.FAULT_FILTERED.items():
        path = gtzan_home / "splits" / f"{part}_filtered.txt"
        assert sha256(path) == remote.hash
        assert len(path.read_text().split()) == {"train": 443, "valid": 197, "test": 290}[part]
