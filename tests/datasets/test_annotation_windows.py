"""Windows of annotated recordings: what is in which."""

import numpy as np
import pandas as pd
import pytest
import soundfile

import sklaudio.audio
from sklaudio.datasets import annotation_windows, load_annotations

SR = 1000


class Span:
    """What a Clip holds, where there is none yet."""

    def __init__(self, path, start=None, end=None):
        self.path, self.start, self.end = path, start, end


@pytest.fixture(autouse=True)
def clip(monkeypatch):
    if not hasattr(sklaudio.audio, "Clip"):
        monkeypatch.setattr(sklaudio.audio, "Clip", Span, raising=False)


def events(*rows, path="a.wav"):
    return pd.DataFrame(rows, columns=["start", "end", "label"]).assign(path=path)


def spans_of(clips):
    return [(clip.start, clip.end) for clip in clips]


def test_windows_and_labels():
    found = events((1, 2.5, "robin"), (6.5, 7, "wren"), (5.5, 7.5, "robin"))
    clips, Y, names = annotation_windows(found, length=3, durations={"a.wav": 10})
    assert spans_of(clips) == [(0, 3), (3, 6), (6, 9), (7, 10)]
    assert {clip.path for clip in clips} == {"a.wav"}
    assert names == ["robin", "wren"]
    assert Y.tolist() == [[1, 0], [0, 0], [1, 1], [0, 0]]
    assert (Y.shape, Y.dtype.kind) == ((4, 2), "i")


@pytest.mark.parametrize(
    ("min_overlap", "expected"), [(0, [1, 1, 1, 0]), (0.3, [0, 1, 1, 0]), (0.5, [0, 1, 0, 0]), (1, [0, 1, 0, 0])]
)
def test_overlap_is_of_the_window_or_of_what_is_shorter(min_overlap, expected):
    found = events((1.9, 4.8, "x"))  # 0.05, 1 and 0.4 of windows of 2 s
    _, Y, _ = annotation_windows(found, length=2, durations={"a.wav": 8}, min_overlap=min_overlap)
    assert Y[:, 0].tolist() == expected


@pytest.mark.parametrize(("time", "expected"), [(0, [1, 0, 0]), (2, [0, 1, 0]), (3.9, [0, 1, 0]), (6, [0, 0, 1])])
def test_points_are_in_one_window(time, expected):
    _, Y, _ = annotation_windows(events((time, time, "x")), length=2, durations={"a.wav": 6})
    assert Y[:, 0].tolist() == expected


def test_hops_and_the_end_of_a_recording():
    found = events((0, 1, "x"))
    assert spans_of(annotation_windows(found, length=2, hop=1, durations={"a.wav": 4})[0]) == [(0, 2), (1, 3), (2, 4)]
    clips, _, _ = annotation_windows(found, length=0.3, hop=0.1, durations={"a.wav": 1.2})
    np.testing.assert_allclose(spans_of(clips)[-1], (0.9, 1.2))
    assert len(clips) == 10
    assert spans_of(annotation_windows(found, length=5, durations={"a.wav": 4.5})[0]) == [(0, 4.5)]


def test_recordings_without_annotations_are_background():
    clips, Y, _ = annotation_windows(events((0, 1, "x")), length=1, durations={"b.wav": 2, "a.wav": 1})
    assert [clip.path for clip in clips] == ["a.wav", "b.wav", "b.wav"]
    assert Y[:, 0].tolist() == [1, 0, 0]


def test_durations_are_read_from_the_files(tmp_path):
    for name, seconds in (("a", 2.5), ("b", 1)):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(int(seconds * SR)), SR)
        (tmp_path / f"{name}.txt").write_text("0.25\t0.5\tx\n" if name == "a" else "")
    clips, Y, _ = annotation_windows(load_annotations(tmp_path / "*.txt"), length=1)
    assert spans_of(clips) == [(0, 1), (1, 2), (1.5, 2.5), (0, 1)]
    assert Y[:, 0].tolist() == [1, 0, 0, 0]


def test_windows_are_those_of_every_sample_by_itself():
    """Against a count of milliseconds, for spans and windows of all lengths."""
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 9000, size=60)
    ends = np.minimum(starts + rng.integers(1, 4000, size=60), 10_000)
    found = events(*[(a / 1000, b / 1000, f"label{k % 3}") for k, (a, b) in enumerate(zip(starts, ends, strict=True))])
    clips, Y, names = annotation_windows(found, length=1.25, hop=0.5, durations={"a.wav": 10}, min_overlap=0.4)
    for clip, row in zip(clips, Y, strict=True):
        window = np.arange(round(clip.start * 1000), round(clip.end * 1000))
        for name, value in zip(names, row, strict=True):
            mine = [k for k in range(60) if f"label{k % 3}" == name]
            covers = [
                np.isin(window, np.arange(starts[k], ends[k])).sum() >= 0.4 * min(1250, ends[k] - starts[k])
                for k in mine
            ]
            assert value == any(covers)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"length": 0}, "length=0 must be"),
        ({"hop": -1}, "hop=-1 must be"),
        ({"min_overlap": 2}, "min_overlap=2 must be"),
        ({"durations": {}}, "durations has none of 'a.wav'"),
        ({"durations": {"a.wav": 0}}, r"durations\['a.wav'\]=0.0 must be"),
        ({"durations": {"a.wav": 1.5}}, r"row 0 \(1 to 2 s\) is past the end of a.wav, which has 1.5 s"),
        ({"annotations": events((2, 1, "x"))}, "end is not after start"),
        ({"annotations": events((1, 2, ""))}, "column 'label' has no value in row 0"),
        ({"annotations": events((1, None, "x"))}, "column 'end' has no value in row 0"),
        ({"annotations": events((1, 2, "x")).drop(columns="path")}, "without a column 'path'"),
        ({"annotations": events()}, "no rows"),
    ],
)
def test_what_is_wrong_is_named(options, words):
    options = {"annotations": events((1, 2, "x")), "length": 1, "durations": {"a.wav": 10}} | options
    with pytest.raises(ValueError, match=words):
        annotation_windows(**options)


def test_an_annotation_may_end_a_little_later_than_its_recording():
    _, Y, _ = annotation_windows(events((1, 2.05, "x")), length=1, durations={"a.wav": 2})
    assert Y[:, 0].tolist() == [0, 1]
