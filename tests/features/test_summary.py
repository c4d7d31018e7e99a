"""FrameSummary: one row per clip, with names."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from sklaudio import FrameSummary, MFCCTransformer

ALL = ("mean", "std", "min", "max", "median", "skew")


def test_statistics_are_numpys(ragged):
    X, _ = ragged
    rows = FrameSummary(ALL).fit_transform(X)
    assert rows.shape == (30, 18)
    assert rows.dtype == np.float32
    for row, clip in zip(rows, X, strict=True):
        expected = [clip.mean(0), clip.std(0), clip.min(0), clip.max(0), np.median(clip, 0), scipy.stats.skew(clip)]
        np.testing.assert_allclose(row, np.concatenate(expected), atol=1e-5)


def test_columns_are_named_after_the_dims(noise):
    mfcc = MFCCTransformer(2)
    summary = FrameSummary().set_output(transform="pandas")
    frames = mfcc.fit_transform([noise])
    table = summary.fit_transform(frames)
    assert isinstance(table, pd.DataFrame)
    assert table.columns.tolist() == ["x0_mean", "x1_mean", "x0_std", "x1_std"]
    assert summary.get_feature_names_out(mfcc.get_feature_names_out()).tolist() == [
        "mfcc0_mean", "mfcc1_mean", "mfcc0_std", "mfcc1_std",
    ]  # fmt: skip


def test_a_pipeline_names_its_columns():
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(MFCCTransformer(2), FrameSummary(("max",))).fit([np.zeros(4096)])
    assert pipeline.get_feature_names_out().tolist() == ["mfcc0_max", "mfcc1_max"]


def test_what_does_not_vary_has_no_skew():
    assert not FrameSummary(("skew", "std")).fit_transform(np.ones((2, 5, 3))).any()


@pytest.mark.parametrize("statistics", [("mode",), (), ("mean", "sum")])
def test_unknown_statistics_are_named(statistics):
    with pytest.raises(ValueError, match="statistics="):
        FrameSummary(statistics).fit(np.ones((2, 5, 3)))
