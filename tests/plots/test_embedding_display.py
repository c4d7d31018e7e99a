"""EmbeddingDisplay: alike clips are close together, labels that were flipped on purpose are found."""

import sys

import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklaudio import (
    CNNClassifier,
    EmbeddingDisplay,
    FrameSummary,
    MelSpectrogramTransformer,
    SegmentVotingClassifier,
)

from .sounds import SR, pitches, tone_in_noise

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")
FLIPPED = [4, 17, 33]
MEL = {"sr": SR, "n_fft": 512, "hop_length": 256}


def mels():
    return MelSpectrogramTransformer(32, **MEL)


def vote(estimator):
    return make_pipeline(mels(), SegmentVotingClassifier(estimator, segment_length=20))


@pytest.fixture(scope="module")
def flipped():
    X, y = pitches(60)
    y[FLIPPED] = np.array(["none", "4 kHz", "1 kHz"])  # they are 1 kHz, none and 4 kHz
    return X, y


def test_flipped_labels_are_found(flipped):
    X, y = flipped
    display = EmbeddingDisplay.from_estimator(mels(), X, y)
    suspects = display.suspects_
    assert sorted(suspects.index) == FLIPPED
    assert list(suspects.columns) == ["path", "label", "predicted", "score"]
    assert suspects["path"].tolist() == [f"X[{row}]" for row in suspects.index]
    assert suspects["label"].tolist() == y[suspects.index].tolist()
    assert suspects["predicted"].to_dict() == {4: "1 kHz", 17: "none", 33: "4 kHz"}
    assert suspects["score"].is_monotonic_decreasing
    assert suspects["score"].between(0.5, 1).all()


def test_right_labels_are_not_suspect():
    assert EmbeddingDisplay.from_estimator(mels(), *pitches(60)).suspects_.empty


