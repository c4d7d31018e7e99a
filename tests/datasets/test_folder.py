"""A folder per class."""

from pathlib import Path

import pytest

from sklaudio.datasets import load_folder


@pytest.fixture
def folder(tmp_path):
    for name in [
        "cat/a_1.wav",
        "cat/a_2.WAV",
        "cat/deep/er/b_1.flac",
        "dog/c_1.mp3",
        "dog/notes.txt",
        "dog/.hidden.wav",
        "dog/.ipynb_checkpoints/c_1.wav",
    ]:
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "pets" / "readme.wav").touch()  # of no class
    (tmp_path / "pets" / ".git").mkdir()
    return tmp_path / "pets"


def test_files_and_classes(folder):
    data = load_folder(folder)
    assert [Path(path).relative_to(folder).as_posix() for path in data.data] == [
        "cat/a_1.wav", "cat/a_2.WAV", "cat/deep/er/b_1.flac", "dog/c_1.mp3",
    ]  # fmt: skip
    assert data.target.tolist() == ["cat", "cat", "cat", "dog"]
    assert data.target_names == ["cat", "dog"]
    assert data.groups.tolist() == ["cat/a_1.wav", "cat/a_2.WAV", "cat/deep/er/b_1.flac", "dog/c_1.mp3"]
    assert data.splits == {}
    assert "4 audio files of 2 classes" in data.DESCR


def test_x_and_y_alone(folder):
    X, y = load_folder(str(folder), return_X_y=True)
    assert len(X) == len(y) == 4


@pytest.mark.parametrize(
    "groups", [r"/(?:deep/er/)?([a-z])_", r"[a-z](?=_\d)(x)?", r"[a-z](?=_\d)", lambda path: path.stem[0]]
)
def test_groups_by_pattern_and_by_function(groups, folder):
    assert load_folder(folder, groups=groups).groups.tolist() == ["a", "a", "b", "c"]


def test_extensions(folder):
    with pytest.warns(UserWarning, match="left out dog"):
        _, y = load_folder(folder, extensions="wav", return_X_y=True)
    assert y.tolist() == ["cat", "cat"]


def test_what_is_wrong_is_named(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError, match=r"readme\.wav"):
        load_folder(folder / "readme.wav")
    with pytest.raises(ValueError, match="folder per class"):
        load_folder(folder / "cat" / "deep" / "er")
    with pytest.raises(ValueError, match=r"matches nothing in 'cat/deep/er/b_1\.flac'"):
        load_folder(folder, groups=r"a_\d|c_\d")
    (folder / "cow").mkdir()
    with pytest.warns(UserWarning, match="left out cow"):
        load_folder(folder)


def test_real_speakers(speaker_files):
    data = load_folder(speaker_files[0].parents[1])
    assert data.target_names == ["James", "Jennifer", "Linda", "Maria", "Patricia"]
    assert len(data.data) == 110


def test_the_folder_of_one_class_is_told_from_one_of_classes(folder):
    (folder / "cat" / "deep" / "er" / "b_1.flac").unlink()
    with pytest.raises(ValueError, match=r"its 2 audio files are in no folder.*take the folder above, '.*pets'"):
        load_folder(folder / "cat")
