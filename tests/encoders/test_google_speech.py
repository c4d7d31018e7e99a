import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import EncoderTransformer, FrameSummary, encoders
from sklaudio.encoders import _google_speech as module

SR = 16000


@pytest.fixture
def folder():
    pytest.importorskip("onnxruntime")
    found = module.find_files(module.NAME)
    if found is None:
        pytest.skip("google-speech is not installed: pip install 'sklaudio[speech]'")
    return found


def by_hand(folder, clip):
    """The two networks, one after the other, as their authors' users run them."""
    from onnxruntime import InferenceSession

    scaled = clip * np.float32(0.1 * 32767 / np.abs(clip).max())
    before = 6256 + max(0, -(-(25600 - 2 * 6256 - len(clip)) // 2560)) * 1280  # in whole frames, to 1.6 s at least
    padded = np.pad(scaled, before)[np.newaxis]
    mel = InferenceSession(folder / "melspectrogram.onnx").run(None, {"input": padded})[0]
    mel = mel.reshape(-1, 32) / 10 + 2
    network = InferenceSession(folder / "embedding_model.onnx")
    windows = [mel[start : start + 76] for start in range(0, len(mel) - 75, 8)]
    return np.array([network.run(None, {"input_1": window[None, :, :, None]})[0].ravel() for window in windows])


@pytest.mark.parametrize("seconds", [0.1, 0.45, 1.0, 4.0])
def test_frames_equal_the_two_networks_run_by_hand(folder, rng, seconds):
    clip = (0.1 * rng.normal(size=round(seconds * SR))).astype(np.float32)
    (frames,) = EncoderTransformer().fit_transform([clip])
    expected = by_hand(folder, clip)
    assert frames.shape == expected.shape
    assert len(frames) == 1 + len(clip) // 1280 or seconds < 0.8
    np.testing.assert_allclose(frames, expected, rtol=1e-4, atol=1e-3)


def test_frames_are_centred(folder, rng):
    clip = np.zeros(4 * SR, dtype=np.float32)
    clip[2 * SR : 2 * SR + 1600] = rng.normal(size=1600)  # at 2.05 s, in a clip that is silent otherwise
    (frames,) = EncoderTransformer().fit_transform([clip])
    changed = np.flatnonzero(np.abs(frames - frames[0]).max(axis=1) > 1)
    assert abs(changed.mean() / 12.5 - 2.05) < 0.08


def test_level_does_not_matter(folder, rng):
    clip = rng.normal(size=SR).astype(np.float32)
    loud, quiet = EncoderTransformer().fit_transform([clip, 1e-3 * clip])
    np.testing.assert_allclose(loud, quiet, atol=0.05)
    assert np.isfinite(EncoderTransformer().fit_transform([np.zeros(SR)])).all()


def test_it_passes_check_encoder(folder):
    found = encoders.check_encoder("google-speech")
    assert (found["sr"], found["dims"], found["frame_rate"]) == (SR, 96, 12.5)


def test_a_saved_model_holds_name_hash_and_licence(folder, tmp_path, rng):
    clips, y = [rng.normal(size=SR) for _ in range(6)], ["a", "b"] * 3
    model = make_pipeline(EncoderTransformer(), FrameSummary(), LogisticRegression()).fit(clips, y)
    sklaudio.save(model, tmp_path / "model.skops")
    loaded = sklaudio.load(tmp_path / "model.skops")
    assert loaded[0].encoder == "google-speech"
    assert loaded[0].licence_ == "Apache-2.0"
    assert loaded[0].encoder_hash_ == model[0].encoder_hash_
    np.testing.assert_array_equal(loaded.predict_proba(clips), model.predict_proba(clips))
    assert (tmp_path / "model.skops").stat().st_size < 100_000


def test_where_it_is_absent_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "a-package-that-is-not-installed")
    with pytest.raises(FileNotFoundError, match=r"'google-speech' is not installed.*pip install 'sklaudio\[speech\]'"):
        EncoderTransformer().fit([np.zeros(SR)])
    assert not encoders.card("google-speech")["installed"]


def test_files_of_a_wheel_are_taken(folder, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "PACKAGE", "a-package-that-is-not-installed")
    with pytest.raises(ValueError, match=r"google-speech cannot be downloaded by itself\. Pass source="):
        encoders.fetch("google-speech")
    fetched = encoders.fetch("google-speech", source=folder)
    assert sorted(path.name for path in fetched.glob("*.onnx")) == ["embedding_model.onnx", "melspectrogram.onnx"]
    assert EncoderTransformer().fit_transform([np.zeros(SR)]).shape == (1, 13, 96)


def test_spoken_digits_of_a_speaker_who_was_not_in_training(folder):
    from ..conftest import real_files

    files = [file for file in real_files("fsdd/recordings/*.flac") if file.stem.endswith(("_0", "_1"))]
    digit, speaker, _ = np.array([file.stem.split("_") for file in files]).T
    test = speaker == sorted(set(speaker))[0]
    model = make_pipeline(EncoderTransformer(), FrameSummary(("mean", "std", "max")), LogisticRegression(max_iter=500))
    files = np.array(files, dtype=str)
    assert model.fit(files[~test], digit[~test]).score(files[test], digit[test]) > 0.7
