"""What sklaudio keeps on the disk: all of it is found, and nothing else is deleted."""

import json
import os
import time

import numpy as np
import pytest

from sklaudio import MFCCTransformer
from sklaudio._utils.data_home import RECORD
from sklaudio.cli._disk_usage import downloads, feature_caches
from sklaudio.datasets._download import Remote, download_and_unpack

from ..datasets.conftest import md5, write_tar
from ..datasets.conftest import server as server


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture
def home(server, tmp_path):
    """A data home with a data set that was downloaded, and one that was put there by hand."""
    address, folder, _ = server
    members = {f"tones/{name}.wav": bytes(100) for name in ("low/1", "low/2", "high/1")}
    archive = write_tar(folder / "tones.tar.gz", members)
    home = tmp_path / "home"
    download_and_unpack([Remote(address + archive.name, md5(archive))], home / "group", archive.name, "tones")
    (home / "mine").mkdir()
    (home / "mine" / "1.wav").write_bytes(bytes(100))
    return home


def test_only_the_files_of_a_download_are_deleted(home):
    (kept,) = downloads(home)
    assert (kept.kind, kept.path, len(kept.files)) == ("data set", home / "group" / "tones", 4)
    assert kept.n_bytes == 300 + (home / "group" / "tones" / RECORD).stat().st_size
    (home / "group" / "tones" / "low" / "of my own.wav").write_bytes(bytes(7))
    kept.clear()
    assert files_in(home) == ["group/tones/low/of my own.wav", "mine/1.wav"]
    assert not (home / "group" / "tones" / "high").exists()
    assert downloads(home) == []


def test_a_whole_download_goes_with_its_folder(home):
    downloads(home)[0].clear()
    assert not (home / "group" / "tones").exists()
    assert files_in(home) == ["mine/1.wav"]


@pytest.mark.parametrize("record", ["../../mine/1.wav", "/etc/hostname", "link/1.wav", "low/../../../mine/1.wav"])
def test_records_that_lead_elsewhere_delete_nothing_there(home, record):
    folder = home / "group" / "tones"
    (folder / "link").symlink_to(home / "mine")
    (folder / RECORD).write_text(json.dumps([record, 3]))
    (kept,) = downloads(home)
    assert kept.files == [folder / RECORD]
    kept.clear()
    assert (home / "mine" / "1.wav").exists()
    assert os.path.exists("/etc/hostname")


def test_a_damaged_record_and_links_are_left_alone(home):
    (home / "group" / "tones" / RECORD).write_text("no JSON")
    (home / "elsewhere").symlink_to(home / "group")
    (kept,) = downloads(home)
    kept.clear()
    assert len(files_in(home)) == 4


def test_downloads_that_were_killed_are_listed_after_a_day(home):
    for name in (".download-ab", ".unpack-cd"):
        (home / "group" / name).mkdir()
        (home / "group" / name / "part").write_bytes(bytes(50))
    assert len(downloads(home)) == 1
    day_before = time.time() - 25 * 3600
    os.utime(home / "group" / ".unpack-cd", (day_before, day_before))
    _, unfinished = downloads(home)
    assert (unfinished.kind, unfinished.n_bytes) == ("unfinished download", 50)
    unfinished.clear()
    assert not (home / "group" / ".unpack-cd").exists()
    assert (home / "group" / ".download-ab" / "part").exists()


def test_frames_are_deleted_and_other_results_in_the_folder_stay(tmp_path):
    MFCCTransformer(memory=str(tmp_path)).fit_transform([np.ones(3000, dtype=np.float32)])
    other = tmp_path / "joblib" / "mine" / "result.pkl"
    other.parent.mkdir()
    other.write_bytes(bytes(10))
    kept = feature_caches(tmp_path)
    assert sum(len(folder.files) for folder in kept) >= 3
    assert any(file.name == "output.pkl" for folder in kept for file in folder.files)
    for folder in kept:
        folder.clear()
    assert files_in(tmp_path / "joblib") == ["mine/result.pkl"]
    assert feature_caches(tmp_path) == []


def test_where_nothing_is_nothing_is_listed(tmp_path):
    assert downloads(tmp_path / "nowhere") == []
    assert feature_caches(tmp_path) == []
