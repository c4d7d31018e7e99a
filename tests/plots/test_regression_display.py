"""RegressionDisplay: what is drawn of which clips, and where."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MFCCTransformer, RegressionDisplay
from sklaudio.encoders import GroupedRidge
from sklaudio.metrics import regression_table

from ..tones import tone

Y_TRUE = pd.DataFrame({"valence": [1.0, 2.0, 4.0, 3.0], "arousal": [5.0, 6.0, 7.0, 9.0]})
Y_PRED = np.array([[1.5, 5.0], [2.0, 5.5], [np.nan, np.nan], [2.0, 9.5]])


def points(ax):
    """x and y of the points, without the dotted line."""
    return next(line.get_xydata().tolist() for line in ax.lines if line.get_linestyle() == "None")


def test_actual_numbers_and_residuals_are_over_the_predicted_ones():
    display = RegressionDisplay.from_predictions(Y_TRUE, Y_PRED)
    assert len(display.axes_) == 4
    assert points(display.axes_[0]) == [
        [1.5, 1.0],
        [2.0, 2.0],
        [2.0, 3.0],
    ]  # the clip without a prediction is not there
    assert points(display.axes_[1]) == [[1.5, -0.5], [2.0, 0.0], [2.0, 1.0]]
    assert points(display.axes_[3]) == [[5.0, 0.0], [5.5, 0.5], [9.5, -0.5]]
    labels = [(ax.get_xlabel(), ax.get_ylabel()) for ax in display.axes_[2:]]
    assert labels == [("predicted arousal", "actual arousal"), ("predicted arousal", "residual of arousal")]
    pd.testing.assert_frame_equal(
        display.scores_, regression_table(Y_TRUE, Y_PRED, target_names=["valence", "arousal"])
    )  # fmt: skip
    assert "MAE 0.5," in display.ax_.get_title()


def test_the_line_is_where_predictions_are_right():
    for number, line in enumerate([[1, 1], [0, 0]]):
        ax = RegressionDisplay.from_predictions(Y_TRUE, Y_PRED).axes_[number]
        [dotted] = [each for each in ax.lines if each.get_linestyle() == ":"]
        x, y = dotted.get_data()
        assert [y[0] - line[0] * x[0], y[1] - line[1] * x[1]] == [0, 0]
        assert ax.get_ylim()[0] <= min(y) <= max(y) <= ax.get_ylim()[1]


@pytest.mark.parametrize(("kind", "label"), [("actual_vs_predicted", "actual"), ("residual_vs_predicted", "residual")])
def test_one_kind_has_one_picture_for_each_target(kind, label):
    axes = Figure().subplots(1, 2)
    display = RegressionDisplay(Y_TRUE, Y_PRED).plot(ax=axes, kind=kind)
    assert display.axes_.tolist() == axes.tolist()
    assert all(ax.get_ylabel().startswith(label) for ax in axes)


def test_from_an_estimator():
    X, y = [tone(pitch) for pitch in (200, 400, 800)], np.array([200.0, 400.0, 800.0])
    model = make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit(X, y)
    display = RegressionDisplay.from_estimator(model, X, y, target_names="pitch", kind="actual_vs_predicted")
    np.testing.assert_allclose(points(display.ax_), np.column_stack([model.predict(X), y]))
    assert display.ax_.get_xlabel() == "predicted pitch"


def test_columns_are_those_that_the_model_was_fitted_with():
    X, y = [tone(pitch) for pitch in (200, 400, 800)], Y_TRUE[:3]
    model = make_pipeline(MFCCTransformer(), FrameSummary(), GroupedRidge(alphas=[1.0])).fit(X, y)
    assert RegressionDisplay.from_estimator(model, X, y).scores_.index.tolist() == ["valence", "arousal"]
    with pytest.raises(ValueError, match=r"y has the columns \['arousal', 'valence'\]"):
        RegressionDisplay.from_estimator(model, X, y[["arousal", "valence"]])


def test_a_part_of_many_clips_is_drawn_and_all_are_scored():
    y = np.random.default_rng(0).normal(size=3000)
    drawn = [
        RegressionDisplay.from_predictions(y, y + 1, random_state=seed, kind="actual_vs_predicted")
        for seed in (0, 0, 1)
    ]
    first, again, other = (points(display.ax_) for display in drawn)
    assert len(first) == 1000
    assert first == again != other
    assert drawn[0].scores_.loc["prediction", "n_clips"] == 3000
    for subsample, n_drawn in ((None, 3000), (0.01, 30), (5, 5), (9999, 3000)):
        assert len(points(RegressionDisplay(y, y).plot(subsample=subsample).ax_)) == n_drawn


def test_numbers_that_are_all_the_same():
    display = RegressionDisplay.from_predictions([2.0, 2.0], [2.0, 2.0])
    low, high = display.ax_.get_xlim()
    assert low < 2 < high
    assert display.axes_[1].get_ylim()[0] < 0


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="kind='both of them' is none of 'both'"):
        RegressionDisplay(Y_TRUE, Y_PRED).plot(kind="both of them")
    for wrong in (0, 1.5, -1, True, "all"):
        with pytest.raises(ValueError, match="subsample="):
            RegressionDisplay(Y_TRUE, Y_PRED).plot(subsample=wrong)
    with pytest.raises(ValueError, match="y_pred is of shape"):
        RegressionDisplay(Y_TRUE, Y_PRED[:2]).plot()
    with pytest.raises(ValueError, match="ax holds 2 Axes and there are 4"):
        RegressionDisplay(Y_TRUE, Y_PRED).plot(ax=Figure().subplots(1, 2))


def test_pyplot_is_left_alone(pyplot_unchanged):
    RegressionDisplay.from_predictions(Y_TRUE, Y_PRED)
