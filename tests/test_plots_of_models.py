"""Displays of trainings, searches and timelines: data, scales, marks, errors."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import (
    FrameScaler,
    LSTMClassifier,
    SegmentVotingClassifier,
    StudyDisplay,
    TimelineDisplay,
    TrainingDisplay,
)
from sklaudio._plots._timeline import clock

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


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


# ---- TrainingDisplay


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
    assert [own.get_ylabel() for own in display.axes_] == ["loss", "accuracy", "learning rate"]
    assert all(own.get_xlabel() == "epoch" for own in display.axes_)
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
    with pytest.raises(TypeError, match="LogisticRegression in Pipeline has no history_. Pass a fitted net"):
        TrainingDisplay.from_estimator(make_pipeline(LogisticRegression()))
    with pytest.raises(ValueError, match="estimators is empty"):
        TrainingDisplay.from_estimators([])
    with pytest.raises(TypeError, match="from_estimator draws a single one"):
        TrainingDisplay.from_estimators(LSTMClassifier())
    with pytest.raises(ValueError, match="ax holds 2 Axes and there are 3"):
        TrainingDisplay({"a": history([0.9])}).plot(ax=Figure().subplots(2))


# ---- StudyDisplay


@pytest.fixture
def table(rng):
    y = np.repeat([0, 1], 30)
    return rng.normal(size=(60, 3)) + y[:, None], y


@pytest.mark.parametrize("is_given", [False, True])
def test_one_parameter_is_points_with_deviation_and_folds(table, is_given):
    search = GridSearchCV(SVC(), {"C": [10, 0.01, 0.1, 1]}, cv=3).fit(*table)
    ax = Figure().subplots() if is_given else None
    display = StudyDisplay.from_search(search, ax=ax)
    points, *_ = display.ax_.containers[0].lines
    results = search.cv_results_
    by_value = np.argsort(np.asarray(results["param_C"], dtype=float))
    np.testing.assert_allclose(points.get_xdata(), [0.01, 0.1, 1, 10])
    np.testing.assert_allclose(points.get_ydata(), results["mean_test_score"][by_value])
    (bars,) = display.ax_.containers[0].lines[2]
    spans = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose((spans[:, 1] - spans[:, 0]) / 2, results["std_test_score"][by_value])
    dots = [line for line in display.ax_.lines if line.get_marker() == "."]
    np.testing.assert_allclose(dots[1].get_ydata(), results["split1_test_score"][by_value])
    assert display.ax_.get_xscale() == "log"
    assert (display.ax_.get_xlabel(), tick_texts(display.ax_.xaxis)) == ("C", ["0.01", "0.1", "1", "10"])
    assert display.ax_.get_ylabel() == "score\n(mean ± deviation over folds)"
    assert ax is None or display.ax_ is ax


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, 2, 3, 4], "linear"), ([16, 32, 64], "log"), ([0, 1, 10], "linear"), ([1, 100], "log"), ([5], "linear"),
        (["rbf", "linear"], "linear"), ([True, False], "linear"), ([None, 3], "linear"), ([0.0, 0.2, 0.4], "linear"),
    ],
)  # fmt: skip
def test_the_axis_is_of_factors_where_values_are(values, scale):
    display = StudyDisplay({"net__size": values}, np.random.default_rng(0).random((len(values), 3))).plot()
    assert display.ax_.get_xscale() == scale
    assert tick_texts(display.ax_.xaxis) == [str(value).removesuffix(".0").replace("0.0", "0") for value in values]
    assert display.ax_.get_xlabel() == "size"


def test_two_parameters_are_cells_or_lines(table):
    grid = {"svc__C": [0.1, 1, 10], "svc__kernel": ["rbf", "linear"]}
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid, cv=3).fit(*table)
    mean, deviation = (search.cv_results_[f"{name}_test_score"].reshape(3, 2) for name in ("mean", "std"))
    ax = StudyDisplay.from_search(search).ax_
    np.testing.assert_allclose(ax.get_images()[0].get_array(), mean)
    assert [text.get_text() for text in ax.texts] == [
        f"{own:.3f}\n± {spread:.3f}" for own, spread in zip(mean.ravel(), deviation.ravel(), strict=True)
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("kernel", "C")
    assert (tick_texts(ax.xaxis), tick_texts(ax.yaxis)) == (["rbf", "linear"], ["0.1", "1", "10"])
    ax = StudyDisplay.from_search(search.cv_results_, kind="lines", parameters=["C", "svc__kernel"]).ax_
    np.testing.assert_allclose([own.lines[0].get_ydata() for own in ax.containers], mean.T)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["rbf", "linear"]


def test_parameters_left_out_are_averaged_over(table):
    grid = {"C": [0.1, 1], "kernel": ["rbf", "linear"], "shrinking": [True, False]}
    search = GridSearchCV(SVC(), grid, cv=3).fit(*table)
    with pytest.raises(ValueError, match=r"varies 3 \(C, kernel, shrinking\).*parameters=\['C', 'kernel'\]"):
        StudyDisplay.from_search(search)
    display = StudyDisplay.from_search(search, parameters="kernel")
    results = search.cv_results_
    expected = [results["mean_test_score"][results["param_kernel"] == kernel].mean() for kernel in grid["kernel"]]
    np.testing.assert_allclose(display.ax_.containers[0].lines[0].get_ydata(), expected)
    assert display.ax_.get_ylabel().endswith("averaged over C\naveraged over shrinking")


def test_random_searches_lists_of_grids_and_several_scores(table):
    random = RandomizedSearchCV(SVC(), {"C": np.logspace(-3, 3, 50), "gamma": [0.1, 1]}, n_iter=6, random_state=0)
    ax = StudyDisplay.from_search(random.fit(*table)).ax_
    assert len(ax.texts) == 6  # a cell that was not tried stays empty
    grids = [{"kernel": ["rbf"], "gamma": [0.1, 1]}, {"kernel": ["linear"]}]
    search = GridSearchCV(SVC(), grids, cv=2, scoring=["accuracy", "roc_auc"], refit="roc_auc").fit(*table)
    display = StudyDisplay.from_search(search, parameters="gamma")
    assert tick_texts(display.ax_.xaxis) == ["0.1", "1", "None"]
    assert display.ax_.get_ylabel().startswith("roc auc\n")
    with pytest.raises(ValueError, match="score='f1' is not in cv_results_, which has accuracy, roc_auc"):
        StudyDisplay.from_search(search, score="f1")


def test_what_cannot_be_laid_out_is_named(table):
    search = GridSearchCV(SVC(), {"C": [0.1, 1], "gamma": [1, 2]}, cv=2)
    with pytest.raises(NotFittedError, match="GridSearchCV has no cv_results_"):
        StudyDisplay.from_search(search)
    with pytest.raises(TypeError, match="search is DummyClassifier without cv_results_"):
        StudyDisplay.from_search(DummyClassifier())
    search.fit(*table)
    with pytest.raises(ValueError, match="parameters: 'degree' is not in the search. Use one or two of C, gamma"):
        StudyDisplay.from_search(search, parameters="degree")
    with pytest.raises(ValueError, match="must be one or two different ones"):
        StudyDisplay.from_search(search, parameters=["C", "C"])
    with pytest.raises(ValueError, match="kind='bars' must be one of auto, lines, heatmap"):
        StudyDisplay.from_search(search, kind="bars")
    with pytest.raises(ValueError, match=r"scores has shape \(2, 3\)"):
        StudyDisplay({"a": [1, 2, 3]}, np.zeros((2, 3))).plot()


# ---- TimelineDisplay


def timeline(**columns):
    return pd.DataFrame(
        {"start": [0, 60, 90], "end": [60, 90, 100], "label": ["b", "a", "b"], "probability": [0.9, 0.5, 0.7]} | columns
    )


@pytest.mark.parametrize("is_given", [False, True])
def test_spans_are_as_long_as_they_last_and_as_high_as_they_are_probable(is_given):
    ax = Figure().subplots() if is_given else None
    display = TimelineDisplay(timeline())
    assert display.plot(ax=ax, colors={"a": "black"}) is display
    a, b = display.ax_.containers
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in b] == [(0, 60, 0.9), (90, 10, 0.7)]
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in a] == [(60, 30, 0.5)]
    assert a[0].get_facecolor() == to_rgba("black")
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["a", "b"]
    display.figure_.canvas.draw()
    ticks = dict(zip(display.ax_.get_xticks(), tick_texts(display.ax_.xaxis), strict=True))
    assert (ticks[60], ticks[75]) == ("01:00.0", "01:15.0")
    assert (display.ax_.get_ylabel(), display.ax_.get_xlabel()) == ("probability", "time (mm:ss.s)")
    assert display.ax_.get_ylim() == (0, 1)
    assert ax is None or display.ax_ is ax


def test_windows_that_overlap_meet_in_the_middle():
    windows = timeline(start=[1, 0, 2], end=[4, 3, 5])
    spans = TimelineDisplay.from_predictions(windows).spans_
    assert spans[["start", "end"]].to_numpy().tolist() == [[0, 2], [2, 3], [3, 5]]
    assert spans["label"].tolist() == ["a", "b", "b"]


def test_the_waveform_is_underneath():
    y = np.sin(np.arange(8000 * 120) / 10)
    y[8000 * 75] = 2
    display = TimelineDisplay(timeline(), waveform=y, sr=8000).plot()
    line = display.axes_[1].lines[0]
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(75, abs=0.05)
    assert display.axes_[1].get_xlim() == display.ax_.get_xlim() == (0, 120)
    assert (display.axes_[1].get_xlabel(), display.axes_[1].get_ylabel()) == ("time (mm:ss.s)", "amplitude")


def test_many_classes_have_a_colour_each():
    labels = [f"class {number}" for number in range(30)]
    many = pd.DataFrame({"start": np.arange(30), "end": np.arange(1, 31), "label": labels, "probability": 0.5})
    display = TimelineDisplay(many).plot()
    assert len({bars[0].get_facecolor() for bars in display.ax_.containers}) == 30
    assert len(display.figure_.legends[0].get_texts()) == 30


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00.0"), (59.96, "01:00.0"), (83.25, "01:23.2"), (3725, "62:05.0"), (-1.5, "-00:01.5")]
)
def test_times_are_minutes_and_seconds(seconds, text):
    assert clock(seconds) == text


def test_what_is_no_timeline_is_named():
    with pytest.raises(TypeError, match="timeline is list. Pass a pandas DataFrame with the columns start, end"):
        TimelineDisplay([1]).plot()
    with pytest.raises(ValueError, match="timeline has no column label; it has start, end, class, probability"):
        TimelineDisplay(timeline().rename(columns={"label": "class"})).plot()
    with pytest.raises(ValueError, match="timeline has no rows"):
        TimelineDisplay(timeline().iloc[:0]).plot()
    with pytest.raises(ValueError, match="row 1 is from 60 to 60 s with a probability of 0.5"):
        TimelineDisplay(timeline(end=[60, 60, 100])).plot()
    with pytest.raises(ValueError, match="row 2 .* probability of nan. Every end must be after its start"):
        TimelineDisplay(timeline(probability=[0.1, 0.2, np.nan])).plot()


# ---- matplotlib


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_matplotlib_is_imported_when_something_is_drawn():
    code = "import sys, sklaudio.plots; d = sklaudio.TimelineDisplay(None); print('matplotlib' in sys.modules)"
    assert run(code) == "False"
    code = (
        "import sys, pandas as pd; from sklaudio import TimelineDisplay;"
        "t = pd.DataFrame({'start': [0], 'end': [1], 'label': ['a'], 'probability': [1]}); TimelineDisplay(t).plot();"
        "print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    )
    assert run(code) == "False False"


@pytest.mark.parametrize("display", [
    "FeatureDisplay.from_clip([0.0])", "TrainingDisplay.from_estimator(None)", "TrainingDisplay({}).plot()",
    "StudyDisplay.from_search(None)", "TimelineDisplay(None).plot()",
])  # fmt: skip
def test_without_matplotlib_the_extra_is_named(display, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    name = display.split(".")[0].split("(")[0]
    with pytest.raises(ImportError, match=rf"{name} draws with matplotlib.*pip install 'sklaudio\[plots\]'"):
        eval(f"sklaudio.{display}")
