"""Every form of X that holds paths, spans and sounds, and the meta-estimators that ask for columns."""

import collections
import io
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version

from sklaudio import (
    Clip,
    FrameSummary,
    FrameUnion,
    MFCCTransformer,
    RMSTransformer,
    check_clips,
    predict_files,
    report,
)
from sklaudio.audio import as_clips, holds_clips
from sklaudio.evaluate import evaluate_files

from ..tones import PITCHES, tone_model, write_tone

SR = 22050


class Column(Sequence):
    """A stand-in for Hugging Face's Column: a sequence that makes its values when it is asked for them."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, key):
        return list(self.values[key]) if isinstance(key, slice) else self.values[key]


class Duck:
    """A sequence that does not say so."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, key):
        return self.values[key]


class Dataset(Duck):
    """A stand-in for Hugging Face's Dataset."""

    column_names = ["audio", "label"]
    shape = 12, 2


CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "str array": np.array,
    "object array": lambda paths: np.array(paths, dtype=object),
    "StringDType": lambda paths: np.array(paths, dtype=np.dtypes.StringDType()),
    "(n, 1) str array": lambda paths: np.array(paths)[:, np.newaxis],
    "(n, 1) bytes array": lambda paths: np.array(paths, dtype="S")[:, np.newaxis],
    "(n, 1) object array": lambda paths: np.array(paths, dtype=object)[:, np.newaxis],
    "(n, 1) Paths": lambda paths: np.array([[Path(path)] for path in paths], dtype=object),
    "lists of one": lambda paths: [[path] for path in paths],
    "Series": pd.Series,
    "Series with an index": lambda paths: pd.Series(paths, index=np.arange(len(paths))[::-1]),
    "Index": pd.Index,
    "categories": lambda paths: pd.Series(pd.Categorical(paths)),
    "frame": lambda paths: pd.DataFrame({"path": paths}),
    "frame of objects": lambda paths: pd.DataFrame({"path": [Path(path) for path in paths]}, dtype=object),
    "polars Series": pl.Series,
    "polars frame": lambda paths: pl.DataFrame({"path": paths}),
    "Column": Column,
    "any sequence": Duck,
    "deque": collections.deque,
    "dicts": lambda paths: [{"path": path} for path in paths],
    "Clips": lambda paths: [Clip(path) for path in paths],
    "Series of Clips": lambda paths: pd.Series([Clip(path) for path in paths]),
    "frame of Clips": lambda paths: pd.DataFrame({"clip": [Clip(path) for path in paths]}),
    "(n, 1) Clips": lambda paths: np.array([[Clip(path)] for path in paths], dtype=object),
    "polars frame of Clips": lambda paths: pl.DataFrame({"clip": pl.Series([Clip(p) for p in paths], dtype=pl.Object)}),
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Twelve files, four of each class in turn."""
    folder = tmp_path_factory.mktemp("tones")
    pitches = [(label, pitch * factor) for factor in (0.92, 0.96, 1.02, 1.08) for label, pitch in PITCHES.items()]
    return [write_tone(folder / f"{k}.wav", pitch, 0.2) for k, (_, pitch) in enumerate(pitches)]


@pytest.fixture(scope="module")
def y():
    return np.array(list(PITCHES) * 4)


@pytest.fixture(scope="module")
def model():
    return tone_model()


@pytest.fixture(scope="module")
def without_probabilities():
    """A model whose reports have no pictures of probabilities, which take longer than all else."""
    return tone_model(RidgeClassifier())


def new_model(**features):
    return make_pipeline(MFCCTransformer(**features), FrameSummary(), LogisticRegression(max_iter=1000))


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
def test_every_container_is_taken_everywhere(make, paths, y, model, without_probabilities, tmp_path):
    X = make(paths)
    assert holds_clips(X)
    assert len(as_clips(X)) == len(paths)
    expected = model.predict_proba(paths)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    union = FrameUnion([("rms", RMSTransformer())])
    np.testing.assert_array_equal(union.fit_transform(X), union.fit_transform(paths))
    assert not hasattr(union, "n_features_in_")
    assert [found.label for found in predict_files(model, X)] == y.tolist()
    assert evaluate_files(model, X, y).accuracy == 1
    assert check_clips(X, y, near=False)["fault"].tolist() == []
    assert report(without_probabilities, X, y, path=tmp_path / "page.html").n_right == len(paths)


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name != "deque"])  # which has no slices
def test_every_container_is_taken_in_batches(name, paths):
    rms = RMSTransformer()
    batches = list(rms.iter_transform(CONTAINERS[name](paths), batch_size=5))
    assert [len(batch) for batch in batches] == [5, 5, 2]
    np.testing.assert_array_equal(np.concatenate(batches), rms.transform(paths))


@pytest.mark.parametrize("name", ["list", "str array", "Series", "frame", "polars frame", "Clips", "(n, 1) Clips"])
def test_many_clips_are_listed_in_no_time(name):
    X = CONTAINERS[name]([f"recordings/{number}.wav" for number in range(100_000)])
    began = time.process_time()
    MFCCTransformer().fit(X)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_split_for_validation(name, paths, y):
    if name == "StringDType" and parse_version(np.__version__) < parse_version("2.1"):
        pytest.skip("rows drawn of a StringDType array cannot be read in this numpy")
    X = CONTAINERS[name](paths)
    if name == "Index":
        X = X.astype(object)  # pandas' strings of Arrow do not take scikit-learn's X[rows, ...]
    assert cross_val_score(new_model(), X, y, cv=2).tolist() == [1, 1]


@pytest.mark.parametrize("name", ["(n, 1) str array", "(n, 1) object array", "frame", "polars frame", "(n, 1) Clips"])
def test_bagging_draws_clips(name, paths, y):
    X = CONTAINERS[name](paths)
    bagging = BaggingClassifier(new_model(), n_estimators=5, random_state=0).fit(X, y)
    assert bagging.score(X, y) > 0.8
    assert len({tuple(drawn) for drawn in bagging.estimators_samples_}) == 5
    assert cross_val_predict(bagging, X, y, cv=2).shape == (12,)


@pytest.mark.parametrize("name", ["(n, 1) str array", "frame", "polars frame", "(n, 1) Clips", "frame of Clips"])
def test_permutation_importance_takes_a_column(name, paths, y):
    X = CONTAINERS[name](paths)
    found = permutation_importance(new_model().fit(X, y), X, y, n_repeats=5, random_state=0)
    assert found.importances_mean.shape == (1,)
    assert found.importances_mean[0] > 0.4  # without the right clip there is one class of three to guess


@pytest.mark.parametrize("column", ["path", ["path"], 0, [0]])
@pytest.mark.parametrize("as_frame", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("clip", [str, Clip])
def test_a_column_of_a_table_beside_others(column, as_frame, clip, paths, y):
    clips = [clip(path) for path in paths]
    if as_frame is pl.DataFrame and clip is Clip:
        clips = pl.Series(clips, dtype=pl.Object)
    table = as_frame({"path": clips, "age": np.arange(12.0)})
    sound = make_pipeline(MFCCTransformer(13), FrameSummary())
    columns = ColumnTransformer([("sound", sound, column), ("numbers", "passthrough", ["age"])])
    rows = columns.fit_transform(table)
    np.testing.assert_array_equal(rows[:, :-1], sound.fit_transform(paths))
    assert rows[:, -1].tolist() == list(range(12))
    classifier = make_pipeline(columns, LogisticRegression(max_iter=1000))
    if as_frame is pd.DataFrame:
        assert cross_val_score(classifier, table, y, cv=2).tolist() == [1, 1]
    else:
        assert classifier.fit(table, y).score(table, y) == 1


def test_a_column_of_a_table_keeps_its_index_where_output_is_pandas(paths):
    table = pd.DataFrame({"path": paths, "age": np.arange(12.0)}, index=[f"row{k}" for k in range(12)])
    sound = make_pipeline(RMSTransformer(), FrameSummary())
    columns = ColumnTransformer([("sound", sound, ["path"]), ("numbers", "passthrough", ["age"])])
    rows = columns.set_output(transform="pandas").fit_transform(table)
    assert rows.index.tolist() == table.index.tolist()
    assert rows.columns.tolist()[-1] == "numbers__age"
    assert rows.columns[0].startswith("sound__rms")


COLUMNS = [
    "(n, 1) str array",
    "(n, 1) object array",
    "(n, 1) Clips",
    "frame",
    "frame of Clips",
]  # it does not take polars
KEPT = [*range(9), 9]  # one class has a clip more than the others


@pytest.mark.parametrize("name", COLUMNS)
def test_random_oversampling_repeats_clips(name, paths, y):
    over_sampling = pytest.importorskip("imblearn.over_sampling", reason="installed by the extra `test`")
    X, labels = over_sampling.RandomOverSampler(random_state=0).fit_resample(
        CONTAINERS[name]([paths[k] for k in KEPT]), y[KEPT]
    )
    assert len(X) == len(labels) == 12
    assert type(X) is type(CONTAINERS[name](paths))
    class_of = dict(zip(paths, y, strict=True))
    assert [class_of[getattr(clip, "path", clip)] for clip in as_clips(X)] == labels.tolist()
    assert new_model().fit(X, labels).score(X, labels) == 1


def test_a_pipeline_that_draws_clips(paths, y):
    pipeline = pytest.importorskip("imblearn.pipeline", reason="installed by the extra `test`")
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    column = np.array(paths)[:, np.newaxis]
    model = pipeline.make_pipeline(over_sampling.RandomOverSampler(random_state=0), *new_model().named_steps.values())
    assert model.fit(column[KEPT], y[KEPT]).predict(column).tolist() == y.tolist()
    assert cross_val_score(model, column, y, cv=2).tolist() == [1, 1]


TABLES = {
    "set": (lambda X: set(X), TypeError, r"X is a set, which has no order. Pass a list of clips"),
    "frozenset": (frozenset, TypeError, "X is a frozenset, which has no order"),
    "keys": (lambda X: dict.fromkeys(X).keys(), TypeError, "X is a dict_keys, which has no order"),
    "generator": (lambda X: (x for x in X), TypeError, "X is a generator, which can be read once only.*list"),
    "map": (lambda X: map(str, X), TypeError, "X is a map, which can be read once only"),
    "iterator": (iter, TypeError, "X is a list_iterator, which can be read once only"),
    "dict of columns": (lambda X: {"path": X, "y": X}, TypeError, r"X is a dict with the keys path, y. .* X\['path'\]"),
    "Dataset": (Dataset, TypeError, r"X is a Dataset with the columns audio, label. Pass the column .* X\['audio'\]"),
    "pandas": (lambda X: pd.DataFrame({"file": X, "fold": 1}), ValueError, r"\(DataFrame, columns file, fold\)"),
    "polars": (lambda X: pl.DataFrame({"file": X, "fold": X}), ValueError, r"\(DataFrame, columns file, fold\)"),
    "of Clips": (lambda X: pd.DataFrame({"a": map(Clip, X), "b": 1}), ValueError, r"such as Clip.*columns a, b"),
    "wide": (lambda X: pd.DataFrame({f"col{k}": X for k in range(999)}), ValueError, r"columns col0, .*col998\)"),
    "array": (lambda X: np.array([X, X]), ValueError, r"\(ndarray, shape \(2, 12\)\)"),
    "lists": (lambda X: [X, X], ValueError, r"\(list, shape \(2, 12\)\)"),
    "long names": (lambda X: [["a" * 5000, "b"]] * 2, ValueError, "X is a table of text"),
    "a Clip": (lambda X: Clip(X[0], 1, 2), ValueError, r"X=Clip\(.* is one clip, .*Pass \[X\]"),
    "a dict": (lambda X: {"path": X[0]}, ValueError, r"X={'path': .* is one clip"),
    "a file": (lambda X: io.BytesIO(b"RIFF"), ValueError, "X=<_io.BytesIO .* is one clip"),
    "bytes": (lambda X: b"RIFF\0", ValueError, r"X is the content of one file \(5 bytes\)"),
    "bytes in an array": (lambda X: np.array([b"RIFF\0x"]), ValueError, "drops zeros at the end"),
}


@pytest.mark.parametrize("name", TABLES)
def test_what_cannot_be_a_list_of_clips_is_named_in_a_few_words(name, paths):
    make, error, words = TABLES[name]
    encoders = MFCCTransformer(), FrameUnion([("rms", RMSTransformer())])
    uses = [as_clips, check_clips, *(use for one in encoders for use in (one.fit, one.transform, one.fit_transform))]
    uses.append(lambda X: next(MFCCTransformer().iter_transform(X)))
    for use in uses:
        with pytest.raises(error, match=words) as caught:
            use(make(paths))
        assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("X", [None, 7, object()])
def test_what_is_no_list_at_all_is_named(X, model):
    for use in (as_clips, check_clips, lambda X: predict_files(model, X), lambda X: evaluate_files(model, X, ["low"])):
        with pytest.raises(TypeError, match=r"X=.* and X is a list of clips\. Pass a list"):
            use(X)


def test_files_may_come_one_by_one(paths, y, model):
    assert [found.label for found in predict_files(model, iter(paths))] == y.tolist()
    assert evaluate_files(model, iter(paths), y).accuracy == 1
    assert evaluate_files(model, [*paths, *paths], [*y, *y]).predictions["path"].tolist() == [*paths, *paths]


def test_numbers_in_one_column_are_no_clips():
    for X in (np.ones((20, 1)), np.ones((20, 1), dtype=object), pd.DataFrame({"a": np.ones(20)}), [[1.0]] * 20):
        assert not holds_clips(X)
        assert MFCCTransformer().fit(X).n_features_in_ == 1


def test_arrays_of_arrow_are_lists():
    class ChunkedArray(Duck):
        def to_pylist(self):
            return list(self.values)

    assert as_clips(ChunkedArray(["a.wav", "b.wav"])) == ["a.wav", "b.wav"]


def test_a_folder_and_a_pattern_in_place_of_clips_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"is one path.*X, y = sklaudio\.datasets\.load_folder\("):
        as_clips(str(tmp_path))
    with pytest.raises(ValueError, match=r"is one path.*List the files: sorted\(glob\.glob\('in/\*\.wav'\)\)"):
        as_clips("in/*.wav")
    for path in ("a.wav", np.array(["a.wav"])[0], Path("a.wav")):
        with pytest.raises(ValueError, match=r"is one path.*Pass \['a\.wav'\]"):
            as_clips(path)
