"""train_on_files where clips have numbers: folds by group, scores by fold and target, names that are kept."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, RMSTransformer, make_regressor
from sklaudio.metrics import regression_table
from sklaudio.train import train_on_files

SR = 8000


@pytest.fixture
def clips(tmp_path, rng):
    """Twelve files of noise, their levels and pitches, and six groups."""
    files, levels = [], np.linspace(0.01, 0.5, 12)
    for k, level in enumerate(levels):
        files.append(str(tmp_path / f"{k}.wav"))
        soundfile.write(files[-1], level * rng.uniform(-1, 1, size=2000), SR)
    return files, pd.DataFrame({"level": levels, "twice": 2 * levels + 1}), [k // 2 for k in range(12)]


def linear():
    return make_pipeline(RMSTransformer(sr=SR), FrameSummary(["mean"]), LinearRegression())


def test_each_group_is_held_out_once_and_scored_by_fold_and_target(clips):
    training = train_on_files(linear(), *clips, validate=3)
    held_out = training.held_out
    assert (held_out.n_clips, held_out.n_groups, len(held_out.by_fold)) == (12, 6, 3)
    assert held_out.evaluation.scores.index.tolist() == ["level", "twice"]
    assert held_out.r2 > 0.99
    assert held_out.ccc > 0.99
    assert held_out.mae == pytest.approx(held_out.evaluation.scores["mae"].mean())
    assert held_out.std == pytest.approx(held_out.by_fold["mae"].std())


def test_scores_of_a_fold_are_those_of_its_model(clips):
    files, y, groups = clips
    splits = [(np.arange(4, 12), np.arange(4))]
    training = train_on_files(linear(), files, y, groups, splits=splits)
    predicted = linear().fit(files[4:], y[4:]).predict(files[:4])
    expected = regression_table(y[:4], predicted)
    assert training.held_out.by_fold["mae"].tolist() == pytest.approx([expected["mae"].mean()], rel=1e-3)
    assert training.held_out.std is None


def test_one_number_and_validation_on_others(clips):
    files, y, groups = clips
    model = make_regressor("gru", sr=SR, hidden_size=4, num_layers=1, max_epochs=2, random_state=0)
    validation = files[8:], y["level"][8:]
    training = train_on_files(model, files[:8], y["level"][:8], groups[:8], validate=0, validation=validation)
    net = training.model[-1].estimator_
    assert training.held_out is None
    assert net.history_["valid_loss"].notna().all()
    assert net.target_names_.tolist() == ["level"]
    assert training.model.predict(files).shape == (12,)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (lambda y: y.mask(y > 0.4), r"target contains NaN.* The first is target\[0, 1\]"),
        (lambda y: ["loud"] * 12, "target holds text .*loud"),
    ],
)
def test_what_is_no_number_is_named(clips, target, message):
    files, y, groups = clips
    with pytest.raises(ValueError, match=message):
        train_on_files(linear(), files, target(y), groups)


def test_too_few_groups_and_other_columns_are_named(clips):
    files, y, groups = clips
    with pytest.raises(ValueError, match="validate=7 cannot hold out some of 6 groups"):
        train_on_files(linear(), *clips, validate=7)
    with pytest.raises(ValueError, match=r"validate=0\.2 cannot hold out some of 1 groups"):
        train_on_files(linear(), files, y, [0] * 12)
    with pytest.raises(ValueError, match=r"validate=2 cannot hold out some of 1 groups"):
        train_on_files(linear(), files, y, [0] * 12, validate=2)
    model = make_regressor("gru", sr=SR, max_epochs=1)
    with pytest.raises(ValueError, match="validation has the columns"):
        train_on_files(model, files, y, groups, validation=(files, y[["twice", "level"]]))
    with pytest.raises(ValueError, match="validation is of shape"):
        train_on_files(model, files, y, groups, validation=(files, y["level"].to_numpy()))
