"""Events of long files: block by block, as of the whole."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

from sklaudio import (
    BLSTMClassifier,
    Clip,
    EventDetector,
    FrameScaler,
    MelSpectrogramTransformer,
    predict_timeline,
    timeline_to_audacity,
    timeline_to_json,
)

SR, HOP = 2000, 40


def bursts(seconds, seed=0):
    """Bursts of a tone in noise, every 1.7 s, the second label half as long after each third; and their table."""
    rng = np.random.default_rng(seed)
    clip = 0.02 * rng.normal(size=int(SR * seconds))
    rows = []
    for index, start in enumerate(np.arange(0.4, seconds - 1, 1.7)):
        for pitch, label, length in ((200, "low", 0.8), (700, "high", 0.4)):
            if label == "low" or index % 3 == 0:
                span = slice(int(start * SR), int((start + length) * SR))
                clip[span] += 0.3 * np.sin(2 * np.pi * pitch * np.arange(span.start, span.stop) / SR)
                rows.append((start, start + length, label))
    return clip.astype(np.float32), rows


def pipeline(**mel):
    mel = MelSpectrogramTransformer(**{"n_mels": 8, "sr": SR, "n_fft": 128, "hop_length": HOP} | mel)
    net = BLSTMClassifier(8, 1, lr=0.03, batch_size=4, max_epochs=12, random_state=0)
    return make_pipeline(mel, FrameScaler(), EventDetector(net, hop=HOP / SR, median_length=3))


@pytest.fixture(scope="module")
def model():
    clips = [bursts(4 + seed / 10, seed) for seed in range(8)]
    return pipeline().fit([clip for clip, _ in clips], [rows for _, rows in clips])


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("long") / "long.wav")
    soundfile.write(path, bursts(70, seed=99)[0], SR, subtype="FLOAT")
    return path


def test_events_of_a_long_file_are_those_of_the_whole_clip(model, path):
    timeline = predict_timeline(model, path)
    (expected,) = model.predict([path])
    pd.testing.assert_frame_equal(timeline, expected, rtol=1e-4, atol=1e-4)
    assert len(model[:-1].transform([path])[0]) > 3 * 1024
    assert timeline.attrs == {"path": path, "sr": SR, "hop": HOP / SR, "events": True}
    _, rows = bursts(70, seed=99)
    for label, found in timeline.groupby("label"):
        np.testing.assert_allclose(found["start"], [start for start, _, name in rows if name == label], atol=0.1)


@pytest.mark.parametrize("n_frames", [1, 30, 1279, 1280, 1281, 1330, 1331, 2305])
def test_files_of_any_length(model, tmp_path, n_frames):
    samples = bursts(60, seed=5)[0][: (n_frames - 1) * HOP + 7]
    soundfile.write(tmp_path / "clip.wav", samples, SR, subtype="FLOAT")
    (expected,) = model.predict([samples])
    pd.testing.assert_frame_equal(predict_timeline(model, tmp_path / "clip.wav"), expected, rtol=1e-4, atol=1e-4)


def test_times_of_a_span_are_those_of_the_recording(model, path):
    timeline = predict_timeline(model, Clip(path, 10, 30))
    (expected,) = model.predict([Clip(path, 10, 30)])
    np.testing.assert_allclose(timeline[["start", "end"]], expected[["start", "end"]] + 10, atol=1e-4)
    assert timeline["start"].between(10, 30).all()
    assert timeline.attrs["path"] == path


def test_rows_may_overlap_in_text(model, path):
    timeline = predict_timeline(model, path)
    assert (timeline["start"].to_numpy()[1:] < timeline["end"].to_numpy()[:-1]).any()
    assert timeline_to_audacity(timeline).count("\n") == len(timeline)
    assert '"hop": 0.02' in timeline_to_json(timeline)


def test_nothing_has_no_rows(model, tmp_path):
    soundfile.write(tmp_path / "quiet.wav", bursts(3)[0][:600], SR)
    timeline = predict_timeline(model, tmp_path / "quiet.wav")
    assert timeline.columns.tolist() == ["start", "end", "label", "probability"]
    assert timeline.empty
    assert timeline_to_audacity(timeline) == ""


def test_what_does_not_fit_is_refused(model, path):
    with pytest.raises(ValueError, match="smoothing='median' is for windows"):
        predict_timeline(model, path, smoothing="median")
    with pytest.raises(TypeError, match="model begins with EventDetector, which takes no clips"):
        predict_timeline(model[-1], path)
    clips, y = [bursts(4)[0]] * 2, [bursts(4)[1]] * 2
    wrong = pipeline(hop_length=80)
    wrong[-1].set_params(hop=0.04321, estimator__max_epochs=1)
    with pytest.raises(ValueError, match=r"hop=0.04321 s is 86.42 samples at sr=2000"):
        predict_timeline(wrong.fit(clips, y), path)
    wrong[-1].hop = 0.05
    with pytest.raises(ValueError, match=r"the features make .* frames of .* s, and with hop=0.05 s"):
        predict_timeline(wrong, path)
