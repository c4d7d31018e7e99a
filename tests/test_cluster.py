"""Extraction and searches on a Dask cluster: two worker processes of this machine, one of which is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameScaler, GRUClassifier, MFCCTransformer
from sklaudio._frames.validation import FramesOutMixin
from sklaudio.cluster import DaskBackend

distributed = pytest.importorskip("distributed", reason="installed by the extra `cluster`")

GRID = {"gruclassifier__lr": [0.001, 0.01]}


class KillsItsWorker(FramesOutMixin, BaseEstimator):
    """Passes frames on, and kills the process in which it is first fitted."""

    def __init__(self, marker=None):
        self.marker = marker

    def fit(self, X, y=None):
        try:
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return self
        os.kill(os.getpid(), signal.SIGKILL)

    def transform(self, X):
        return X


class KillsInExtraction(MFCCTransformer):
    """Kills the process in which it extracts its first clip."""

    def _extract(self, clip):
        KillsItsWorker(os.environ["KILLED_ONCE"]).fit(None)
        return super()._extract(clip)


@pytest.fixture
def client(tmp_path):
    """A cluster of two processes on the loopback, without a dashboard, that know this module.

    Each test has a cluster to itself: a worker that is killed in one can be missing in the next.
    """
    place = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])}
    marker = {"KILLED_ONCE": str(tmp_path / "killed-in-extraction")}
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            env=place | marker,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.register_plugin(distributed.diagnostics.plugin.UploadFile(__file__))
        yield client


@pytest.fixture
def cluster(client):
    client.wait_for_workers(2, timeout=120)
    with joblib.parallel_config(backend="dask"):
        yield client


def pipeline(*first):
    return make_pipeline(*first, FrameScaler(), GRUClassifier(4, 1, max_epochs=3, random_state=0))


def n_transitions(client):
    """Changes of state of tasks so far."""
    return client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)


def importable(kind):
    """This class as workers have it, who know this file as a module of its own."""
    module = sys.modules.setdefault("test_cluster", sys.modules[__name__])
    kind.__module__ = "test_cluster"
    return getattr(module, kind.__name__)


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_extraction_on_the_cluster_is_that_of_one_process(cluster, tone_files, n_jobs):
    before = n_transitions(cluster)
    frames = MFCCTransformer(n_jobs=n_jobs).transform(tone_files[0])
    assert n_transitions(cluster) > before  # it was there, not in threads of this process
    with joblib.parallel_config(backend="threading", n_jobs=1):
        expected = MFCCTransformer().transform(tone_files[0])
    assert all(np.array_equal(clip_frames, other) for clip_frames, other in zip(frames, expected, strict=True))


@pytest.mark.slow
def test_search_on_the_cluster_is_that_of_one_process(cluster, tone_files):
    search = GridSearchCV(pipeline(MFCCTransformer()), GRID, cv=2, scoring="neg_log_loss")
    there = search.fit(*tone_files).cv_results_["mean_test_score"]
    with joblib.parallel_config(backend="threading", n_jobs=1):
        here = search.fit(*tone_files).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(there, here)


@pytest.mark.slow
def test_worker_killed_in_extraction_costs_time_alone(cluster, tone_files):
    before = set(cluster.run(os.getpid).values())
    frames = importable(KillsInExtraction)(n_jobs=2).transform(tone_files[0])
    cluster.wait_for_workers(2, timeout=120)
    assert len(before - set(cluster.run(os.getpid).values())) == 1
    with joblib.parallel_config(backend="threading", n_jobs=1):
        expected = MFCCTransformer().transform(tone_files[0])
    assert all(np.array_equal(clip_frames, other) for clip_frames, other in zip(frames, expected, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("scatters", [True, False])
def test_worker_killed_in_a_search_costs_time_alone(cluster, frames, tmp_path, scatters):
    """X, and the indices of each fold, are arrays of more than a kilobyte, which joblib would put onto one worker."""
    X, y = np.repeat(frames[0], 10, axis=0), np.repeat(frames[1], 10)
    before = set(cluster.run(os.getpid).values())
    search = GridSearchCV(pipeline(importable(KillsItsWorker)(str(tmp_path / "killed"))), GRID, cv=3)
    with joblib.parallel_config(backend=DaskBackend(scatter=[X, y] if scatters else None)):
        there = search.fit(X, y).cv_results_["mean_test_score"]
    cluster.wait_for_workers(2, timeout=120)
    assert len(before - set(cluster.run(os.getpid).values())) == 1
    with joblib.parallel_config(backend="threading", n_jobs=1):
        here = search.fit(X, y).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(there, here)


PREDICT = """
import sys
sys.modules["distributed"] = sys.modules["dask"] = None  # cannot be imported
import numpy as np
import sklaudio
X = np.load(sys.argv[2])
np.save(sys.argv[3], sklaudio.load(sys.argv[1]).predict_proba(X))
"""


@pytest.mark.slow
def test_model_trained_there_is_a_plain_model(cluster, frames, tmp_path):
    X, y = frames
    trained = cross_validate(pipeline(), X, y, cv=2, return_estimator=True)["estimator"][0]
    sklaudio.save(trained, tmp_path / "model.skops")
    np.save(tmp_path / "X.npy", X)
    files = [tmp_path / name for name in ("model.skops", "X.npy", "proba.npy")]
    subprocess.run([sys.executable, "-c", PREDICT, *files], check=True)
    np.testing.assert_array_equal(np.load(files[-1]), trained.predict_proba(X))
