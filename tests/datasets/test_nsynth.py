"""fetch_nsynth: labels from examples.json, each part found or downloaded by itself."""

import json
import re

import pytest

import sklaudio.datasets._nsynth as nsynth
from sklaudio.datasets import fetch_nsynth
from sklaudio.datasets._download import Remote

from ..conftest import real_files
from .conftest import md5, put, wav_bytes, write_tar

INSTRUMENTS = {"train": ["brass_acoustic_006", "organ_electronic_001"], "valid": ["brass_acoustic_059"]}
INSTRUMENTS["test"] = ["bass_synthetic_033"]


def members(part, extension=".wav", pitches=(60, 108), sound=b""):
    """A small part of NSynth: each instrument at some pitches, struck softly and hard."""
    notes, files = {}, {}
    for instrument in INSTRUMENTS[part]:
        family, source, _ = instrument.split("_")
        for pitch in pitches:
            for velocity in (25, 127):
                name = f"{instrument}-{pitch:03d}-{velocity:03d}"
                notes[name] = {
                    "note_str": name, "instrument_str": instrument, "pitch": pitch, "velocity": velocity,
                    "instrument_family_str": family, "instrument_source_str": source,
                }  # fmt: skip
                files[f"nsynth-{part}/audio/{name}{extension}"] = sound
    return {f"nsynth-{part}/examples.json": json.dumps(notes).encode()} | files


@pytest.fixture
def small_archives(server, monkeypatch):
    """Archives of a few notes a part in place of the real ones; the paths requested."""
    address, folder, requested = server
    archives = {}
    for part in INSTRUMENTS:
        archive = write_tar(folder / f"nsynth-{part}.jsonwav.tar.gz", members(part, sound=wav_bytes(0)))
        archives[part] = [Remote(address + archive.name, md5(archive), archive.stat().st_size)]
    monkeypatch.setattr(nsynth, "ARCHIVES", archives)
    return requested


@pytest.fixture
def home(tmp_path):
    for part in INSTRUMENTS:
        put(tmp_path / "home", members(part))
    return tmp_path / "home"


@pytest.mark.parametrize("layout", [".", "nsynth"])
@pytest.mark.parametrize("extension", [".wav", ".flac"])
def test_every_layout_is_found(layout, extension, tmp_path):
    for part in INSTRUMENTS:
        put(tmp_path / layout, members(part, extension))
    data = fetch_nsynth(tmp_path, download_if_missing=False)
    assert {part: len(index) for part, index in data.splits.items()} == {"train": 8, "valid": 4, "test": 4}
    assert data.target_names == ["bass", "brass", "organ"]
    assert all(path.endswith(extension) for path in data.data)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("family", ["brass", "organ"]),
        ("instrument", ["brass_acoustic_006", "organ_electronic_001"]),
        ("source", ["acoustic", "electronic"]),
        ("pitch", ["060", "108"]),
    ],
)
def test_targets(target, names, home):
    data = fetch_nsynth(home, target=target, split="train")
    assert data.target_names == names
    assert len(data.target) == 8


def test_groups_are_what_belongs_together(home):
    by_family = fetch_nsynth(home, split="train")
    assert set(by_family.groups) == set(INSTRUMENTS["train"])
    by_instrument = fetch_nsynth(home, split="train", target="instrument")
    assert len(set(by_instrument.groups)) == 4
    assert by_instrument.groups[:3].tolist() == ["brass_acoustic_006-060"] * 2 + ["brass_acoustic_006-108"]


def test_only_the_part_asked_for_is_downloaded(small_archives, tmp_path):
    data = fetch_nsynth(tmp_path / "home", split="test")
    assert len(data.data) == 4
    assert list(data.splits) == ["test"]
    assert small_archives == ["/nsynth-test.jsonwav.tar.gz"]
    again = fetch_nsynth(tmp_path / "home", split="test", download_if_missing=False)
    assert again.data.tolist() == data.data.tolist()
    assert len(fetch_nsynth(tmp_path / "home").data) == 16
    assert len(small_archives) == 3
    assert sorted(path.name for path in (tmp_path / "home" / "nsynth").iterdir()) == [
        "nsynth-test", "nsynth-train", "nsynth-valid",
    ]  # fmt: skip


