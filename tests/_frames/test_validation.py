"""Tables of clips: every row has the features of its own clip, and the index of the `X` that the Pipeline got."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import soundfile
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import FeatureUnion, make_pipeline

from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, MFCCTransformer, RMSTransformer, SegmentVotingClassifier

SR = 22050
N = 12
INDEXES = {
    "numbers": np.arange(N),
    "texts": [f"clip {number}" for number in range(N)],
    "duplicates": [1, 1, 2] * 4,
    "levels": pd.MultiIndex.from_product([["a", "b", "c"], range(4)]),
}


@pytest.fixture(scope="module", params=["equal lengths", "unequal lengths"])
def recordings(request, tmp_path_factory):
    folder, rows = tmp_path_factory.mktemp("tones"), []
    for number in range(N):
        n_samples = 4000 + 500 * number * (request.param == "unequal lengths")
        tone = np.sin(2 * np.pi * (200 + 300 * number) * np.arange(n_samples) / SR)
        soundfile.write(folder / f"{number}.wav", tone * (number + 1) / 15, SR, subtype="FLOAT")
        rows.append({"path": str(folder / f"{number}.wav"), "age": float(number), "label": "ab"[number % 2]})
    return pd.DataFrame(rows).sample(frac=1, random_state=1)


def one_by_one(paths, *steps):
    """What a transformer makes of each clip alone."""
    steps = steps or (FrameSummary(),)
    return np.concatenate([make_pipeline(MFCCTransformer(), *steps).fit_transform([path]) for path in paths])


def columns(pandas=None):
    """The table of the issue: features of the clips beside a number."""
    audio = make_pipeline(MFCCTransformer(), FrameSummary())
    table = ColumnTransformer([("audio", audio, "path"), ("num", "passthrough", ["age"])])
    if pandas == "outside":
        table.set_output(transform="pandas")
    if pandas == "inside":
        audio.set_output(transform="pandas")
    return table


def assert_rows(table, X):
    """Rows, index and the number beside are those of `X`."""
    assert table.index.equals(X.index)
    np.testing.assert_allclose(table.iloc[:, :-1], one_by_one(X["path"]), rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(table.iloc[:, -1], X["age"])


@pytest.mark.parametrize("index", INDEXES)
def test_a_shuffled_table_keeps_its_rows(index, recordings):
    X = recordings.set_axis(INDEXES[index])
    table = columns("outside").fit(X)
    assert_rows(table.fit_transform(X), X)
    for part in (X[X["age"] > 4], X.iloc[::-1], X.sample(frac=1, random_state=2), X.iloc[[7]]):
        assert_rows(table.transform(part), part)
    with sklearn.config_context(transform_output="pandas"):
        assert_rows(columns().fit_transform(X), X)


def test_split_tables_keep_their_rows(recordings):
    train, test = train_test_split(recordings, random_state=0)
    table = columns("outside").fit(train)
    assert_rows(table.transform(train), train)
    assert_rows(table.transform(test), test)


def test_tables_of_inner_steps_alone_keep_their_rows(recordings):
    expected = np.column_stack([one_by_one(recordings["path"]), recordings["age"]])
    np.testing.assert_allclose(columns("inside").fit_transform(recordings), expected, rtol=1e-4, atol=1e-3)
    for scaler in ("passthrough", FrameScaler(per="clip")):
        inner = make_pipeline(MFCCTransformer(), scaler, FrameSummary().set_output(transform="pandas"))
        table = inner.fit_transform(recordings["path"])
        assert table.index.equals(recordings.index)
        assert inner.transform(recordings["path"].iloc[3:5]).index.equals(recordings.index[3:5])


@pytest.mark.parametrize("pandas", ["outside", "inside", None])
def test_cross_validation_of_a_shuffled_table_is_that_of_arrays(pandas, recordings):
    y = recordings["label"]
    arrays = np.column_stack([one_by_one(recordings["path"]), recordings["age"]])
    classifier = LogisticRegression(max_iter=5000)
    scores = cross_val_score(make_pipeline(columns(pandas), classifier), recordings, y, cv=3, error_score="raise")
    np.testing.assert_allclose(scores, cross_val_score(classifier, arrays, y, cv=3))


def test_unions_and_scalers_on_the_way_keep_rows(recordings):
    X = recordings["path"]
    scaler = FrameScaler(per="clip")
    union = FeatureUnion([("mean", FrameSummary(("mean",))), ("max", FrameSummary(("max",)))])
    table = make_pipeline(MFCCTransformer(), scaler, union).set_output(transform="pandas").fit_transform(X)
    assert table.index.equals(X.index)
    assert table.columns[[0, 13]].tolist() == ["mean__mfcc0_mean", "max__mfcc0_max"]
    np.testing.assert_allclose(table, one_by_one(X, scaler, FrameSummary(("mean", "max"))), rtol=1e-4, atol=1e-4)
    each = [(name, make_pipeline(feature, FrameSummary())) for name, feature in FEATURES.items()]
    table = FeatureUnion(each).set_output(transform="pandas").fit_transform(X)
    assert table.index.equals(X.index)
    np.testing.assert_allclose(table.iloc[:, :26], one_by_one(X), rtol=1e-4, atol=1e-3)


FEATURES = {"mfcc": MFCCTransformer(), "rms": RMSTransformer()}


@pytest.mark.parametrize("kind", ["net", "votes"])
@pytest.mark.parametrize("everywhere", [True, False])
def test_embeddings_keep_rows(kind, everywhere, recordings):
    net = LSTMClassifier(2, 1, max_epochs=1, random_state=0)
    net = net if kind == "net" else SegmentVotingClassifier(net, segment_length=4)
    model = make_pipeline(MFCCTransformer(), FrameScaler(), net).fit(recordings["path"], recordings["label"])
    expected = np.concatenate([model.transform([path]) for path in recordings["path"]])
    (model if everywhere else net).set_output(transform="pandas")
    table = model.transform(recordings["path"])
    assert table.index.equals(recordings.index)
    assert table.columns.tolist() == [f"lstmclassifier{number}" for number in range(4)]
    np.testing.assert_allclose(table, expected, rtol=1e-4, atol=1e-5)
    frozen = ColumnTransformer([("net", FrozenEstimator(model), "path"), ("num", "passthrough", ["age"])])
    beside = frozen.set_output(transform="pandas").fit_transform(recordings, recordings["label"])
    np.testing.assert_allclose(beside.iloc[:, :4], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(beside["num__age"], recordings["age"])
    assert beside.index.equals(recordings.index)


def test_polars_tables_keep_the_order_of_their_rows(recordings):
    X = pl.DataFrame({name: recordings[name].tolist() for name in recordings})
    expected = np.column_stack([one_by_one(recordings["path"]), recordings["age"]])
    for clips in (X, recordings):
        table = columns().set_output(transform="polars").fit_transform(clips)
        assert isinstance(table, pl.DataFrame)
        assert table.columns[:1] + table.columns[-1:] == ["audio__mfcc0_mean", "num__age"]
        np.testing.assert_allclose(table.to_numpy(), expected, rtol=1e-4, atol=1e-3)
    with sklearn.config_context(transform_output="polars"):
        last = columns().fit(X).transform(X[[5, 2]])
    np.testing.assert_allclose(last.to_numpy(), expected[[5, 2]], rtol=1e-4, atol=1e-3)


def test_a_cached_pipeline_keeps_rows_and_names(recordings, tmp_path):
    pipeline = make_pipeline(MFCCTransformer(), FrameScaler(per="clip"), FrameSummary(), memory=str(tmp_path))
    pipeline.set_output(transform="pandas")
    for X in (recordings["path"], recordings["path"], recordings["path"].set_axis(INDEXES["texts"])):
        table = pipeline.fit_transform(X)
        assert table.index.equals(X.index)
        assert table.columns[0] == "mfcc0_mean"


def test_the_index_follows_a_selection_of_frames_and_nothing_else(recordings):
    X = recordings["path"]
    frames = MFCCTransformer().transform(X)
    for rows in ([4, 1, 1], slice(None, None, -1), np.arange(N) > 8):
        selected = FrameSummary().set_output(transform="pandas").fit_transform(frames[rows])
        assert selected.index.equals(X.index[rows])
        np.testing.assert_allclose(selected, one_by_one(X.iloc[rows]), rtol=1e-4, atol=1e-3)
    again = FrameSummary().set_output(transform="pandas").fit_transform(pickle.loads(pickle.dumps(frames)))
    assert again.index.equals(X.index)
    moved = FrameSummary().set_output(transform="pandas").fit_transform(np.take(frames, [3, 2, 1], axis=0))
    assert moved.index.tolist() == [0, 1, 2]
    assert frames[0].shape[1] == 13


def test_batches_of_frames_keep_their_part_of_the_index(recordings):
    summary = FrameSummary().set_output(transform="pandas")
    tables = [summary.fit_transform(batch) for batch in MFCCTransformer().iter_transform(recordings["path"], 5)]
    assert pd.concat(tables).index.equals(recordings.index)


def test_frames_of_a_series_are_a_series_where_tables_are_asked_for(recordings):
    frames = MFCCTransformer().set_output(transform="pandas").transform(recordings["path"])
    assert isinstance(frames, pd.Series)
    assert frames.index.equals(recordings.index)
    np.testing.assert_array_equal(frames.iloc[3], MFCCTransformer().transform(recordings["path"])[3])
    scaled = FrameScaler().set_output(transform="pandas").fit_transform(recordings[["age"]])
    assert scaled.index.equals(recordings.index)
    assert scaled.columns.tolist() == ["age"]
