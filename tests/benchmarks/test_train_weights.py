"""The trained models: made of synthetic sound here, whole or not at all, the same each time."""

import contextlib
import hashlib
import importlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV

import sklaudio
from sklaudio import RNNClassifier, datasets, load_pretrained, pretrained

from ..conftest import REAL, real_files

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SMALL = ["--seeds", "0", "--folds", "2", "--epochs", "1", "--n-jobs", "1"]
ON_CARD = """
name description file bytes sha256 classes versions sampling_rate duration segment_length n_parameters architecture
parameters data evaluation calibration intended_use limits command trained_on
""".split()

pytestmark = pytest.mark.skipif(
    "temperature" not in CalibratedClassifierCV._parameter_constraints["method"][0].options,
    reason="scikit-learn before 1.8 learns no temperature",
)


def synthetic(make, **settings):
    """A fetcher of synthetic sound, with parts to train and test on that share groups."""

    def fetch(data_home, *, download_if_missing, **options):
        bunch = make(random_state=0, **settings)
        order = np.arange(len(bunch.data))
        bunch.splits = {"train": order[order % 4 > 1], "valid": order[order % 4 == 1], "test": order[order % 4 == 0]}
        return bunch

    return fetch


@contextlib.contextmanager
def with_synthetic_data():
    """The module, with the data of its tasks replaced in the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        module = importlib.import_module("train_weights")
        replace_data(module, patch)
        yield module


def replace_data(module, patch):
    words = synthetic(datasets.make_words, n_clips=60, n_speakers=6)
    data = {
        "genres": synthetic(datasets.make_genres, n_clips=60, duration=4.0),
        "words": words,
        "digits": words,
        "instruments": synthetic(datasets.make_notes, n_clips=48),
    }
    changes = {name: {"fetch": fetch} for name, fetch in data.items()}
    changes["digits"]["sr"] = 16000
    for name, change in changes.items():
        patch.setitem(module.TASKS, name, replace(module.TASKS[name], **change))
    patch.delitem(importlib.import_module("lib.cards").FACTS["instruments"], "content_hash")


@pytest.fixture
def train_weights():
    with with_synthetic_data() as module:
        yield module


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The model of words and what was measured of it; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    with with_synthetic_data() as module:
        assert make(module, folder, "--tasks", "words") == 0
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """The same, to be changed."""
    return shutil.copytree(made, tmp_path / "made")


def make(train_weights, folder, *arguments):
    folders = ["--output", str(folder / "weights"), "--evaluations", str(folder / "evaluations")]
    return train_weights.main([*folders, *SMALL, *arguments])


def card_of(folder, name):
    return json.loads((folder / "weights" / f"{name}.json").read_text())


def test_a_model_and_its_card(made, folder, monkeypatch):
    card, path = card_of(folder, "words"), folder / "weights" / "words.skops"
    assert sorted(file.name for file in path.parent.iterdir()) == ["words.json", "words.skops"]
    assert not set(ON_CARD) - set(card)
    assert (card["file"], card["bytes"]) == ("words.skops", path.stat().st_size)
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["data"]["n_clips"] == 60
    assert {"licence", "attribution", "source", "content_hash"} < set(card["data"])
    assert str(made) not in json.dumps(card)
    assert str(BENCHMARKS.parent) not in json.dumps(card)
    monkeypatch.setattr(pretrained, "PACKAGE", folder / "sklaudio")
    (folder / "pyproject.toml").write_text("")
    model = load_pretrained("words")
    assert card["classes"] == model.classes_.tolist()
    assert card["n_parameters"] == model["net"].n_parameters_ == card["architecture"]["layers"][0]["parameters"]
    assert card["parameters"]["net"]["max_epochs"] == 1
    assert (model["features"].sr, model["features"].n_jobs) == (card["sampling_rate"], None)


def test_its_scores(train_weights, tmp_path):
    assert make(train_weights, tmp_path, "--tasks", "words", "--seeds", "0", "1") == 0
    card = card_of(tmp_path, "words")
    evaluation, calibration = card["evaluation"], card["calibration"]
    accuracies = [run["accuracy"] for run in evaluation["accuracy_of_runs"]]
    assert evaluation["accuracy"]["n"] == len(accuracies) == 4
    assert evaluation["accuracy"]["mean"] == pytest.approx(np.mean(accuracies), abs=1e-4)
    assert evaluation["accuracy"]["sd"] == pytest.approx(np.std(accuracies), abs=1e-4)
    assert evaluation["accuracy_of_all_seeds_together"]["n"] == 2  # folds
    assert np.mean(list(evaluation["recall"].values())) == pytest.approx(np.mean(accuracies), abs=1e-3)
    for name, n_seeds in {"expected_calibration_error": 2, "with_temperature": 1}.items():  # the first seed alone
        assert 0 <= calibration[name]["mean"] <= 1
        assert calibration[name]["n"] == n_seeds
    assert calibration["temperature"]["n"] == 2  # folds


def test_made_again_it_is_the_same(train_weights, made, tmp_path):
    assert make(train_weights, tmp_path, "--tasks", "words") == 0
    first, second = (sorted((folder / "weights").iterdir()) for folder in (made, tmp_path))
    assert len(first) == 2
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_what_was_measured_is_not_measured_again(train_weights, folder, monkeypatch, capsys):
    before = card_of(folder, "words")
    (folder / "weights" / "words.skops").unlink()
    monkeypatch.setattr(train_weights, "evaluate", lambda *args, **settings: pytest.fail("was measured"))
    assert make(train_weights, folder, "--tasks", "words") == 0
    assert "measured before" in capsys.readouterr().out
    assert card_of(folder, "words") == before
    for other in (["--seeds", "1"], ["--again"], ["--epochs", "2"]):
        with pytest.raises(pytest.fail.Exception):
            make(train_weights, folder, "--tasks", "words", *other)


def test_scores_of_all_cards_go_to_the_page(train_weights, folder):
    weights, page = folder / "weights", folder / "page.md"
    card = card_of(folder, "words")
    of_digits = json.loads(json.dumps(card))
    of_digits["evaluation"]["accuracy"] |= {"mean": 0.25, "n": 4}
    from_scratch = {key: json.loads(json.dumps(card[key])) for key in ("evaluation", "calibration")}
    of_digits |= {"fine_tuned_from": {"task": "words"}, "from_scratch": from_scratch}
    (weights / "digits.json").write_text(json.dumps(of_digits))
    assert make(train_weights, folder, "--tasks", "words", "--results", str(page)) == 0
    header, _, *rows = page.read_text().split("```")[1].strip().splitlines()
    assert header.split("  ")[0] == "task"
    mean, std = (card["evaluation"]["accuracy"][name] for name in ("mean", "sd"))
    assert [row.split("  ")[0] for row in rows] == ["words", "digits", "digits from words"]
    for row in rows[:2]:
        assert f"  {mean:.3f} ± {std:.3f}  " in row
        assert row.endswith(f"{card['n_parameters']:,}")
    assert f"  0.250 ± {std:.3f}  " in rows[2]
    assert "- command: python benchmarks/train_weights.py --output" in page.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "split", "n_runs"),
    [
        ("genres", "2 folds, stratified, disjoint by track", 2),
        ("digits", "6 folds, each tests on another speaker", 6),
        ("instruments", "train, valid and test of the set: 36 clips to train, 12 to test", 1),
    ],
)
def test_every_task_has_its_own_split(train_weights, name, split, n_runs, tmp_path):
    assert make(train_weights, tmp_path, "--tasks", name) == 0
    card = card_of(tmp_path, name)
    assert card["evaluation"]["split"].startswith(split)
    assert card["evaluation"]["accuracy"]["n"] == n_runs
    assert (card["segment_length"] is not None) == (name == "genres")
    if name == "digits":
        fine_tuned_from = card["fine_tuned_from"]
        assert (fine_tuned_from["task"], fine_tuned_from["data"]["licence"]) == ("words", "CC BY 4.0")
        assert fine_tuned_from["parameters"]["lr"] > card["parameters"]["net"]["lr"]
        runs = card["evaluation"]["accuracy_of_runs"]
        assert [run["tested_on"] for run in runs] == [f"speaker0{number}" for number in range(6)]
        assert card["from_scratch"]["evaluation"]["accuracy"]["n"] == n_runs
        assert card["from_scratch"]["evaluation"]["accuracy_of_runs"] != runs
        assert (tmp_path / "evaluations" / "digits from scratch.json").is_file()


def test_a_clone_goes_on_from_the_same_net_which_stays_as_it_is(monkeypatch, rng):
    monkeypatch.syspath_prepend(BENCHMARKS)
    going_on = importlib.import_module("lib.going_on")
    target = np.repeat(["high", "low"], 20)
    frames = rng.normal(size=(40, 10, 8)).astype("float32") + np.where(target == "high", 1, -1)[:, None, None]
    start = RNNClassifier(8, lr=0.01, max_epochs=20, random_state=3).fit(frames, target)
    before = start.predict_proba(frames)
    assert start.score(frames, target) == 1
    model = clone(
        going_on.GoingOn(RNNClassifier(8, lr=1e-6, lr_schedule="constant", max_epochs=1), {3: start}, random_state=3)
    )
    model.fit(frames[::2], target[::2])
    assert np.allclose(model.predict_proba(frames), before, atol=1e-3)  # a step that small is none
    assert model.predict(frames).tolist() == target.tolist()
    assert not np.array_equal(model.predict_proba(frames), before)
    assert np.array_equal(start.predict_proba(frames), before)
    renamed = np.where(target == "high", "up", "down")
    assert clone(model).fit(frames, renamed).classes_.tolist() == ["down", "up"]
    again = clone(model.estimator_).fit(frames, target)
    assert np.array_equal(again.predict_proba(frames), before)  # with nothing before it, and the start's own settings


@pytest.mark.slow
def test_digits_go_on_from_words_of_their_own_seed(train_weights, tmp_path, monkeypatch, capsys):
    measure, seen = train_weights.evaluate, []

    def evaluate(models, *args, **settings):
        seen.extend(models)
        return measure(models, *args, **settings)

    monkeypatch.setattr(train_weights, "evaluate", evaluate)
    arguments = ["--tasks", "digits", "--seeds", "1", "2"]
    for n_jobs in ("1", "2"):
        assert make(train_weights, tmp_path / n_jobs, *arguments, "--n-jobs", n_jobs) == 0
    scratch, from_words = seen[:2]
    assert not hasattr(scratch.classifier, "starts")
    starts = from_words.classifier.starts
    assert {seed: net.random_state for seed, net in starts.items()} == {0: 0, 1: 1, 2: 2}  # 0 is of the model kept
    first, second = (sorted((tmp_path / n_jobs / "weights").iterdir()) for n_jobs in ("1", "2"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    net = sklaudio.load(tmp_path / "1" / "weights" / "digits.skops")[-1]
    assert (len(net.history_), net.warm_start, net.lr) == (2, False, 3e-3)  # an epoch of words, and one of digits
    monkeypatch.setattr(train_weights, "evaluate", lambda *args, **settings: pytest.fail("was measured"))
    capsys.readouterr()
    assert make(train_weights, tmp_path / "1", *arguments) == 0
    assert "measured before" in capsys.readouterr().out
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    others = synthetic(datasets.make_words, n_clips=50, n_speakers=6)
    monkeypatch.setitem(train_weights.TASKS, "words", replace(train_weights.TASKS["words"], fetch=others))
    with pytest.raises(pytest.fail.Exception):
        make(train_weights, tmp_path / "1", *arguments)


def test_a_model_that_is_too_large_is_not_written(train_weights, folder, monkeypatch, capsys):
    before = {path: path.read_bytes() for path in (folder / "weights").iterdir()}
    monkeypatch.setattr(train_weights, "MAX_BYTES", 1000)
    assert make(train_weights, folder, "--tasks", "words") == 1
    assert "bytes, and may have 1000" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (folder / "weights").iterdir()} == before


def test_without_its_card_no_model_is_listed(train_weights, folder, monkeypatch):
    """Killed between the two files, there is no card of another model beside it."""

    def killed(*args, **content):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_weights, "save_json", killed)
    with pytest.raises(KeyboardInterrupt):
        make(train_weights, folder, "--tasks", "words")
    assert [path.name for path in (folder / "weights").iterdir()] == ["words.skops"]


def test_facts_are_not_written_of_other_recordings(train_weights, tmp_path, monkeypatch, capsys):
    facts = importlib.import_module("lib.cards").FACTS["instruments"]
    monkeypatch.setitem(facts, "content_hash", "0123")
    assert make(train_weights, tmp_path, "--tasks", "instruments") == 1
    assert "--tasks instruments: the recordings have the hash" in capsys.readouterr().err
    assert not (tmp_path / "weights").exists()


def test_without_data_it_is_an_error_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("train_weights")
    assert make(module, tmp_path, "--data-home", str(tmp_path), "--tasks", "genres") == 1
    assert capsys.readouterr().err.startswith("train_weights.py: GTZAN is not in")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("genres", ["70 of its 1000 tracks", "none on record"]),
        ("words", ["9 of its 35 words, 2160 of its", "CC BY 4.0", "Pete Warden, Google"]),
        ("digits", ["4 of its 6 speakers (george, jackson, lucas, nicolas)", "CC BY-SA 4.0", "Zohar Jackson et al."]),
        ("instruments", ["943 notes of 16 instruments. Not NSynth", "CC BY-SA 3.0", "Philharmonia Orchestra"]),
    ],
)
def test_the_facts_of_the_real_recordings(name, said, monkeypatch):
    real_files("fsdd/recordings/*.flac")
    monkeypatch.syspath_prepend(BENCHMARKS)
    modules = {module: importlib.import_module(f"lib.{module}") for module in ("tasks", "cards", "evaluation")}
    bunch = modules["tasks"].TASKS[name].load(REAL)
    content_hash = modules["evaluation"].data_hash(bunch.data)
    modules["cards"].check_facts(name, content_hash)
    facts = modules["cards"].facts_of(name, bunch, content_hash)
    for words in said:
        assert words in json.dumps(facts["data"])
    assert "{" not in facts["description"] + "".join(facts["limits"])
