"""The error of a clip that cannot be read: which one, why, and that it comes through whatever lies between."""

import os
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    EncoderTransformer,
    FrameSummary,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    UnreadableClipError,
    load_audio,
    predict_files,
)
from sklaudio.audio import as_clips, iter_audio
from sklaudio.cli import main

from ..tones import tone, write_tone

SR = 8000


@pytest.fixture
def files(tmp_path):
    """Four tones, with one file each that is empty, missing, text, and a folder behind them."""
    good = [str(write_tone(tmp_path / f"{pitch}.wav", pitch, 0.2, SR)) for pitch in (200, 300, 2000, 3000)]
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "folder.wav").mkdir()
    return [*good, *(str(tmp_path / f"{name}.wav") for name in ("empty", "lost", "text", "folder"))]


KINDS = {
    "empty": (4, ValueError, "the file is empty (0 bytes). Take it out of the list, or copy it again."),
    "lost": (5, FileNotFoundError, f"there is no such file. Check the path (relative to {os.getcwd()})."),
    "text": (6, ValueError, "this is not an audio file that can be decoded"),
    "folder": (7, IsADirectoryError, "this is a folder, not an audio file."),
}
UNION = FrameUnion([("rms", RMSTransformer(sr=SR)), ("mfcc", MFCCTransformer(sr=SR))])
MADE = {
    "features": lambda: MFCCTransformer(sr=SR),
    "union": lambda: UNION,
    "two threads": lambda: MFCCTransformer(sr=SR, n_jobs=2),
    "pipeline": lambda: make_pipeline(make_pipeline(MFCCTransformer(sr=SR)), FrameSummary()),
}


def check(error, index, path, kind, reason):
    assert isinstance(error, UnreadableClipError)
    assert isinstance(error, kind)
    assert (error.index, error.path) == (index, path)
    assert error.reason.startswith(reason)
    assert str(error) == f"{path}: {error.reason}"
    assert error.errors == [error]


@pytest.mark.parametrize("read", [load_audio, lambda path: list(iter_audio(path))])
@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_cannot_be_read_says_which_and_why(name, read, files):
    row, kind, reason = KINDS[name]
    with pytest.raises(UnreadableClipError) as caught:
        read(files[row])
    check(caught.value, None, files[row], kind, reason)
    assert isinstance(caught.value, ValueError) == (kind is ValueError)  # except clauses catch what they always did


@pytest.mark.parametrize("through", ["features", "union", "two threads", "pipeline"])
@pytest.mark.parametrize("name", KINDS)
def test_the_row_is_known_through_every_transformer(name, through, files):
    row, kind, reason = KINDS[name]
    with pytest.raises(UnreadableClipError) as caught:
        MADE[through]().fit_transform([*files[:3], files[row]])
    check(caught.value, 3, files[row], kind, reason)


def test_the_row_is_known_through_an_encoder(files):
    torch = pytest.importorskip("torch")

    class Bands(torch.nn.Module):
        def forward(self, samples):
            return samples.unfold(1, 400, 320)[..., :8]

    with pytest.raises(UnreadableClipError) as caught:
        EncoderTransformer(Bands(), sr=SR, device="cpu").fit_transform([*files[:2], files[5]])
    check(caught.value, 2, files[5], FileNotFoundError, KINDS["lost"][2])


def test_several_clips_have_an_error_each(files):
    with pytest.raises(ValueError, match="4 clips cannot be read") as caught:
        UNION.fit_transform(files)
    assert isinstance(caught.value, UnreadableClipError)
    assert (caught.value.path, caught.value.index, caught.value.reason) == (None, None, "4 clips cannot be read")
    for error, (row, kind, reason) in zip(caught.value.errors, KINDS.values(), strict=True):
        check(error, row, files[row], kind, reason)
        assert f"\n  {error}\n" in str(caught.value)
    with pytest.raises(FileNotFoundError, match="2 clips cannot be read"):
        UNION.fit_transform([files[0], files[5], files[5]])


