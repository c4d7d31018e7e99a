"""The class of each of many files: any file, in order, some at a time, and on past those that cannot be read."""

import itertools
import os
import resource

import numpy as np
import pytest
import soundfile
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import (
    FrameSummary,
    GRUClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    predict_files,
)
from sklaudio.predict import FilePrediction
from sklaudio.predict import _files as predict

from ..labels import SUBSETS, label_model, write_mixtures
from ..tones import PITCHES, tone, tone_model, write_tone


@pytest.fixture(scope="module")
def model():
    return tone_model()


@pytest.fixture
def files(tmp_path):
    """Forty files, two of which cannot be read."""
    paths = [write_tone(tmp_path / f"{k:02d} {name}.wav", PITCHES[name]) for k in range(13) for name in PITCHES]
    (tmp_path / "07 bad.wav").write_text("words")
    return [*paths[:20], str(tmp_path / "07 bad.wav"), *paths[20:], str(tmp_path / "lost.wav")]


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg"])
@pytest.mark.parametrize(("sr", "n_channels"), [(11025, 1), (48000, 2), (44100, 6), (8000, 1)])
@pytest.mark.parametrize("duration", [0.3, 5.0])
def test_files_of_any_kind_are_predicted(tmp_path, model, extension, sr, n_channels, duration):
    path = write_tone(tmp_path / f"a.{extension}", PITCHES["middle"], duration, sr, n_channels)
    ((_, label, probabilities, error),) = predict_files(model, path)
    assert (label, error) == ("middle", None)
    assert list(probabilities) == ["high", "low", "middle"]
    assert sum(probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg"])
def test_a_single_sample_has_a_prediction(tmp_path, model, extension):
    path = tmp_path / f"one.{extension}"
    soundfile.write(path, np.array([0.5]), 22050)
    ((_, label, probabilities, error),) = predict_files(model, path)
    assert error is None
    assert label in PITCHES
    assert sum(probabilities.values()) == pytest.approx(1)


def test_minutes_are_read_whole(tmp_path, model):
    path = write_tone(tmp_path / "long.flac", PITCHES["low"], 240, 11025)
    assert [prediction.label for prediction in predict_files(model, path)] == ["low"]


def test_predictions_are_those_of_the_model(files, model):
    readable = [path for path in files if "bad" not in path and "lost" not in path]
    predictions = list(predict_files(model, readable))
    assert [row.path for row in predictions] == readable
    assert [row.label for row in predictions] == model.predict(readable).tolist()
    assert np.allclose([list(row.probabilities.values()) for row in predictions], model.predict_proba(readable))


def test_a_model_hears_the_part_that_it_was_trained_on(tmp_path):
    path = tmp_path / "low, then high.wav"
    soundfile.write(path, np.concatenate([tone(200, 1.0), tone(3000, 5.0)]), 22050)
    assert next(predict_files(tone_model(duration=1.0), path)).label == "low"
    assert (
        next(predict_files(tone_model(duration=1.0, offset=0.0).set_params(mfcctransformer__offset=1.0), path)).label
        == "high"
    )


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
@pytest.mark.parametrize("on_error", ["raise", "warn"])
def test_files_that_cannot_be_read_have_an_error_and_the_others_a_prediction(files, n_jobs, on_error, recwarn):
    model = tone_model(on_error=on_error)
    predictions = list(predict_files(model, files, n_jobs=n_jobs))
    assert [row.path for row in predictions] == files
    for path, label, probabilities, error in predictions:
        if "bad" in path or "lost" in path:
            assert (label, probabilities) == (None, None)
            assert error.startswith(f"{path}: ")
        else:
            assert error is None
            assert label in path
            assert list(probabilities) == ["high", "low", "middle"]
    assert not recwarn.list
    features = model[0]
    assert (features.n_jobs, features.on_error) == (None, on_error)  # the model itself is as it was


def test_an_error_of_the_model_has_its_row_too(files, model, monkeypatch):
    def predictions_of(model, paths):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(predict, "predictions_of", predictions_of)
    errors = [answer.error for answer in predict_files(model, files[:2])]
    assert errors == [f"{path}: RuntimeError: out of luck" for path in files[:2]]


def test_files_are_read_some_at_a_time_and_predicted_at_once(files, model, monkeypatch):
    asked = []
    predictions_of = predict.predictions_of
    monkeypatch.setattr(
        predict, "predictions_of", lambda model, paths: asked.append(len(paths)) or predictions_of(model, paths)
    )
    monkeypatch.setattr(predict, "FILES_AT_ONCE", 5)
    predictions = predict_files(model, files[:12])
    assert asked == []
    list(itertools.islice(predictions, 3))
    assert asked == [5]
    list(predictions)
    assert asked == [5, 5, 2]
    asked.clear()
    monkeypatch.setattr(predict, "BYTES_AT_ONCE", 2 * os.stat(files[0]).st_size)
    list(predict_files(model, files[:5]))
    assert asked == [2, 2, 1]


def test_models_without_probabilities_have_labels(files):
    prediction = next(predict_files(tone_model(RidgeClassifier()), files))
    assert prediction == FilePrediction(files[0], "high", None, None)


def test_labels_are_those_of_the_model(tmp_path):
    X = [tone(pitch) for pitch in (200, 3000)]
    model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit(X, [7, 9])
    prediction = next(predict_files(model, write_tone(tmp_path / "a.wav", 3000)))
    assert (prediction.label, type(prediction.label), list(prediction.probabilities)) == (9, int, [7, 9])


def test_features_may_be_of_unequal_rates(tmp_path):
    parts = [
        (name, make_pipeline(features, FrameSummary(), LogisticRegression(max_iter=1000)))
        for name, features in {"mfcc": MFCCTransformer(sr=16000), "mel": MelSpectrogramTransformer(sr=22050)}.items()
    ]
    paths = [write_tone(tmp_path / f"{name}.wav", pitch) for name, pitch in PITCHES.items()]
    model = VotingClassifier(parts, voting="soft").fit(paths, list(PITCHES))
    assert [prediction.label for prediction in predict_files(model, paths, n_jobs=2)] == list(PITCHES)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("model.skops", TypeError, "sklaudio.load reads one from a file"),
        (make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()), NotFittedError, "not fitted"),
        (LogisticRegression().fit([[0], [1]], [0, 1]), TypeError, "takes no clips"),
        (LinearRegression().fit([[0], [1]], [0, 1]), TypeError, "takes no clips"),
    ],
)
def test_what_is_no_model_of_clips_is_said_at_once(model, error, message):
    with pytest.raises(error, match=message):
        predict_files(model, "lost.wav")


