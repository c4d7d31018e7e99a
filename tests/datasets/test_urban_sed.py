"""fetch_urban_sed: events of each soundscape from its annotations, its three parts, and its archive."""

import pytest
import soundfile

import sklaudio.datasets._urban_sed as urban_sed
from sklaudio.datasets import fetch_urban_sed
from sklaudio.datasets._download import Remote

from .conftest import md5, put, wav_bytes, write_tar

EVENTS = {
    "train/soundscape_train_uniform0": "3.0\t5.5\tsiren\n0.5\t2.25\tdog_bark\n",
    "train/soundscape_train_bimodal1": "1.0\t2.0\tsiren\n1.5\t4.0\tsiren\n",
    "validate/soundscape_validate_uniform0": "",
    "test/soundscape_test_uniform0": "0.0\t10.0\tdrilling\n",
}


def members(sound=b""):
    found = {f"audio/{name}.wav": sound for name in EVENTS} | {f"annotations/{name}.jams": b"{}" for name in EVENTS}
    return found | {f"annotations/{name}.txt": text.encode() for name, text in EVENTS.items()}


@pytest.fixture
def small_archive(server, monkeypatch):
    """An archive of the small set in place of the real one; the paths requested."""
    address, folder, requested = server
    files = members(wav_bytes(0)) | {"README.txt": b"", "FREESOUNDCREDITS.txt": b""}
    archive = write_tar(
        folder / "urban-sed.tar.gz", {f"{urban_sed.FOLDER}/{name}": content for name, content in files.items()}
    )
    monkeypatch.setattr(urban_sed, "ARCHIVE", [Remote(address + archive.name, md5(archive))])
    return requested


@pytest.mark.parametrize("layout", urban_sed.LAYOUTS)
def test_every_layout_is_found(layout, tmp_path):
    put(tmp_path / layout, members())
    data = fetch_urban_sed(tmp_path, download_if_missing=False)
    assert data.data[1] == str(tmp_path / layout / "audio" / "train" / "soundscape_train_uniform0.wav")


def test_events_and_parts(tmp_path):
    data = fetch_urban_sed(put(tmp_path, members()))
    assert [events.to_numpy().tolist() for events in data.events] == [
        [[1.0, 2.0, "siren"], [1.5, 4.0, "siren"]],
        [[0.5, 2.25, "dog_bark"], [3.0, 5.5, "siren"]],
        [],
        [[0.0, 10.0, "drilling"]],
    ]
    assert all(events.columns.tolist() == ["start", "end", "label"] for events in data.events)
    assert data.target_names == ["dog_bark", "drilling", "siren"]
    assert data.target.tolist() == [[0, 0, 1], [1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert data.fold.tolist() == ["train", "train", "valid", "test"]
    assert {part: index.tolist() for part, index in data.splits.items()} == {"train": [0, 1], "valid": [2], "test": [3]}
    assert data.groups[0] == "soundscape_train_bimodal1"
    assert len(data.frame) == 5
    assert "4 soundscapes of 10 s" in data.DESCR
    assert "with 5 events" in data.DESCR


def test_one_part(tmp_path):
    data = fetch_urban_sed(put(tmp_path, members()), split="train")
    assert len(data.data) == len(data.events) == 2
    assert data.target_names == ["dog_bark", "siren"]
    assert list(data.splits) == ["train"]


def test_a_detector_takes_the_events(tmp_path):
    from sklaudio import EventDetector, GRUClassifier, MelSpectrogramTransformer

    data = fetch_urban_sed(
        put(tmp_path, members(wav_bytes(0)) | {"annotations/train/soundscape_train_uniform0.txt": b"0\t0.05\tsiren"}),
        split="train",
    )
    frames = MelSpectrogramTransformer(8).fit_transform(data.data[1:])
    detector = EventDetector(GRUClassifier(2, 1, max_epochs=1, random_state=0)).fit(frames, data.events[1:])
    assert detector.classes_.tolist() == ["siren"]


def test_what_is_missing_is_downloaded_once(small_archive, tmp_path):
    data = fetch_urban_sed(tmp_path / "home")
    assert {soundfile.info(path).samplerate for path in data.data} == {22050}
    assert fetch_urban_sed(tmp_path / "home").data.tolist() == data.data.tolist()
    assert small_archive == ["/urban-sed.tar.gz"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == [urban_sed.FOLDER]


def test_an_archive_put_there_by_hand_is_unpacked(small_archive, server, tmp_path):
    put(tmp_path, {f"{urban_sed.FOLDER}.tar.gz": (server[1] / "urban-sed.tar.gz").read_bytes()})
    assert len(fetch_urban_sed(tmp_path, download_if_missing=False).data) == len(EVENTS)
    assert small_archive == []


def test_a_download_gone_wrong_leaves_nothing(small_archive, monkeypatch, tmp_path):
    (right,) = urban_sed.ARCHIVE
    monkeypatch.setattr(urban_sed, "ARCHIVE", [Remote(right.url, "md5:" + "0" * 32)])
    with pytest.raises(OSError, match=r"the md5 is .*put it into .*home by hand"):
        fetch_urban_sed(tmp_path / "home")
    assert list((tmp_path / "home").iterdir()) == []


def test_recordings_that_are_missing_are_named(tmp_path):
    put(tmp_path, members())
    (tmp_path / "audio" / "test" / "soundscape_test_uniform0.wav").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"1 files of annotations have no recording.*soundscape_test_uniform0\.t"
    ):
        fetch_urban_sed(tmp_path)


def test_damaged_annotations_are_named(tmp_path):
    put(tmp_path, members() | {"annotations/test/soundscape_test_uniform0.txt": b"start,end,label\n"})
    with pytest.raises(ValueError, match=r"soundscape_test_uniform0\.txt: line 1, .* is not start, end and label"):
        fetch_urban_sed(tmp_path)


def test_the_address_is_the_real_one():
    (remote,) = urban_sed.ARCHIVE
    assert remote.url == "https://zenodo.org/records/1324404/files/URBAN-SED_v2.0.0.tar.gz"
    assert remote.hash == "md5:a2d24a2148ece7c021fcc079ee87c2dc"
