"""fetch_esc50: the folds and recordings of its table, the subset of ten classes, what is missing downloaded."""

from pathlib import Path

import pytest
import soundfile

import sklaudio.datasets._esc50 as esc50
from sklaudio.datasets import fetch_esc50
from sklaudio.datasets._download import Remote

from .conftest import md5, put, wav_bytes, write_zip

CLASSES = {"dog": (0, True), "siren": (42, False), "rain": (10, True)}
HEADER = "filename,fold,target,category,esc10,src_file,take"


def members(sound=b""):
    """Three classes in two folds, two takes of each recording."""
    rows, files = [HEADER], {}
    for fold in (1, 2):
        for label, (number, is_esc10) in CLASSES.items():
            for take in "AB":
                name = f"{fold}-{fold}00{number}-{take}-{number}.wav"
                rows.append(f"{name},{fold},{number},{label},{is_esc10},{fold}00{number},{take}")
                files[f"audio/{name}"] = sound
    return files | {"meta/esc50.csv": "\n".join(rows).encode()}


@pytest.fixture
def small_archive(server, monkeypatch):
    """An archive of the small set in place of the real one; the paths requested."""
    address, folder, requested = server
    files = members(wav_bytes(0)) | {"README.md": b"ESC-50", "meta/esc50-human.xlsx": b"", "tests/test_dataset.py": b""}
    archive = write_zip(folder / "esc50.zip", {f"{esc50.FOLDER}/{name}": content for name, content in files.items()})
    monkeypatch.setattr(esc50, "ARCHIVE", [Remote(address + archive.name, md5(archive))])
    return requested


@pytest.mark.parametrize("layout", esc50.LAYOUTS)
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, members())
    data = fetch_esc50(tmp_path, download_if_missing=False)
    assert data.data[0] == str(tmp_path / layout / "audio" / "1-1000-A-0.wav")
    assert data.target_names == ["dog", "rain", "siren"]


def test_folds_and_recordings(tmp_path):
    data = fetch_esc50(put(tmp_path, members()))
    assert data.target[:3].tolist() == ["dog", "dog", "siren"]
    assert data.groups[:3].tolist() == ["1000", "1000", "10042"]
    assert data.fold.tolist() == [1] * 6 + [2] * 6
    assert [part.tolist() for part in data.splits[1]] == [list(range(6, 12)), list(range(6))]
    assert data.frame.columns.tolist() == HEADER.split(",")
    assert "12 recordings of 5 s" in data.DESCR
    assert "cut from 6 recordings" in data.DESCR


def test_the_subset_of_ten_classes(tmp_path):
    data = fetch_esc50(put(tmp_path, members()), subset="esc10")
    assert data.target_names == ["dog", "rain"]
    assert len(data.data) == len(data.frame) == 8
    assert data.frame["filename"][4] == Path(data.data[4]).name == "2-2000-A-0.wav"
    assert "ESC-10" in data.DESCR
    with pytest.raises(ValueError, match=r"subset='esc-10' is not known.*'esc10'"):
        fetch_esc50(tmp_path, subset="esc-10")


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    data = fetch_esc50(tmp_path / "home")
    assert {soundfile.info(path).samplerate for path in data.data} == {22050}
    assert fetch_esc50(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archive == ["/esc50.zip"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["esc50"]


def test_a_download_gone_wrong_leaves_nothing(small_archive, monkeypatch, tmp_path):
    (right,) = esc50.ARCHIVE
    monkeypatch.setattr(esc50, "ARCHIVE", [Remote(right.url, "md5:" + "0" * 32)])
    with pytest.raises(OSError, match=r"the md5 is .*put it into .*home by hand"):
        fetch_esc50(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_missing_files_are_named(tmp_path):
    put(tmp_path / "esc50", members())
    (tmp_path / "esc50" / "audio" / "2-2000-B-0.wav").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"1 of 12 files are missing: .*2-2000-B-0\.wav.*Complete .*esc50 by hand"
    ):
        fetch_esc50(tmp_path)


def test_another_table_is_named(tmp_path):
    put(tmp_path, {"meta/esc50.csv": b"filename,label\na.wav,dog\n"})
    with pytest.raises(ValueError, match=r"esc50\.csv: this is not the table of ESC-50, it has no column 'fold', 'cat"):
        fetch_esc50(tmp_path)


def test_the_address_is_the_real_one():
    (remote,) = esc50.ARCHIVE
    assert remote.url == f"https://github.com/karolpiczak/ESC-50/archive/{esc50.COMMIT}.zip"
    assert len(esc50.COMMIT) == 40
    assert remote.hash == "md5:071b44018315e034b2c6e8064543d19c"
