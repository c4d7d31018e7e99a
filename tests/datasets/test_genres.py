"""Synthetic music: ten styles that differ in more than their timbre."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer, RMSTransformer
from sklaudio.datasets import make_genres
from sklaudio.datasets._genres import STYLES, Instrument


def test_clips_and_labels():
    genres = make_genres(20, duration=1.5, sr=16000, random_state=0)
    assert genres.data.shape == (20, 24000)
    assert genres.data.dtype == np.float32
    assert np.abs(genres.data).max() <= 1
    assert np.abs(genres.data).max(axis=1).min() > 0.2
    assert sorted(genres.target.tolist()) == sorted(list(STYLES) * 2)
    assert len(set(genres.groups)) == 20
    assert "Synthetic" in genres.DESCR


def test_the_seed_decides():
    first, again, other = (make_genres(10, duration=0.5, random_state=seed, return_X_y=True)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_an_instrument_plays_in_tune():
    tone = Instrument(slope=1.0, odd_only=False, attack=0.01, decay=5.0, vibrato=0.0).play(69, 1.0, 22050)
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    assert abs(spectrum.argmax() - 440) <= 1


def test_faster_styles_strike_more_often():
    """Onsets per second, as steps up in loudness, of a style at 150 to 186 beats a minute and one at 56 to 84."""
    genres = make_genres(60, random_state=0)
    loudness = RMSTransformer(n_fft=1024, hop_length=256).transform(genres.data)[:, :, 0]
    steps = (np.diff(np.log(loudness + 1e-4)) > 0.25).mean(axis=1)
    assert steps[genres.target == "punk"].mean() > 2 * steps[genres.target == "ambient"].mean()


@pytest.mark.slow
def test_timbre_alone_does_not_tell_them_apart():
    """A linear model on mean MFCCs learns something, and stays far from perfect."""
    genres = make_genres(random_state=0)
    linear = make_pipeline(
        MFCCTransformer(n_jobs=2), FrameSummary(("mean",)), StandardScaler(), LogisticRegression(max_iter=1000)
    )
    assert 0.2 < cross_val_score(linear, genres.data, genres.target, cv=5).mean() < 0.9


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="n_clips=0"):
        make_genres(0)
    with pytest.raises(ValueError, match="duration=0"):
        make_genres(1, duration=0)
