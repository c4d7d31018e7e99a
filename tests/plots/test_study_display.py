"""StudyDisplay: means, std and folds are those of cv_results_, on the axis that their values ask for."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import loguniform
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import StudyDisplay

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


@pytest.fixture
def table(rng):
    y = np.repeat([0, 1], 30)
    return rng.normal(size=(60, 3)) + y[:, None], y


@pytest.mark.parametrize("is_given", [False, True])
def test_one_parameter_is_points_with_std_and_folds(table, is_given):
    search = GridSearchCV(SVC(), {"C": [10, 0.01, 0.1, 1]}, cv=3).fit(*table)
    ax = Figure().subplots() if is_given else None
    display = StudyDisplay.from_estimator(search, ax=ax)
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
    assert display.ax_.get_ylabel() == "score\n(mean ± std over folds)"
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
    mean, std = (search.cv_results_[f"{name}_test_score"].reshape(3, 2) for name in ("mean", "std"))
    ax = StudyDisplay.from_estimator(search).ax_
    np.testing.assert_allclose(ax.get_images()[0].get_array(), mean)
    assert [text.get_text() for text in ax.texts] == [
        f"{mean_score:.3f}\n± {spread:.3f}" for mean_score, spread in zip(mean.ravel(), std.ravel(), strict=True)
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("kernel", "C")
    assert (tick_texts(ax.xaxis), tick_texts(ax.yaxis)) == (["rbf", "linear"], ["0.1", "1", "10"])
    ax = StudyDisplay.from_estimator(search.cv_results_, kind="lines", parameters=["C", "svc__kernel"]).ax_
    np.testing.assert_allclose([container.lines[0].get_ydata() for container in ax.containers], mean.T)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["rbf", "linear"]


def test_parameters_left_out_are_averaged_over(table):
    grid = {"C": [0.1, 1], "kernel": ["rbf", "linear"], "shrinking": [True, False]}
    search = GridSearchCV(SVC(), grid, cv=3).fit(*table)
    display = StudyDisplay.from_estimator(search, parameters="kernel")
    results = search.cv_results_
    expected = [results["mean_test_score"][results["param_kernel"] == kernel].mean() for kernel in grid["kernel"]]
    np.testing.assert_allclose(display.ax_.containers[0].lines[0].get_ydata(), expected)
    assert display.ax_.get_ylabel().endswith("averaged over C\naveraged over shrinking")


def test_three_parameters_and_more_are_pairs(table):
    grid = {"C": [0.1, 1, 10], "kernel": ["rbf", "linear"], "shrinking": [True, False]}
    search = GridSearchCV(SVC(), grid, cv=3).fit(*table)
    display = StudyDisplay.from_estimator(search)
    axes, results = display.axes_.reshape(3, 3), search.cv_results_
    mean = results["mean_test_score"].reshape(3, 2, 2)  # (C, kernel, shrinking)
    np.testing.assert_allclose(axes[1, 0].get_images()[0].get_array(), mean.mean(axis=2).T)
    np.testing.assert_allclose(axes[2, 1].get_images()[0].get_array(), mean.mean(axis=0).T)
    np.testing.assert_allclose(axes[0, 0].containers[0].lines[0].get_ydata(), mean.mean(axis=(1, 2)))
    assert len({image.get_clim() for image in (axes[1, 0].get_images()[0], axes[2, 0].get_images()[0])}) == 1
    assert [ax.get_xlabel() for ax in axes[-1]] == ["C", "kernel", "shrinking"]
    assert tick_texts(axes[2, 0].xaxis) == ["0.1", "1", "10"]
    assert not axes[0, 2].axison
    with pytest.raises(ValueError, match="kind='lines' is of one or two parameters"):
        StudyDisplay.from_estimator(search, kind="lines")


@pytest.mark.parametrize("n_parameters", [1, 2, 3])
def test_a_search_of_which_every_fit_failed_is_drawn_empty(n_parameters):
    values = np.array(list(np.ndindex((2,) * n_parameters)))
    results = {f"param_{name}": column for name, column in zip("abc", values.T, strict=False)}
    display = StudyDisplay.from_estimator(results | {"split0_test_score": np.full(2**n_parameters, np.nan)})
    display.figure_.savefig(io.BytesIO())
    assert len(display.axes_) == (1 if n_parameters < 3 else 9)


def test_pairs_of_numbers_drawn_at_random_are_dots(table):
    space = {"C": loguniform(1e-3, 1e3), "gamma": loguniform(1e-3, 1), "coef0": loguniform(1e-3, 1)}
    search = RandomizedSearchCV(SVC(), space, n_iter=12, cv=2, random_state=0).fit(*table)
    axes = StudyDisplay.from_estimator(search).axes_.reshape(3, 3)
    tried = {(params["C"], params["coef0"]) for params in search.cv_results_["params"]}
    assert {tuple(point) for point in axes[1, 0].collections[0].get_offsets().tolist()} == tried
    assert (axes[1, 0].get_xscale(), axes[0, 0].get_xscale()) == ("log", "log")  # of C


def test_more_than_six_parameters_are_chosen_from(table):
    names = ["C", "gamma", "coef0", "tol", "shrinking", "probability", "degree"]
    results = {f"param_{name}": [1, 2] for name in names} | {"split0_test_score": [0.5, 0.6]}
    with pytest.raises(ValueError, match=r"varies 7 \(C, gamma.*parameters=\['C', 'gamma'\]"):
        StudyDisplay.from_estimator(results)


def test_random_searches_lists_of_grids_and_several_scores(table):
    random = RandomizedSearchCV(SVC(), {"C": np.logspace(-3, 3, 50), "gamma": [0.1, 1]}, n_iter=6, random_state=0)
    ax = StudyDisplay.from_estimator(random.fit(*table)).ax_
    assert len(ax.texts) == 6  # a cell that was not tried stays empty
    continuous = {"C": loguniform(1e-3, 1e3), "gamma": loguniform(1e-3, 1)}
    random = RandomizedSearchCV(SVC(), continuous, n_iter=6, random_state=0).fit(*table)
    ax = StudyDisplay.from_estimator(random).ax_
    tried = {(params["gamma"], params["C"]) for params in random.cv_results_["params"]}
    assert {tuple(point) for point in ax.collections[0].get_offsets().tolist()} == tried
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "log", "gamma", "C")
    grids = [{"kernel": ["rbf"], "gamma": [0.1, 1]}, {"kernel": ["linear"]}]
    search = GridSearchCV(SVC(), grids, cv=2, scoring=["accuracy", "roc_auc"], refit="roc_auc").fit(*table)
    display = StudyDisplay.from_estimator(search, parameters="gamma")
    assert tick_texts(display.ax_.xaxis) == ["0.1", "1", "None"]
    assert display.ax_.get_ylabel().startswith("roc auc\n")
    with pytest.raises(ValueError, match="score='f1' is not in cv_results_, which has accuracy, roc_auc"):
        StudyDisplay.from_estimator(search, score="f1")


def test_what_cannot_be_laid_out_is_named(table):
    search = GridSearchCV(SVC(), {"C": [0.1, 1], "gamma": [1, 2]}, cv=2)
    with pytest.raises(NotFittedError, match="GridSearchCV has no cv_results_"):
        StudyDisplay.from_estimator(search)
    with pytest.raises(TypeError, match="search is DummyClassifier without cv_results_"):
        StudyDisplay.from_estimator(DummyClassifier())
    search.fit(*table)
    with pytest.raises(ValueError, match=r"parameters: 'degree' is not in the search. Use names of C, gamma"):
        StudyDisplay.from_estimator(search, parameters="degree")
    with pytest.raises(ValueError, match="must be one to 6 different ones"):
        StudyDisplay.from_estimator(search, parameters=["C", "C"])
    with pytest.raises(ValueError, match="kind='bars' must be one of auto, lines, heatmap, points"):
        StudyDisplay.from_estimator(search, kind="bars")
    with pytest.raises(ValueError, match=r"scores has shape \(2, 3\)"):
        StudyDisplay({"a": [1, 2, 3]}, np.zeros((2, 3))).plot()
