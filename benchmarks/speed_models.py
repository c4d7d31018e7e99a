"""Speed of training, searching and predicting, against the bare loops of torch, Keras, skorch and scikit-learn."""

import importlib.util
import os
import pickle
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import librosa
import numpy as np
import torch
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from skorch import NeuralNetClassifier
from speed_features import largest_difference, mfcc_of_librosa, write_files
from timing import Row, apart, n_cores, one_core, side_by_side
from torch import nn

import sklaudio.features._base
from sklaudio import CNNClassifier, FrameScaler, LSTMClassifier, MFCCTransformer, load_audio

BATCH = 32
N_CLASSES = 10


class PlainLSTM(nn.Module):
    """What one writes by hand: LSTM 64 x 2, the last frame, logits."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(13, 64, 2, batch_first=True)
        self.output = nn.Linear(64, N_CLASSES)

    def forward(self, frames):
        """(batch, n_frames, 13) -> (batch, n_classes)."""
        return self.output(self.lstm(frames)[0][:, -1])


class PlainCNN(nn.Module):
    """What one writes by hand: three blocks of 32 channels, mean over time, logits."""

    def __init__(self):
        super().__init__()
        blocks, n_in = [], 1
        for n_out in (32, 32, 32):
            conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
            blocks += [conv, nn.BatchNorm2d(n_out), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
            n_in = n_out
        self.blocks = nn.Sequential(*blocks)
        self.output = nn.Linear(64, N_CLASSES)

    def forward(self, frames):
        """(batch, n_frames, 13) -> (batch, n_classes)."""
        return self.output(self.blocks(frames[:, None]).mean(dim=2).flatten(start_dim=1))


def made_frames(n_clips):
    """Frames of noise with a little of the class in them, and the classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, N_CLASSES, n_clips)
    return rng.normal(size=(n_clips, 130, 13)).astype(np.float32) + 0.1 * y[:, None, None].astype(np.float32), y


def bare_loop(module, X, y, device="cpu"):
    """One epoch of the loop that a tutorial of torch has."""
    module = module().to(device)
    optimizer = torch.optim.Adam(module.parameters())
    frames, target = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
    for index in torch.randperm(len(X), device=device).split(BATCH):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(frames[index]), target[index]).backward()
        optimizer.step()


def skorch_loop(module, X, y, device="cpu"):
    """One epoch of skorch as it comes."""
    net = NeuralNetClassifier(
        module, criterion=nn.CrossEntropyLoss, optimizer=torch.optim.Adam, max_epochs=1, batch_size=BATCH,
        train_split=None, verbose=0, iterator_train__shuffle=True, device=device,
    )  # fmt: skip
    net.fit(X, y)


def keras_cnn(X, y):
    """One epoch of the same CNN in Keras on TensorFlow; returns a function, the model is built and traced before."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from keras import Sequential, layers, losses

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = Sequential([layers.Input((130, 13, 1))])
    for _ in range(3):
        model.add(layers.Conv2D(32, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2, padding="same"))
    model.add(layers.Flatten())
    model.add(layers.Dense(N_CLASSES))
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    return lambda: model.fit(X[..., None], y, batch_size=BATCH, epochs=1, verbose=0)


def ours(net, X, y):
    """One epoch of a net of ours."""
    return net.set_params(max_epochs=1, batch_size=BATCH, random_state=0, device="cpu", standardize=False).fit(X, y)


def repeated(loop, *arguments):
    """A function that runs the same epoch whenever it is called; for a process of its own."""
    return partial(loop, *arguments)


def epoch(name, net, module, peers, target, arguments):
    """One training epoch on one core, each in a process of its own: ours, the bare loop, skorch's own, and others."""
    X, y = made_frames(arguments.training_clips)
    functions = {
        "ours": partial(repeated, ours, net, X, y),
        "bare torch loop": partial(repeated, bare_loop, module, X, y),
        "skorch as it comes": partial(repeated, skorch_loop, module, X, y),
        **{peer: partial(function, X, y) for peer, function in peers.items()},
    }
    seconds = apart(functions, repeats=arguments.repeats)
    fitted = ours(net, X[:N_CLASSES], np.arange(N_CLASSES))
    counts = {sum(weight.numel() for weight in own.parameters()) for own in (module(), fitted.net_.module_)}
    what = f"one epoch, {len(X)} x 130 x 13, {name}"
    notes = {"parameters (plain, ours)": sorted(counts)}
    agrees = {"same layers, but for ours' norm of the input": max(counts) - min(counts) in (0, 2 * 13)}
    return Row(what, "epoch", "CPU", target, seconds.pop("ours"), seconds, agrees, notes=notes)


def lstm_epoch(arguments):
    """LSTM 64 x 2, against the bare loop."""
    target = "<= 1.03x the time of the bare loop"
    return epoch("LSTM 64x2", LSTMClassifier(64, 2), PlainLSTM, {}, target, arguments)


