"""TimelineDisplay: spans by time and probability, a colour for each class, the recording underneath."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sklaudio import Clip, TimelineDisplay, load_pretrained, predict_timeline
from sklaudio.datasets import make_words
from sklaudio.plots._timeline_display import clock

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


def timeline(**columns):
    return pd.DataFrame(
        {"start": [0, 60, 90], "end": [60, 90, 100], "label": ["b", "a", "b"], "probability": [0.9, 0.5, 0.7]} | columns
    )


@pytest.mark.parametrize("is_given", [False, True])
def test_spans_are_as_long_as_they_last_and_as_high_as_they_are_probable(is_given):
    ax = Figure().subplots() if is_given else None
    display = TimelineDisplay(timeline())
    assert display.plot(ax=ax, colors={"a": "black"}) is display
    a, b = display.ax_.containers
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in b] == [(0, 60, 0.9), (90, 10, 0.7)]
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in a] == [(60, 30, 0.5)]
    assert a[0].get_facecolor() == to_rgba("black")
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["a", "b"]
    display.figure_.canvas.draw()
    ticks = dict(zip(display.ax_.get_xticks(), tick_texts(display.ax_.xaxis), strict=True))
    assert (ticks[60], ticks[75]) == ("01:00.0", "01:15.0")
    assert (display.ax_.get_ylabel(), display.ax_.get_xlabel()) == ("probability", "time (mm:ss.s)")
    assert display.ax_.get_ylim() == (0, 1)
    assert ax is None or display.ax_ is ax


def test_windows_that_overlap_meet_in_the_middle():
    windows = timeline(start=[1, 0, 2], end=[4, 3, 5])
    spans = TimelineDisplay.from_predictions(windows).spans_
    assert spans[["start", "end"]].to_numpy().tolist() == [[0, 2], [2, 3], [3, 5]]
    assert spans["label"].tolist() == ["a", "b", "b"]


def test_the_waveform_is_underneath():
    y = np.sin(np.arange(8000 * 120) / 10)
    y[8000 * 75] = 2
    display = TimelineDisplay(timeline(), waveform=y, sr=8000).plot()
    line = display.axes_[1].lines[0]
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(75, abs=0.05)
    assert display.axes_[1].get_xlim() == display.ax_.get_xlim() == (0, 120)
    assert (display.axes_[1].get_xlabel(), display.axes_[1].get_ylabel()) == ("time (mm:ss.s)", "amplitude")


def test_the_waveform_of_a_span_is_where_it_is_in_its_recording(tmp_path):
    y = np.full(8000 * 20, 0.1)
    y[8000 * 15] = 1
    soundfile.write(tmp_path / "long.wav", y, 8000)
    spans = pd.DataFrame({"start": [12.0], "end": [17.0], "label": ["a"], "probability": [0.9]})
    display = TimelineDisplay(spans, waveform=Clip(tmp_path / "long.wav", 12, 18), sr=8000).plot()
    line = display.axes_[1].lines[0]
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(15, abs=0.01)
    assert display.axes_[1].get_xlim() == (12, 18)


def test_a_model_and_a_recording_are_enough(tmp_path):
    words = make_words(3, random_state=0)
    soundfile.write(tmp_path / "three.wav", np.concatenate(list(words.data)), 16000)
    display = TimelineDisplay.from_estimator(load_pretrained("words"), tmp_path / "three.wav", window=1.0, hop=0.5)
    n_windows = len(predict_timeline(load_pretrained("words"), tmp_path / "three.wav", window=1.0, hop=0.5))
    assert len(display.timeline) == len(display.spans_) == n_windows
    assert display.axes_[1].get_xlim()[1] == pytest.approx(sum(map(len, words.data)) / 16000, abs=0.1)


def test_many_classes_have_a_colour_each():
    labels = [f"class {number}" for number in range(30)]
    many = pd.DataFrame({"start": np.arange(30), "end": np.arange(1, 31), "label": labels, "probability": 0.5})
    display = TimelineDisplay(many).plot()
    assert len({bars[0].get_facecolor() for bars in display.ax_.containers}) == 30
    assert len(display.figure_.legends[0].get_texts()) == 30


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00.0"), (59.96, "01:00.0"), (83.25, "01:23.2"), (3725, "01:02:05.0"), (-1.5, "-00:01.5")],
)
def test_times_are_minutes_and_seconds(seconds, text):
    assert clock(seconds) == text


def test_what_is_no_timeline_is_named():
    with pytest.raises(TypeError, match=r"timeline is list. Pass a pandas DataFrame with the columns start, end"):
        TimelineDisplay([1]).plot()
    with pytest.raises(ValueError, match="timeline has no column label; it has start, end, class, probability"):
        TimelineDisplay(timeline().rename(columns={"label": "class"})).plot()
    with pytest.raises(ValueError, match="timeline has no rows"):
        TimelineDisplay(timeline().iloc[:0]).plot()
    with pytest.raises(ValueError, match=r"row 1 is from 60 to 60 s with a probability of 0.5"):
        TimelineDisplay(timeline(end=[60, 60, 100])).plot()
    with pytest.raises(ValueError, match=r"row 2 .* probability of nan. Every end must be after its start"):
        TimelineDisplay(timeline(probability=[0.1, 0.2, np.nan])).plot()


def test_events_have_a_row_for_each_label_and_may_overlap():
    events = pd.DataFrame(
        {
            "start": [1.0, 2.0, 6.0],
            "end": [4.0, 3.0, 7.0],
            "label": ["siren", "dog", "siren"],
            "probability": [1, 0.5, 0],
        }
    )
    events.attrs["events"] = True
    display = TimelineDisplay(events, waveform=np.zeros(8000 * 9), sr=8000).plot()
    bars = [bar for container in display.ax_.containers for bar in container]
    assert [(bar.get_x(), bar.get_width(), bar.get_y() + 0.4) for bar in bars] == [(2, 1, 0), (1, 3, 1), (6, 1, 1)]
    opacity = [bar.get_facecolor()[3] for bar in bars]
    assert opacity[1] == 1 > opacity[0] > opacity[2] > 0.2
    assert tick_texts(display.ax_.yaxis) == ["dog", "siren"]
    assert display.ax_.get_ylim() == (1.5, -0.5)
    assert display.ax_.get_xlim() == (0, 9)
    assert display.spans_[["start", "end"]].to_numpy().tolist() == [[1, 4], [2, 3], [6, 7]]


def test_rows_are_chosen():
    assert TimelineDisplay(timeline(), rows="label").plot().ax_.get_ylabel() == "label"
    events = timeline()
    events.attrs["events"] = True
    assert TimelineDisplay.from_predictions(events, rows="one").ax_.get_ylabel() == "probability"
    none = TimelineDisplay(events.iloc[:0], rows="label").plot()
    assert (len(none.spans_), none.ax_.get_xlim()) == (0, (0, 1))
    with pytest.raises(ValueError, match="rows='two' is none of 'auto', 'one' and 'label'"):
        TimelineDisplay(events, rows="two").plot()


def test_windows_are_merged_before_they_are_compared_with_events():
    windows = pd.DataFrame({"start": range(6), "end": range(2, 8), "label": list("aabbbb"), "probability": 0.9})
    windows.attrs = {"window": 2.0, "hop": 1.0}
    display = TimelineDisplay.from_predictions(windows, y_true=[(0, 2.6, "a"), (2.5, 7, "b")])
    assert display.spans_["outcome"].tolist() == ["hit"] * 4
    windows.attrs |= {"events": True}  # several labels at a time
    display = TimelineDisplay.from_predictions(windows, y_true=[(0, 3, "a"), (2, 7, "b")], collar=0.01)
    assert display.spans_["outcome"].tolist() == ["hit"] * 4


def test_events_that_are_there_are_drawn_above_those_that_were_found():
    y_true = [(0.5, 1.5, "dog"), (3.0, 3.5, "car")]
    found = pd.DataFrame({"start": [0.6, 5.0], "end": [1.6, 5.5], "label": "dog", "probability": [0.9, 0.6]})
    display = TimelineDisplay.from_predictions(found, y_true=y_true)
    drawn = [
        (round(bar.get_y() + bar.get_height() / 2, 3), round(bar.get_x(), 3), round(bar.get_width(), 3))
        for bars in display.ax_.containers
        for bar in bars
    ]
    assert sorted(drawn) == [(-0.2, 3.0, 0.5), (0.8, 0.5, 1.0), (1.2, 0.6, 1.0), (1.2, 5.0, 0.5)]
    assert tick_texts(display.ax_.yaxis) == ["car", "dog"]
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["hit", "missed", "false alarm"]
    assert display.spans_["outcome"].tolist() == ["hit", "hit", "missed", "false alarm"]
    tight = TimelineDisplay.from_predictions(found, y_true=y_true, collar=0.05)
    assert tight.spans_["outcome"].tolist() == ["missed", "false alarm", "missed", "false alarm"]
    with pytest.raises(ValueError, match="rows='one' cannot draw events"):
        TimelineDisplay.from_predictions(found, y_true=y_true, rows="one")


def test_no_event_at_all_may_be_found():
    found = pd.DataFrame(columns=["start", "end", "label", "probability"])
    display = TimelineDisplay.from_predictions(found, y_true=[(1.0, 2.0, "owl")])
    assert display.spans_["outcome"].tolist() == ["missed"]
    assert not TimelineDisplay.from_predictions(found, y_true=[]).ax_.containers
