"""Labels of frames: what an event covers, and clips cut together with them."""

import numpy as np
import pytest

from sklaudio._events import check_events
from sklaudio.events._frame_labels import check_ends, cut_alike, label_frames

ONE = np.array(["a"])


def table(*rows):
    return check_events([list(rows)])[0]


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [
        (0.0, 1.0, range(10)),
        (0.2, 0.5, [2, 3, 4]),  # edges between frames, whatever 0.2 / 0.1 is in binary
        (0.249, 0.451, [2, 3, 4]),  # the middles of 2 and 4 are in it
        (0.251, 0.449, [3]),
        (0.31, 0.33, [3]),  # covers the middle of none
        (0.38, 0.42, [4]),
        (0.7, 0.7, [7]),
        (0.9, 1.3, [9]),
        (1.2, 1.3, [9]),  # after the last frame
    ],
)
def test_an_event_has_the_frames_whose_middle_it_covers(start, end, frames):
    labels = label_frames(table((start, end, "a")), 10, 0.1, ONE)
    assert np.flatnonzero(labels[:, 0]).tolist() == list(frames)


def test_events_of_one_label_that_overlap_are_one_and_labels_have_columns():
    events = table((0.1, 0.4, "a"), (0.3, 0.6, "a"), (0.5, 0.7, "b"), (0.0, 1.0, "unknown"))
    labels = label_frames(events, 8, 0.1, np.array(["a", "b"]))
    assert labels.T.tolist() == [[0, 1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1, 0]]
    assert label_frames(events, 0, 0.1, ONE).shape == (0, 1)


def test_events_past_the_end_name_clip_event_and_hop():
    tables = [table((0, 1, "a")), table((0, 2, "a"), (4, 9, "siren"))]
    check_ends(tables, [20, 81], 0.1)  # 8.1 s and 1 s more
    check_ends(tables, [20, 0], 0.1)  # a clip that could not be read
    with pytest.raises(ValueError, match=r"y\[1\]: row 1 \('siren' from 4 to 9 s\) .* 79 frames of hop=0.1 s"):
        check_ends(tables, [20, 79], 0.1)


def test_clips_are_cut_into_equal_pieces_with_their_labels():
    frames = [np.arange(10)[:, None], np.zeros((0, 1)), np.arange(3)[:, None]]
    pieces, labels, clip = cut_alike(frames, frames, 4)
    assert [piece[:, 0].tolist() for piece in pieces] == [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9], [0, 1, 2]]
    assert all(map(np.array_equal, pieces, labels))
    assert clip.tolist() == [0, 0, 0, 2]
    assert [len(piece) for piece in cut_alike(frames, frames, None)[0]] == [10, 3]
