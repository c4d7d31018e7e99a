"""EventEvaluation: which events are hits, missed or false alarms, and evaluate_files of a detector."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from sklaudio import Clip, evaluate_files
from sklaudio.evaluate import EventEvaluation
from sklaudio.metrics import event_scores, segment_scores

from ..loudness import SR, loud_model, noise_with

TRUE = [[(0.5, 1.5, "dog"), (3.0, 3.5, "car")], [], [(1.0, 2.0, "dog")]]
FOUND = [[(3.1, 3.5, "dog"), (0.6, 1.9, "dog")], [(0.0, 1.0, "car")], None]


def test_each_event_has_its_outcome():
    found = EventEvaluation.from_predictions(TRUE, FOUND, durations=4, paths=list("abc"), errors=[None, None, "lost"])
    rows = found.events[["clip", "kind", "start", "label", "outcome"]].to_numpy().tolist()
    assert rows == [
        [0, "true", 0.5, "dog", "hit"],
        [0, "predicted", 0.6, "dog", "hit"],
        [0, "true", 3.0, "car", "missed"],
        [0, "predicted", 3.1, "dog", "false alarm"],
        [1, "predicted", 0.0, "car", "false alarm"],
        [2, "true", 1.0, "dog", "missed"],
    ]
    counts = found.predictions.set_index("path")
    assert counts[["n_true", "n_predicted", "n_hits", "n_missed", "n_false"]].to_numpy().tolist() == [
        [2, 2, 1, 1, 1], [0, 1, 0, 0, 1], [1, 0, 0, 1, 0]
    ]  # fmt: skip
    assert counts["error"].tolist() == [None, None, "lost"]
    assert found.event_f1 == pytest.approx(2 * 1 / (3 + 3))
    tables = TRUE, [FOUND[0], FOUND[1], []]
    pd.testing.assert_frame_equal(found.by_event, event_scores(*tables))
    pd.testing.assert_frame_equal(found.by_segment, segment_scores(*tables, durations=4))
    assert found.segment_f1 == found.by_segment.loc["(micro)", "f1"]


def test_a_wider_collar_makes_a_hit():
    late = [[(1.0, 2.0, "dog")]], [[(1.3, 2.3, "dog")]]
    assert EventEvaluation.from_predictions(*late).event_f1 == 0
    assert EventEvaluation.from_predictions(*late, collar=0.31).event_f1 == 1


def test_hits_are_as_many_as_event_scores_counts(rng):
    """Of events that fit several, the largest matching is taken."""
    for _ in range(20):
        starts = [np.sort(rng.uniform(0, 5, size=12)) for _ in range(2)]
        y_true, y_pred = ([[(start, start + 0.3, rng.choice(["a", "b"])) for start in each]] for each in starts)
        found = EventEvaluation.from_predictions(y_true, y_pred)
        assert found.event_f1 == pytest.approx(np.nan_to_num(event_scores(y_true, y_pred).loc["(micro)", "f1"]))
        outcome = found.events.groupby("kind")["outcome"].apply(lambda each: (each == "hit").sum())
        assert outcome["true"] == outcome["predicted"] == found.predictions["n_hits"][0]


def test_labels_are_compared_as_text_and_those_of_one_side_are_named():
    found = EventEvaluation.from_predictions([[(0, 1, 1), (2, 3, 7)]], [[(0, 1, "1")]], labels=[1, 2])
    assert found.events["outcome"].tolist() == ["hit", "hit", "missed"]
    assert (found.unknown, found.absent) == (["7"], ["2"])
    assert found.by_event.index.tolist() == ["1", "2", "7", "(micro)", "(macro)"]


def test_the_interval_draws_groups_as_a_whole():
    """Ten recordings, half of them with all events found: cut into ten clips each, they are no more certain."""
    y_true = [[(0, 1, "a")]] * 100
    y_pred = [[(0, 1, "a")] if clip // 10 % 2 else [] for clip in range(100)]
    by_clip = EventEvaluation.from_predictions(y_true, y_pred).interval
    by_group = EventEvaluation.from_predictions(y_true, y_pred, groups=np.arange(100) // 10).interval
    assert by_group[1] - by_group[0] > 2 * (by_clip[1] - by_clip[0])
    assert by_clip[0] < 2 / 3 < by_clip[1]
    assert np.isnan(EventEvaluation.from_predictions(y_true[:1], y_pred[:1]).interval).all()


def test_no_events_at_all():
    found = EventEvaluation.from_predictions([[], []], [[], None])
    assert (found.event_f1, found.segment_f1, len(found.events)) == (0, 0, 0)
    assert found.predictions["n_hits"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (([], []), {}, "y_true holds no clip"),
        ((TRUE, FOUND[:2]), {}, "y_pred holds 2 tables of events, and there are 3 clips"),
        (([[(1, 0, "a")]], [[]]), {}, "end is not after start"),
        ((TRUE, FOUND), {"durations": 1}, r"is past the end of the clip"),
        ((TRUE, FOUND), {"groups": [1, 2]}, "inconsistent numbers of samples"),
    ],
)
def test_what_is_wrong_is_named(arguments, options, words):
    with pytest.raises(ValueError, match=words):
        EventEvaluation.from_predictions(*arguments, **options)


@pytest.fixture(scope="module")
def model():
    return loud_model()


@pytest.fixture
def scene(tmp_path):
    """Four seconds with two loud spans, as a file; what is loud is an event of "loud"."""
    path = str(tmp_path / "scene.wav")
    soundfile.write(path, noise_with([(0.5, 1.2), (2.5, 3.3)], 4.0), SR)
    return path


def test_files_are_evaluated_as_the_model_predicts_them(model, scene):
    events = [(0.5, 1.2, "loud"), (1.6, 2.2, "loud")]
    found = evaluate_files(model, [scene, "lost.wav"], [events, [(0, 1, "owl")]])
    assert found.events[["kind", "outcome"]].to_numpy().tolist() == [
        ["true", "hit"], ["predicted", "hit"], ["true", "missed"], ["predicted", "false alarm"], ["true", "missed"],
    ]  # fmt: skip
    predicted = found.events[(found.events["kind"] == "predicted")]
    pd.testing.assert_frame_equal(
        predicted[["start", "end", "probability"]].reset_index(drop=True),
        model.predict([scene])[0][["start", "end", "probability"]].astype(float),
        atol=1e-6,
    )
    assert found.predictions["path"].tolist() == [scene, "lost.wav"]
    assert found.predictions["seconds"][0] == pytest.approx(4.0, abs=0.1)
    assert found.predictions["error"][1].startswith("lost.wav: ")
    assert found.unknown == ["owl"]
    assert found.by_segment.loc["loud", "n_ref"] == 3  # seconds that an event touches


def test_annotations_of_recordings_are_taken_apart(model, scene):
    annotations = pd.DataFrame({"path": scene, "start": [0.5, 2.5], "end": [1.2, 3.3], "label": "loud"})
    whole = evaluate_files(model, [scene], annotations)
    assert whole.event_f1 == 1
    halves = evaluate_files(model, [Clip(scene, 0, 2), Clip(scene, 2, 4)], annotations)
    assert halves.predictions["n_hits"].tolist() == [1, 1]
    assert halves.events.loc[halves.events["clip"] == 1, "start"].iloc[0] == pytest.approx(0.5, abs=0.1)


def test_wrong_targets_of_a_detector_are_named(model, scene):
    with pytest.raises(ValueError, match=r"files holds 1 and target 2\. Pass a table of events for each of the files"):
        evaluate_files(model, [scene], [[], []])
    with pytest.raises(TypeError, match=r"target\[0\] is 'loud', not a table of events"):
        evaluate_files(model, [scene], ["loud"])
    with pytest.raises(ValueError, match="target_names are for regressors"):
        evaluate_files(model, [scene], [[]], target_names=["a"])
    with pytest.raises(ValueError, match=r"target\[0\]: row 1 \('loud' from 2 to 9 s\) is past the end of that clip"):
        evaluate_files(model, [scene], [[(0, 1, "loud"), (2, 9, "loud")]])
    with pytest.raises(TypeError, match="begins with EventDetector, which takes no clips"):
        evaluate_files(model[-1], [scene], [[]])