def cnn_epoch(arguments):
    """CNN 32-32-32, against Keras where it is installed."""
    peers = {"Keras on TensorFlow": keras_cnn} if importlib.util.find_spec("tensorflow") else {}
    net = CNNClassifier((32, 32, 32), pooling="mean", head=(), dropout=0.0)
    return epoch("CNN 32-32-32", net, PlainCNN, peers, ">= 2x Keras", arguments)


@contextmanager
def counted_decodings():
    """How many files are decoded within: a list with one entry each."""
    decoded = []

    def count(path, *args, **settings):
        decoded.append(path)
        return load_audio(path, *args, **settings)

    with mock.patch.object(sklaudio.features._base, "load_audio", count):
        yield decoded


@contextmanager
def training_time():
    """Seconds spent inside nets: a list with one entry for each call of fit or predict."""
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


def make_search(n_jobs=None, **memory):
    """16 fits: four folds, four rates."""
    net = LSTMClassifier(64, 2, max_epochs=30, random_state=0, device="cpu")
    features = MFCCTransformer(memory=memory.get("clips"))
    pipeline = Pipeline([("mfcc", features), ("scaler", FrameScaler()), ("net", net)], memory=memory.get("pipeline"))
    grid = {"net__lr": [1e-3, 3e-3, 1e-2, 3e-2]}
    return GridSearchCV(pipeline, grid, cv=4, refit=False, n_jobs=n_jobs)


def search(clips, arguments, folder):
    """16 fits over 40 files: extractions and time, cached per clip and by scikit-learn's Pipeline."""
    paths = write_files(folder, clips, 40)
    labels = np.arange(40) % 4
    counts, seconds, scores = {}, {}, {}
    for name, parameter in (("ours", "clips"), ("scikit-learn's Pipeline(memory=)", "pipeline")):
        with tempfile.TemporaryDirectory() as memory, counted_decodings() as decoded:
            own = make_search(**{parameter: memory}).fit(paths, labels)
            counts[name], scores[name] = len(decoded), own.cv_results_["mean_test_score"]
            if name == "ours":
                with training_time() as training:
                    start = time.perf_counter()
                    make_search(clips=memory).fit(paths, labels)
                    outside = 1 - sum(training) / (time.perf_counter() - start)
            timed = {name: lambda p=parameter, m=memory: make_search(**{p: m}).fit(paths, labels)}
            seconds |= side_by_side(timed, repeats=1, n_units=1, clock=time.perf_counter)
    notes = {f"extractions, {name}": count for name, count in counts.items()}
    notes["time outside of training once cached"] = f"{outside:.1%}"
    agrees = {"same scores": all(np.array_equal(own, scores["ours"]) for own in scores.values())}
    target = "40 extractions, <= 5% outside of training"
    return Row(
        "16 fits over 40 files, cached", "search", "wall", target, seconds.pop("ours"), seconds, agrees, notes=notes
    )


def nested(clips, arguments, folder):
    """The same search in as many processes as there are cores."""
    paths, labels = write_files(folder, clips, 40), np.arange(40) % 4
    with tempfile.TemporaryDirectory() as memory:
        searches = {n_jobs: make_search(n_jobs, clips=memory) for n_jobs in (n_cores(), 1)}
        functions = {
            ("ours" if n_jobs > 1 else "n_jobs=1"): lambda own=own: own.fit(paths, labels)
            for n_jobs, own in searches.items()
        }
        functions.setdefault("ours", functions["n_jobs=1"])  # a machine of one core
        seconds = side_by_side(functions, repeats=min(3, arguments.repeats), n_units=1, clock=time.perf_counter)
        scores = [own.cv_results_["mean_test_score"] for own in searches.values()]
    agrees = {"same scores": np.allclose(scores[0], scores[-1])}
    what = f"the same search, n_jobs={n_cores()}"
    return Row(what, "search", "wall", "faster than n_jobs=1", seconds.pop("ours"), seconds, agrees)


def predict(clips, arguments, folder):
    """One file of 3 s to its class with a loaded model on one core, against librosa and torch by hand."""
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


def gpu_epoch(arguments):
    """An epoch on the GPU, against skorch as it comes; None without one."""
    if not torch.cuda.is_available():
        return None
    X, y = made_frames(arguments.training_clips)
    ours = LSTMClassifier(64, 2, max_epochs=1, batch_size=BATCH, random_state=0, device="cuda", standardize=False)
    functions = {
        "ours": lambda: ours.fit(X, y),
        "skorch as it comes": lambda: skorch_loop(PlainLSTM, X, y, "cuda"),
        "bare torch loop": lambda: bare_loop(PlainLSTM, X, y, "cuda"),
    }
    seconds = side_by_side(functions, repeats=arguments.repeats, n_units=1, clock=time.perf_counter)
    what = f"one epoch, {len(X)} x 130 x 13, LSTM 64x2, {torch.cuda.get_device_name()}"
    agrees = {"on the GPU": next(ours.net_.module_.parameters()).is_cuda}
    return Row(what, "epoch", "wall", ">= 5x skorch", seconds.pop("ours"), seconds, agrees)


def in_folder(function, clips, arguments):
    """Run a comparison with a folder for its files."""
    with tempfile.TemporaryDirectory() as folder:
        return function(clips, arguments, Path(folder))
