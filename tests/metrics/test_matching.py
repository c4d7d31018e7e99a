"""Matchings: of the largest size, and of sed_eval's choice."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from sklaudio.metrics._matching import greedy_matching, largest_matching


def test_the_largest_is_as_large_as_that_of_scipy(rng):
    for _ in range(30):
        fits = rng.random((12, 15)) < rng.uniform(0.05, 0.3)
        refs_of_each = {k: np.flatnonzero(column).tolist() for k, column in enumerate(fits.T) if column.any()}
        match = largest_matching(refs_of_each)
        assert len(set(match.values())) == len(match)
        assert all(fits[ref, predicted] for ref, predicted in match.items())
        assert len(match) == (maximum_bipartite_matching(csr_array(fits)) >= 0).sum()


def test_of_several_largest_ones_it_is_that_of_sed_eval():
    refs_of_each = {2: [0, 2, 4], 1: [1, 3], 4: [1], 0: [3], 3: [3, 4]}  # four of five, with any of them left over
    assert largest_matching(refs_of_each) == {0: 2, 1: 1, 3: 0, 4: 3}


def test_a_chain_of_any_length_is_matched_anew():
    n = 3000  # the first free fit of each leaves the last one without
    refs_of_each = {k: [k, k + 1] for k in range(n)} | {n: [0]}
    assert largest_matching(refs_of_each) == {0: n} | {k + 1: k for k in range(n)}


def test_greedy_takes_the_first_that_fits():
    refs_of_each = {1: [0], 0: [0, 1], 2: [2]}
    assert greedy_matching(refs_of_each) == {0: 0, 2: 2}
    assert largest_matching(refs_of_each) == {0: 1, 1: 0, 2: 2}
