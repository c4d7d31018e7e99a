"""fetch_fsdd: digit, speaker and number from the names of the files."""

import re

import pytest

import sklaudio.datasets._fsdd as fsdd
from sklaudio.datasets import fetch_fsdd
from sklaudio.datasets._download import Remote

from ..conftest import real_files
from .conftest import put, sha256, wav_bytes, write_tar


def members(folder, extension=".wav", sound=b""):
    names = [f"{digit}_{speaker}_{n}" for digit in range(10) for speaker in ("jackson", "theo") for n in (0, 4, 5, 10)]
    return {f"{folder}/{name}{extension}": sound for name in names}


@pytest.fixture
def small_archive(server, monkeypatch):
    """A release of two speakers in place of the real one; the paths requested."""
    address, folder, requested = server
    top = f"free-spoken-digit-dataset-{fsdd.VERSION}"
    files = members(f"{top}/recordings", sound=wav_bytes(0)) | {f"{top}/README.md": b"FSDD"}
    archive = write_tar(folder / "v1.tar.gz", files)
    monkeypatch.setattr(fsdd, "ARCHIVE", [Remote(address + archive.name, sha256(archive), archive.stat().st_size)])
    return requested


@pytest.mark.parametrize(
    "layout", ["recordings", "fsdd/recordings", "free-spoken-digit-dataset/recordings", ".", "fsdd"]
)
@pytest.mark.parametrize("extension", [".wav", ".flac"])
def test_every_layout_is_found(layout, extension, tmp_path):
    put(tmp_path, members(layout, extension))
    put(tmp_path, {f"{layout}/notes{extension}": b""})
    data = fetch_fsdd(tmp_path, download_if_missing=False)
    assert len(data.data) == 80
    assert data.target_names == list("0123456789")
    assert set(data.groups) == {"jackson", "theo"}
    assert data.splits == {}
    assert [path.split("_")[-1] for path in data.data[:4]] == [f"{n}{extension}" for n in (0, 4, 5, 10)]


def test_the_official_partition(tmp_path):
    data = fetch_fsdd(put(tmp_path, members("recordings")), split="official")
    numbers = {
        part: {int(re.search(r"(\d+)\.wav", path)[1]) for path in data.data[index]}
        for part, index in data.splits.items()
    }
    assert numbers == {"train": {5, 10}, "test": {0, 4}}
    assert len(data.data) == 80


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing is False"):
        fetch_fsdd(tmp_path / "home", download_if_missing=False)
    data = fetch_fsdd(tmp_path / "home")
    assert len(data.data) == 80
    assert fetch_fsdd(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archive == ["/v1.tar.gz"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["fsdd"]


@pytest.mark.parametrize("wrong", ["hash", "address"])
def test_a_download_gone_wrong_leaves_nothing(wrong, small_archive, monkeypatch, tmp_path):
    (right,) = fsdd.ARCHIVE
    remotes = {
        "hash": Remote(right.url, "sha256:" + "0" * 64, right.size),
        "address": Remote(right.url + "x", right.hash, right.size),
    }
    monkeypatch.setattr(fsdd, "ARCHIVE", [remotes[wrong]])
    with pytest.raises(OSError, match=r"sha256 is|404"):
        fetch_fsdd(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_an_unknown_split_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"split='test'.*'official'"):
        fetch_fsdd(tmp_path, split="test")


def test_the_address_is_the_real_one():
    (remote,) = fsdd.ARCHIVE
    assert remote.url.endswith("Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz")
    assert remote.size == 11_975_353


def test_real_digits():
    home = real_files("fsdd/recordings/*.flac")[0].parents[1]
    data = fetch_fsdd(home, download_if_missing=False, split="official")
    assert {part: len(index) for part, index in data.splits.items()} == {"train": 1800, "test": 200}
    assert sorted(set(data.groups)) == ["george", "jackson", "lucas", "nicolas"]
    assert "2000 recordings" in data.DESCR
    assert len(fetch_fsdd(home.parent, download_if_missing=False).data) == 2000
