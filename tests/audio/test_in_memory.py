"""Sound that is no file here: bytes of uploads, open files, and values of datasets with a rate of their own."""

import io
import os
import pickle
import zipfile

import numpy as np
import polars as pl
import pytest
import soundfile
import torch
from sklearn.linear_model import RidgeClassifier

import sklaudio
from sklaudio import MFCCTransformer, UnreadableClipError, check_clips, load_audio, predict_files
from sklaudio.audio import as_clips
from sklaudio.evaluate import evaluate_files

from ..tones import PITCHES, tone_model, write_tone

NATIVE = 16000  # the models here take 22050 Hz


@pytest.fixture
def paths(tmp_path):
    """A file of each class, of two channels."""
    folder = tmp_path / "files"
    return [write_tone(folder / f"{label}.flac", pitch, 0.5, NATIVE, 2) for label, pitch in PITCHES.items()]


class AudioDecoder:
    """A stand-in for those of torchcodec, which Hugging Face's datasets give."""

    def __init__(self, path):
        y, self.sr = soundfile.read(path, dtype="float32", always_2d=True)
        self.data = torch.from_numpy(y.T.copy())  # (n_channels, n_samples)

    def get_all_samples(self):
        return type("AudioSamples", (), {"data": self.data, "sample_rate": self.sr})


def content(path):
    with open(path, "rb") as file:
        return file.read()


def decoded(path):
    y, sr = soundfile.read(path, dtype="float32")
    return {"path": "a.flac", "array": y.mean(axis=1), "sampling_rate": sr}


