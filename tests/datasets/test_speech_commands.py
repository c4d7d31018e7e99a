"""fetch_speech_commands: words by choice, the official partition, noise cut to clips."""

import hashlib

import pytest

import sklaudio.datasets._speech_commands as speech_commands
from sklaudio.datasets import fetch_speech_commands
from sklaudio.datasets._download import Remote

from ..conftest import real_files
from .conftest import put, sha256, wav_bytes, write_tar
from .test_noise_clips import noise_members

SPEAKERS = [hashlib.md5(bytes([number])).hexdigest()[:8] for number in range(100)]
LISTS = {
    "validation_list.txt": f"yes/{SPEAKERS[0]}_nohash_0.wav\none/{SPEAKERS[0]}_nohash_0.wav\n".encode(),
    "testing_list.txt": f"yes/{SPEAKERS[1]}_nohash_0.wav\n".encode(),
}


def members(words=("zero", "one", "yes"), speakers=SPEAKERS[:5], extension=".wav", sound=b""):
    return {f"{word}/{speaker}_nohash_0{extension}": sound for word in words for speaker in speakers}


@pytest.fixture
def small_archive(server, monkeypatch):
    """An archive of three words and noise in place of the real one, "./" before its names; the paths requested."""
    address, folder, requested = server
    files = members(sound=wav_bytes(0)) | LISTS | noise_members() | {"LICENSE": b"CC BY 4.0"}
    archive = write_tar(folder / "words.tar.gz", {f"./{name}": content for name, content in files.items()})
    remote = Remote(address + archive.name, sha256(archive), archive.stat().st_size)
    monkeypatch.setattr(speech_commands, "ARCHIVE", [remote])
    return requested


@pytest.mark.parametrize("layout", speech_commands.LAYOUTS)
@pytest.mark.parametrize("extension", [".wav", ".flac"])
def test_every_layout_is_found(layout, extension, tmp_path):
    put(tmp_path / layout, members(extension=extension) | {"_background_noise_/README.md": b"", "other/x.wav": b""})
    data = fetch_speech_commands(tmp_path, words="all", download_if_missing=False)
    assert data.target_names == ["one", "yes", "zero"]
    assert len(data.data) == 15
    assert set(data.groups) == set(SPEAKERS[:5])


def test_words_by_choice(tmp_path):
    put(tmp_path, members(("zero", "one", "yes", "sklaudio")))
    assert fetch_speech_commands(tmp_path).target_names == ["one", "zero"]
    assert fetch_speech_commands(tmp_path, words="all").target_names == ["one", "sklaudio", "yes", "zero"]
    assert fetch_speech_commands(tmp_path, words=["yes", "sklaudio", "yes"]).target_names == ["sklaudio", "yes"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["one", "onne", "two"], "words holds 'onne', 'two'.*one, yes, zero"),
        ([], "words holds nothing"),
        ("yes", r"words='yes' is not known.*\['yes'\]"),
    ],
)
def test_words_that_are_not_there_are_named(words, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        fetch_speech_commands(put(tmp_path, members()), words=words)


def test_digits_where_there_are_none(tmp_path):
    with pytest.raises(ValueError, match="no digit among yes"):
        fetch_speech_commands(put(tmp_path, members(("yes",))))


def test_the_lists_are_the_partition(tmp_path):
    put(tmp_path, members(extension=".flac") | LISTS)
    data = fetch_speech_commands(tmp_path, words=["yes"])
    speakers = {part: data.groups[index].tolist() for part, index in data.splits.items()}
    assert speakers == {"train": sorted(SPEAKERS[2:5]), "valid": SPEAKERS[:1], "test": SPEAKERS[1:2]}
    assert "testing_list.txt" in data.DESCR
    test = fetch_speech_commands(tmp_path, words=["yes"], split="test")
    assert test.groups.tolist() == SPEAKERS[1:2]
    assert list(test.splits) == ["test"]


def test_without_lists_the_hash_of_the_speaker_decides(tmp_path):
    data = fetch_speech_commands(put(tmp_path, members(speakers=SPEAKERS)), words=["one", "yes"])
    groups = {part: set(data.groups[index]) for part, index in data.splits.items()}
    assert sum(map(len, groups.values())) == len(SPEAKERS)  # a speaker is in one part
    assert 2 <= len(groups["valid"]) <= 20
    assert 2 <= len(groups["test"]) <= 20
    # the published rule by hand: the last 27 bits of the SHA-1, as a fraction of the largest
    fraction = {name: (int(hashlib.sha1(name.encode()).hexdigest(), 16) % 2**27) / (2**27 - 1) for name in SPEAKERS}
    assert groups["valid"] == {name for name in SPEAKERS if fraction[name] < 0.1}
    assert groups["test"] == {name for name in SPEAKERS if 0.1 <= fraction[name] < 0.2}


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    with pytest.raises(FileNotFoundError, match="download_if_missing is False"):
        fetch_speech_commands(tmp_path / "home", download_if_missing=False)
    with pytest.raises(ValueError, match="'onne'"):
        fetch_speech_commands(tmp_path / "home", words=["onne"])
    assert small_archive == []
    data = fetch_speech_commands(tmp_path / "home", words="all")
    assert {part: len(index) for part, index in data.splits.items()} == {"train": 12, "valid": 2, "test": 1}
    assert fetch_speech_commands(tmp_path / "home", words="all").data.tolist() == data.data.tolist()
    assert small_archive == ["/words.tar.gz"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["speech_commands"]


def test_a_download_gone_wrong_leaves_nothing(small_archive, monkeypatch, tmp_path):
    (right,) = speech_commands.ARCHIVE
    monkeypatch.setattr(speech_commands, "ARCHIVE", [Remote(right.url, "sha256:" + "0" * 64, right.size)])
    with pytest.raises(OSError, match="sha256"):
        fetch_speech_commands(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_noise_is_a_class_of_its_own(small_archive, tmp_path):
    data = fetch_speech_commands(tmp_path / "home", noise=True)
    assert data.target_names == ["_background_noise_", "one", "zero"]
    is_noise = data.target == "_background_noise_"
    assert set(data.groups[is_noise]) == {"exercise_bike", "pink_noise", "running_tap"}
    assert "; 5 speakers" in data.DESCR
    again = fetch_speech_commands(tmp_path / "home", noise=True, split="test")
    assert set(again.groups[again.target == "_background_noise_"]) == {"exercise_bike"}
    assert fetch_speech_commands(tmp_path / "home", words="all").target_names == ["one", "yes", "zero"]


def test_an_unknown_split_is_named(tmp_path):
    with pytest.raises(ValueError, match="split='testing'"):
        fetch_speech_commands(tmp_path, split="testing")


def test_the_address_is_the_real_one():
    (remote,) = speech_commands.ARCHIVE
    assert remote.url == "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
    assert remote.size == 2_428_923_189
    assert len(set(speech_commands.WORDS)) == 35


def test_real_words():
    home = real_files("speech_commands/*/*_nohash_*.flac")[0].parents[1]
    data = fetch_speech_commands(home, words="all", download_if_missing=False)
    assert len(data.target_names) == 9
    assert {int((data.target == word).sum()) for word in data.target_names} == {240}
    assert len(set(data.groups)) == 316
    groups = [set(data.groups[index]) for index in data.splits.values()]
    assert sum(map(len, groups)) == 316
    assert fetch_speech_commands(home.parent, download_if_missing=False).target_names == [
        "eight",
        "five",
        "one",
        "zero",
    ]
