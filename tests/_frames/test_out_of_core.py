"""Frames that stay on the disk: memory-mapped, zarr; and clips that come in chunks."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklaudio import (
    CNNClassifier,
    DenseClassifier,
    FrameScaler,
    GRUClassifier,
    MFCCTransformer,
    SegmentVotingClassifier,
)
from sklaudio._frames.out_of_core import StoredFrames, is_stored
from sklaudio.segments import cut_segments


@pytest.fixture
def many(rng):
    """Clips of three classes, which their mean tells apart in part, and the classes."""
    y = rng.integers(0, 3, 600)
    return (rng.normal(size=(600, 20, 4)) + 0.3 * y[:, None, None]).astype(np.float32), y


def mapped(X, folder, dtype=np.float32):
    np.save(folder / "X.npy", X.astype(dtype))
    return np.load(folder / "X.npy", mmap_mode="r")


def chunked(X, folder, length=50):
    zarr = pytest.importorskip("zarr", reason="installed by the extra `test`")
    stored = zarr.create_array(folder / "X.zarr", shape=X.shape, chunks=(length, *X.shape[1:]), dtype=X.dtype)
    stored[:] = X
    return stored


def count_chunks(monkeypatch):
    """A list that gets the number of chunks of each read from now on."""
    n_chunks, read = [], StoredFrames.read

    def counting(self, index):
        n_chunks.append(len(np.unique(self.rows[index] // self.chunk_length)))
        return read(self, index)

    monkeypatch.setattr(StoredFrames, "read", counting)
    return n_chunks


NETS = [
    GRUClassifier(8, 1, max_epochs=3, random_state=0),
    CNNClassifier((4, 4), max_epochs=2, random_state=0, early_stopping=True, standardize=False),
    DenseClassifier((8,), max_epochs=2, random_state=0, class_weight={0: 0, 1: 1, 2: 2}),
]

QUICK_TO_LEARN = clone(NETS[0]).set_params(max_epochs=4, lr=0.02)


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_training_from_a_memory_map_is_that_in_memory_to_the_last_bit(net, many, tmp_path):
    X, y = many
    from_disk = clone(net).fit(mapped(X, tmp_path), y)
    in_memory = clone(net).fit(X, y)
    np.testing.assert_array_equal(from_disk.predict_proba(X), in_memory.predict_proba(X))
    np.testing.assert_array_equal(from_disk.predict_proba(mapped(X, tmp_path)), in_memory.predict_proba(X))
    np.testing.assert_array_equal(from_disk.transform(mapped(X, tmp_path)), in_memory.transform(X))
    assert from_disk.history_.drop(columns="seconds").equals(in_memory.history_.drop(columns="seconds"))


@pytest.mark.parametrize("dtype", [np.float64, np.int16])
def test_other_types_are_cast_batch_by_batch(dtype, many, tmp_path):
    X, y = (100 * many[0]).astype(dtype), many[1]
    np.testing.assert_array_equal(
        clone(NETS[0]).fit(mapped(X, tmp_path, dtype), y).predict_proba(X), clone(NETS[0]).fit(X, y).predict_proba(X)
    )


def test_partial_fit_and_validation_clips_from_disk(many, tmp_path):
    X, y = many
    on_disk = mapped(X, tmp_path)
    by_parts = [
        clone(NETS[0]).partial_fit(frames[:300], y[:300]).partial_fit(frames[300:], y[300:]) for frames in (X, on_disk)
    ]
    np.testing.assert_array_equal(by_parts[0].predict_proba(X), by_parts[1].predict_proba(X))
    validated = [clone(NETS[0]).fit(X, y, X_val=frames, y_val=y).history_["valid_loss"] for frames in (X, on_disk)]
    assert validated[0].equals(validated[1])


def test_zarr_trains_as_well_and_reads_each_chunk_about_once_an_epoch(many, tmp_path, monkeypatch):
    X, y = many
    stored = chunked(X, tmp_path)
    n_chunks = count_chunks(monkeypatch)
    net = clone(QUICK_TO_LEARN).fit(stored, y)
    in_memory = clone(net).fit(X, y)
    assert sum(n_chunks) <= 1.2 * (1 + 1 + 4) * (600 // 50)  # checked, standardized, four epochs
    assert abs(net.score(stored, y) - in_memory.score(X, y)) < 0.05
    assert net.score(stored, y) > 0.6
    np.testing.assert_array_equal(clone(net).fit(stored, y).predict_proba(X), net.predict_proba(X))


def test_an_epoch_of_chunks_holds_every_clip_once_in_an_order_of_its_own(rng, tmp_path):
    from sklaudio.nets._batches import Batches
    from sklaudio.nets._stored import StoredDataset

    X = np.arange(1000, dtype=np.float32)[:, None, None] * np.ones((1, 2, 1), dtype=np.float32)
    kept = np.flatnonzero(rng.uniform(size=1000) < 0.9)
    dataset = StoredDataset(StoredFrames(chunked(X, tmp_path, 30))[kept], lambda clips: clips, kept)
    batches = Batches(dataset, 8, shuffle=True)
    epochs = [[(inputs["frames"][:, 0, 0], target) for inputs, target in batches] for _ in range(2)]
    assert all(len(epoch) == len(batches) for epoch in epochs)
    for epoch in epochs:
        values, targets = (np.concatenate(parts) for parts in zip(*epoch, strict=True))
        np.testing.assert_array_equal(values, targets)
        np.testing.assert_array_equal(np.sort(values), kept)
    assert not np.array_equal(epochs[0][0][1], epochs[1][0][1])


def hdf5(X, folder):
    h5py = pytest.importorskip("h5py", reason="installed by the extra `test`")
    return h5py.File(folder / "X.h5", "w").create_dataset("X", data=X, chunks=(50, *X.shape[1:]))


def dask(X, folder, length=50):
    array = pytest.importorskip("dask.array", reason="installed by the extra `test`")
    return array.from_array(mapped(X, folder), chunks=(length, -1, -1))


def test_processes_that_share_a_training_read_each_chunk_about_once_an_epoch(many, tmp_path, monkeypatch):
    from sklaudio.nets._accelerated import SharedBatches
    from sklaudio.nets._stored import StoredDataset

    X, _ = many
    frames = StoredFrames(chunked(X, tmp_path))
    n_chunks, seen = count_chunks(monkeypatch), []
    for rank in (0, 1):
        torch.manual_seed(0)  # as all processes are
        dataset = StoredDataset(frames, lambda clips: clips, np.arange(len(X)))
        batches = SharedBatches(dataset, 7, shuffle=True, rank=rank, n_processes=2)
        targets = [target for _, target in batches]
        assert len(targets) == len(batches)
        seen.append(torch.cat(targets).tolist())
    assert sum(n_chunks) <= 2 * 1.5 * (600 // 50)
    assert sorted({*seen[0], *seen[1]}) == list(range(600))
    assert len(seen[0]) == len(seen[1]) == 300


@pytest.mark.parametrize("stored_by", [chunked, hdf5, dask])
def test_whatever_has_chunks_trains_the_same_net(stored_by, many, tmp_path):
    X, y = many
    stored = stored_by(X, tmp_path)
    assert is_stored(stored)
    net = clone(QUICK_TO_LEARN).fit(stored, y)
    assert net.score(stored, y) > 0.6
    np.testing.assert_array_equal(net.predict_proba(stored), net.predict_proba(X))
    (tmp_path / "zarr").mkdir()
    by_zarr = clone(net).fit(chunked(X, tmp_path / "zarr"), y)
    np.testing.assert_array_equal(net.predict_proba(X), by_zarr.predict_proba(X))


@pytest.mark.parametrize("hop_length", [None, 3])
@pytest.mark.parametrize("segment_length", [8, 20, 30])
def test_segments_of_stored_clips_are_those_of_clips_in_memory(segment_length, hop_length, many, rng, tmp_path):
    X, _ = many
    expected, clip = cut_segments(X, segment_length, hop_length)
    for stored in (mapped(X, tmp_path), chunked(X, tmp_path / str(segment_length))):
        segments, clip_of_each = cut_segments(StoredFrames(stored), segment_length, hop_length)
        np.testing.assert_array_equal(clip_of_each, clip)
        assert segments.shape == expected.shape
        np.testing.assert_array_equal(np.concatenate(list(segments.blocks())), expected)
        some = rng.permutation(len(clip))[:40]
        np.testing.assert_array_equal(segments.read(some), expected[some])
        np.testing.assert_array_equal(segments[some][some[:5] % 40].read(slice(None)), expected[some][some[:5] % 40])
        np.testing.assert_array_equal(segments[3], expected[3])


@pytest.mark.parametrize("net", NETS[:2], ids=lambda net: type(net).__name__)
def test_segments_vote_from_a_memory_map_as_they_do_in_memory(net, many, tmp_path):
    X, y = many
    vote = SegmentVotingClassifier(net, segment_length=8, hop_length=4)
    in_memory = clone(vote).fit(X, y)
    on_disk = mapped(X, tmp_path)
    from_disk = clone(vote).fit(on_disk, y)
    np.testing.assert_array_equal(from_disk.predict_proba(on_disk), in_memory.predict_proba(X))
    by_parts = clone(vote).partial_fit(on_disk[:300], y[:300]).partial_fit(on_disk[300:], y[300:])
    np.testing.assert_array_equal(
        by_parts.predict_proba(X),
        clone(vote).partial_fit(X[:300], y[:300]).partial_fit(X[300:], y[300:]).predict_proba(X),
    )


def test_segments_of_chunks_vote_and_what_reads_no_disk_gets_a_copy(many, tmp_path):
    X, y = many
    stored = chunked(X, tmp_path)
    vote = SegmentVotingClassifier(clone(NETS[0]), segment_length=8).fit(stored, y)
    assert vote.score(stored, y) > 0.6
    few = slice(60)  # a task of dask for each clip takes a millisecond or more
    clip_by_clip = dask(X[few], tmp_path, 1)
    by_clip = clone(vote).fit(clip_by_clip, y[few])
    in_memory = clone(vote).fit(X[few], y[few])
    np.testing.assert_array_equal(by_clip.predict_proba(clip_by_clip), in_memory.predict_proba(X[few]))
    scaled = SegmentVotingClassifier(make_pipeline(FrameScaler(), clone(NETS[0])), segment_length=8)
    np.testing.assert_array_equal(
        clone(scaled).fit(stored, y).predict_proba(stored), clone(scaled).fit(X, y).predict_proba(X)
    )


@pytest.mark.parametrize("segment_length", ["auto", None])
def test_whole_clips_are_read_from_disk_as_the_net_reads_them(segment_length, many, tmp_path):
    X, y = many
    stored = chunked(X, tmp_path)
    vote = SegmentVotingClassifier(clone(NETS[0]), segment_length=segment_length).fit(stored, y)
    np.testing.assert_array_equal(vote.predict_proba(stored), clone(NETS[0]).fit(stored, y).predict_proba(stored))


def test_scaler_learns_from_disk(many, tmp_path):
    expected = FrameScaler().fit(many[0])
    for stored in (mapped(many[0], tmp_path), chunked(many[0], tmp_path)):
        scaler = FrameScaler().fit(stored)
        np.testing.assert_array_equal(scaler.mean_, expected.mean_)
        np.testing.assert_array_equal(scaler.transform(stored), expected.transform(many[0]))


def test_checkpoint_knows_clips_on_disk_by_what_is_in_them(many, tmp_path):
    X, y = many
    for X_of_now in (X, X, X + 1):
        stored = StoredFrames(chunked(X_of_now, tmp_path / str(len(list(tmp_path.iterdir()))))).source
        clone(NETS[0]).set_params(checkpoint=tmp_path / "checkpoints").fit(stored, y)
    assert len(list((tmp_path / "checkpoints").glob("*.npz"))) == 2
    clone(NETS[0]).set_params(checkpoint=tmp_path / "checkpoints").fit(mapped(X, tmp_path), y)  # in another order
    assert len(list((tmp_path / "checkpoints").glob("*.npz"))) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_found_on_disk(value, many, tmp_path):
    X, y = many
    X[500, 3, 2] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        clone(NETS[0]).fit(mapped(X, tmp_path), y)


def test_tables_lists_and_arrays_in_memory_are_not_taken_for_stored(many, tmp_path):
    assert is_stored(mapped(many[0], tmp_path))
    assert not is_stored(mapped(many[0], tmp_path)[:, 0])
    assert not is_stored(many[0])
    assert not is_stored(list(many[0]))
    assert not is_stored(torch.from_numpy(many[0]))


LIMITED = """
import resource, sys
import numpy as np
from sklaudio import GRUClassifier, SegmentVotingClassifier

