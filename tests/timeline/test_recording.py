"""Timelines of samples, and of the content of files: those of the file."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import Clip, FrameSummary, MFCCTransformer, load_audio, predict_timeline, timeline_to_json
from sklaudio.audio import iter_audio
from sklaudio.timeline._recording import as_recording, start_of

SR = 8000


@pytest.fixture(scope="module")
def y():
    time = np.arange(int(3.3 * 16000)) / 16000
    return (0.5 * np.sin(2 * np.pi * np.where(time < 1.5, 200, 2000) * time)).astype(np.float32)


@pytest.fixture(scope="module")
def path(y, tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "song.wav"
    soundfile.write(path, y, 16000, subtype="FLOAT")
    return path


@pytest.fixture(scope="module")
def model():
    clips = [0.5 * np.sin(2 * np.pi * pitch * np.arange(SR) / SR) for pitch in (200, 2000)]
    features = MFCCTransformer(5, n_mels=20, sr=SR, n_fft=512, hop_length=256)
    return make_pipeline(features, FrameSummary(), LogisticRegression()).fit(clips, ["low", "high"])


@pytest.mark.parametrize("kind", ["samples", "integers", "bytes", "file", "BytesIO", "dict", "dict of bytes"])
def test_timelines_of_what_is_no_path_are_those_of_the_file(kind, y, path, model):
    of_file = predict_timeline(model, path, window=1, hop=0.5, proba=True)
    sr = 16000 if kind in ("samples", "integers") else None
    recording = {
        "samples": lambda: y,
        "integers": lambda: np.round(y * 2**15).astype(np.int16),
        "bytes": path.read_bytes,
        "file": lambda: open(path, "rb"),  # noqa: SIM115 - closed with the test
        "BytesIO": lambda: BytesIO(path.read_bytes()),
        "dict": lambda: {"array": y, "sampling_rate": 16000},
        "dict of bytes": lambda: {"bytes": path.read_bytes(), "path": "song.wav"},
    }[kind]()
    timeline = predict_timeline(model, recording, sr=sr, window=1, hop=0.5, proba=True)
    pd.testing.assert_frame_equal(timeline, of_file, atol=1e-3 if kind == "integers" else 1e-8, check_flags=False)
    expected = {"dict of bytes": "song.wav", "file": str(path)}.get(kind)
    assert timeline.attrs == {**of_file.attrs, "path": expected}
    assert timeline_to_json(timeline).startswith("{")


def test_blocks_in_memory_are_the_whole_to_the_bit(y, path):
    for recording in ({"array": y, "sampling_rate": 16000}, path.read_bytes(), BytesIO(path.read_bytes())):
        blocks, seconds = zip(*iter_audio(recording, 11025), strict=True)
        np.testing.assert_array_equal(np.concatenate(blocks), load_audio(path, 11025)[0])
        assert seconds[0] == pytest.approx(3.3, abs=1e-4)


def test_a_rate_goes_with_samples_alone(y, path, model):
    with pytest.raises(TypeError, match="Add sr="):
        predict_timeline(model, y)
    with pytest.raises(ValueError, match="Leave it out"):
        predict_timeline(model, path, sr=16000)
    for sr in (0, -1, np.nan, np.inf, "16000"):
        with pytest.raises(ValueError, match="sr"):
            predict_timeline(model, y, sr=sr)
    with pytest.raises(TypeError, match=r"shape \(2, 4\).*Mix several channels down"):
        predict_timeline(model, np.zeros((2, 4)), sr=16000)
    with pytest.raises(ValueError, match="NaN"):
        predict_timeline(model, np.full(16000, np.nan), sr=16000)


def test_where_a_recording_starts(y):
    assert start_of(as_recording(Clip("a.wav", 2.5))) == 2.5
    assert start_of(as_recording("a.wav")) == start_of(as_recording(y, 16000)) == 0