@pytest.mark.parametrize("names", [None, ["pitch", "level"]])
def test_a_regressor_says_numbers(names, files):
    waves = [tone(pitch) for pitch in PITCHES.values()]
    y = np.column_stack([list(PITCHES.values()), [1.0, 2.0, 3.0]])
    regressor = make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit(waves, y)
    found = list(predict_files(regressor, files, target_names=names))
    assert [row.path for row in found] == [str(file) for file in files]
    assert [row.path for row in found if row.error] == [files[20], files[-1]]
    assert found[20].numbers is None
    expected = regressor.predict(files[:20])
    assert list(found[0].numbers) == (names or ["prediction0", "prediction1"])
    np.testing.assert_allclose([list(row.numbers.values()) for row in found[:20]], expected, rtol=1e-5)
    one = make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit(waves, y[:, 0])
    assert list(next(predict_files(one, files[:1])).numbers) == ["prediction"]


@pytest.mark.parametrize("thresholds", [0.5, [0.0, 1.0, 0.5]])
def test_a_model_of_several_labels_says_those_of_each_file(thresholds, tmp_path):
    model = label_model(thresholds)
    paths = [str(tmp_path / name) for name in write_mixtures(tmp_path)["path"]]
    *found, lost = predict_files(model, [*paths, "lost.wav"])
    assert [row.labels for row in found] == [
        tuple(label for label, is_there in zip(PITCHES, row, strict=True) if is_there) for row in model.predict(paths)
    ]
    assert [list(row.probabilities) for row in found] == [list(PITCHES)] * 7
    p = [list(row.probabilities.values()) for row in found]
    np.testing.assert_allclose(p, model.predict_proba(paths), rtol=1e-4)
    assert (lost.labels, lost.probabilities) == (None, None)
    assert lost.error.startswith("lost.wav: ")


@pytest.mark.parametrize("voting", [None, "hard", "max"])
def test_nets_and_votes_of_several_labels_say_what_they_predict(voting, tmp_path):
    paths = [str(tmp_path / name) for name in write_mixtures(tmp_path)["path"]]
    net = GRUClassifier(4, 1, max_epochs=3, lr=0.1, random_state=0)
    last = net if voting is None else SegmentVotingClassifier(net, segment_length=4, voting=voting)
    model = make_pipeline(MFCCTransformer(sr=8000, n_fft=256), last).fit(paths, np.array(SUBSETS))
    found = [row.labels for row in predict_files(model, paths)]
    assert found == [tuple(np.flatnonzero(row).tolist()) for row in model.predict(paths)]
    assert len(set(found)) > 1


def test_names_of_targets_are_as_many_as_targets_and_of_regressors(model, files):
    regressor = make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit([tone(200), tone(300)], [1, 2])
    for names in (["a", "b"], []):
        with pytest.raises(ValueError, match="must be 1 different names"):
            next(predict_files(regressor, files, target_names=names))
    with pytest.raises(ValueError, match="target_names is for regressors"):
        predict_files(model, files, target_names=["a"])


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2"])
def test_what_is_no_number_of_threads_is_said_at_once(model, n_jobs):
    with pytest.raises(ValueError, match="is not a number of threads"):
        predict_files(model, "lost.wav", n_jobs=n_jobs)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_files(tmp_path, model):
    path = write_tone(tmp_path / "a.wav", 200, 60.0)
    for k in range(600):  # 2.6 MB each as samples, 1.6 GB together
        os.link(path, tmp_path / f"{k}.wav")
    predictions = predict_files(model, tmp_path)
    list(itertools.islice(predictions, 100))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert {prediction.label for prediction in predictions} == {"low"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB
