"""FrameScaler: zero mean and unit standard deviation, by dim, by clip, or by dim of a clip."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameScaler


def test_a_2d_array_is_scaled_as_standard_scaler_does(rng):
    X = rng.normal(3, 5, size=(50, 4))
    np.testing.assert_allclose(FrameScaler().fit_transform(X), StandardScaler().fit_transform(X), atol=1e-5)


def test_each_dim_over_all_frames_of_all_clips(ragged):
    X, _ = ragged
    scaler = FrameScaler().fit(X)
    stacked = np.concatenate(list(X))
    assert scaler.n_frames_seen_ == len(stacked)
    np.testing.assert_allclose(scaler.mean_, stacked.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(scaler.scale_, stacked.std(axis=0), atol=1e-6)
    scaled = scaler.transform(X)
    assert [clip.shape for clip in scaled] == [clip.shape for clip in X]
    np.testing.assert_allclose(np.concatenate(list(scaled)).std(axis=0), 1, atol=1e-5)


def test_learning_in_parts_equals_learning_at_once(ragged):
    X, _ = ragged
    whole, parts = FrameScaler().fit(X), FrameScaler()
    for start in range(0, len(X), 7):
        parts.partial_fit(X[start : start + 7])
    np.testing.assert_allclose(parts.mean_, whole.mean_)
    np.testing.assert_allclose(parts.scale_, whole.scale_)
    assert parts.fit(X[:3]).n_frames_seen_ == sum(map(len, X[:3]))  # fit begins anew


def test_constants_scale_to_zero():
    X = np.full((3, 5, 2), 1e6, dtype=np.float32)
    for per in ("dim", "clip", "clip-dim"):
        assert not FrameScaler(per=per).fit_transform(X).any()


def test_large_offsets_lose_no_precision(rng):
    X = (1e4 + rng.normal(size=(20, 100, 1))).astype(np.float32)
    assert FrameScaler().fit_transform(X).std() == pytest.approx(1, abs=1e-3)


def test_the_level_of_a_clip_goes_and_its_envelope_stays(frames):
    X, _ = frames
    scaled = FrameScaler(per="clip").fit_transform(3 * X + 7)
    np.testing.assert_allclose(scaled, FrameScaler(per="clip").fit_transform(X), atol=1e-5)
    np.testing.assert_allclose(scaled.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=(1, 2)), 1, atol=1e-5)
    assert np.abs(scaled.mean(axis=1)).max() > 0.1


def test_each_dim_of_each_clip(ragged):
    X, _ = ragged
    scaled = FrameScaler(per="clip-dim").fit_transform(X)
    assert [clip.shape for clip in scaled] == [clip.shape for clip in X]
    for clip in scaled:
        np.testing.assert_allclose(clip.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(clip.std(axis=0), 1, atol=1e-5)


def test_a_list_of_clips_of_unequal_length(ragged):
    X, _ = ragged
    for ours, theirs in zip(FrameScaler().fit_transform(list(X)), FrameScaler().fit_transform(X), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_names_of_a_table_are_forgotten_with_it(frames, rng):
    X, _ = frames
    scaler = FrameScaler().fit(pd.DataFrame(rng.normal(size=(5, 2)), columns=["a", "b"]))
    assert scaler.get_feature_names_out().tolist() == ["a", "b"]
    assert scaler.fit(X).get_feature_names_out().tolist() == ["x0", "x1", "x2"]


def test_bad_input_is_named(frames):
    X, _ = frames
    with pytest.raises(ValueError, match="per"):
        FrameScaler(per="frame").fit(X)
    with pytest.raises(ValueError, match="2 features, but FrameScaler is expecting 3"):
        FrameScaler().fit(X).transform(X[:, :, :2])
    with pytest.raises(ValueError, match=r"unequal n_dims: \[2, 3\]"):
        FrameScaler().fit([X[0], X[1, :, :2]])
    broken = X.copy()
    broken[2, 0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        FrameScaler().fit(broken)
    with pytest.raises(ValueError, match=r"X\[2\]: .*NaN"):
        FrameScaler().fit([*broken[:2], broken[2, :7]])
