"""Labels and weights on their way into a net."""

import numpy as np
import pytest

from sklaudio.nets._targets._classes import class_weights


def test_balanced_classes_have_equal_sums():
    target = np.array([0] * 3 + [1] * 9)
    weight = class_weights("balanced", np.array(["x", "y"]), target)
    assert weight[:3].sum() == pytest.approx(weight[3:].sum())
    np.testing.assert_allclose(class_weights({"x": 2}, np.array(["x", "y"]), target), [2] * 3 + [1] * 9)
