"""EventOperatingCurveDisplay: curves are the table, stars are the largest F1, models are found in Pipelines."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import EventDetector, EventOperatingCurveDisplay, FrameScaler, GRUClassifier

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


def curve(labels=("owl", "fox")):
    index = pd.MultiIndex.from_product([[*labels, "(micro)", "(macro)"], [0.2, 0.5, 0.8]], names=["label", "threshold"])
    table = pd.DataFrame({"recall": 0.5, "precision": 0.6, "f1": 0.4}, index)
    table.loc["owl", "f1"] = [0.3, 0.2, 0.7]
    table.loc["owl", "recall"] = [0.9, 0.8, 0.6]
    table.loc["(micro)", "f1"] = [0.3, 0.5, 0.4]
    return table


@pytest.mark.parametrize("is_given", [False, True])
def test_curves_are_the_table_and_stars_the_largest_f1(is_given):
    ax = Figure().subplots(1, 2) if is_given else None
    table = curve()
    table.loc["fox", "f1"] = np.nan
    display = EventOperatingCurveDisplay(table)
    assert display.plot(ax=ax) is display
    best = display.best_thresholds_
    assert (best["owl"], best["(micro)"], np.isnan(best["fox"])) == (0.8, 0.5, True)
    by_recall, by_threshold = display.axes_
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in display.axes_] == [
        ("recall", "precision"),
        ("threshold", "F1"),
    ]
    lines = [line for line in by_threshold.lines if line.get_marker() == "."]
    np.testing.assert_array_equal(lines[0].get_xdata(), [0.2, 0.5, 0.8])
    np.testing.assert_array_equal(lines[0].get_ydata(), [0.3, 0.2, 0.7])
    np.testing.assert_array_equal(by_recall.lines[0].get_xdata(), [0.9, 0.8, 0.6])
    stars = [[(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "*"]
             for axes in display.axes_]  # fmt: skip
    assert stars == [[(0.6, 0.6), (0.5, 0.6)], [(0.8, 0.7), (0.5, 0.5)]]
    assert [text.get_text() for text in by_threshold.get_legend().get_texts()] == ["owl", "fox", "all labels"]


def test_of_many_labels_only_the_average_is_drawn():
    display = EventOperatingCurveDisplay(curve(["owl", *map(str, range(12))])).plot()
    assert [text.get_text() for text in display.axes_[1].get_legend().get_texts()] == ["all labels"]
    assert len(display.best_thresholds_) == 14


def test_a_model_and_clips_are_enough():
    y = [[(start, start + 1, "siren")] for start in (0.5, 1.0, 1.5, 2.0)]
    times = np.arange(40) / 10 + 0.05
    X = np.array([(start <= times) & (times < end) for ((start, end, _),) in y])[:, :, None] + 0.0
    model = make_pipeline(FrameScaler(), EventDetector(GRUClassifier(4, 1, max_epochs=1, random_state=0), hop=0.1))
    display = EventOperatingCurveDisplay.from_estimator(model.fit(X, y), X, y, by="event", thresholds=[0.1, 0.9])
    assert display.curve.index.unique("threshold").tolist() == [0.1, 0.9]
    assert "specificity" not in display.curve
    with pytest.raises(TypeError, match="model ends in LogisticRegression, not in an EventDetector"):
        EventOperatingCurveDisplay.from_estimator(make_pipeline(FrameScaler(), LogisticRegression()), X, y)


def test_what_is_no_curve_is_named():
    with pytest.raises(TypeError, match="curve is no table by label and threshold"):
        EventOperatingCurveDisplay(pd.DataFrame({"f1": [1.0]})).plot()
    with pytest.raises(ValueError, match="curve has no column recall, f1"):
        EventOperatingCurveDisplay(curve()[["precision"]]).plot()
