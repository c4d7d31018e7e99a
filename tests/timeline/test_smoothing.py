"""One odd window disappears, a long change stays, and the path found is the best of all."""

from itertools import pairwise, product

import numpy as np
import pytest

from sklaudio.timeline._smoothing import median_smooth, viterbi_path


def windows_of(labels, sure=0.9):
    """Probabilities of windows that favour class 0, 1 or 2."""
    proba = np.full((len(labels), 3), (1 - sure) / 2)
    proba[np.arange(len(labels)), labels] = sure
    return proba


@pytest.mark.parametrize("odd", [0, 1, 4, 8, 9])
@pytest.mark.parametrize("sure", [0.6, 0.9, 1.0])
def test_one_odd_window_disappears(odd, sure):
    labels = np.zeros(10, dtype=int)
    labels[odd] = 1
    assert median_smooth(windows_of(labels, sure), 5).argmax(axis=1).tolist() == [0] * 10
    assert viterbi_path(windows_of(labels, sure), 0.99).tolist() == [0] * 10


def test_a_long_change_is_kept_where_it_was():
    labels = np.repeat([0, 2, 1], [20, 15, 20])
    assert median_smooth(windows_of(labels), 5).argmax(axis=1).tolist() == labels.tolist()
    assert viterbi_path(windows_of(labels), 0.99).tolist() == labels.tolist()
    np.testing.assert_allclose(median_smooth(windows_of(labels), 5).sum(axis=1), 1)


def test_viterbi_is_the_best_of_all_paths(rng):
    proba = rng.dirichlet([0.7, 0.7, 0.7], size=7)
    log_proba = np.log(np.maximum(proba, 0.01))
    for stay in (0.2, 0.5, 0.9):
        on, away = np.log(stay), np.log((1 - stay) / 2)
        best = max(
            product(range(3), repeat=7),
            key=lambda path: (
                log_proba[np.arange(7), list(path)].sum() + sum(on if a == b else away for a, b in pairwise(path))
            ),
        )
        assert viterbi_path(proba, stay).tolist() == list(best)


def test_smoothing_of_few_windows_and_of_ties():
    for n_windows in (1, 2, 3):
        proba = windows_of(np.arange(n_windows))
        assert median_smooth(proba, 7).shape == viterbi_path(proba, 0.9)[:, None].repeat(3, 1).shape == (n_windows, 3)
    scattered = median_smooth(windows_of([0, 1, 2, 0, 1, 2], sure=1.0), 3)  # all medians are 0
    np.testing.assert_allclose(scattered.sum(axis=1), 1)
    assert viterbi_path(np.ones((4, 1)), 0.9).tolist() == [0] * 4
    np.testing.assert_array_equal(median_smooth(windows_of([0, 1, 0]), 1), windows_of([0, 1, 0]))
