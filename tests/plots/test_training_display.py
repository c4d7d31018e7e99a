"""TrainingDisplay: curves are the history, a star is the best epoch, nets are found however deep."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklaudio import FrameScaler, LSTMClassifier, SegmentVotingClassifier, TrainingDisplay

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


def history(valid_loss, rates=(0.1, 0.01, 0.001)):
    n_epochs = len(valid_loss)
    return pd.DataFrame(
        {
            "epoch": np.arange(1, n_epochs + 1),
            "train_loss": np.linspace(1, 0.5, n_epochs),
            "train_acc": np.linspace(0.3, 0.8, n_epochs),
            "valid_loss": valid_loss,
            "valid_acc": np.where(np.isnan(valid_loss), np.nan, 0.6),
            "lr": rates[:n_epochs],
        }
    )


@pytest.mark.parametrize("given", ["none", "one", "three"])
def test_curves_are_the_history_and_a_star_marks_the_best_epoch(given):
    ax = {"none": lambda: None, "one": Figure().subplots, "three": lambda: Figure().subplots(3)}[given]()
    runs = {"a": history([0.9, 0.4, 0.6]), "_b $1": history([0.7, 0.6, 0.5])}
    display = TrainingDisplay(runs)
    assert display.plot(ax=ax) is display
    assert display.best_epochs_ == {"a": 2, "_b $1": 3}
    loss, accuracy, rate = display.axes_
    curves = {
        line.get_linestyle(): line for line in loss.lines if line.get_color() == "C0" and len(line.get_xdata()) == 3
    }
    np.testing.assert_array_equal(curves["-"].get_ydata(), runs["a"]["train_loss"])
    np.testing.assert_array_equal(curves["--"].get_ydata(), runs["a"]["valid_loss"])
    stars = [(line.get_xdata()[0], line.get_ydata()[0]) for line in loss.lines if line.get_marker() == "*"]
    assert stars == [(2, 0.4), (3, 0.5)]
    assert [line.get_ydata()[0] for line in accuracy.lines if line.get_marker() == "*"] == [0.6, 0.6]
    np.testing.assert_array_equal(rate.lines[0].get_ydata(), [0.1, 0.01, 0.001])
    assert (loss.get_yscale(), rate.get_yscale()) == ("linear", "log")
    assert [ax.get_ylabel() for ax in display.axes_] == ["loss", "accuracy", "learning rate"]
    assert all(ax.get_xlabel() == "epoch" for ax in display.axes_)
    legend = display.figure_.legends[0] if given == "none" else rate.get_legend()
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["a", r" _b \$1", "training", "validation", "lowest validation loss"]
    display.figure_.canvas.draw()


def test_without_validation_nothing_is_marked():
    display = TrainingDisplay({"a": history([np.nan] * 3)}).plot()
    assert display.best_epochs_ == {"a": None}
    assert [len(ax.lines) for ax in display.axes_] == [1, 1, 1]
    assert [text.get_text() for text in display.figure_.legends[0].get_texts()] == ["a", "training"]


def test_the_net_is_found_in_pipelines_votes_and_searches(frames):
    X, y = frames
    net = LSTMClassifier(2, max_epochs=2, early_stopping=True, validation_fraction=0.2, random_state=0)
    vote = SegmentVotingClassifier(make_pipeline(FrameScaler(), net), segment_length=10).fit(X, y)
    trained = vote.estimator_[-1].history_
    display = TrainingDisplay.from_estimator(make_pipeline(vote))
    np.testing.assert_array_equal(display.ax_.lines[0].get_ydata(), trained["train_loss"])
    assert display.best_epochs_ == {"LSTMClassifier": int(trained["epoch"][trained["valid_loss"].idxmin()])}
    search = GridSearchCV(net, {"lr": [0.001]}, cv=2).fit(X, y)
    assert list(TrainingDisplay.from_estimators([vote, search]).histories) == ["LSTMClassifier 1", "LSTMClassifier 2"]
    assert list(TrainingDisplay.from_estimators({"x": vote, "y": search}).histories) == ["x", "y"]


def test_what_has_no_training_is_named():
    with pytest.raises(NotFittedError, match="LSTMClassifier has no history_: it is not fitted"):
        TrainingDisplay.from_estimator(make_pipeline(LSTMClassifier()))
    with pytest.raises(NotFittedError, match="SegmentVotingClassifier has no history_"):
        TrainingDisplay.from_estimator(SegmentVotingClassifier(LSTMClassifier()))
    calibrated = CalibratedClassifierCV(LogisticRegression(), cv=2).fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(TypeError, match="CalibratedClassifierCV has no history_"):
        TrainingDisplay.from_estimator(calibrated)
    with pytest.raises(TypeError, match=r"LogisticRegression in Pipeline has no history_. Pass a fitted net"):
        TrainingDisplay.from_estimator(make_pipeline(LogisticRegression()))
    with pytest.raises(ValueError, match="estimators is empty"):
        TrainingDisplay.from_estimators([])
    with pytest.raises(TypeError, match="from_estimator draws a single one"):
        TrainingDisplay.from_estimators(LSTMClassifier())
    with pytest.raises(ValueError, match="ax holds 2 Axes and there are 3"):
        TrainingDisplay({"a": history([0.9])}).plot(ax=Figure().subplots(2))
