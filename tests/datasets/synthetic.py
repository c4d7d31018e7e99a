"""What synthetic sets of short clips have in common."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer


def assert_clips_and_labels(make, n_classes):
    """A set is what it is said to be, follows its seed, and is the same as data and target alone."""
    data = make(40, random_state=0)
    assert set(data) >= {"data", "target", "target_names", "groups", "DESCR", "splits", "sr"}
    assert data.data.shape == (40, 16000)
    assert data.data.dtype == np.float32
    assert 0.15 < np.abs(data.data).max(axis=1).min() <= np.abs(data.data).max() <= 1
    assert len(data.target_names) == len(set(data.target)) == n_classes
    assert len(data.groups) == 40
    X, y = make(40, random_state=0, return_X_y=True)
    np.testing.assert_array_equal(X, data.data)
    assert y.tolist() == data.target.tolist()
    assert not np.allclose(make(40, random_state=1).data, data.data)


def assert_linear_model_learns_some(make):
    """It is neither noise nor trivial."""
    data = make(random_state=0)
    features = MFCCTransformer(sr=data.sr, n_fft=1024, hop_length=256, n_mels=40, n_jobs=2)
    linear = make_pipeline(features, FrameSummary(("mean",)), StandardScaler(), LogisticRegression(max_iter=1000))
    scores = cross_val_score(linear, data.data, data.target, groups=data.groups, cv=GroupKFold(4))
    assert 0.3 < scores.mean() < 0.97