@pytest.mark.parametrize("rows", [[4], [5], [7], [4, 5, 6]])
def test_the_error_survives_the_way_between_processes(rows, files):
    X = [files[0], *(files[row] for row in rows)]
    with joblib.parallel_config("loky", n_jobs=2), pytest.raises(UnreadableClipError) as caught:
        MFCCTransformer(sr=SR).fit_transform(X)
    assert [error.index for error in caught.value.errors] == list(range(1, len(X)))
    assert [error.path for error in caught.value.errors] == X[1:]
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.path, copy.index) == (
        type(caught.value), str(caught.value), caught.value.path, caught.value.index,
    )  # fmt: skip
    assert [vars(error) for error in copy.errors if len(rows) == 1] == [vars(caught.value)] * (len(rows) == 1)


def test_the_error_of_a_process_is_raised_here(files):
    with pytest.raises(FileNotFoundError, match="there is no such file") as caught:
        joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(load_audio)(path, SR) for path in files[5:6] * 2)
    assert isinstance(caught.value, UnreadableClipError)
    assert caught.value.path == files[5]


def test_warnings_say_the_same_and_rows_stay_in_place(files):
    with pytest.warns(UserWarning, match="empty.wav: the file is empty.* The clip has no frames"):
        frames = MFCCTransformer(sr=SR, on_error="warn").fit_transform([files[0], files[4], files[1]])
    assert [len(clip) > 0 for clip in frames] == [True, False, True]


WAVEFORMS = {
    "empty": ([], "the clip holds no samples. Take it out"),
    "nan": ([0.0, np.nan, 0.5], "1 of 3 samples are NaN or infinity. Repair the clip"),
    "too loud": ([1e30, 1e30], "samples reach 1e+30. Repair the clip"),
    "past its end": (tone(200, 0.1, SR), "offset=0.15 s is past the end of a clip of 800 samples at sr=8000."),
}


@pytest.mark.parametrize("name", WAVEFORMS)
def test_a_waveform_that_is_no_clip_is_known_by_its_row(name):
    samples, reason = WAVEFORMS[name]
    X = [tone(200, 0.3, SR), tone(300, 0.2, SR), np.array(samples, dtype=np.float32)]
    with pytest.raises(ValueError, match=r"X\[2\]: ") as caught:
        MFCCTransformer(sr=SR, offset=0.15).fit_transform(X)
    error = caught.value
    assert isinstance(error, UnreadableClipError)
    assert (error.path, error.index) == (None, 2)
    assert error.reason.startswith(reason)
    assert str(error) == f"X[2]: {error.reason}"


@pytest.mark.parametrize("bad", ["file", "waveform", "late waveform"])
def test_the_row_counts_from_the_first_batch_on(bad, files):
    X = [files[0]] * 5 if bad == "file" else [tone(200, 0.3, SR)] * 5
    X[3] = {"file": files[5], "waveform": np.array([np.nan]), "late waveform": tone(200, 0.1, SR)}[bad]
    with pytest.raises(UnreadableClipError) as caught:
        list(MFCCTransformer(sr=SR, offset=0.15).iter_transform(X, batch_size=2))
    assert caught.value.index == 3
    assert str(caught.value).startswith(files[5] if bad == "file" else "X[3]: ")


@pytest.fixture
def model(files):
    features = MFCCTransformer(sr=SR)
    return make_pipeline(features, FrameSummary(), LogisticRegression()).fit(files[:4], ["low", "low", "high", "high"])


def test_predict_files_names_each_file_once(model, files):
    predictions = list(predict_files(model, files[:7]))
    assert [prediction.label for prediction in predictions] == ["low", "low", "high", "high", None, None, None]
    for prediction, (row, _, reason) in zip(predictions[4:], KINDS.values(), strict=False):
        assert prediction.error.startswith(f"{files[row]}: {reason}")
        assert prediction.error.count(files[row]) == 1