def zipped(path):
    """An open member of an archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "member.flac")
    return zipfile.ZipFile(archive).open("member.flac")


FORMS = {
    "bytes": content,
    "BytesIO": lambda path: io.BytesIO(content(path)),
    "open file": lambda path: open(path, "rb"),  # noqa: SIM115 - the test ends soon
    "member of a zip file": zipped,
    "dict of path": lambda path: {"path": path},
    "dict of bytes": lambda path: {"bytes": content(path)},
    "undecoded Audio": lambda path: {"bytes": content(path), "path": os.path.basename(path)},
    "undecoded Audio of a file": lambda path: {"bytes": None, "path": path},
    "decoded Audio": decoded,
    "decoder": AudioDecoder,
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_every_form_has_the_samples_of_the_file_at_every_rate(make, paths):
    for sr, part in [(None, {}), (22050, {}), (8000, {"offset": 0.13, "duration": 0.2})]:
        for path in paths:
            expected = load_audio(path, sr, **part)
            y, found_sr = load_audio(make(path), sr, **part)
            assert found_sr == expected[1]
            np.testing.assert_allclose(y, expected[0], atol=1e-6)


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_a_model_takes_every_form_everywhere(make, paths, tmp_path):
    model, y = tone_model(), list(PITCHES)
    X = [make(path) for path in paths]
    expected = model.predict_proba(paths)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-4)  # an open file is read again
    np.testing.assert_allclose(model.predict_proba(np.array([*X, None], dtype=object)[:-1]), expected, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba(np.array([[x] for x in X], dtype=object)), expected, atol=1e-4)
    assert [found.label for found in predict_files(model, X)] == y
    assert [found.label for found in predict_files(model, X[1])] == y[1:2]
    assert evaluate_files(model, X, y).accuracy == 1
    assert len(check_clips(X, y)) == 0
    assert check_clips([*X, X[0]])["fault"].tolist() == ["duplicate"]
    without_probabilities = tone_model(RidgeClassifier())  # or the report has pictures of them, which take long
    done = sklaudio.report(without_probabilities, X, [y[1], *y[1:]], path=tmp_path / "page.html", with_map=False)
    assert (done.n_clips, done.n_right) == (3, 2)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("data:audio/") == 1


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS)
def test_the_cache_knows_every_form_by_its_content(make, paths, tmp_path):
    cached = MFCCTransformer(memory=tmp_path / "cache", offset=0.1, duration=0.3)
    expected = MFCCTransformer(offset=0.1, duration=0.3).transform(paths)
    for _ in range(2):
        np.testing.assert_allclose(cached.transform([make(path) for path in paths]), expected, atol=1e-3)
        assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 3
    if make in (content, FORMS["BytesIO"], FORMS["dict of bytes"]):
        cached.transform(paths)  # which hold the same bytes
        assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 3


def test_decoded_values_are_resampled_from_their_own_rate(noise):
    value = {"array": (noise * 2**15).astype(np.int16), "sampling_rate": 44100}
    y, sr = load_audio(value, 22050)
    assert (len(y), sr) == (len(noise) // 2, 22050)
    [same] = MFCCTransformer().transform([{"array": noise, "sampling_rate": 22050.0}])
    np.testing.assert_array_equal(same, MFCCTransformer().transform([noise])[0])


def test_a_column_of_polars_holds_structs_and_binary(paths):
    structs = pl.Series("audio", [{"bytes": content(path), "path": None} for path in paths])
    binary = pl.DataFrame({"audio": [content(path) for path in paths]})
    model = tone_model()
    for X in (structs, binary, binary["audio"]):
        assert model.predict(X).tolist() == list(PITCHES)


def test_bytes_of_a_name_stay_a_name(paths):
    np.testing.assert_array_equal(load_audio(os.fsencode(paths[0]))[0], load_audio(paths[0])[0])
    with pytest.raises(FileNotFoundError, match=r"lost\.wav: there is no such file"):
        MFCCTransformer().transform([b"lost.wav"])


def test_they_are_sent_between_processes(paths):
    for clip in as_clips([content(paths[0]), decoded(paths[0])]):
        np.testing.assert_array_equal(load_audio(pickle.loads(pickle.dumps(clip)))[0], load_audio(clip)[0])


def test_an_open_file_is_left_where_it_was(paths):
    with open(paths[0], "rb") as file:
        file.seek(100)
        load_audio(file)
        assert file.tell() == 100


@pytest.mark.parametrize(
    ("clip", "path", "message"),
    [
        ({"bytes": b"no sound", "path": "a.wav"}, "a.wav", r"^a\.wav: this is not an audio file that can be decoded"),
        ({"bytes": b"no sound"}, None, r"^X\[1\]: this is not an audio file that can be decoded"),
        ({"bytes": b""}, None, r"^X\[1\]: there are no bytes in it"),
        (io.BytesIO(b""), None, r"^X\[1\]: there are no bytes in it"),
        (b"no sound\0", None, r"^X\[1\]: this is not an audio file"),
        ({"array": [0.1, np.nan], "sampling_rate": 8000}, None, r"^X\[1\]: 1 of 2 samples are NaN"),
        ({"array": np.zeros(0), "sampling_rate": 8000}, None, r"^X\[1\]: the clip holds no samples"),
        ({"array": [0.1], "sampling_rate": 1, "path": "b"}, "b", r"^b: its header says 1 Hz, which is too far"),
    ],
)
@pytest.mark.parametrize("memory", [False, True])
def test_what_cannot_be_decoded_is_named(clip, path, message, memory, noise, tmp_path):
    with pytest.raises(UnreadableClipError, match=message) as caught:
        MFCCTransformer(memory=tmp_path / "cache" if memory else None).transform([noise, clip])
    assert (caught.value.index, caught.value.path) == (1, path)
    assert isinstance(caught.value, ValueError)
    assert "sklaudio-" not in str(caught.value)  # the file that it was read by


def test_predict_files_gives_the_place_of_what_has_no_name(paths):
    found = list(predict_files(tone_model(), [paths[0], content(paths[1]), b"no sound\0", decoded(paths[2])]))
    assert [one.path for one in found] == [paths[0], "files[1]", "files[2]", "a.flac"]
    assert found[2].error.startswith("files[2]: this is not an audio file")


@pytest.mark.parametrize(
    ("clip", "error", "words"),
    [
        ({"audio": 1, "label": 2}, TypeError, r"X\[0\] is a dict with the keys audio, label; one that is a clip is"),
        ({"path": None, "bytes": None}, TypeError, "with the keys path, bytes"),
        ({"path": 7}, TypeError, "path=7 is int"),
        ({"bytes": "text"}, TypeError, "bytes is str"),
        ({"array": [0.1]}, ValueError, "an array and no sampling_rate"),
        ({"sampling_rate": 8000}, ValueError, "a sampling_rate and no array"),
        ({"array": [0.1], "sampling_rate": 0}, ValueError, "sampling_rate=0 must be a number of hertz above 0"),
        ({"array": [0.1], "sampling_rate": "8 kHz"}, ValueError, "sampling_rate='8 kHz'"),
        ({"array": np.zeros((2, 9)), "sampling_rate": 8000}, TypeError, r"shape \(2, 9\).*Mix several channels down"),
        ({"array": [1, 2], "sampling_rate": 8000}, ValueError, "integers of 64 bits"),
        (io.StringIO("text"), TypeError, r"X\[0\] is a file that was opened as text"),
        (bytearray(b"RIFF\0"), TypeError, r"X\[0\] is bytearray; a clip is a path"),
        (7, TypeError, r"X\[0\] is int; a clip is a path, a Clip, bytes"),
    ],
)
def test_what_is_no_clip_is_said(clip, error, words):
    with pytest.raises(error, match=words) as caught:
        as_clips([clip])
    assert len(str(caught.value)) <= 300
    with pytest.raises((TypeError, ValueError)):
        load_audio(clip)
