"""Cards of models: what is on them is what the model, the data and the evaluation say."""

import hashlib

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

import sklaudio
from sklaudio import FrameSummary, RMSTransformer, ZeroCrossingRateTransformer
from sklaudio.evaluate import EventEvaluation
from sklaudio.train import train_on_files

from ..labels import label_model
from ..loudness import loud_model
from ..tones import PITCHES, tone

LABELS = list(PITCHES)


def rows_of(text, section):
    """The rows of the table below a heading, as lists of cells."""
    below = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def texts_of(text, section):
    return text.split(f"\n## {section}\n")[1].split("\n## ")[0].strip()


@pytest.fixture(scope="module")
def clips():
    return [tone(pitch + 5 * k, 0.2) for pitch in PITCHES.values() for k in range(4)], np.repeat(LABELS, 4)


@pytest.fixture(scope="module")
def model(clips):
    return make_pipeline(ZeroCrossingRateTransformer(), FrameSummary(), LogisticRegression()).fit(*clips)


def test_a_card_says_what_is_predicted_learned_and_measured(model, clips):
    X, y = clips
    groups = np.tile(["ann", "ben", "cem", "dee"], 3)
    evaluation = sklaudio.evaluate_files(model, X, y.tolist())
    given = {"title": "Tones / three", "intended_use": "Tests.", "limits": ["Tones alone."], "licence": "CC0"}
    text = sklaudio.card(model, (X, y, groups), evaluation=evaluation, **given).render()
    assert text.strip().startswith("# Tones / three\n\nPredicts one of 3 classes of each clip: high, low, middle.")
    assert texts_of(text, "Intended use") == "Tests."
    assert texts_of(text, "Limits").splitlines()[:2] == [
        "- Tones alone.",
        "- Sound is resampled to 22050 Hz: what is above 11025 Hz is not used.",
    ]
    data = dict(rows_of(text, "Data"))
    assert data["clips"] == "12"
    assert data["clips of each class"] == "high 4, low 4, middle 4"
    assert data["groups, such as recordings or speakers, that folds keep together"] == "4"
    assert (data["licence"], data["source"]) == ("CC0", "not stated")
    assert f"Accuracy {evaluation.accuracy:.3f} of 12 clips" in texts_of(text, "Evaluation")
    assert [row[0] for row in rows_of(text, "Scores by class")] == sorted(LABELS)
    assert ["logisticregression", "LogisticRegression", "the defaults"] in rows_of(text, "Parts")
    assert dict(rows_of(text, "Versions"))["sklaudio"] == sklaudio.__version__


def test_the_hash_is_of_the_samples_in_any_order_and_file_format(model, clips, tmp_path):
    X, y = clips
    paths = []
    for number, samples in enumerate(X):
        paths.append(tmp_path / f"{number}.{'wav' if number % 2 else 'flac'}")
        soundfile.write(paths[-1], samples, 22050, subtype="PCM_16")
    stored = [soundfile.read(path, dtype="float32")[0] for path in paths]

    def digest(X, y):
        [found] = [row[1] for row in rows_of(sklaudio.card(model, (X, y)).render(), "Data") if "SHA-256" in row[0]]
        return found

    each = sorted(hashlib.sha256(samples.tobytes()).hexdigest() for samples in stored)
    expected = hashlib.sha256("\n".join(each).encode()).hexdigest()
    assert digest(paths, y) == digest(stored, y) == digest(paths[::-1], y[::-1]) == expected
    assert digest([*stored[:-1], stored[-1] * 0.5], y) != expected


def test_clips_that_cannot_be_read_are_counted(model, clips, tmp_path):
    (tmp_path / "empty.wav").write_bytes(b"")
    X, y = [*clips[0], tmp_path / "empty.wav"], [*clips[1], "low"]
    assert dict(rows_of(sklaudio.card(model, (X, y)).render(), "Data"))["clips that cannot be read"] == "1"


def test_folds_and_held_out_scores_of_a_training_are_on_the_card(model, clips, tmp_path):
    files = [str(tmp_path / f"{number}.wav") for number in range(12)]
    for file, samples in zip(files, clips[0], strict=True):
        soundfile.write(file, samples, 22050)
    splits = {"a": (np.arange(12)[::2], np.arange(12)[1::2]), "b": (np.arange(12)[1::2], np.arange(12)[::2])}
    groups = np.tile(["ann", "ben"], 6)
    training = train_on_files(model, files, clips[1], groups, splits=list(splits.values()))
    data = Bunch(data=files, target=clips[1], groups=groups, splits=splits)
    text = sklaudio.card(training.model, data, evaluation=training).render()
    assert rows_of(text, "Folds") == [["a", "6", "6", "1"], ["b", "6", "6", "1"]]
    assert rows_of(text, "Scores by fold") == [
        [str(fold), f"{accuracy:.3f}"] for fold, accuracy in enumerate(training.held_out.accuracies, start=1)
    ]
    assert "Of 12 clips of 2 groups that the models scored were not trained on" in texts_of(text, "Evaluation")


