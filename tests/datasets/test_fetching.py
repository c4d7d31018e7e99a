"""What the fetchers share, and their contract: the same parameters, the same Bunch."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from sklaudio import datasets
from sklaudio.datasets._fetching import Clip, as_bunch, check_option, find_or_download, list_audio

from . import (
    test_deam,
    test_emomusic,
    test_esc50,
    test_fma_small,
    test_fsdd,
    test_nsynth,
    test_speech_commands,
    test_urban_sed,
    test_urbansound8k,
)
from .conftest import put
from .test_gtzan import make_tracks

SPLITS = {"fetch_gtzan": "six-genres", "fetch_fsdd": "official"}  # the others are partitioned as they are
FOLDS = ("fetch_esc50", "fetch_urbansound8k")  # partitioned into folds that are all there
FETCHERS = sorted(name for name in datasets.__all__ if name.startswith("fetch_"))
RATED = ("fetch_deam", "fetch_emomusic")  # two numbers for each clip, and over time
EVENTS = ("fetch_urban_sed",)  # events for each clip, and which labels it has
IN_PARTS = [name for name in FETCHERS if name not in FOLDS]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """All sets below one folder."""
    folder = tmp_path_factory.mktemp("sets")
    make_tracks(folder / "gtzan" / "genres", ".wav", (0, 10, 30))
    for part in test_nsynth.INSTRUMENTS:
        put(folder / "nsynth", test_nsynth.members(part))
    put(folder / "speech_commands", test_speech_commands.members() | test_speech_commands.LISTS)
    put(folder, test_fsdd.members("fsdd/recordings"))
    put(folder / "esc50", test_esc50.members())
    put(folder / "UrbanSound8K", test_urbansound8k.members())
    put(folder, test_fma_small.clips() | test_fma_small.metadata())
    put(folder / "deam", test_deam.members())
    put(folder / "emomusic", test_emomusic.members())
    put(folder / "URBAN-SED", test_urban_sed.members())
    return folder


def fetch(name, home, **options):
    return getattr(datasets, name)(home, download_if_missing=False, **options)


@pytest.mark.parametrize("name", FETCHERS)
def test_the_parameters(name):
    parameters = inspect.signature(getattr(datasets, name)).parameters
    defaults = {key: value.default for key, value in parameters.items()}
    assert defaults["data_home"] is None
    assert defaults["download_if_missing"] is True
    assert defaults["return_X_y"] is False
    assert defaults.get("split", "none") == ("none" if name in FOLDS else None)
    assert all(value.kind is value.KEYWORD_ONLY for key, value in parameters.items() if key != "data_home")


def assert_bunch(data, name):
    more = {"dynamic", "start", "step"} if name in RATED else {"events"} if name in EVENTS else set()
    assert set(data) - {"fold", "frame"} == {"data", "target", "target_names", "groups", "DESCR", "splits"} | more
    for key in ("data", "groups"):
        assert data[key].shape == data.data.shape
        assert data[key].dtype.kind == "U"
    assert len(set(data.data)) == len(data.data) > 0
    if more:
        assert data.target.shape == (len(data.data), len(data.target_names))
        assert all(len(data[key]) == len(data.data) for key in more - {"step"})
    else:
        assert data.target.dtype.kind == "U"
        assert data.target_names == sorted(set(data.target.tolist()))
    assert isinstance(data.DESCR, str)
    assert "Licence" in data.DESCR
    assert "{" not in data.DESCR
    if "frame" in data:
        assert len(data.fold) == len(data.data)
        assert len(data.frame) == (sum(map(len, data.events)) if name in EVENTS else len(data.data))


@pytest.mark.parametrize("name", IN_PARTS)
@pytest.mark.parametrize("is_split", [False, True])
def test_the_bunch_of_parts(name, is_split, home):
    data = fetch(name, home, split=SPLITS.get(name) if is_split else None)
    assert_bunch(data, name)
    for index in data.splits.values():
        assert index.dtype.kind == "i"
    if is_split or name not in SPLITS:
        assert {"train", "test"} <= set(data.splits)
        np.testing.assert_array_equal(np.sort(np.concatenate([*data.splits.values()])), np.arange(len(data.data)))


@pytest.mark.parametrize("name", FOLDS)
def test_the_bunch_of_folds(name, home):
    data = fetch(name, home)
    assert_bunch(data, name)
    assert list(data.splits) == sorted(set(data.fold.tolist()))
    for fold, (train, test) in data.splits.items():
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(data.data)))
        assert set(data.fold[test]) == {fold}
        assert not set(data.groups[train]) & set(data.groups[test])


@pytest.mark.parametrize("name", FETCHERS)
def test_x_and_y_alone(name, home):
    X, y = fetch(name, home, return_X_y=True)
    data = fetch(name, home)
    assert X.tolist() == data.data.tolist()
    assert y.tolist() == data.target.tolist()


@pytest.mark.parametrize("name", FETCHERS)
def test_the_environment_names_the_home(name, home, monkeypatch):
    monkeypatch.setenv("SKLAUDIO_DATA", str(home))
    assert len(fetch(name, None).data) == len(fetch(name, home).data)


@pytest.mark.parametrize("name", FETCHERS)
def test_what_is_wrong_is_named(name, home, tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing is False"):
        fetch(name, tmp_path)
    if name in IN_PARTS:
        with pytest.raises(ValueError, match="split='nonsense'"):
            fetch(name, home, split="nonsense")


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
