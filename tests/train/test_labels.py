"""train_on_files where clips have several labels: folds by group, scores by fold and by label, names that are kept."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MelSpectrogramTransformer, make_classifier
from sklaudio.evaluate import LabelEvaluation
from sklaudio.train import train_on_files

from ..labels import SR, SUBSETS, write_mixtures
from ..tones import PITCHES


@pytest.fixture
def clips(tmp_path):
    """Files of three voices, their labels as a DataFrame, and their groups."""
    table = write_mixtures(tmp_path, voices=3)
    Y = pd.DataFrame(SUBSETS * 3, columns=list(PITCHES))
    return [str(tmp_path / name) for name in table["path"]], Y, table["voice"].tolist()


def net(**parameters):
    return make_classifier("gru", sr=SR, hidden_size=4, num_layers=1, max_epochs=1, random_state=0, **parameters)


def neighbor():
    features = MelSpectrogramTransformer(32, sr=SR, n_fft=512, hop_length=256)
    return make_pipeline(features, FrameSummary(["mean"]), KNeighborsClassifier(1))


def test_each_group_is_held_out_once_and_scored_by_fold_and_label(clips):
    training = train_on_files(neighbor(), *clips, validate=3)
    held_out = training.held_out
    assert (held_out.n_clips, held_out.n_groups) == (21, 3)
    assert held_out.mean_average_precisions == [1.0] * 3
    assert (held_out.mean_average_precision, held_out.f1, held_out.std) == (1.0, 1.0, 0.0)
    assert held_out.evaluation.per_label.index.tolist() == list(PITCHES)
    assert held_out.evaluation.per_label["n_clips"].tolist() == [12] * 3
    assert (training.n_clips, training.n_groups) == (21, 3)


def test_scores_of_a_fold_are_those_of_its_model(clips):
    files, Y, groups = clips
    splits = [(np.arange(7, 21), np.arange(7)), (np.arange(14), np.arange(14, 21))]
    model = net(segment_length=None)
    training = train_on_files(model, files, Y, groups, splits=splits)
    expected = [
        LabelEvaluation.from_predictions(Y.iloc[test], fitted.predict(np.array(files)[test].tolist()), p)
        for train, test in splits
        for fitted in [model.fit(np.array(files)[train].tolist(), Y.iloc[train])]
        for p in [fitted.predict_proba(np.array(files)[test].tolist())]
    ]
    assert training.held_out.mean_average_precisions == [one.mean_average_precision for one in expected]
    assert training.held_out.f1s == [one.averages.loc["macro", "f1"] for one in expected]
    assert training.held_out.n_clips == 14
    assert training.model[-1].label_names_.tolist() == list(PITCHES)


def test_a_fraction_is_held_out_and_unreadable_files_are_left_out(clips, tmp_path):
    files, Y, groups = clips
    (tmp_path / "bad.wav").write_text("words")
    Y = pd.concat([Y, pd.DataFrame([[1, 1, 1]], columns=Y.columns)], ignore_index=True)
    with pytest.warns(UserWarning, match=r"bad\.wav"):
        training = train_on_files(
            neighbor(), [*files, str(tmp_path / "bad.wav")], Y, [*groups, "v0"], validate=1 / 3
        )  # fmt: skip
    assert training.unreadable == [str(tmp_path / "bad.wav")]
    assert (training.held_out.n_clips, training.held_out.n_groups, training.held_out.std) == (7, 1, None)


def test_validation_has_the_labels_by_name(clips):
    files, Y, groups = clips
    losses = []
    for y_val in (Y[14:], Y[14:][["middle", "high", "low"]]):
        training = train_on_files(
            net(), files[:14], Y[:14], groups[:14], validate=0, validation=(files[14:], y_val)
        )  # fmt: skip
        losses += training.model[-1].estimator_.history_["valid_loss"].tolist()
    assert losses[0] == losses[1]
    assert np.isfinite(losses).all()
    with pytest.raises(ValueError, match="validation has 2 columns"):
        train_on_files(net(), files, Y, groups, validation=(files, Y[["low", "high"]]))


def test_what_takes_no_labels_is_said_before_files_are_read(clips):
    files, Y, groups = clips
    model = make_pipeline(MelSpectrogramTransformer(), FrameSummary(), LogisticRegression())
    with pytest.raises(ValueError, match="LogisticRegression takes one class for each clip, and target has 3 labels"):
        train_on_files(model, ["lost.wav"] * 21, Y, groups)
    with pytest.raises(ValueError, match="target has one label"):
        train_on_files(net(), files, Y[["low"]], groups)
