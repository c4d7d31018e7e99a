"""Processes of joblib's that take longer to start than to train say so, once."""

import sys
import warnings

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from sklaudio import DenseClassifier

X, Y = np.random.default_rng(0).normal(size=(20, 4, 3)).astype(np.float32), np.arange(20) % 2


def messages_of_trainings(n_trainings, max_epochs=1):
    """Train in this process; the warnings about its start."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(n_trainings):
            DenseClassifier((4,), max_epochs=max_epochs, random_state=0).fit(X, Y)
    return [str(one.message) for one in seen if "to start" in str(one.message)]


def test_a_program_by_itself_is_silent():
    assert messages_of_trainings(1) == []


@pytest.mark.slow
def test_a_new_process_says_it_once():
    get_reusable_executor().shutdown()  # workers of other tests are not new
    jobs = [joblib.delayed(messages_of_trainings)(2)] * 2
    for messages in joblib.Parallel(n_jobs=2)(jobs):
        assert len(messages) <= 1  # a worker may have got both
        assert all("imports torch" in one and "n_jobs=None" in one for one in messages)
    assert sum(map(len, joblib.Parallel(n_jobs=2)(jobs))) == 0
    get_reusable_executor().shutdown()
    assert len(joblib.Parallel(n_jobs=2)(jobs)[0]) == 1


@pytest.mark.parametrize(
    ("name", "seconds", "says"),
    [("LokyProcess-1", 0.1, True), ("LokyProcess-1", 60.0, False), ("MainProcess", 0.1, False)],
)
def test_only_short_trainings_in_new_processes(name, seconds, says, monkeypatch):
    monkeypatch.delitem(sys.modules, "sklaudio.nets._slow_start")
    import multiprocessing
    import time

    monkeypatch.setattr(time, "process_time", lambda: 4.0)
    from sklaudio.nets._slow_start import warn_of_slow_start

    monkeypatch.setattr(multiprocessing, "current_process", lambda: type("Process", (), {"name": name}))
    for is_first in (True, False):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            warn_of_slow_start(seconds)
        assert len(seen) == (says and is_first)
