"""Same seed, same result; one model for many threads and processes; nothing that grows."""

import gc
import multiprocessing
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    FrameScaler,
    GRUClassifier,
    LSTMClassifier,
    MFCCTransformer,
    ParallelCNNLSTMClassifier,
    RNNClassifier,
    SegmentVotingClassifier,
)
from sklaudio.augment import Gain, Mixup, Noise, SpecAugment

TRAINING = {
    "max_epochs": 4,
    "early_stopping": True,
    "validation_fraction": 0.3,
    "n_iter_no_change": 2,
    "lr_schedule": "one-cycle",
    "random_state": 3,
    "augment": [Noise((5, 20)), Gain(), SpecAugment(), Mixup()],
}
NETS = [
    RNNClassifier(4), GRUClassifier(4), LSTMClassifier(4, dropout=0.2), BLSTMClassifier(4, pooling="attention"),
    DenseClassifier((8,)), CNNClassifier((4, 4)), CRNNClassifier((4,), hidden_size=4),
    ParallelCNNLSTMClassifier((4,), hidden_size=4),
]  # fmt: skip


@pytest.fixture
def model(tone_files):
    """A Pipeline that was fitted on twelve files, and the files."""
    paths, labels = tone_files
    vote = SegmentVotingClassifier(LSTMClassifier(4, max_epochs=2, random_state=0), segment_length=8)
    return make_pipeline(MFCCTransformer(), FrameScaler(), vote).fit(paths, labels), paths


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_the_same_seed_gives_the_same_bits(net, tone_files, tmp_path):
    """With augmentation and early stopping; whatever n_jobs and cache are."""
    paths, labels = tone_files
    net = clone(net).set_params(**TRAINING)
    cache = {"memory": tmp_path}
    probabilities = []
    for features, n_jobs in (({}, None), ({}, 2), ({"n_jobs": 2}, None), (cache, 2), (cache, 1)):
        pipeline = make_pipeline(MFCCTransformer(duration=0.3, **features), net)
        settings = {"cv": 2, "method": "predict_proba", "n_jobs": n_jobs}
        probabilities.append(cross_val_predict(pipeline, paths, labels, **settings))
    for other in probabilities[1:]:
        np.testing.assert_array_equal(other, probabilities[0])


def test_eight_threads_may_ask_one_model_at_once(model):
    model, paths = model
    expected = model.predict_proba(paths)
    with ThreadPoolExecutor(8) as pool:
        for prediction in pool.map(lambda _: model.predict_proba(paths), range(40)):
            np.testing.assert_array_equal(prediction, expected)


def _prediction(model, paths, pipe):
    pipe.send(model.predict_proba(paths))


CAN_FORK = "fork" in multiprocessing.get_all_start_methods()


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("fork", marks=pytest.mark.skipif(not CAN_FORK, reason="no fork")),
        pytest.param("spawn", marks=pytest.mark.slow),
    ],
)
def test_forked_and_spawned_workers_predict_the_same(method, model):
    model, paths = model
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    process = context.Process(target=_prediction, args=(model, paths, theirs))
    process.start()
    assert ours.poll(120), "the worker does not answer"
    np.testing.assert_array_equal(ours.recv(), model.predict_proba(paths))
    process.join()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts what this system lists in /proc")
@pytest.mark.parametrize("n_predictions", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_nothing_grows(n_predictions, model):
    model, paths = model
    for _ in range(100):
        model.predict(paths[:1])
    gc.collect()
    before = len(os.listdir("/proc/self/fd")), _resident()
    for _ in range(n_predictions):
        model.predict(paths[:1])
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before[0]
    assert _resident() - before[1] < 20 * 2**20


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(sys.platform == "win32", reason="no file descriptors there")
def test_failures_leave_no_file_open(model, tmp_path):
    model, _ = model
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF" + bytes(100))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        with pytest.raises(ValueError, match=r"bad\.wav"):
            model.predict([str(bad)])
    assert len(os.listdir("/proc/self/fd")) <= before
