"""Scores of a model on files, by hand-counted cases."""

import os

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import GRUClassifier, MFCCTransformer, predict_timeline, report
from sklaudio.evaluate import UNREADABLE, Evaluation, evaluate_files
from sklaudio.metrics import accuracy_interval, expected_calibration_error

from ..tones import PITCHES, tone_model, write_tone


@pytest.fixture
def files(tmp_path):
    """Three clips of each class; of "low" one sounds high, one is no sound; and two of a class of its own."""
    files = {label: [write_tone(tmp_path / f"{label}{k}.wav", PITCHES[label]) for k in range(3)] for label in PITCHES}
    write_tone(tmp_path / "low0.wav", PITCHES["high"])
    (tmp_path / "low1.wav").write_text("words")
    files["hum"] = [write_tone(tmp_path / f"hum{k}.wav", 190) for k in range(2)]
    return [path for paths in files.values() for path in paths], [
        label for label, paths in files.items() for _ in paths
    ]


def test_everything_is_counted(files):
    found = evaluate_files(tone_model(), *files)
    assert found.accuracy == 7 / 11
    assert found.interval == accuracy_interval(7, 11)
    assert found.per_class.loc["low"].round(3).to_dict() == {
        "precision": round(1 / 3, 3),
        "recall": round(1 / 3, 3),
        "f1": round(1 / 3, 3),
        "n_clips": 3,
        "n_predicted": 3,
    }
    assert found.per_class.loc["high", "precision"] == 3 / 4
    assert found.per_class.loc["middle", "f1"] == 1
    assert np.isnan(found.per_class.loc["hum", "precision"])
    assert found.confusion.loc["low"].to_dict() == {"high": 1, "low": 1, "middle": 0, UNREADABLE: 1}
    assert found.confusion.loc["hum"].to_dict() == {"high": 0, "low": 2, "middle": 0, UNREADABLE: 0}
    assert found.confusion.to_numpy().sum() == 11
    assert (found.unknown, found.absent) == (["hum"], [])
    assert found.predictions["error"].notna().tolist() == [path.endswith("low1.wav") for path in files[0]]


def test_calibration_is_that_of_the_predictions(files):
    paths, target = files
    model = tone_model()
    found = evaluate_files(model, paths, target)
    kept = [k for k in range(11) if not paths[k].endswith("low1.wav")]
    proba = model.predict_proba([paths[k] for k in kept])
    correct = model.classes_[proba.argmax(axis=1)] == np.array(target)[kept]
    bins = np.clip(np.ceil(proba.max(axis=1) * 15).astype(int) - 1, 0, 14)
    gaps = [abs((correct[bins == b] - proba.max(axis=1)[bins == b]).sum()) for b in range(15)]
    assert found.calibration_error == pytest.approx(sum(gaps) / len(kept))
    known = [k for k in kept if target[k] != "hum"]
    whole = evaluate_files(model, [paths[k] for k in known], [target[k] for k in known])
    expected = expected_calibration_error(
        [target[k] for k in known], model.predict_proba([paths[k] for k in known]), labels=model.classes_
    )
    assert whole.calibration_error == pytest.approx(expected)


def test_models_without_probabilities_and_labels_that_are_numbers(files):
    paths, target = files
    found = evaluate_files(tone_model(RidgeClassifier()), paths, target)
    assert found.calibration_error is None
    assert found.accuracy == 7 / 11
    model = tone_model()
    model[-1].classes_ = np.array([3, 1, 2])
    numbers = {"high": "3", "low": "1", "middle": "2", "hum": "4"}
    found = evaluate_files(model, paths, [numbers[label] for label in target])
    assert found.accuracy == 7 / 11
    assert found.unknown == ["4"]


def test_only_unreadable_files_are_all_wrong(files):
    paths, _ = files
    found = evaluate_files(tone_model(), [path for path in paths if path.endswith("low1.wav")], ["low"])
    assert (found.accuracy, found.calibration_error) == (0, None)
    assert found.absent == ["high", "middle"]


def test_what_cannot_be_compared_is_named(files):
    paths, target = files
    with pytest.raises(ValueError, match="11 and target 10"):
        evaluate_files(tone_model(), paths, target[1:])
    with pytest.raises(ValueError, match="trained on none of the classes hum; its classes are high, low, middle"):
        evaluate_files(tone_model(), paths[-2:], target[-2:])


