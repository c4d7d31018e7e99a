"""Jobs that know of the jobs beside them."""

import sys
import types

import joblib
import pytest
import torch
from sklearn.model_selection import GridSearchCV

from sklaudio import GRUClassifier
from sklaudio._utils.parallel import backend_is_open, dask_worker, has_neighbours, warn_of_shared_gpu


@pytest.fixture
def one_gpu(monkeypatch):
    """What torch says where there is a single GPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)


def warned():
    import warnings

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warn_of_shared_gpu("auto")
    return [str(warning.message) for warning in seen]


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_jobs_side_by_side_know_it(backend):
    jobs = [joblib.delayed(has_neighbours)()] * 2
    assert joblib.Parallel(n_jobs=2, backend=backend)(jobs) == [True, True]
    assert joblib.Parallel(n_jobs=1, backend=backend)(jobs) == [False, False]
    assert not has_neighbours()


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_what_runs_jobs_is_open_until_somebody_has_said_so(backend):
    assert backend_is_open()
    with joblib.parallel_config(n_jobs=2):
        assert backend_is_open()
    with joblib.parallel_config(backend=backend):
        assert not backend_is_open()
    assert joblib.Parallel(n_jobs=2, backend=backend)([joblib.delayed(backend_is_open)()] * 2) == [False, False]


def test_jobs_that_share_a_gpu_warn(one_gpu):
    (both,) = {
        tuple(messages) for messages in joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(warned)()] * 2)
    }
    assert "n_jobs > 1" in both[0]
    assert "device='auto'" in both[0]
    assert warned() == []  # a single job has it to itself


def test_search_with_n_jobs_warns_before_it_trains(one_gpu, frames):
    search = GridSearchCV(GRUClassifier(4, 1), {"lr": [0.1, 0.2]}, cv=2, error_score="raise")
    with (
        joblib.parallel_config(backend="threading", n_jobs=2),
        pytest.warns(UserWarning, match=r"n_jobs > 1.*one GPU"),
        pytest.raises((RuntimeError, AssertionError), match=r"CUDA|NVIDIA|cuda"),  # there is none, in truth
    ):
        search.fit(*frames)


def test_jobs_on_processors_do_not_warn(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(warned)()] * 2) == [[], []]


@pytest.mark.parametrize(("n_threads", "warns"), [(1, False), (2, True)])
def test_task_of_dask_warns_where_its_worker_runs_several(n_threads, warns, one_gpu, monkeypatch):
    worker = types.SimpleNamespace(state=types.SimpleNamespace(nthreads=n_threads))
    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(get_worker=lambda: worker))
    assert dask_worker() is worker
    assert bool(warned()) == warns


def test_without_dask_there_is_no_worker(monkeypatch):
    monkeypatch.delitem(sys.modules, "distributed", raising=False)
    assert dask_worker() is None
