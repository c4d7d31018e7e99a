"""The summary of a report: its sentences, with the numbers that they should have, and its place on the page."""

import re

import numpy as np
import pytest

import sklaudio
from sklaudio import Clip
from sklaudio.evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation
from sklaudio.metrics import accuracy_interval

from ..reports import Page
from ..tones import tone

SOUND = tone(400, 0.2)


def write(evaluation, path, **settings):
    """The page of an evaluation of short tones."""
    X = settings.pop("X", [SOUND] * len(evaluation.predictions))
    return Page(sklaudio.report(evaluation, X, path=path / "r.html", **settings).path)


def summary(page):
    """Its text, with ordinary blanks."""
    return page.text.replace("\xa0", " ").split("Summary ")[-1].split(" A report cannot tell")[0]


def classes():
    y_true, y_pred = ["cat"] * 6 + ["dog"] * 4, ["cat"] * 3 + ["dog"] * 3 + ["dog"] * 3 + ["cat"]
    return Evaluation.from_predictions(y_true, y_pred)


def labels():
    true = np.array([[1, 0], [1, 1], [1, 0], [0, 1]])
    found = np.array([[1, 0], [0, 1], [0, 0], [0, 1]])
    return LabelEvaluation.from_predictions(true, found, 0.2 + 0.6 * found, label_names=["rain", "wind"])


def numbers():
    return RegressionEvaluation.from_predictions([1.0, 2.0, 3.0, 6.0], [1.5, 2.5, 2.5, 5.5], target_names=["mood"])


def events():
    y_true = [[(0.5, 1.0, "dog"), (2.0, 2.5, "dog"), (4.0, 4.5, "cat")]]
    y_pred = [[(0.5, 1.0, "dog"), (5.0, 5.4, "cat")]]
    return EventEvaluation.from_predictions(y_true, y_pred, durations=6)


def test_classes(tmp_path):
    low, high = accuracy_interval(6, 10)
    assert summary(write(classes(), tmp_path)) == (
        f"Right on 6 of 10 recordings (60 %, 95 % interval {100 * low:.0f} to {100 * high:.0f} %). "
        "Most often, “cat” is taken for “dog” (3 of 6 recordings). "
        "For comparison: always naming the most frequent class would be right on 60 %."
    )


def test_the_interval_is_that_of_groups_where_there_are_any(tmp_path):
    page = write(classes(), tmp_path, groups=[1, 1, 1, 2, 2, 2, 3, 3, 3, 3])
    by_group = re.search(r"Accuracy, by group ([\d.]+) to ([\d.]+)", page.text)
    low, high = (f"{float(bound):.0f}" for bound in by_group.groups())
    assert f"(60 %, 95 % interval {low} to {high} % over 3 groups)" in summary(page)


@pytest.mark.parametrize(
    ("y_pred", "expected"),
    [
        ("aabbcc", ["Right on all 6 recordings (95 % interval"]),
        ("bbccaa", ["Right on none of 6 recordings (95 % interval 0 to 39", "taken for “b” (2 of 2", "2 other pairs"]),
        ("bcbbcc", ["Right on 4 of 6", "No class is taken for the same other one more than once."]),
        ("abbbcc", ["Right on 5 of 6", "Most often, “a” is taken for “b” (1 of 2 recordings)."]),
    ],
    ids=["right", "wrong", "all differ", "one"],
)  # fmt: skip
def test_classes_at_the_ends(y_pred, expected, tmp_path):
    page = write(Evaluation.from_predictions(list("aabbcc"), list(y_pred)), tmp_path)
    for part in expected:
        assert part in summary(page)
    assert ("Most often" in summary(page)) == any("taken for “" in part for part in expected)


def test_nearly_all_is_not_all(tmp_path):
    y = ["a", "b"] * 500
    said = summary(write(Evaluation.from_predictions(y, ["b", *y[1:]]), tmp_path, X=None))
    assert "Right on 999 of 1,000 recordings (99.9 %, 95 % interval 99 to 99.9 %)" in said


def test_parts_of_recordings_are_clips(tmp_path):
    X = [Clip("long.wav", second, second + 1) for second in range(10)]
    assert "Right on 6 of 10 clips" in summary(write(classes(), tmp_path, X=X))


def test_labels(tmp_path):
    assert re.sub(r"\d+ to \d+ %", "I", summary(write(labels(), tmp_path))) == (
        "All labels are right on 2 of 4 recordings (50 %, 95 % interval I). "
        "Of 5 labels, 3 are found (60 %); of 3 predicted, 0 are false (0 %). "
        "Most often missed is “rain” (2 of 3 recordings)."
    )


def test_numbers(tmp_path):
    said = summary(write(numbers(), tmp_path))
    assert said.startswith(
        "Off by 0.5 on average (95 % interval 0.5 to 0.5); always predicting the mean of these clips"
    )
    assert said.endswith("would be off by 1.5.")  # |1 - 3|, |2 - 3|, |3 - 3|, |6 - 3|


def test_many_numbers_have_three_sentences(tmp_path):
    y = np.random.default_rng(0).normal(size=(8, 5))
    said = summary(write(RegressionEvaluation.from_predictions(y, y + 1, target_names=list("abcde")), tmp_path))
    assert said.count("is off by 1 on average") == 3
    assert "“c” is off" in said
    assert said.endswith("2 targets more are in the table.")


def test_events(tmp_path):
    said = summary(write(events(), tmp_path, X=[tone(400, 6.0)]))
    assert said.startswith(
        "Of 3 events, 1 is found (33 %); of 2 predicted, 1 is a false alarm (50 %). F1 of events is 0.40"
    )
    assert said.endswith(
        "Most often missed is “cat” (1 of 1 event); most often predicted where it is not is “cat” (1 time)."
    )


@pytest.mark.parametrize(
    ("evaluation", "expected"),
    [
        (classes, ["mistakes", "scores", "confusion", "right"]),
        (labels, ["worst", "scores", "labels", "curves", "right"]),
        (numbers, ["worst", "scores", "drawn"]),
        (events, ["worst", "scores", "by-event", "by-segment", "right"]),
    ],
    ids=["classes", "labels", "numbers", "events"],
)
def test_the_summary_is_first_then_mistakes_then_tables(evaluation, expected, tmp_path):
    X = [tone(400, 6.0)] if evaluation is events else None
    page = write(evaluation(), tmp_path, X=X)
    order = [section["id"] for section in page.all("section")]
    assert order == ["summary", *expected, "made"]
    links = [link["href"][1:] for link in page.all("a") if link["href"] != "#unreadable"][1:]  # without that to skip
    assert links == order


def test_what_cannot_be_read_is_said_in_the_summary(tmp_path):
    y = ["a", "b", "b"]
    evaluation = Evaluation.from_predictions(y, ["a", "b", None], errors=[None, None, "it is broken"])
    page = write(evaluation, tmp_path)
    assert "1 clip could not be read or predicted. It counts as wrong" in summary(page)
    assert "Most often" not in summary(page)
    order = [section["id"] for section in page.all("section")]
    assert order[:4] == ["summary", "mistakes", "unreadable", "scores"]


def test_few_mistakes_are_open_and_the_others_fold(tmp_path):
    evaluation = Evaluation.from_predictions(["a"] * 9 + ["b"], ["b"] * 10)
    page = write(evaluation, tmp_path, with_map=False)
    tags = [tag for tag, attributes in page.tags if tag == "details" or attributes.get("class") == "mistake"]
    assert tags[:10] == ["li"] * 6 + ["details"] + ["li"] * 3
    assert "The next 3, to hear and see" in page.text