def test_predictions_that_are_there_are_evaluated_as_files_are(files):
    paths, target = files
    model = tone_model()
    found = evaluate_files(model, paths, target)
    predictions = found.predictions
    y_proba = predictions[[f"p({label})" for label in model.classes_]]
    again = Evaluation.from_predictions(
        target, predictions["label"], y_proba, classes=model.classes_, paths=paths, errors=predictions["error"]
    )
    for name in ("predictions", "per_class", "confusion"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
    for name in ("accuracy", "interval", "calibration_error", "unknown", "absent"):
        assert getattr(again, name) == getattr(found, name)


def test_predictions_alone_are_enough():
    found = Evaluation.from_predictions([1, 1, 2], np.array([1, np.nan, 3]))
    assert found.predictions.columns.tolist() == ["true", "label", "correct", "error"]
    assert found.accuracy == 0  # "1" is not "1.0": numbers of one kind are compared
    found = Evaluation.from_predictions([1, 1, 2], [1, None, 3], classes=[1, 3])
    assert found.accuracy == pytest.approx(1 / 3)
    assert (found.calibration_error, found.unknown, found.absent) == (None, ["2"], ["3"])
    assert found.confusion.to_dict("split")["data"] == [[1, 0, 1], [0, 1, 0]]
    assert found.confusion.columns.tolist() == ["1", "3", UNREADABLE]


def test_a_row_of_a_clip_without_a_prediction_is_no_part_of_the_calibration():
    y_proba = [[1.0, 0.0], [0.9, 0.1], [1.0, 0.0]]
    found = Evaluation.from_predictions(["a", "b", "a"], ["a", None, "a"], y_proba, classes=["a", "b"])
    assert found.calibration_error == 0
    assert found.predictions["p(a)"].isna().tolist() == [False, True, False]


def test_predictions_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"y_proba has the shape \(1, 2\), and there are 2 clips and 2 classes"):
        Evaluation.from_predictions(["a", "b"], ["a", "b"], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="lacks the classes c of"):
        Evaluation.from_predictions(["a"], ["c"], classes=["a", "b"])
    with pytest.raises(ValueError, match="y_true holds None"):
        Evaluation.from_predictions([None], ["a"])
    with pytest.raises(ValueError, match="at least one clip"):
        Evaluation.from_predictions([], [])


def test_old_names_warn_and_give_the_same():
    found = Evaluation.from_predictions(["a", "b"], ["a", "a"], classes=["a", "b", "c"])
    with pytest.warns(FutureWarning, match=r"Evaluation\.predictions now, and its column is_right is correct"):
        old = found.answers
    assert old.columns.tolist() == ["true", "label", "is_right", "error"]
    assert old["is_right"].tolist() == found.predictions["correct"].tolist() == [True, False]
    with pytest.warns(FutureWarning, match=r"Evaluation\.unheard is Evaluation\.absent now"):
        assert found.unheard == found.absent == ["c"]


def test_names_of_classes_and_labels_may_be_of_any_bytes(tmp_path, rng):
    """Such as folders that are not called in UTF-8; pandas 3 refuses to infer an Index of these."""
    names = [os.fsdecode(b"caf\xe9"), "x"]
    files = [str(tmp_path / f"{number}.wav") for number in range(4)]
    for file in files:
        soundfile.write(file, rng.normal(size=2000) / 10, 8000)
    labels = pd.DataFrame([[0, 1], [1, 0]] * 2, columns=pd.Index(names, dtype=object))
    for y in (np.array(names * 2), labels):
        net = GRUClassifier(4, 1, max_epochs=1, random_state=0)
        model = make_pipeline(MFCCTransformer(sr=8000), net).fit(files, y)
        columns = [f"p({name})" for name in names]
        assert evaluate_files(model, files, y).predictions.columns.tolist()[-2:] == columns
        timeline = predict_timeline(model, files[0], window=0.1, hop=0.1, proba=True)
        assert timeline.columns.tolist()[-2:] == columns
        assert report(model, files, y, path=tmp_path / "page.html", max_clips=1).n_clips == 4
