"""evaluate_files of a model of several labels: tables by label, averages, and all labels of a clip at once."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MFCCTransformer, evaluate_files
from sklaudio.evaluate import LabelEvaluation
from sklaudio.metrics import accuracy_interval, label_table

from ..labels import SUBSETS, label_model, write_mixtures
from ..tones import PITCHES, tone, tone_model

LABELS = list(PITCHES)


@pytest.fixture(scope="module")
def model():
    return label_model()


@pytest.fixture
def files(tmp_path):
    return [str(tmp_path / name) for name in write_mixtures(tmp_path)["path"]]


def test_scores_are_those_of_what_the_model_predicts(model, files):
    Y = pd.DataFrame(SUBSETS, columns=LABELS)[LABELS[::-1]]  # the order of columns is not the model's
    Y.loc[0, "high"] = 1 - Y.loc[0, "high"]
    found = evaluate_files(model, files, Y)
    expected = label_table(Y[LABELS], model.predict(files), model.predict_proba(files))
    pd.testing.assert_frame_equal(found.per_label, expected)
    assert found.subset_accuracy == 6 / 7
    assert found.interval == accuracy_interval(6, 7)
    assert found.mean_average_precision == pytest.approx(expected["average_precision"].mean())
    scores = expected.columns[:5]
    pd.testing.assert_series_equal(found.averages.loc["macro"], expected[scores].mean(), check_names=False)
    assert found.averages.loc["micro", "recall"] == 12 / 13
    assert found.thresholds == [0.5] * 3
    first = found.predictions.iloc[0]
    assert (first["true"], first["labels"], first["correct"], first["error"]) == (
        ("high", "middle"), ("middle",), False, None
    )  # fmt: skip
    assert found.predictions.columns.tolist()[5:] == ["p(high)", "p(low)", "p(middle)"]


def test_unreadable_clips_count_as_wrong_and_have_no_part_in_rankings(model, files):
    Y = np.array([*SUBSETS, (0, 0, 0), (1, 0, 0)])
    found = evaluate_files(model, [*files, "lost.wav", "gone.wav"], Y)
    assert found.subset_accuracy == 7 / 9  # nor is a clip of no label correct that was not predicted
    assert found.per_label.loc["high", "recall"] == 4 / 5
    assert found.mean_average_precision == 1
    lost = found.predictions.iloc[7]
    assert lost["labels"] is None
    assert lost["error"].startswith("lost.wav: ")
    assert np.isnan(lost["p(low)"])


def test_labels_that_one_side_lacks_are_named(model, files):
    Y = pd.DataFrame(SUBSETS, columns=LABELS).drop(columns="low").assign(hum=1)
    found = evaluate_files(model, files, csr_array(Y), target_names=Y.columns)
    assert (found.unknown, found.absent) == (["hum"], ["low"])
    np.testing.assert_array_equal(found.thresholds, [0.5, 0.5, 0.5, np.nan])
    assert found.per_label.loc["hum", ["recall", "average_precision"]].tolist() == [0, 1]
    assert found.subset_accuracy == 0


def test_wrong_targets_are_named(model, files):
    with pytest.raises(ValueError, match="trained on none of the labels a, b; its labels are high, low, middle"):
        evaluate_files(model, files, np.ones((7, 2)), target_names=["a", "b"])
    with pytest.raises(ValueError, match="target has 2 columns, and there are names of 3 labels"):
        evaluate_files(model, files, np.ones((7, 2)))
    with pytest.raises(ValueError, match=r"target is of shape \(7,\)"):
        evaluate_files(model, files, ["low"] * 7)
    with pytest.raises(ValueError, match="files holds 7 and target 2"):
        evaluate_files(model, files, np.ones((2, 3)))
    with pytest.raises(ValueError, match="target_names are for regressors and models"):
        evaluate_files(tone_model(), files, ["low"] * 7, target_names=LABELS)
    unnamed = make_pipeline(MFCCTransformer(), FrameSummary(), OneVsRestClassifier(LogisticRegression()))
    unnamed.fit([tone(200), tone(800), tone(3000)], np.eye(3, dtype=int))
    with pytest.raises(TypeError, match="LabelThresholdClassifier around such a model, which have label_names_"):
        evaluate_files(unnamed, files, np.ones((7, 3)))


def test_a_clip_that_no_model_predicted_has_no_labels():
    found = LabelEvaluation.from_predictions([[1], [0]], [[1], [0]], [[0.9], [np.nan]], label_names=["a"])
    assert found.predictions["labels"].tolist() == [("a",), None]
    assert found.subset_accuracy == 0.5