def test_the_command_line_names_each_file_once(model, files, tmp_path, capsys):
    sklaudio.save(model, tmp_path / "model.skops")
    assert main(["predict", str(tmp_path / "model.skops"), files[0], files[4]]) == 1
    printed = capsys.readouterr()
    assert f"{files[4]}: {KINDS['empty'][2]}" in printed.out + printed.err


def test_a_report_names_a_waveform_once(model, tmp_path):
    X, y = [tone(200, 0.2, SR), np.array([0.0, np.nan], np.float32)], ["low", "low"]
    sklaudio.report(model, X, y, path=tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "1 of 2 samples are NaN or infinity" in page
    assert page.count("X[1]: X[1]") == 0


class CountedClip:
    """A waveform that counts how often it is looked at."""

    def __init__(self, samples):
        self.samples, self.n_reads = samples, 0
        self.shape = samples.shape

    def __array__(self, dtype=None, copy=None):
        self.n_reads += 1
        return np.asarray(self.samples, dtype=dtype)

    def __len__(self):
        return len(self.samples)


@pytest.mark.parametrize("make", [MFCCTransformer, MelSpectrogramTransformer])
def test_fit_reads_each_clip_once(make):
    clips = [CountedClip(tone(pitch, 0.2, SR)) for pitch in (200, 300, 2000, 3000)]
    frames = make(sr=SR).fit_transform(clips)
    assert [clip.n_reads for clip in clips] == [1, 1, 1, 1]
    np.testing.assert_array_equal(frames, make(sr=SR).fit(clips).transform(clips))
    make_pipeline(make(sr=SR), FrameSummary(), LogisticRegression()).fit(clips, [0, 0, 1, 1])
    assert [clip.n_reads for clip in clips] == [4, 4, 4, 4]


class LearnedLevelTransformer(RMSTransformer):
    """A feature that learns in `fit`, as users write them."""

    def fit(self, X, y=None):
        super().fit(X, y)
        self.level_ = max(float(np.abs(clip).max()) for clip in as_clips(X))
        return self

    def _frames(self, signal):
        return super()._frames(signal) / self.level_


def test_a_feature_that_learns_is_fitted_by_fit_transform():
    clips = [tone(200, 0.2, SR), 2 * tone(200, 0.2, SR)]
    feature = LearnedLevelTransformer(sr=SR)
    np.testing.assert_allclose(
        feature.fit_transform(clips), RMSTransformer(sr=SR).fit_transform(clips) / feature.level_, rtol=1e-6
    )


TABLES = {
    "a frame of paths and numbers": pd.DataFrame({"path": ["a.wav", "b.wav"], "length": [1.0, 2.0]}),
    "lists of paths": [["a.wav", "b.wav"], ["c.wav", "d.wav"]],
    "an array of paths": np.array([["a.wav", "b.wav"], ["c.wav", "d.wav"]]),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("use", [as_clips, MFCCTransformer().fit, MFCCTransformer().transform])
def test_a_table_of_text_is_refused(name, use):
    with pytest.raises(ValueError, match=r"X is a table of text, such as .*a\.wav.*Pass the column of the paths"):
        use(TABLES[name])


def test_a_table_of_another_width_is_refused_with_advice():
    feature = MFCCTransformer(sr=SR).fit(np.zeros((2, 500)))
    with pytest.raises(ValueError, match=r"X has 400 features, but MFCCTransformer is expecting 500 .*fixed width"):
        feature.transform(np.zeros((2, 400)))
    feature.fit([np.zeros(400)])
    assert feature.transform(np.zeros((2, 300))).shape[0] == 2


def test_a_path_of_a_file_that_is_read_in_part(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(200, 0.2, SR), SR)
    for settings, reason in [({"offset": 1}, "offset=1 s is past"), ({"duration": 1e-6}, "duration=1e-06 s is less")]:
        with pytest.raises(UnreadableClipError) as caught:
            load_audio(path, SR, **settings)
        check(caught.value, None, str(path), ValueError, reason)
