"""Noise cut to clips of one second: all of it, bit for bit, once."""

import io
import shutil

import numpy as np
import pytest
import soundfile

from sklaudio.datasets._noise_clips import CLIPS, list_noise_clips

from .conftest import put

SR = 1000
SECONDS = {"running_tap": 1.0, "exercise_bike": 2.0, "pink_noise": 3.7}


def noise_members():
    """Recordings of noise by their names in the archive."""
    rng = np.random.default_rng(0)
    files = {"_background_noise_/README.md": b"where they are from"}
    for name, seconds in SECONDS.items():
        file = io.BytesIO()
        noise = rng.integers(-(2**15), 2**15, round(seconds * SR)).astype(np.int16)
        soundfile.write(file, noise, SR, format="WAV", subtype="PCM_16")
        files[f"_background_noise_/{name}.wav"] = file.getvalue()
    return files


def test_each_whole_second_is_a_clip(tmp_path):
    put(tmp_path, noise_members())
    parts = list_noise_clips(tmp_path)
    names = {part: [clip.path.stem for clip in clips] for part, clips in parts.items()}
    assert names == {
        "train": ["pink_noise-000", "pink_noise-001", "pink_noise-002"],
        "valid": ["running_tap-000"],
        "test": ["exercise_bike-000", "exercise_bike-001"],
    }
    whole, _ = soundfile.read(tmp_path / "_background_noise_" / "pink_noise.wav", dtype="int16")
    for number, clip in enumerate(parts["train"]):
        cut, sr = soundfile.read(clip.path, dtype="int16")
        assert sr == SR
        np.testing.assert_array_equal(cut, whole[number * SR : (number + 1) * SR])
        assert (clip.target, clip.group) == ("_background_noise_", "pink_noise")


def test_they_are_cut_once(tmp_path):
    first = list_noise_clips(put(tmp_path, noise_members()))
    shutil.rmtree(tmp_path / "_background_noise_")  # is not asked again
    assert list_noise_clips(tmp_path) == first


def test_all_or_none(tmp_path):
    put(tmp_path, noise_members() | {"_background_noise_/white_noise.wav": b"no audio"})
    with pytest.raises(soundfile.LibsndfileError, match="white_noise"):
        list_noise_clips(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["_background_noise_"]
    put(tmp_path, noise_members())
    (tmp_path / "_background_noise_" / "white_noise.wav").unlink()
    assert len(list_noise_clips(tmp_path)["train"]) == 3
    assert (tmp_path / CLIPS).is_dir()


def test_where_there_is_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="noise=False"):
        list_noise_clips(tmp_path)
