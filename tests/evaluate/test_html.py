"""Evaluations in notebooks: the score, its table, and the worst mistakes first, to be played."""

import re

import pandas as pd
import soundfile

from sklaudio.evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation

from ..tones import tone


def mistakes(html):
    return re.findall(r"<p>(?!<strong>)(.*?)</p>", html)


def test_mistakes_of_classes_are_played(tmp_path):
    paths = [str(tmp_path / f"{number}.wav") for number in range(8)]
    for path in paths:
        soundfile.write(path, tone(440, 0.1), 22050)
    y_true, y_pred = ["a"] * 8, ["a", *["<i>"] * 7]
    html = Evaluation.from_predictions(y_true, y_pred, classes=["a", "<i>"], paths=paths)._repr_html_()
    assert "Accuracy 0.125 of 8 clips" in html
    assert "5 of 7 mistakes" in html
    assert html.count("<audio") == 5
    assert "0.wav" not in html
    assert mistakes(html) == ["a, predicted as &lt;i&gt;"] * 5
    right = Evaluation.from_predictions(y_true, y_true, paths=paths)._repr_html_()
    assert "mistakes" not in right


def test_clips_without_a_path_are_numbered():
    html = Evaluation.from_predictions(["a", "b"], ["a", None], errors=[None, "lost"])._repr_html_()
    assert mistakes(html) == ["clip 1", "lost"]


def test_labels_numbers_and_events():
    html = LabelEvaluation.from_predictions(
        [[1, 0], [1, 1]], [[1, 0], [0, 0]], [[0.9, 0.1], [0.2, 0.3]], label_names=["x", "y"]
    )
    assert mistakes(html._repr_html_()) == ["clip 1", "x, y, predicted as no label"]
    numbers = RegressionEvaluation.from_predictions(pd.Series([1.0, 2.0, 4.0]), [1.0, 4.0, 4.1], target_names="valence")
    assert mistakes(numbers._repr_html_())[:2] == ["clip 1", "valence 2, predicted as 4"]
    true = [[(0.0, 1.0, "dog")], [(0.0, 1.0, "dog"), (2.0, 3.0, "dog")]]
    events = EventEvaluation.from_predictions(true, [[(0.0, 1.0, "dog"), (2.0, 2.5, "dog")], []], durations=[3.0, 3.0])
    assert mistakes(events._repr_html_()) == [
        "clip 1",
        "2 missed, 0 false alarms",
        "clip 0",
        "0 missed, 1 false alarms",
    ]
