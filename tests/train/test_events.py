"""train_on_files where clips have events: folds that keep labels, and scores by fold, label, segment and event."""

import numpy as np
import pytest
import soundfile

from sklaudio import make_detector
from sklaudio.datasets import make_soundscapes
from sklaudio.metrics import event_scores
from sklaudio.train import train_on_files

SR = 8000


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    found = make_soundscapes(8, n_labels=2, duration=2, sr=SR, snr=15, n_events=(1, 2), random_state=0)
    files = [str(folder / f"{k}.wav") for k in range(8)]
    for file, samples in zip(files, found.data, strict=True):
        soundfile.write(file, samples, SR)
    return files, found.events, [k // 2 for k in range(8)]


def detector(**parameters):
    return make_detector("gru", sr=SR, hidden_size=4, num_layers=1, max_epochs=1, random_state=0, **parameters)


def test_each_group_is_held_out_once_and_scored_by_fold(scenes):
    training = train_on_files(detector(), *scenes, validate=2)
    held_out = training.held_out
    assert (held_out.n_clips, held_out.n_groups) == (8, 4)
    assert len(held_out.segment_f1s) == len(held_out.event_f1s) == 2
    assert held_out.evaluation.by_event.loc["(micro)", "n_ref"] == sum(map(len, scenes[1]))
    assert 0 <= held_out.event_f1 <= held_out.segment_f1 <= 1
    assert held_out.std >= 0
    assert training.model.predict(scenes[0][:1])[0].columns.tolist() == ["start", "end", "label", "probability"]


def test_scores_are_those_of_the_model_of_a_fold(scenes):
    files, events, groups = scenes
    training = train_on_files(detector(), *scenes, splits=[(np.arange(2, 8), np.arange(2))])
    model = detector().fit(files[2:], events[2:], detector__groups=groups[2:])
    expected = event_scores(events[:2], model.predict(files[:2]), zero_division=0.0).loc["(micro)", "f1"]
    assert training.held_out.event_f1s == [pytest.approx(expected, abs=1e-9)]
    assert training.held_out.std is None


def test_nothing_to_learn_and_nothing_to_validate_with_is_named(scenes):
    files, events, groups = scenes
    with pytest.raises(ValueError, match="target holds no events"):
        train_on_files(detector(), files, [[] for _ in files], groups)
    with pytest.raises(ValueError, match=r"target\[0\]"):
        train_on_files(detector(), files, [[(2.0, 1.0, "beep")], *events[1:]], groups)
    with pytest.raises(ValueError, match="EventDetector takes no X_val"):
        train_on_files(detector(), *scenes, validation=(files, events))
