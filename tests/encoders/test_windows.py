import numpy as np
import pytest

from sklaudio.encoders._batches import encode
from sklaudio.encoders._windows import lay_out

from .small import Counter


class Vector(Counter):
    """One vector of each window: its first and last sample."""

    hop_length, frame_length, dim_names = None, 1, ("first", "last")

    def run(self, batch, device):
        return batch[:, [0, -1]]


class Fixed(Counter):
    """Takes windows of one second, and no others."""

    is_fixed = True


@pytest.mark.parametrize("n_samples", [1, 19, 20, 29, 30, 999, 1000, 1001, 1500, 1980, 1981, 5003])
@pytest.mark.parametrize("encoder", [Counter, Fixed])
@pytest.mark.parametrize("sizes", [(None, None), (None, 500), (None, 10)])
def test_frames_are_those_of_the_whole_clip(n_samples, encoder, sizes):
    (frames,) = encode([np.arange(n_samples, dtype=np.float32)], encoder(), *sizes)
    np.testing.assert_array_equal(frames[:, 0], np.arange(0, max(n_samples - 19, 1), 10))


def test_short_windows_cover_a_clip():
    (frames,) = encode([np.arange(1003, dtype=np.float32)], Counter(), 40, 20)
    np.testing.assert_array_equal(frames[:, 0], np.arange(0, 984, 10))


@pytest.mark.parametrize(
    ("n_samples", "starts"), [(400, [0]), (1000, [0]), (1499, [0]), (1500, [0, 1000]), (3000, [0, 1000, 2000])]
)
def test_a_last_window_that_is_less_than_half_full_is_left_out(n_samples, starts):
    (frames,) = encode([np.arange(n_samples, dtype=np.float32)], Vector())
    assert frames[:, 0].tolist() == starts


def test_vectors_of_overlapping_windows_stay_a_hop_apart():
    (frames,) = encode([np.arange(3000, dtype=np.float32)], Vector(), 1000, 250)
    np.testing.assert_array_equal(np.diff(frames[:, 0]), 250)
    assert frames[-1].tolist() == [2000, 2999]


def test_overlapping_windows_are_averaged():
    class Edges(Counter):
        """Says of each frame how far it is from the start of its window."""

        def run(self, batch, device):
            frames = super().run(batch, device)
            return np.broadcast_to(np.arange(frames.shape[1], dtype=np.float32)[:, None], frames.shape)

    (frames,) = encode([np.zeros(80)], Edges(), 60, 20)  # 5 frames in a window, the second begins 2 later
    assert frames[:, 0].tolist() == [0, 1, 1, 2, 3, 3, 4]


def test_a_window_given_by_the_user_is_filled_up():
    layout = lay_out(400, Vector(), 1000)
    assert (layout.starts, layout.length) == ((0,), 1000)
    assert lay_out(400, Vector()).length == 400
