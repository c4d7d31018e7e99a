"""Parts of the benchmarks: tasks, splits, seeds, temperatures."""

import importlib
import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils._param_validation import StrOptions

from sklaudio import (
    CRNNClassifier,
    FrameSummary,
    MFCCTransformer,
    SegmentVotingClassifier,
    make_classifier,
    pretrained_card,
)
from sklaudio.recipes import frame_sizes

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
has_temperature = "temperature" in CalibratedClassifierCV._parameter_constraints["method"][0].options
needs_temperature = pytest.mark.skipif(not has_temperature, reason="scikit-learn before 1.8 learns no temperature")


@pytest.fixture
def module(monkeypatch):
    """Imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def test_one_recipe_for_all_tasks(module):
    nets = []
    for task in module("lib.tasks").TASKS.values():
        pipeline = task.make()
        assert (pipeline["features"].sr, pipeline["features"].duration) == (task.sr, task.duration)
        nets.append(getattr(pipeline[-1], "estimator", pipeline[-1]))
        if task.segment is not None:
            seconds = pipeline["vote"].segment_length * frame_sizes(task.sr)["hop_length"] / task.sr
            assert seconds == pytest.approx(task.segment, abs=0.02)
    assert len(nets) == 4
    assert all(type(net) is CRNNClassifier and net.get_params() == nets[0].get_params() for net in nets)


def data_of(module, splits=None):
    clips = np.zeros((24, 10))
    target, groups = np.array(["a", "b"] * 12), np.arange(24) // 6
    return module("lib.tasks").Data("name", "text", clips, target, groups, "speaker", splits or {})


def test_folds_of_each_kind(module):
    tasks, data = module("lib.tasks"), data_of(module)
    folds, text = tasks.make_folds(data, 2)
    assert len(folds) == 2
    assert "disjoint by speaker" in text
    assert all(not set(data.groups[train]) & set(data.groups[test]) for train, test in folds)
    folds, text = tasks.make_folds(data, 2, tasks.LEAVE_ONE_OUT)
    assert [set(data.groups[test].tolist()) for _, test in folds] == [{0}, {1}, {2}, {3}]
    assert text == "4 folds, each tests on another speaker"
    splits = {"train": np.arange(10), "valid": np.arange(10, 14), "test": np.arange(14, 24)}
    [(train, test)], text = tasks.make_folds(data_of(module, splits), 2, "official")
    assert (len(train), len(test)) == (14, 10)
    assert text == "official: 14 clips to train, 10 to test"


def test_features_are_set_to_read_wherever_they_are(module):
    reading = module("lib.evaluation").reading
    assert reading(MFCCTransformer(), on_error="warn").on_error == "warn"
    pipeline = make_classifier()[:-1]
    assert reading(pipeline, n_jobs=3)["features"].n_jobs == 3
    assert pipeline["features"].n_jobs is None


def test_members_of_an_ensemble_have_seeds_of_their_own(module):
    seeded, task = module("lib.evaluation").seeded, module("lib.tasks").TASKS["genres"]
    arguments = Namespace(epochs=1, calibrate=False, ensemble=3)
    model, ensemble = module("lib.models").recipe_models(arguments, task, ("crnn",))
    assert (model.name, ensemble.name) == ("CRNN", "CRNN x 3")
    assert seeded(model.classifier, 2).estimator.random_state == 2
    states = [member.estimator.random_state for _, member in seeded(ensemble.classifier, 2).estimators]
    assert states == [2, 1002, 2002]


def test_all_seeds_together_are_as_right_as_a_soft_vote_of_them(module, rng):
    evaluation = module("lib.evaluation")
    X, y = rng.normal(size=(90, 4, 3)), np.repeat(["a", "b", "c"], 30)
    X[:, :, 0] += (np.arange(90) // 30)[:, None] * 0.7
    halves = np.arange(0, 90, 2), np.arange(1, 90, 2)
    folds = [halves, halves[::-1]]
    forest = make_pipeline(FrameSummary(), RandomForestClassifier(2))
    model = evaluation.Model("forest", "frames", None, forest)
    frames = {evaluation.key_of(None): X}
    [found] = evaluation.evaluate([model], frames, y, folds, [0, 1, 2], n_jobs=1, label="")
    named = [(str(seed), evaluation.seeded(forest, seed)) for seed in (0, 1, 2)]
    vote = VotingClassifier(named, voting="soft")
    votes = [vote.fit(X[train], y[train]).score(X[test], y[test]) for train, test in folds]
    assert found.ensemble_accuracy == pytest.approx(votes)
    assert found.ensemble_accuracy != found.clip_accuracy[:2]
    [alone] = evaluation.evaluate([model], frames, y, folds, [0], n_jobs=1, label="")
    assert alone.ensemble_accuracy == []


def results_of(module, rng, folds, n_unreadable=0):
    """Scores of trees on frames of noise, 20 clips of each of three classes."""
    evaluation = module("lib.evaluation")
    frames = as_object_array([rng.normal(size=(4, 3)) for _ in range(60)])
    for index in range(n_unreadable):
        frames[index] = np.zeros((0, 3))
    target = np.repeat(["a", "b", "c"], 20)
    models = [evaluation.Model("trees", "frames", None, make_pipeline(FrameSummary(), RandomForestClassifier(5)))]
    inputs = {evaluation.key_of(None): frames}
    return evaluation.evaluate(models, inputs, target, folds, [0], n_jobs=1, label="")


def as_object_array(rows):
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


def test_what_cannot_be_read_is_a_column_of_the_confusion_matrix(module, rng, tmp_path):
    halves = np.arange(0, 60, 2), np.arange(1, 60, 2)
    [found] = results_of(module, rng, [halves, halves[::-1]], n_unreadable=3)
    assert found.classes == ["a", "b", "c"]
    assert np.shape(found.confusion) == (3, 4)
    assert [row[-1] for row in found.confusion] == [3, 0, 0]
    assert sum(map(sum, found.confusion)) == 60
    n_correct = sum(found.confusion[k][k] for k in range(3))
    assert np.mean(found.clip_accuracy) == pytest.approx(n_correct / 60)
    assert "(unre" in module("lib.presentation").confusion_table(found).splitlines()[0]
    figures = module("lib.presentation").draw(tmp_path, [found], "title", ABOUT)
    assert all(path.stat().st_size > 1000 for path in figures)


ABOUT = {"split": "2 folds", "seeds": [0], "data_hash": "0", "versions": {}}


def test_what_is_undefined_is_null_in_json_and_a_dash_in_the_table(module, tmp_path):
    evaluation, presentation = module("lib.evaluation"), module("lib.presentation")
    scores = {"precision": np.nan, "recall": 0.0, "f1": 0.0, "support": 2}
    result = evaluation.Result(
        "net", "mel", "", classes=["a"], per_class={"a": scores}, history=[{"valid_loss": np.nan}]
    )
    presentation.save_json(tmp_path / "r.json", results=evaluation.as_json([result]))
    written = json.loads((tmp_path / "r.json").read_text(), parse_constant=pytest.fail)  # no NaN
    assert written["results"][0]["per_class"]["a"] == scores | {"precision": None}
    assert written["results"][0]["history"] == [{"valid_loss": None}]
    assert presentation.classes_table(result).splitlines()[-1].split() == ["a", "–", "0.00", "0.00", "2"]


def test_a_class_that_is_never_predicted_has_no_precision(module, rng):
    """No clip of c is trained on."""
    [found] = results_of(module, rng, [(np.arange(40), np.arange(60))])
    assert np.isnan(found.per_class["c"]["precision"])
    assert (found.per_class["c"]["recall"], found.per_class["c"]["f1"], found.per_class["c"]["support"]) == (0, 0, 20)
    assert found.per_class["a"]["precision"] > 0


@pytest.mark.parametrize(
    ("name", "data", "option"),
    [
        ("gtzan", "make_genres, 20 clips of synthetic music (random_state=0), not GTZAN", "split"),
        ("nsynth", "make_notes, 20 synthetic notes (random_state=0), not NSynth", "target"),
        ("speech_commands", "make_words, 20 synthetic words (random_state=0), not Speech Commands", "words"),
        ("fsdd", "make_words at 8 kHz, 20 synthetic words (random_state=0), not spoken digits", "split"),
    ],
)
def test_one_runner_for_the_sets_that_differ_in_configuration(module, name, data, option):
    runner, configurations = module("lib.runner"), module("lib.configurations")
    assert (BENCHMARKS / f"{name}.py").is_file()
    arguments = runner.parse(name, "text", ["--clips", "20"])
    found = configurations.BENCHMARKS[name].load(arguments)
    assert (f"{found.name}, {found.description}", found.label) == (data, "[synthetic] ")
    assert len(found.clips) == len(found.target) == len(found.groups) == 20
    assert hasattr(arguments, option)
    assert arguments.output.name == name
    names = [model.name for model in configurations.BENCHMARKS[name].make_models(arguments)]
    assert {"logistic regression", "CNN", "CRNN"} <= set(names)


def test_without_regard_for_recordings_rows_are_segments(module, rng):
    shuffled_rows = module("lib.evaluation").shuffled_rows
    vote = SegmentVotingClassifier(LogisticRegression(), segment_length=5)
    X, y = rng.normal(size=(4, 20, 3)), np.array(list("abab"))
    rows, labels, classifier = shuffled_rows(X, y, vote)
    assert rows.shape == (16, 5, 3)
    assert labels.tolist() == y.repeat(4).tolist()
    assert classifier is vote.estimator
    rows, _, classifier = shuffled_rows(X, y, VotingClassifier([("a", vote), ("b", vote)], voting="soft"))
    assert rows.shape == (16, 5, 3)
    assert [type(member) for _, member in classifier.estimators] == [LogisticRegression] * 2
    assert shuffled_rows(X, y, LogisticRegression())[0] is X


def overconfident(rng, n_clips=300):
    """Numbers that tell three classes apart less well than a classifier that learned ten of them by heart thinks."""
    y = np.array(["a", "b", "c"])[np.arange(n_clips) % 3]
    X = rng.normal(size=(n_clips, 60))
    X[:, 0] += np.searchsorted(["a", "b", "c"], y)
    return X, y, np.arange(n_clips) // 3


@needs_temperature
def test_a_temperature_is_learned_inside_the_training_part(module, rng):
    calibration = module("lib.calibration")
    X, y, groups = overconfident(rng)
    model = LogisticRegression(C=1e4, max_iter=2000)
    fitted, calibrated = calibration.fit_with_temperature(model, X[:150], y[:150], groups[:150])
    assert calibration.temperature_of(calibrated) > 1.5
    alone = model.fit(X[:150], y[:150])
    np.testing.assert_allclose(fitted.predict_proba(X), alone.predict_proba(X), atol=1e-6)
    assert calibrated.classes_.tolist() == alone.classes_.tolist()
    assert (calibrated.predict(X) == alone.predict(X)).all()
    for train, test in calibrated.cv:
        assert not set(groups[train]) & set(groups[test])
    outcomes = {"y_pred": calibrated.predict(X[150:]), "y_true": y[150:]}
    for name, classifier in (("before", fitted), ("after", calibrated)):
        outcomes[name] = calibration.probabilities(classifier, X[150:], calibrated.classes_, np.unique(y))
    errors = [calibration.pooled_error([outcomes], name, np.unique(y)) for name in ("before", "after")]
    assert errors[1] < errors[0] / 2


@needs_temperature
@pytest.mark.parametrize("calibrate", [True, False])
def test_a_fold_tells_the_same_with_a_temperature(module, rng, calibrate):
    X, y, groups = overconfident(rng, 90)
    train, test = np.arange(60), np.arange(60, 90)
    outcome = module("lib.fold").run_fold(LogisticRegression(), X, y, train, test, groups[train], calibrate)
    alone = LogisticRegression().fit(X[train], y[train])
    assert outcome["y_pred"].tolist() == alone.predict(X[test]).tolist()
    np.testing.assert_allclose(outcome["proba"], alone.predict_proba(X[test]), atol=1e-6)
    assert (outcome["temperature"] is not None) == calibrate


def test_classes_that_were_not_trained_have_no_probability(module, rng):
    X, y, _ = overconfident(rng, 90)
    model = LogisticRegression().fit(X[y != "b"], y[y != "b"])
    proba = module("lib.calibration").probabilities(model, X, model.classes_, np.unique(y))
    assert (proba[:, 1] == 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_what_was_not_read_has_no_calibration_error(module):
    outcome = {
        "y_pred": np.array(["a", None, "a"]), "y_true": np.array(list("aba")),
        "proba": np.array([[1.0, 0.0], [0.9, 0.1], [1.0, 0.0]]),
    }  # fmt: skip
    pooled_error = module("lib.calibration").pooled_error
    assert pooled_error([outcome], "proba", np.array(list("ab"))) == 0
    assert pooled_error([outcome | {"y_pred": np.array([None] * 3)}], "proba", np.array(list("ab"))) is None


def test_too_few_clips_for_a_temperature_are_an_error(module, monkeypatch):
    check = module("lib.calibration").check_temperature
    target, folds = np.array(list("aabbbb")), [(np.array([0, 2, 3, 4]), np.array([1, 5]))]
    with pytest.raises(ValueError, match=r"takes 3 clips of each class.*has 1 of one|scikit-learn has from 1.8"):
        check(target, folds)

    class Older(CalibratedClassifierCV):  # as it was before scikit-learn 1.8
        _parameter_constraints = {"method": [StrOptions({"isotonic", "sigmoid"})]}

    monkeypatch.setattr(module("lib.calibration"), "CalibratedClassifierCV", Older)
    with pytest.raises(ValueError, match=r"which scikit-learn has from 1.8 on; here is .* go without --calibrate"):
        check(target, folds)


@pytest.mark.parametrize(
    ("task", "dataset"), [("genres", "_gtzan"), ("words", "_speech_commands"), ("digits", "_fsdd")]
)
def test_cards_name_source_and_licence_as_the_datasets_do(module, task, dataset):
    """They also equal what stands on the cards that come with the package."""
    facts, dataset = module("lib.cards").FACTS[task]["data"], module(f"sklaudio.datasets.{dataset}")
    assert (facts["source"], facts["licence"]) == (dataset.SOURCE, dataset.LICENCE)
    assert facts["attribution"].startswith(dataset.CITATION)
    assert getattr(dataset, "LICENCE_URL", "") in facts["attribution"]
    published = pretrained_card(task)["data"]
    assert {name: facts[name] for name in ("source", "licence", "attribution")}.items() <= published.items()
