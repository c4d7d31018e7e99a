"""The per-clip cache: when whoever writes it is killed, when it is large, when files change."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from sklaudio import MFCCTransformer

from ..killing import kill_at_random
from ..opened import list_opened

SR = 22050


@pytest.fixture
def files(tmp_path, rng):
    """Two hundred files of noise."""
    paths = [tmp_path / f"{index}.wav" for index in range(200)]
    for path in paths:
        soundfile.write(path, 0.1 * rng.normal(size=SR // 2), SR)
    return [str(path) for path in paths]


@pytest.mark.parametrize("n_kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_reuses_what_was_done(n_kills, files, tmp_path, monkeypatch):
    expected = MFCCTransformer().transform(files)
    start = time.perf_counter()
    MFCCTransformer(memory=tmp_path / "other").transform(files)
    seconds = time.perf_counter() - start
    cached = MFCCTransformer(memory=tmp_path / "cache")
    n_killed = kill_at_random(
        cached.transform,
        (files,),
        n_kills=n_kills,
        longest=seconds / n_kills,
        progress=lambda: sum(1 for _ in (tmp_path / "cache").rglob("output.pkl")),
    )
    assert n_killed >= n_kills / 2
    n_done = sum(1 for _ in (tmp_path / "cache").rglob("output.pkl"))
    decoded = list_opened(monkeypatch)
    np.testing.assert_array_equal(cached.transform(files), expected)
    assert len(decoded) <= len(files) - n_done
    assert n_done > 0


MANY_CLIPS = """
import resource
import sys
import joblib
import numpy as np
from sklearn.pipeline import make_pipeline
from sklaudio import FrameSummary, MFCCTransformer

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
rng = np.random.default_rng(0)
clips = [rng.normal(size=2048 + 512 * index).astype(np.float32) for index in range(120)]
folder = sys.argv[1]
memory = joblib.Memory(folder, verbose=0, mmap_mode="r") if len(sys.argv) > 2 else folder
features = MFCCTransformer(memory=memory)
first, again = features.transform(clips), features.transform(clips)
expected = MFCCTransformer().transform(clips)
assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(first, again, expected))
assert not any(isinstance(frames, np.memmap) for frames in again)
print(make_pipeline(features, FrameSummary()).fit_transform(clips).shape)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of open files are those of POSIX")
@pytest.mark.parametrize("mmap_mode", [[], ["r"]], ids=["folder", "Memory(mmap_mode='r')"])
def test_more_clips_of_unequal_length_than_files_may_be_open(mmap_mode, tmp_path):
    command = [sys.executable, "-c", MANY_CLIPS, str(tmp_path / "cache"), *mmap_mode]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "(120, 26)\n"), done.stderr


def test_a_file_that_is_overwritten_with_its_time_set_back_is_another_clip(tmp_path, monkeypatch):
    path = tmp_path / "clip.wav"
    monkeypatch.setattr(time, "time", lambda: path.stat().st_ctime + 3600)  # nobody has touched it for an hour
    soundfile.write(path, np.full(SR, 0.1), SR)
    before, status = MFCCTransformer(memory=tmp_path / "cache").transform([path]), path.stat()
    with open(path, "r+b") as file:
        file.seek(44)
        file.write(np.random.default_rng(0).integers(-9999, 9999, SR).astype("<i2").tobytes())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    after = MFCCTransformer(memory=tmp_path / "cache").transform([path])
    np.testing.assert_array_equal(after, MFCCTransformer().transform([path]))
    assert np.abs(after - before).max() > 10