def used():
    return 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1])

X, y = np.load(sys.argv[1], mmap_mode="r"), np.load(sys.argv[2])
net = GRUClassifier(8, 1, max_epochs=1, batch_size=64, random_state=0)
net = SegmentVotingClassifier(net, segment_length=25) if sys.argv[4] == "votes" else net
net.fit(X[:200].copy(), y[:200])  # libraries take what they need
resource.setrlimit(resource.RLIMIT_DATA, (used() + X.nbytes // 2,) * 2)
net.fit(X if sys.argv[3] == "mapped" else np.array(X), y)
print(net.score(X, y))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of private memory are Linux's")
@pytest.mark.parametrize("what", ["net", "votes"])
def test_training_needs_no_copy_of_what_is_on_disk(what, rng, tmp_path):
    """With room for half of the clips. RLIMIT_DATA counts private memory, and no pages of a file that is read;
    RLIMIT_AS would count the file, and the hundreds of megabytes that torch reserves and never touches."""
    y = rng.integers(0, 2, 4000)
    X = rng.normal(size=(4000, 50, 128)).astype(np.float32)  # 102 MB
    X += 0.5 * y[:, None, None].astype(np.float32)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)

    def run(how):
        command = [sys.executable, "-c", LIMITED, tmp_path / "X.npy", tmp_path / "y.npy", how, what]
        return subprocess.run(command, capture_output=True, text=True)

    mapped, copied = run("mapped"), run("copied")
    assert mapped.returncode == 0, mapped.stderr
    assert float(mapped.stdout) > 0.95
    assert copied.returncode != 0  # the limit is one that a copy does not fit into
    assert "MemoryError" in copied.stderr


def test_scaler_and_net_learn_from_chunks_of_files(tone_files):
    """Scaler first, from all; then the net, an epoch of all chunks at a time; in memory, the same within noise."""
    paths, labels = tone_files
    labels = np.array(labels)
    features = MFCCTransformer(duration=0.3)
    scaler = FrameScaler()
    for frames in features.iter_transform(paths, batch_size=5):
        scaler.partial_fit(frames)
    whole = FrameScaler().fit(features.transform(paths))
    np.testing.assert_allclose(scaler.mean_, whole.mean_)
    net = GRUClassifier(8, 1, lr=0.02, batch_size=4, standardize=False, random_state=0)
    for _ in range(15):
        for number, frames in enumerate(features.iter_transform(paths, batch_size=5)):
            chunk = slice(5 * number, 5 * number + 5)
            net.partial_fit(scaler.transform(frames), labels[chunk], classes=["high", "low"])
    assert net.score(scaler.transform(features.transform(paths)), labels) == 1.0