def test_cards_of_labels_numbers_and_events(clips):
    X, _ = clips
    Y = pd.DataFrame(np.repeat(np.eye(3, dtype=int), 4, axis=0), columns=LABELS)
    text = sklaudio.card(label_model([0.5] * 3), (X, Y)).render()
    assert "Predicts any of 3 labels of each clip: " + ", ".join(LABELS) in text
    assert dict(rows_of(text, "Data"))["clips with each label"] == "high 4, low 4, middle 4"

    numbers = pd.Series(np.linspace(0, 1, len(X)), name="loudness")
    regressor = make_pipeline(RMSTransformer(), FrameSummary(), Ridge()).fit(X, numbers)
    evaluation = sklaudio.evaluate_files(regressor, X, numbers)
    text = sklaudio.card(regressor, (X, numbers), evaluation=evaluation).render()
    assert "Predicts 1 number of each clip" in text
    assert dict(rows_of(text, "Data"))["loudness: mean ± standard deviation, range"] == "0.5 ± 0.3138, 0 to 1"
    [row] = rows_of(text, "Scores by number")
    assert row[1] == f"{evaluation.scores['mae'].iloc[0]:.3f}"

    events = [[(0.1, 0.2, "loud")], [(0.0, 0.1, "loud"), (0.15, 0.2, "loud")]]
    evaluation = EventEvaluation.from_predictions(events, [events[0], []], durations=[0.2, 0.2])
    text = sklaudio.card(loud_model(), (X[:2], events), evaluation=evaluation).render()
    assert "# Detector of events in sound" in text
    assert dict(rows_of(text, "Data"))["events of each label"] == "loud 3"
    assert f"F1 of events {evaluation.event_f1:.3f}" in texts_of(text, "Evaluation")


def test_a_comparison_is_a_table_of_models(model, clips):
    models = {
        "zero crossings": model,
        "loudness": make_pipeline(RMSTransformer(), FrameSummary(), LogisticRegression()),
    }
    comparison = sklaudio.compare(*clips, models=models, cv=2, random_state=0)
    text = sklaudio.card(comparison.best_estimator_, clips, evaluation=comparison).render()
    assert [row[0] for row in rows_of(text, "Models compared")] == comparison.table_.index.tolist()
    assert f"The best of 2 models on the same 2 folds: {comparison.best_}." in text


def test_pretrained_networks_have_their_licence(clips):
    class Bands(torch.nn.Module):
        def forward(self, samples):
            return samples.unfold(1, 400, 320).square()[..., :8]

    encoder = sklaudio.EncoderTransformer(Bands(), sr=16000)
    model = make_pipeline(encoder, FrameSummary(), LogisticRegression()).fit(*clips)
    [[name, licence, learned_from, _]] = rows_of(sklaudio.card(model).render(), "Pretrained networks inside")
    assert (name, licence, learned_from) == ("Bands", "not stated", "not stated")


def test_names_are_escaped(clips):
    odd = np.where(clips[1] == "low", "a|b <i>*x*\n#", clips[1])
    model = make_pipeline(ZeroCrossingRateTransformer(), FrameSummary(), LogisticRegression()).fit(clips[0], odd)
    text = sklaudio.card(model, (clips[0], odd), evaluation=sklaudio.evaluate_files(model, clips[0], odd)).render()
    assert any(row[0].startswith(r"a\|b \<i>\*x\*") for row in rows_of(text, "Scores by class"))
    assert r"a\|b \<i>\*x\*" in text.split("\n## ")[0]
    assert "\n#\n" not in text


def test_folders_of_this_machine_are_left_out(clips, tmp_path):
    features = ZeroCrossingRateTransformer(memory=tmp_path / "users" / "ann" / "frames")
    model = make_pipeline(features, FrameSummary(), LogisticRegression(), memory=str(tmp_path / "users" / "steps"))
    text = sklaudio.card(model.fit(*clips), clips).render()
    assert "users" not in text
    assert "…/frames" in text
    assert "…/steps" in text


def test_what_is_no_data_or_evaluation_is_refused(model, clips):
    with pytest.raises(TypeError, match="data must be a Bunch of load_folder or load_table"):
        sklaudio.card(model, clips[0])
    with pytest.raises(ValueError, match="data has 12 clips, and target of 3"):
        sklaudio.card(model, (clips[0], clips[1][:3]))
    with pytest.raises(TypeError, match="evaluation must be what evaluate_files, train_on_files or compare returned"):
        sklaudio.card(model, evaluation=0.9)
    with pytest.raises(TypeError, match="Pass a fitted Pipeline"):
        sklaudio.card("model.skops")
