"""Names of the targets of regressors: those of the columns of `y`, kept, saved, and carried to files."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline

from sklaudio import (
    FrameSummary,
    GRURegressor,
    MFCCTransformer,
    SegmentMeanRegressor,
    evaluate_files,
    load,
    predict_files,
    save,
)
from sklaudio._introspect import last_step
from sklaudio._utils.target_names import check_same_names, names_of_columns
from sklaudio.encoders import GroupedRidge

NAMES = ["valence", "arousal"]


def net(**parameters):
    return GRURegressor(4, 1, max_epochs=1, random_state=0, **parameters)


@pytest.fixture
def data(rng):
    y = pd.DataFrame(rng.normal(size=(12, 2)), columns=NAMES)
    return rng.normal(size=(12, 10, 3)).astype(np.float32), y


@pytest.mark.parametrize(
    ("y", "names"),
    [
        (pd.DataFrame([[1, 2]], columns=NAMES), NAMES),
        (pd.DataFrame([[1, 2]]), None),
        (pd.Series([1.0], name="age"), ["age"]),
        (pd.Series([1.0]), None),
        (np.ones((2, 2)), None),
        ([pd.DataFrame([[1, 2]], columns=NAMES)], NAMES),
        ([[1, 2]], None),
    ],
)
def test_names_are_those_of_columns_that_are_text(y, names):
    found = names_of_columns(y)
    assert (found is None) if names is None else found.tolist() == names


def test_names_have_to_differ_and_to_stay():
    with pytest.raises(ValueError, match="several columns called 'a'"):
        names_of_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    check_same_names(None, np.array(NAMES), "y")
    with pytest.raises(ValueError, match=r"y_val has the columns \['arousal', 'valence'\], and y of fit had"):
        check_same_names(np.array(NAMES[::-1]), np.array(NAMES), "y_val")


@pytest.mark.parametrize(
    "model",
    [
        net(),
        SegmentMeanRegressor(net(), segment_length=5),
        SegmentMeanRegressor(make_pipeline(FrameSummary(), Ridge()), segment_length=5),
        make_pipeline(FrameSummary(), GroupedRidge()),
    ],
    ids=["net", "segments", "segments of a ridge", "ridge"],
)
def test_each_regressor_learns_and_forgets_names(model, data, tmp_path):
    X, y = data
    assert last_step(model.fit(X, y)).target_names_.tolist() == NAMES
    save(model, tmp_path / "model.skops")
    assert last_step(load(tmp_path / "model.skops")).target_names_.tolist() == NAMES
    named = model.predict(X)
    assert not hasattr(last_step(model.fit(X, y.to_numpy())), "target_names_")
    np.testing.assert_allclose(model.predict(X), named, atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [net(), SegmentMeanRegressor(net(), segment_length=5), make_pipeline(FrameSummary(), GroupedRidge())],
    ids=["net", "segments", "ridge"],
)
def test_a_score_takes_the_targets_in_order(model, data):
    X, y = data
    score = model.fit(X, y).score(X, y)
    assert score == pytest.approx(r2_score(y, model.predict(X)))
    assert model.score(X, y.to_numpy()) == score
    with pytest.raises(ValueError, match=r"y has the columns \['arousal', 'valence'\]"):
        model.score(X, y[NAMES[::-1]])
    one = model.fit(X, y["valence"])
    assert one.score(X, y["valence"].rename("measured")) == one.score(X, y["valence"])  # there is only one


def test_a_series_names_one_target_and_frames_have_names(data):
    X, y = data
    assert net().fit(X, y["valence"]).target_names_.tolist() == ["valence"]
    steps = [pd.DataFrame(np.outer(np.arange(10), [1.0, k]), columns=NAMES) for k in range(12)]
    assert net().fit(X, steps).target_names_.tolist() == NAMES
    with pytest.raises(ValueError, match=r"y\[2\] has the columns \['arousal', 'valence'\], and y\[0\]"):
        net().fit(X, [*steps[:2], steps[2][NAMES[::-1]], *steps[3:]])


def test_training_goes_on_with_the_same_names_alone(data):
    X, y = data
    for model in (net(), SegmentMeanRegressor(net(), segment_length=5)):
        model.partial_fit(X, y)
        model.partial_fit(X, y.to_numpy())
        assert model.target_names_.tolist() == NAMES
        with pytest.raises(ValueError, match=r"y has the columns .*Give the columns of fit, in order"):
            model.partial_fit(X, y[NAMES[::-1]])
        with pytest.raises(ValueError, match=r"y_val has the columns"):
            model.fit(X, y, X_val=X, y_val=y[NAMES[::-1]])
    warm = net(warm_start=True).fit(X, y).fit(X, y.to_numpy())
    assert warm.target_names_.tolist() == NAMES


def test_names_reach_predictions_and_evaluations_of_files(tmp_path, rng):
    files = [str(tmp_path / f"{k}.wav") for k in range(6)]
    for file in files:
        soundfile.write(file, 0.1 * rng.normal(size=4000), 8000)
    y = pd.DataFrame(rng.normal(size=(6, 2)), columns=NAMES)
    model = make_pipeline(MFCCTransformer(sr=8000), FrameSummary(), GroupedRidge()).fit(files, y)
    assert [list(found.numbers) for found in predict_files(model, files[:1])] == [NAMES]
    assert [list(found.numbers) for found in predict_files(model, files[:1], target_names=["a", "b"])] == [["a", "b"]]
    ordered, turned = (evaluate_files(model, files, y[names]) for names in (NAMES, NAMES[::-1]))
    pd.testing.assert_frame_equal(ordered.scores, turned.scores)
    assert evaluate_files(model, files, y.to_numpy()).scores.index.tolist() == NAMES
    with pytest.raises(ValueError, match=r"target has the columns \['arousal', 'dominance'\], and the model predicts"):
        evaluate_files(model, files, y[NAMES[::-1]].rename(columns={"valence": "dominance"}))
    named = evaluate_files(model, files, y.rename(columns=str.upper))
    assert named.scores.index.tolist() == ["VALENCE", "AROUSAL"]
