"""What the fetchers share."""

from pathlib import Path

import pytest

from sklaudio.datasets._fetching import Clip, as_bunch, check_option, find_or_download, list_audio


def test_layouts_are_tried_in_order(tmp_path):
    for name in ("b", "c"):
        (tmp_path / name).mkdir()
    options = {"name": "The set", "example": "b/1.wav", "download_if_missing": False}
    assert find_or_download(tmp_path, ("a", "b", "c"), Path.is_dir, None, **options) == tmp_path / "b"
    with pytest.raises(FileNotFoundError, match=r"The set is not in .*b/1\.wav.*Put it there"):
        find_or_download(tmp_path, ("a",), Path.is_dir, None, **options)
    options["download_if_missing"] = True
    assert find_or_download(tmp_path, ("a",), Path.is_dir, lambda: tmp_path / "new", **options) == tmp_path / "new"


def test_audio_files_by_name(tmp_path):
    for name in ("b.wav", "a.flac", "c.FLAC", "b.flac", ".hidden.wav", "d.txt"):
        (tmp_path / name).touch()
    assert [(name, path.name) for name, path in list_audio(tmp_path).items()] == [
        ("a", "a.flac"), ("b", "b.wav"), ("c", "c.FLAC"),
    ]  # fmt: skip
    assert list_audio(tmp_path / "nowhere") == {}
    assert list_audio(tmp_path / "d.txt") == {}


def test_parts_lie_one_after_the_other():
    clips = [Clip(Path(name), label, "group") for name, label in ("xz", "yw", "zz")]
    data = as_bunch({"train": clips[:2], "valid": [], "test": clips[2:]}, "about", False)
    assert data.data.tolist() == ["x", "y", "z"]
    assert data.target_names == ["w", "z"]
    assert {part: index.tolist() for part, index in data.splits.items()} == {"train": [0, 1], "valid": [], "test": [2]}
    assert as_bunch({None: clips}, "about", False).splits == {}


def test_options():
    check_option("split", None, (None, "train"))
    with pytest.raises(ValueError, match=r"split='x' is not known\. Take one of None, 'train'"):
        check_option("split", "x", (None, "train"))
