"""evaluate_files of a regressor: a row per clip, and a row of scores per target."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MFCCTransformer, evaluate_files
from sklaudio.evaluate import RegressionEvaluation
from sklaudio.metrics import regression_table

from ..tones import tone, tone_model, write_tone


@pytest.fixture(scope="module")
def regressor():
    pitches = np.array([200.0, 400.0, 800.0, 1600.0])
    y = np.column_stack([np.log2(pitches), pitches])
    return make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit([tone(p) for p in pitches], y)


@pytest.fixture
def table(tmp_path):
    """Six tones and a file that cannot be read, with two numbers each."""
    pitches = [250.0, 300.0, 500.0, 600.0, 1000.0, 1200.0]
    paths = [write_tone(tmp_path / f"{pitch}.wav", pitch) for pitch in pitches] + [str(tmp_path / "lost.wav")]
    pitches.append(900.0)
    return pd.DataFrame({"path": paths, "octave": np.log2(pitches), "pitch": pitches})


def test_scores_are_those_of_what_the_model_predicts(regressor, table):
    targets, groups = table[["octave", "pitch"]], [0, 0, 1, 1, 2, 2, 3]
    found = evaluate_files(regressor, table["path"], targets, groups=groups)
    predictions = found.predictions
    assert predictions.columns.tolist() == ["path", "true(octave)", "octave", "true(pitch)", "pitch", "error"]
    expected = regressor.predict(table["path"][:6].tolist())
    np.testing.assert_allclose(predictions[["octave", "pitch"]][:6], expected, rtol=1e-6)
    assert predictions["error"].notna().tolist() == [False] * 6 + [True]
    assert predictions["octave"].isna().tolist() == [False] * 6 + [True]
    pd.testing.assert_frame_equal(
        found.scores, regression_table(targets[:6], expected, target_names=["octave", "pitch"], groups=groups[:6])
        .assign(n_missing=1)
    )  # fmt: skip


def test_one_number_is_called_as_its_series_or_prediction(table):
    model = make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression())
    model.fit([tone(200), tone(800)], [200, 800])
    found = evaluate_files(model, table["path"], table["pitch"].to_numpy())
    assert found.scores.index.tolist() == ["prediction"]
    assert evaluate_files(model, table["path"], table["pitch"]).scores.index.tolist() == ["pitch"]
    named = evaluate_files(model, table["path"], table["pitch"].tolist(), target_names="pitch")
    assert named.scores.index.tolist() == ["pitch"]


def test_wrong_targets_are_named(regressor, table):
    with pytest.raises(ValueError, match="Pass the numbers for each"):
        evaluate_files(regressor, table["path"], table["pitch"][:3])
    with pytest.raises(ValueError, match="target contains NaN"):
        evaluate_files(regressor, table["path"], [np.nan] * 7)
    with pytest.raises(ValueError, match="groups are for regressors and detectors"):
        evaluate_files(tone_model(), table["path"], ["low"] * 7, groups=np.arange(7))


def test_predictions_that_are_there_already():
    y_true = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 0.0]})
    y_pred = np.array([[1.0, 0.5], [np.nan, np.nan], [2.0, 0.0]])
    found = RegressionEvaluation.from_predictions(y_true, y_pred, errors=[None, "lost", None])
    assert found.predictions.columns.tolist() == ["true(a)", "a", "true(b)", "b", "error"]
    assert found.predictions["error"].tolist() == [None, "lost", None]
    assert found.scores["mae"].tolist() == [0.5, 0.25]
    assert found.scores["n_missing"].tolist() == [1, 1]
    with pytest.raises(ValueError, match="y_pred is of shape"):
        RegressionEvaluation.from_predictions(y_true, y_pred[:2])