def test_groups_of_unequal_size_are_folds_too():
    X, y = pitches(40)
    groups = np.minimum(np.arange(40) // 3, 5)  # the last has 25 clips
    y[2] = "1 kHz"
    assert 2 in EmbeddingDisplay.from_estimator(mels(), X, y, groups=groups).suspects_.index


def test_groups_are_not_predicted_by_themselves():
    """Each speaker has a hum of its own: with groups it cannot tell that the label is that of the speaker's others."""
    speaker = np.repeat(np.arange(20), 4)
    y = np.where(speaker % 2, "4 kHz", "1 kHz")
    X = [tone_in_noise(4000 if label == "4 kHz" else 1000, row) for row, label in enumerate(y)]
    X = [x + tone_in_noise(200 + 70 * who, row + 500) for row, (x, who) in enumerate(zip(X, speaker, strict=True))]
    y[speaker == 3] = "1 kHz"  # all clips of one speaker are labelled wrong
    display = EmbeddingDisplay.from_estimator(mels(), X, y, groups=speaker)
    assert set(np.flatnonzero(speaker == 3)) <= set(display.suspects_.index)


def test_a_clip_unlike_its_class_is_an_outlier():
    X, y = pitches(60)
    X[6] = (0.5 * np.random.default_rng(0).normal(size=len(X[6]))).astype(np.float32)
    display = EmbeddingDisplay.from_estimator(mels(), X, y)
    assert display.outliers_.index[0] == 6
    assert display.outliers_["label"].iloc[0] == y[6]
    assert (display.outliers_["score"] > 3.5).all()
    without_labels = EmbeddingDisplay.from_estimator(mels(), X)
    assert list(without_labels.outliers_.columns) == ["path", "score"]
    assert without_labels.suspects_.empty


MODELS = {
    "forest": lambda: make_pipeline(mels(), FrameSummary(), RandomForestClassifier(5, random_state=0)),
    "net": lambda: make_pipeline(mels(), CNNClassifier([4, 8], head=(5,), max_epochs=3, random_state=0)),
    "segments": lambda: vote(CNNClassifier([4, 8], head=(5,), max_epochs=3, random_state=0)),
    "segments of a linear model": lambda: vote(make_pipeline(FrameSummary(), LogisticRegression())),
    "search": lambda: GridSearchCV(
        make_pipeline(mels(), FrameSummary(), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2
    ),
    "calibration": lambda: CalibratedClassifierCV(make_pipeline(mels(), FrameSummary(), LogisticRegression()), cv=2),
}
N_DIMS = {
    "forest": 64,  # mean and standard deviation of 32 bands, which come to the forest
    "net": 5,  # what comes to the output layer
    "segments": 5,
    "segments of a linear model": 64,
    "search": 64,
    "calibration": 128,  # of two models
}


@pytest.mark.parametrize("name", MODELS)
def test_the_embedding_is_what_comes_before_the_last_estimator(name, flipped):
    X, y = flipped
    model = MODELS[name]().fit(X, y)
    display = EmbeddingDisplay.from_estimator(model, X[:20], y[:20])
    assert display.embedding_.shape == (20, N_DIMS[name])
    assert display.coordinates_.shape == (20, 2)
    if name == "forest":
        np.testing.assert_allclose(display.embedding_, model[:-1].transform(X[:20]))
    if name == "net":
        np.testing.assert_allclose(display.embedding_, model.transform(X[:20]), rtol=1e-5)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_alike_clips_are_close_and_maps_are_repeated(method):
    X, y = pitches(45)
    maps = [EmbeddingDisplay.from_estimator(mels(), X, y, method=method).coordinates_ for _ in range(2)]
    np.testing.assert_array_equal(*maps)
    distance = np.linalg.norm(maps[0][:, np.newaxis] - maps[0], axis=2) + np.diag(np.full(45, np.inf))
    assert (y[distance.argmin(axis=1)] == y).mean() > 0.9


def test_umap_says_how_it_is_installed(flipped, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ImportError, match="pip install umap-learn"):
        EmbeddingDisplay.from_estimator(mels(), *flipped, method="umap")


def test_umap(flipped):
    pytest.importorskip("umap")
    assert EmbeddingDisplay.from_estimator(mels(), *flipped, method="umap").coordinates_.shape == (60, 2)


def test_classes_have_markers_and_a_legend(flipped):
    display = EmbeddingDisplay.from_estimator(mels(), *flipped, name="tones")
    names = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert names[:4] == ["1 kHz", "4 kHz", "none", "label may be wrong"]
    assert display.ax_.get_title() == "tones"
    assert display.ax_.get_xlabel().startswith("component 1 (")
    ax = Figure().subplots()
    assert display.plot(ax=ax).ax_ is ax


def test_no_two_of_many_classes_look_alike():
    y = np.arange(40)
    display = EmbeddingDisplay(np.random.default_rng(0).normal(size=(40, 2)), y.astype(str)).plot()
    looks = {
        (tuple(points.get_facecolors()[0]), points.get_paths()[0].vertices.tobytes())
        for points in display.ax_.collections
    }
    assert len(looks) == 40


def test_numbers_are_a_colour_bar():
    X, _ = pitches(12)
    display = EmbeddingDisplay.from_estimator(mels(), X, np.linspace(0, 1.5, 12))
    assert display.suspects_.empty
    assert len([axes for axes in display.figure_.axes if axes.get_label() == "<colorbar>"]) == 1


def test_paths_are_named(tmp_path):
    X, y = pitches(12)
    paths = []
    for row, clip in enumerate(X):
        paths.append(tmp_path / f"{row}.wav")
        soundfile.write(paths[-1], clip, SR)
    y[0] = "none"
    display = EmbeddingDisplay.from_estimator(mels(), paths, y)
    assert set(display.suspects_["path"]) | {str(paths[0])} <= set(map(str, paths))


@pytest.mark.parametrize("n_clips", [1, 2, 3, 4])
def test_few_clips_will_do(n_clips):
    X, y = pitches(n_clips)
    display = EmbeddingDisplay.from_estimator(mels(), X, y)
    assert display.coordinates_.shape == (n_clips, 2)
    assert np.isfinite(display.coordinates_).all()


def test_equal_clips_are_one_point():
    display = EmbeddingDisplay.from_estimator(mels(), [tone_in_noise(1000)] * 6, ["a", "b"] * 3)
    assert np.ptp(display.coordinates_, axis=0).max() < 1e-3


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"method": "map"}, ValueError, "method='map'.*'pca', 'tsne' or 'umap'"),
        ({"cv": 1}, ValueError, "cv=1 must be a whole number from 2 on"),
        ({"n_neighbors": 0.5}, ValueError, r"n_neighbors=0\.5"),
        ({"groups": [1, 2]}, ValueError, "groups"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_errors_say_what_to_do(flipped, parameters, error, message):
    with pytest.raises(error, match=message):
        EmbeddingDisplay.from_estimator(mels(), *flipped, **parameters)


def test_what_is_no_map_is_refused(flipped):
    X, y = flipped
    with pytest.raises(ValueError, match=r"y is of shape \(60, 2\).*y\[:, 0\]"):
        EmbeddingDisplay.from_estimator(mels(), X, np.zeros((60, 2)))
    with pytest.raises(ValueError, match=r"y\[1\] is nan"):
        EmbeddingDisplay.from_estimator(mels(), X, [0.5, np.nan] * 30)
    with pytest.raises(ValueError, match=r"59|60"):
        EmbeddingDisplay.from_estimator(mels(), X, y[:-1])
    with pytest.raises(NotFittedError):
        EmbeddingDisplay.from_estimator(make_pipeline(mels(), FrameSummary(), LogisticRegression()), X, y)
    with pytest.raises(TypeError):
        EmbeddingDisplay.from_estimator(LogisticRegression().fit([[0], [1]], [0, 1]), X, y)
    with pytest.raises(ValueError, match=r"tsne.*4 clips"):
        EmbeddingDisplay.from_estimator(mels(), X[:3], y[:3], method="tsne")
