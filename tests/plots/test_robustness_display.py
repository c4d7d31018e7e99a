"""RobustnessDisplay: the curve is the table's, noise gets louder to the right, and models share axes."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MelSpectrogramTransformer, RobustnessDisplay

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


@pytest.fixture
def table():
    score = np.array([0.95, 0.9, 0.8, 0.5])
    columns = {"snr": [np.inf, 20.0, 10.0, 0.0], "score": score, "low": score - 0.1, "high": score + 0.04}
    return pd.DataFrame({**columns, "n_clips": 40})


def test_the_line_is_the_table_from_no_noise_to_the_loudest(table):
    display = RobustnessDisplay(table, name="plain").plot()
    line = display.ax_.lines[0]
    assert line.get_xdata().tolist() == [20, 10, 0]
    assert line.get_ydata().tolist() == [0.9, 0.8, 0.5]
    left, right = display.ax_.get_xlim()
    assert left > 20 > 0 > right
    assert [tick.get_text() for tick in display.ax_.get_xticklabels()] == ["20", "10", "0", "no noise"]
    (clean,) = display.ax_.containers
    assert clean.lines[0].get_ydata().tolist() == [0.95]
    assert left > clean.lines[0].get_xdata()[0] > 20
    assert display.ax_.get_ylabel() == "accuracy\n(95% interval of the clips)"


def test_models_are_compared_on_the_same_axes(table):
    display = RobustnessDisplay(table, name="plain").plot()
    other = RobustnessDisplay(table.assign(score=0.9, low=np.nan, high=np.nan), name="with $noise$").plot(
        ax=display.ax_
    )
    assert other.ax_ is display.ax_
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["plain", r"with \$noise\$"]
    display.figure_.canvas.draw()


def test_one_call_scores_and_draws(tmp_path, rng):
    soundfile.write(tmp_path / "noise.wav", 0.1 * rng.normal(size=8000), 8000)
    X, y = [np.sin(f * np.arange(1000)) for f in (0.1, 0.2, 0.3, 0.4)], ["a", "a", "b", "b"]
    model = make_pipeline(MelSpectrogramTransformer(8, sr=8000), FrameSummary(), LogisticRegression()).fit(X, y)
    display = RobustnessDisplay.from_estimator(model, X, y, tmp_path / "noise.wav", snr=[10, 0])
    assert display.ax_.lines[0].get_ydata().tolist() == display.table["score"].tolist()[1:]
    scored = RobustnessDisplay.from_estimator(model, X, y, tmp_path, snr=[0], scoring="neg_log_loss")
    assert scored.ax_.get_ylabel() == "neg_log_loss"
