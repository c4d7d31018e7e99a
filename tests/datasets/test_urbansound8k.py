"""fetch_urbansound8k: ten folds in ten folders, what is missing downloaded, an archive put there by hand unpacked."""

import pytest
import soundfile

import sklaudio.datasets._urbansound8k as urbansound8k
from sklaudio.datasets import fetch_urbansound8k
from sklaudio.datasets._download import Remote

from .conftest import md5, put, wav_bytes, write_tar

HEADER = "slice_file_name,fsID,start,end,salience,fold,classID,class"


def members(sound=b""):
    """Two classes in folds 1, 2 and 10, two slices of each recording."""
    rows, files = [HEADER], {}
    for fold in (10, 1, 2):
        for number, label in ((3, "dog_bark"), (8, "siren")):
            for piece in (0, 1):
                name = f"{fold}0{number}-{number}-0-{piece}.wav"
                rows.append(f"{name},{fold}0{number},{piece / 2},{4 + piece / 2},1,{fold},{number},{label}")
                files[f"audio/fold{fold}/{name}"] = sound
    return files | {"metadata/UrbanSound8K.csv": "\n".join(rows).encode()}


@pytest.fixture
def small_archive(server, monkeypatch):
    """An archive of the small set in place of the real one; the paths requested."""
    address, folder, requested = server
    files = members(wav_bytes(0)) | {"UrbanSound8K_README.txt": b"", "audio/fold1/.DS_Store": b""}
    archive = write_tar(folder / "us8k.tar.gz", {f"UrbanSound8K/{name}": content for name, content in files.items()})
    remote = Remote(address + archive.name, md5(archive), archive.stat().st_size)
    monkeypatch.setattr(urbansound8k, "ARCHIVE", [remote])
    return requested


@pytest.mark.parametrize("layout", urbansound8k.LAYOUTS)
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, members())
    data = fetch_urbansound8k(tmp_path, download_if_missing=False)
    assert data.data[0] == str(tmp_path / layout / "audio" / "fold10" / "1003-3-0-0.wav")
    assert data.target_names == ["dog_bark", "siren"]


def test_folds_and_recordings(tmp_path):
    data = fetch_urbansound8k(put(tmp_path, members()))
    assert data.groups[:3].tolist() == ["1003", "1003", "1008"]
    assert list(data.splits) == [1, 2, 10]
    assert [part.tolist() for part in data.splits[10]] == [list(range(4, 12)), list(range(4))]
    assert data.frame.columns.tolist() == HEADER.split(",")
    assert "12 excerpts of at most 4 s of 2 city sounds, from 6 recordings" in data.DESCR


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    data = fetch_urbansound8k(tmp_path / "home")
    assert {soundfile.info(path).frames for path in data.data} == {2205}
    assert fetch_urbansound8k(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archive == ["/us8k.tar.gz"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["UrbanSound8K"]


def test_an_archive_put_there_by_hand_is_unpacked_and_kept(small_archive, server, tmp_path):
    (tmp_path / "home").mkdir()
    archive = tmp_path / "home" / "UrbanSound8K.tar.gz"
    archive.write_bytes((server[1] / "us8k.tar.gz").read_bytes())
    assert len(fetch_urbansound8k(tmp_path / "home", download_if_missing=False).data) == 12
    assert small_archive == []
    assert archive.exists()


def test_a_download_gone_wrong_leaves_nothing(small_archive, monkeypatch, tmp_path):
    (right,) = urbansound8k.ARCHIVE
    monkeypatch.setattr(urbansound8k, "ARCHIVE", [Remote(right.url, right.hash, right.size + 1)])
    with pytest.raises(OSError, match=r"UrbanSound8K\.tar\.gz could not be downloaded.* were expected"):
        fetch_urbansound8k(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_missing_files_are_named(tmp_path):
    put(tmp_path, members())
    (tmp_path / "audio" / "fold2" / "203-3-0-1.wav").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 12 files are missing: .*fold2/203-3-0-1\.wav"):
        fetch_urbansound8k(tmp_path)


def test_another_table_is_named(tmp_path):
    put(tmp_path, {"metadata/UrbanSound8K.csv": HEADER.replace("fsID", "id").encode() + b"\n"})
    with pytest.raises(ValueError, match=r"this is not the table of UrbanSound8K, it has no column 'fsID'\."):
        fetch_urbansound8k(tmp_path)


def test_the_address_is_the_real_one():
    (remote,) = urbansound8k.ARCHIVE
    assert remote.url == "https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz"
    assert remote.hash == "md5:9aa69802bbf37fb986f71ec1483a196e"
    assert remote.size == 6_023_741_708
