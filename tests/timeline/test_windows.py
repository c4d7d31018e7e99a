"""Timelines of models of several labels and of regressors: a row per window and label, or a column per target."""

import json

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sklaudio import (
    Clip,
    FrameSummary,
    GRURegressor,
    RMSTransformer,
    merge_timeline,
    predict_files,
    predict_timeline,
    timeline_to_audacity,
    timeline_to_json,
)
from sklaudio.encoders import GroupedRidge

from ..labels import SR, label_model, mixture

PARTS = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (1, 0, 0)]  # high, low, middle


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A second each: high; high and low; low; high."""
    path = tmp_path_factory.mktemp("recording") / "long.wav"
    soundfile.write(path, np.concatenate([mixture(part, duration=1.0) for part in PARTS]), SR)
    return str(path)


@pytest.fixture(scope="module")
def labels():
    return label_model()


def spans(timeline):
    return [tuple(row) for row in timeline[["start", "end", "label"]].to_numpy().tolist()]


def test_each_label_of_a_window_is_a_row(labels, recording):
    timeline = predict_timeline(labels, recording, window=1, hop=1)
    assert spans(timeline) == [(0, 1, "high"), (1, 2, "high"), (1, 2, "low"), (2, 3, "low"), (3, 4, "high")]
    assert timeline["probability"].gt(0.5).all()
    merged = predict_timeline(labels, recording, window=1, hop=1, merge=True)
    assert spans(merged) == [(0, 2, "high"), (1, 3, "low"), (3, 4, "high")]
    assert merged.loc[0, "probability"] == pytest.approx(timeline["probability"][:2].mean())
    assert timeline_to_audacity(timeline) == timeline_to_audacity(merged)
    assert merged.attrs == {"path": recording, "sr": SR, "window": 1.0, "hop": 1.0, "events": True}


def test_probabilities_of_windows_without_labels_are_rows_where_asked(recording):
    strict = label_model(thresholds=[1.0, 1.0, 1.0])
    assert predict_timeline(strict, recording, window=1, hop=1).empty
    timeline = predict_timeline(strict, recording, window=1, hop=1, proba=True)
    assert timeline["label"].isna().tolist() == [True] * 4
    expected = strict.predict_proba([Clip(recording, 0, 1)])
    np.testing.assert_allclose(timeline.loc[[0], ["p(high)", "p(low)", "p(middle)"]], expected, atol=1e-4)
    assert merge_timeline(timeline).empty
    assert json.loads(timeline_to_json(timeline))["rows"][0]["label"] is None


def test_each_label_is_smoothed_by_itself(labels, recording):
    window = {"window": 1, "hop": 0.5, "proba": True}
    plain = predict_timeline(labels, recording, **window).drop_duplicates("start")
    smooth = predict_timeline(labels, recording, **window, smoothing="median", median_length=3)
    middle = smooth[smooth["start"] == 2].iloc[0]
    assert middle["p(high)"] == pytest.approx(plain["p(high)"][plain["start"].between(1.5, 2.5)].median())
    path = predict_timeline(labels, recording, window=1, hop=1, smoothing="viterbi", stay=0.5, merge=True)
    assert spans(path) == [(0, 2, "high"), (1, 3, "low"), (3, 4, "high")]
    with pytest.raises(ValueError, match="model decides at other thresholds"):
        predict_timeline(label_model(thresholds=0.3), recording, smoothing="viterbi")


def level_model(y=None, last=None):
    levels = np.linspace(0.1, 1, 10)
    clips = [mixture((1, 0, 0), level, 0.5) for level in levels]
    y = pd.DataFrame({"level": levels, "minus": -levels}) if y is None else y
    return make_pipeline(RMSTransformer(sr=SR), FrameSummary(["mean"]), last or GroupedRidge(alphas=[1e-6])).fit(
        clips, y
    )


def test_numbers_are_columns_of_their_names(recording):
    model = level_model()
    timeline = predict_timeline(model, Clip(recording, 1, 4), window=1, hop=0.5)
    assert timeline.columns.tolist() == ["start", "end", "level", "minus"]
    assert timeline["start"].tolist() == [1, 1.5, 2, 2.5, 3]
    expected = model.predict([Clip(recording, start, start + 1) for start in timeline["start"]])
    np.testing.assert_allclose(timeline[["level", "minus"]], expected, atol=1e-4)
    smooth = predict_timeline(model, Clip(recording, 1, 4), window=1, hop=0.5, smoothing="median", median_length=3)
    assert smooth["level"][2] == pytest.approx(timeline["level"][1:4].median())
    unnamed = level_model(np.linspace(0, 1, 10), LinearRegression())
    assert predict_timeline(unnamed, recording).columns.tolist() == ["start", "end", "prediction"]


def test_what_is_for_labels_is_refused_for_numbers(recording):
    model = level_model()
    with pytest.raises(ValueError, match="merge=True is for labels"):
        predict_timeline(model, recording, merge=True)
    with pytest.raises(ValueError, match="smoothing='viterbi' is for labels"):
        predict_timeline(model, recording, smoothing="viterbi")
    with pytest.raises(ValueError, match="timeline has no column"):
        timeline_to_audacity(predict_timeline(model, recording))


def test_numbers_of_frames_are_rows_of_their_time(recording):
    features = RMSTransformer(sr=SR, n_fft=512, hop_length=400)
    frames = features.fit_transform([recording, recording])
    y = [pd.DataFrame(clip, columns=["level"]) for clip in frames]
    net = GRURegressor(4, 1, max_epochs=2, random_state=0)
    model = make_pipeline(features, net).fit([recording, recording], y)
    timeline = predict_timeline(model, recording)
    assert timeline.columns.tolist() == ["start", "end", "level"]
    np.testing.assert_allclose(timeline["start"], 0.05 * np.arange(len(frames[0])))
    np.testing.assert_allclose(timeline["level"], model.predict([recording])[0][:, 0], atol=1e-4)
    [found] = predict_files(model, [recording])
    np.testing.assert_allclose(found.timeline, timeline, atol=1e-4)
    part = predict_timeline(model, Clip(recording, 1, 2), smoothing="median", median_length=3)
    assert (part["start"][0], len(part)) == (1, 21)
    assert [list(each.timeline) for each in predict_files(model, [recording], target_names=["a"])] == [
        ["start", "end", "a"]
    ]
