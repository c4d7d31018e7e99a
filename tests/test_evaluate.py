"""How right a model is on files, by hand-counted cases."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from sklaudio.evaluate import UNREADABLE, evaluate_files
from sklaudio.metrics import accuracy_interval, expected_calibration_error

from .tones import PITCHES, tone_model, write_tone


@pytest.fixture
def files(tmp_path):
    """Three clips of each class; of "low" one sounds high, one is no sound; and two of a class of its own."""
    files = {label: [write_tone(tmp_path / f"{label}{k}.wav", PITCHES[label]) for k in range(3)] for label in PITCHES}
    write_tone(tmp_path / "low0.wav", PITCHES["high"])
    (tmp_path / "low1.wav").write_text("words")
    files["hum"] = [write_tone(tmp_path / f"hum{k}.wav", 190) for k in range(2)]
    return [path for own in files.values() for path in own], [label for label, own in files.items() for _ in own]


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
    assert (found.unknown, found.unheard) == (["hum"], [])
    assert found.answers["error"].notna().tolist() == [path.endswith("low1.wav") for path in files[0]]


def test_calibration_is_that_of_the_answers(files):
    paths, target = files
    model = tone_model()
    found = evaluate_files(model, paths, target)
    kept = [k for k in range(11) if not paths[k].endswith("low1.wav")]
    proba = model.predict_proba([paths[k] for k in kept])
    is_right = model.classes_[proba.argmax(axis=1)] == np.array(target)[kept]
    bins = np.clip(np.ceil(proba.max(axis=1) * 15).astype(int) - 1, 0, 14)
    gaps = [abs((is_right[bins == b] - proba.max(axis=1)[bins == b]).sum()) for b in range(15)]
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
    assert found.unheard == ["high", "middle"]


def test_what_cannot_be_compared_is_named(files):
    paths, target = files
    with pytest.raises(ValueError, match="11 and target 10"):
        evaluate_files(tone_model(), paths, target[1:])
    with pytest.raises(ValueError, match="knows none of the classes hum; it tells apart high, low, middle"):
        evaluate_files(tone_model(), paths[-2:], target[-2:])
