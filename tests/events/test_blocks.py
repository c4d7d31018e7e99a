"""Long clips in blocks: every frame once, with its context, always at the same places."""

import numpy as np
import pytest

from sklaudio.events._blocks import CONTEXT, CORE, blocks_of, bounds_of, predict_in_blocks


@pytest.mark.parametrize("n_frames", [1, CORE, CORE + CONTEXT, CORE + CONTEXT + 1, 3 * CORE + 7, 5 * CORE])
def test_every_frame_is_in_one_block_with_its_context(n_frames):
    bounds = [bounds_of(block, n_frames) for block in blocks_of(n_frames)]
    assert np.concatenate([np.arange(*core) for _, core in bounds]).tolist() == list(range(n_frames))
    for (seen, stop), (first, last) in bounds:
        assert seen == max(0, first - CONTEXT)
        assert first % CORE == 0
        assert stop == min(n_frames, last + CONTEXT)
        assert stop - seen <= CORE + 3 * CONTEXT


def test_short_clips_are_whole_and_empty_ones_none():
    assert [list(blocks_of(n_frames)) for n_frames in (0, 1, CORE + CONTEXT)] == [[], [0], [0]]


def test_curves_are_put_together():
    calls = []

    def predict(clips):
        calls.extend(map(len, clips))
        return [clip[:, :1] * [1, 2] for clip in clips]

    frames = np.empty(3, dtype=object)
    frames[:] = [np.arange(n_frames, dtype=np.float32)[:, None] for n_frames in (3 * CORE, 0, 5)]
    curves = predict_in_blocks(predict, frames, 2)
    assert [clip.shape for clip in curves] == [(3 * CORE, 2), (0, 2), (5, 2)]
    np.testing.assert_array_equal(curves[0], frames[0] * [1, 2])
    assert max(calls) <= CORE + 2 * CONTEXT