def test_a_part_that_is_missing_is_named(home):
    (home / "nsynth-valid" / "examples.json").unlink()
    with pytest.raises(FileNotFoundError, match="valid part of NSynth"):
        fetch_nsynth(home, download_if_missing=False)
    assert len(fetch_nsynth(home, split="train", download_if_missing=False).data) == 8


def test_a_download_gone_wrong_leaves_nothing(small_archives, monkeypatch, tmp_path):
    (right,) = nsynth.ARCHIVES["test"]
    monkeypatch.setitem(nsynth.ARCHIVES, "test", [Remote(right.url, "md5:" + "0" * 32, right.size)])
    with pytest.raises(OSError, match="md5"):
        fetch_nsynth(tmp_path / "home", split="test")
    assert list((tmp_path / "home" / "nsynth").iterdir()) == []


def test_notes_without_a_file_are_left_out_and_said(home):
    next((home / "nsynth-train" / "audio").iterdir()).unlink()
    data = fetch_nsynth(home, split="train")
    assert len(data.data) == 7
    assert "7 train" in data.DESCR
    assert "not all notes of the published parts (289,205 train)" in data.DESCR


def test_the_description_tells_whether_parts_share_instruments(home, tmp_path, monkeypatch):
    assert "in the others" not in fetch_nsynth(home).DESCR
    monkeypatch.setitem(INSTRUMENTS, "test", INSTRUMENTS["train"][:1])
    for part in INSTRUMENTS:
        put(tmp_path / "shared", members(part))
    assert "in the others here: 1." in fetch_nsynth(tmp_path / "shared").DESCR


@pytest.mark.parametrize("content", ["not json", "[1]", '{"a": {"pitch": 60}}'])
def test_labels_that_cannot_be_read_are_named(content, home):
    (home / "nsynth-test" / "examples.json").write_text(content)
    with pytest.raises(ValueError, match=r"nsynth-test/examples\.json: these are not the labels"):
        fetch_nsynth(home, split="test")


def test_labels_without_audio_are_named(home):
    for file in (home / "nsynth-test" / "audio").iterdir():
        file.unlink()
    with pytest.raises(ValueError, match="no wav or flac file of any note"):
        fetch_nsynth(home, split="test")


def test_unknown_options_are_named(home):
    with pytest.raises(ValueError, match="split='validation'"):
        fetch_nsynth(home, split="validation")
    with pytest.raises(ValueError, match=r"target='velocity'.*'pitch'"):
        fetch_nsynth(home, target="velocity")


def test_the_addresses_are_the_real_ones():
    assert sum(remote.size for (remote,) in nsynth.ARCHIVES.values()) == 25_233_566_634
    for part, (remote,) in nsynth.ARCHIVES.items():
        assert remote.url.endswith(f"/nsynth/nsynth-{part}.jsonwav.tar.gz")
        assert re.fullmatch(r"md5:[0-9a-f]{32}", remote.hash)
    assert sum(nsynth.N_NOTES.values()) == 305_979


def test_real_notes():
    home = real_files("nsynth/nsynth-test/examples.json")[0].parents[1]
    data = fetch_nsynth(home, download_if_missing=False)
    assert {part: len(index) for part, index in data.splits.items()} == {"train": 704, "valid": 119, "test": 120}
    assert data.target_names == ["brass", "flute", "reed", "string"]
    assert len(set(data.groups)) == 16
    assert "in the others here: 16." in data.DESCR
    assert fetch_nsynth(home.parent, split="test").data.tolist() == data.data[data.splits["test"]].tolist()
    by_instrument = fetch_nsynth(home, target="instrument")  # its parts share no pitch of an instrument
    groups = [set(by_instrument.groups[index]) for index in by_instrument.splits.values()]
    assert sum(map(len, groups)) == len(set().union(*groups))
