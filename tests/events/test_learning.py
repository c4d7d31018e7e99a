"""What decides best, of curves with the events known."""

import numpy as np

from sklaudio.events._learning import DEFAULTS, best_decisions


def test_the_threshold_lies_between_what_is_there_and_what_is_not():
    labels = [np.array([[0, 0, 1, 1, 1, 0, 0, 0]]).T, np.array([[1, 1, 1, 0, 0, 0]]).T]
    curves = [np.where(clip == 1, 0.34, 0.23) for clip in labels]
    threshold, median_length, min_duration = best_decisions(curves, labels, 0.1, (None, np.array([1]), np.array([0.0])))
    assert 0.23 < threshold[0] <= 0.34
    assert (median_length[0], min_duration[0]) == (1, 0)


def test_the_nearest_to_the_default_of_what_is_as_good():
    labels = [np.repeat([[0, 1, 0]], 40, axis=1).T]
    found = best_decisions([labels[0].astype(float)], labels, 0.02, (None, None, None))
    assert [values[0] for values in found] == list(DEFAULTS)


def test_spikes_and_gaps_ask_for_a_median():
    label = np.repeat([0, 1, 0, 1, 0], 30)[:, None]
    curve = label.astype(float)
    curve[[10, 70, 71, 40, 100]] = 1 - curve[[10, 70, 71, 40, 100]]
    fixed = (np.array([0.5]), None, np.array([0.0]))
    assert best_decisions([curve], [label], 0.02, fixed)[1][0] >= 5


def test_short_false_events_ask_for_a_least_duration():
    label = np.repeat([0, 1, 0], [100, 40, 100])[:, None]
    curve = label.astype(float)
    for start in (10, 30, 50, 160, 200):
        curve[start : start + 6] = 1.0  # 0.12 s
    fixed = (np.array([0.5]), np.array([1]), None)
    assert best_decisions([curve], [label], 0.02, fixed)[2].tolist() == [0.2]


def test_each_label_has_its_values_and_runs_do_not_cross_clips():
    labels = [np.array([[0, 0], [1, 1]]), np.array([[1, 1], [0, 0]])]
    curves = [np.where(clip == 1, [0.9, 0.3], [0.1, 0.05]) for clip in labels]
    fixed = (None, np.array([1, 1]), np.array([0.15, 0.0]))  # of label 0, events of one frame of 0.1 s are too short
    thresholds = best_decisions(curves, labels, 0.1, fixed)[0]
    assert thresholds[0] < 0.1 + 1e-9
    assert 0.05 < thresholds[1] <= 0.3
