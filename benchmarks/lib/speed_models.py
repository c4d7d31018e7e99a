"""Speed of searching and predicting, against scikit-learn, and against librosa and torch by hand."""

import pickle
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import librosa
import numpy as np
import torch
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

import sklaudio.features._base
from sklaudio import FrameScaler, LSTMClassifier, MFCCTransformer, load_audio

from .speed_features import largest_difference, mfcc_of_librosa, write_files
from .timing import Row, n_cores, one_core, side_by_side


@contextmanager
def counted_decodings():
    """Count the files that are decoded within: a list with one entry each."""
    decoded = []

    def count(path, *args, **settings):
        decoded.append(path)
        return load_audio(path, *args, **settings)

    with mock.patch.object(sklaudio.features._base, "load_audio", count):
        yield decoded


@contextmanager
def training_time():
    """List the seconds spent inside nets: one entry for each call of fit or predict."""
    seconds = []

    def timed(function):
        def call(*args, **settings):
            start = time.perf_counter()
            try:
                return function(*args, **settings)
            finally:
                seconds.append(time.perf_counter() - start)

        return call

    with (
        mock.patch.object(LSTMClassifier, "fit", timed(LSTMClassifier.fit)),
        mock.patch.object(LSTMClassifier, "predict", timed(LSTMClassifier.predict)),
    ):
        yield seconds


def make_search(max_epochs, n_jobs=None, **memory):
    """Make a search of 16 fits: four folds, four rates."""
    net = LSTMClassifier(64, 2, max_epochs=max_epochs, random_state=0, device="cpu")
    features = MFCCTransformer(memory=memory.get("clips"))
    pipeline = Pipeline([("mfcc", features), ("scaler", FrameScaler()), ("net", net)], memory=memory.get("pipeline"))
    grid = {"net__lr": [1e-3, 3e-3, 1e-2, 3e-2]}
    return GridSearchCV(pipeline, grid, cv=4, refit=False, n_jobs=n_jobs)


def search(clips, arguments, folder):
    """Time 16 fits over 40 files: extractions and time, cached per clip and by scikit-learn's Pipeline."""
    paths = write_files(folder, clips, 40)
    labels, n_epochs = np.arange(40) % 4, arguments.search_epochs
    counts, seconds, scores = {}, {}, {}
    for name, parameter in (("ours", "clips"), ("scikit-learn's Pipeline(memory=)", "pipeline")):
        with tempfile.TemporaryDirectory() as memory, counted_decodings() as decoded:
            found = make_search(n_epochs, **{parameter: memory}).fit(paths, labels)
            counts[name], scores[name] = len(decoded), found.cv_results_["mean_test_score"]
            if name == "ours":
                with training_time() as training:
                    start = time.perf_counter()
                    make_search(n_epochs, clips=memory).fit(paths, labels)
                    outside = 1 - sum(training) / (time.perf_counter() - start)
            timed = {name: lambda p=parameter, m=memory: make_search(n_epochs, **{p: m}).fit(paths, labels)}
            seconds |= side_by_side(timed, repeats=1, n_units=1, clock=time.perf_counter)
    notes = {f"extractions, {name}": count for name, count in counts.items()}
    notes["time outside of training once cached"] = f"{outside:.1%}"
    agrees = {"same scores": all(np.array_equal(found, scores["ours"]) for found in scores.values())}
    target = "40 extractions, <= 5% outside of training"
    return Row(
        "16 fits over 40 files, cached", "search", "wall", target, seconds.pop("ours"), seconds, agrees, notes=notes
    )


def nested(clips, arguments, folder):
    """Time the same search in as many processes as there are cores."""
    paths, labels = write_files(folder, clips, 40), np.arange(40) % 4
    with tempfile.TemporaryDirectory() as memory:
        searches = {n_jobs: make_search(arguments.search_epochs, n_jobs, clips=memory) for n_jobs in (n_cores(), 1)}
        functions = {
            ("ours" if n_jobs > 1 else "n_jobs=1"): lambda search=search: search.fit(paths, labels)
            for n_jobs, search in searches.items()
        }
        functions.setdefault("ours", functions["n_jobs=1"])  # a machine of one core
        get_reusable_executor().shutdown(wait=True)  # of comparisons before this one
        start = time.perf_counter()
        functions["ours"]()
        notes = {"the first search, which starts the processes": f"{time.perf_counter() - start:.1f} s"}
        seconds = side_by_side(functions, repeats=min(3, arguments.repeats), n_units=1, clock=time.perf_counter)
        scores = [search.cv_results_["mean_test_score"] for search in searches.values()]
    agrees = {"same scores": np.allclose(scores[0], scores[-1])}
    what = f"the same search, n_jobs={n_cores()}"
    return Row(what, "search", "wall", "faster than n_jobs=1", seconds.pop("ours"), seconds, agrees, notes=notes)


def predict(clips, arguments, folder):
    """Time one file of 3 s to its class with a loaded model on one core, against librosa and torch by hand."""
    paths = write_files(folder, clips, 20)
    net = LSTMClassifier(64, 2, max_epochs=2, random_state=0, device="cpu")
    model = Pipeline([("mfcc", MFCCTransformer()), ("net", net)]).fit(paths, np.arange(20) % 2)
    model = pickle.loads(pickle.dumps(model))
    module = model["net"].net_.module_.eval()
    mean, scale = model["net"].mean_.astype(np.float32), model["net"].scale_.astype(np.float32)

    def by_hand(path):
        frames = (mfcc_of_librosa(librosa.load(path)[0]) - mean) / scale
        with torch.inference_mode():
            return module(torch.from_numpy(frames[None]), torch.tensor([len(frames)])).softmax(dim=1).numpy()

    frames = model["mfcc"].transform(paths[:1])
    parts = {
        "decode": lambda: load_audio(paths[0]),
        "features": lambda: model["mfcc"].transform([clips[0]]),
        "net": lambda: model["net"].predict_proba(frames),
    }
    with one_core():
        functions = {
            "ours": lambda: model.predict_proba(paths[:1]),
            "librosa and torch by hand": lambda: by_hand(paths[0]),
        }
        seconds = side_by_side(functions, repeats=10 * arguments.repeats, n_units=1)
        profile = side_by_side(parts, repeats=10 * arguments.repeats, n_units=1)
    difference = largest_difference(model.predict_proba(paths[:1]), by_hand(paths[0]))
    agrees = {"probabilities differ by less than 1e-3": difference < 1e-3}
    what, target = "predict one file of 3 s", "<= 5 ms, >= 3x"
    return Row(what, "file", "CPU", target, seconds.pop("ours"), seconds, agrees, profile=profile)


def in_folder(function, clips, arguments):
    """Run a comparison with a folder for its files."""
    with tempfile.TemporaryDirectory() as folder:
        return function(clips, arguments, Path(folder))
