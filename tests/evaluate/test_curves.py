"""evaluate_files of regressors of frames: all frames are compared, and clips that cannot be read are counted."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

from sklaudio import GRURegressor, RMSTransformer, evaluate_files
from sklaudio.metrics import regression_table

SR = 8000


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A model of the loudness of frames, its files, and the numbers of their frames."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("curves")
    files = [str(folder / f"{k}.wav") for k in range(4)]
    for k, file in enumerate(files):
        soundfile.write(file, np.linspace(0, 0.2 * (k + 1), 4000 + 800 * k) * rng.uniform(-1, 1, 4000 + 800 * k), SR)
    features = RMSTransformer(sr=SR, n_fft=512, hop_length=400)
    y = [pd.DataFrame(clip, columns=["level"]) for clip in features.fit_transform(files)]
    net = GRURegressor(4, 1, max_epochs=2, random_state=0)
    return make_pipeline(features, net).fit(files, y), files, y


def test_frames_of_all_clips_are_compared(fitted):
    model, files, y = fitted
    found = evaluate_files(model, files, y)
    predicted = np.concatenate(list(model.predict(files)))
    clip = np.repeat(np.arange(4), list(map(len, y)))
    expected = regression_table(np.concatenate(y), predicted, target_names=["level"], groups=clip)
    pd.testing.assert_frame_equal(found.scores, expected)
    assert found.predictions.columns.tolist() == ["path", "start", "end", "true(level)", "level", "error"]
    assert found.predictions["end"].tolist()[len(y[0]) - 1] == pytest.approx(0.05 * len(y[0]))


def test_clips_that_cannot_be_read_have_no_part_in_the_scores(fitted, tmp_path):
    model, files, y = fitted
    (tmp_path / "bad.wav").write_text("words")
    found = evaluate_files(model, [*files[:2], str(tmp_path / "bad.wav")], y[:3])
    assert found.scores.loc["level", "n_missing"] == len(y[2])
    assert found.predictions["error"].notna().sum() == len(y[2])


def test_rows_that_are_not_those_of_the_frames_are_named(fitted):
    model, files, y = fitted
    with pytest.raises(ValueError, match=r"target\[1\] is of shape \(3, 1\), and \(\d+, 1\) numbers are predicted"):
        evaluate_files(model, files[:2], [y[0], y[1][:3]])
    with pytest.raises(ValueError, match="target has the columns"):
        evaluate_files(model, files[:1], [y[0].rename(columns={"level": "other"})])
