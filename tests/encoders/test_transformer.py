import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import EncoderTransformer, FrameScaler, FrameSummary, FrameUnion

from .small import Counter, Pitch, SpectralShape

SR = 16000


@pytest.fixture
def tones(rng):
    """Twelve clips of 0.5 to 0.7 s at 16 kHz in two classes by pitch, and their labels."""
    clips, labels = [], np.array(["low", "high"] * 6)
    for index, label in enumerate(labels):
        time = np.arange(round(SR * (0.5 + 0.02 * index))) / SR
        tone = 0.5 * np.sin(2 * np.pi * {"low": 300, "high": 3000}[label] * rng.uniform(0.9, 1.1) * time)
        clips.append((tone + 0.01 * rng.normal(size=len(time))).astype(np.float32))
    return clips, labels


def reference(clip, module):
    with torch.inference_mode():
        return module(torch.from_numpy(clip[np.newaxis]))[0].numpy()


def test_frames_are_those_of_the_module(tones):
    clips, _ = tones
    module = SpectralShape()
    frames = EncoderTransformer(module, sr=SR).fit_transform(clips)
    for clip, found in zip(clips, frames, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, reference(clip, module), rtol=1e-4, atol=1e-4)


def test_the_frame_rate_is_known():
    encoder = EncoderTransformer(SpectralShape(), sr=SR).fit([np.zeros(SR)])
    assert encoder.frame_rate_ == 50
    assert encoder.hop_length == 320
    assert encoder.sr == SR
    assert encoder.get_feature_names_out().tolist() == [f"dim{k}" for k in range(8)]


def test_windows_with_overlap_give_the_frames_of_the_whole_clip(tones):
    clips, _ = tones
    module = SpectralShape()
    whole = EncoderTransformer(module, sr=SR).fit_transform([clips[-1]])
    for hop in (None, 0.1, 0.04):
        cut = EncoderTransformer(module, sr=SR, window=0.2, hop=hop).fit_transform([clips[-1]])
        np.testing.assert_allclose(cut, whole, rtol=1e-4, atol=1e-4)


def test_one_vector_a_window_is_one_frame_a_hop(rng):
    clip = rng.normal(size=4 * SR).astype(np.float32)
    encoder = EncoderTransformer(Pitch(), sr=SR, window=1.0, hop=0.5).fit([clip])
    (frames,) = encoder.transform([clip])
    assert encoder.frame_rate_ == 2
    expected = [reference(clip[start : start + SR], Pitch()) for start in range(0, 3 * SR + 1, SR // 2)]
    np.testing.assert_allclose(frames, expected, rtol=1e-4, atol=1e-5)


def test_a_clip_shorter_than_a_window_is_padded():
    clip = np.ones(SR // 4, dtype=np.float32)
    (frames,) = EncoderTransformer(Pitch(), sr=SR, window=1.0).fit_transform([clip])
    assert frames[0, 0] == pytest.approx(0.25)
    (frames,) = EncoderTransformer(SpectralShape(), sr=SR).fit_transform([clip[:5]])
    assert frames.shape == (1, 8)


def test_windows_of_several_clips_are_run_together():
    encoder = Counter()
    EncoderTransformer(encoder, batch_size=4).fit_transform([np.arange(1000.0)] * 10)
    assert [shape[0] for shape in encoder.batches] == [4, 4, 2]


def test_windows_of_a_long_clip_are_run_together():
    encoder = Counter()
    (frames,) = EncoderTransformer(encoder, batch_size=4).fit_transform([np.arange(9_000.0)])
    np.testing.assert_array_equal(frames[:, 0], np.arange(0, 8981, 10))
    assert max(shape[0] for shape in encoder.batches) == 4


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_cache_asks_the_network_once(tmp_path, n_jobs):
    clips, encoder = [np.arange(k, k + 500.0) for k in range(5)], Counter()
    first = EncoderTransformer(encoder, memory=str(tmp_path), n_jobs=n_jobs).fit_transform(clips)
    n_runs = len(encoder.batches)
    again = EncoderTransformer(encoder, memory=str(tmp_path), n_jobs=n_jobs).fit_transform(clips[::-1])
    assert len(encoder.batches) == n_runs
    np.testing.assert_array_equal(again, first[::-1])
    more = EncoderTransformer(encoder, memory=str(tmp_path)).fit_transform([*clips, np.arange(7.0, 507.0)])
    assert sum(shape[0] for shape in encoder.batches) == 6
    np.testing.assert_array_equal(more[5][0], [7])


@pytest.mark.parametrize(
    "other", [{"window": 0.2}, {"window": 0.2, "hop": 0.1}, {"offset": 0.1}, {"duration": 0.3}, {"sr": 8000}], ids=repr
)
def test_the_cache_knows_what_decides_the_frames(tmp_path, tones, other):
    clips, module = tones[0][:2], SpectralShape()
    EncoderTransformer(module, sr=SR, memory=str(tmp_path)).fit_transform(clips)
    kept = EncoderTransformer(module, **({"sr": SR} | other), memory=str(tmp_path)).fit_transform(clips)
    fresh = EncoderTransformer(module, **({"sr": SR} | other)).fit_transform(clips)
    for found, expected in zip(kept, fresh, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_cache_knows_the_weights(tmp_path, tones):
    clips = tones[0][:2]
    first = EncoderTransformer(SpectralShape(0), sr=SR, memory=str(tmp_path)).fit_transform(clips)
    other = EncoderTransformer(SpectralShape(1), sr=SR, memory=str(tmp_path)).fit_transform(clips)
    assert not np.allclose(first[0], other[0])
    module = SpectralShape(0)
    transformer = EncoderTransformer(module, sr=SR, memory=str(tmp_path)).fit(clips)
    with torch.no_grad():
        module.weights.mul_(2)
    doubled = transformer.fit(clips).transform(clips)
    np.testing.assert_allclose(doubled[0], 2 * first[0], rtol=1e-4)


def test_what_cannot_be_known_is_not_cached(tmp_path):
    class Odd(SpectralShape):
        def __init__(self):
            super().__init__()
            self.helper = object()

    with pytest.raises(ValueError, match=r"cannot be cached.*Odd.helper is object"):
        EncoderTransformer(Odd(), sr=SR, memory=str(tmp_path)).fit([np.zeros(SR)])
    EncoderTransformer(Odd(), sr=SR).fit_transform([np.zeros(SR)])


def test_another_network_than_in_fit_is_refused(tones):
    clips, _ = tones
    transformer = EncoderTransformer(SpectralShape(0), sr=SR).fit(clips)
    transformer.encoder = SpectralShape(1)
    with pytest.raises(ValueError, match="is not the one that this transformer was fitted with"):
        transformer.transform(clips)
    transformer.fit(clips).transform(clips)


def test_parameters_go_through_clone_and_search(tones):
    transformer = EncoderTransformer(SpectralShape(), sr=SR, window=0.5)
    params = clone(transformer).get_params()
    assert params["window"] == 0.5
    assert params["sr"] == SR
    assert EncoderTransformer(Counter()).get_params()["sr"] is None
    transformer.set_params(encoder=Counter(), sr=None)
    assert transformer.sr == 1000


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"encoder": SpectralShape()}, "does not say its sampling rate. Pass sr="),
        ({"encoder": SpectralShape(), "sr": SR, "window": 0.01}, "window=0.01 s is too short"),
        ({"encoder": SpectralShape(), "sr": SR, "window": 1.0, "hop": 1.5}, "hop=1.5 s leaves frames out"),
        ({"encoder": SpectralShape(), "sr": SR, "layer": 3}, "has no layers to choose from"),
        ({"encoder": Counter(), "sr": SR}, "sr=16000 is not the rate of"),
        ({"encoder": "speech"}, "is neither one of .*google-speech"),
        ({"encoder": Counter(), "batch_size": 0}, "batch_size"),
        ({"encoder": Counter(), "hop": -1.0}, "hop"),
    ],
)
def test_errors_name_the_parameter(parameters, message):
    with pytest.raises(ValueError, match=message):
        EncoderTransformer(**parameters).fit([np.zeros(SR)])


def test_anything_else_is_no_encoder():
    with pytest.raises(TypeError, match=r"encoder=3 is int\. Pass a name"):
        EncoderTransformer(3).fit([np.zeros(SR)])


def test_unreadable_files_have_no_frames(tmp_path, tones):
    soundfile.write(tmp_path / "a.wav", tones[0][0], SR)
    (tmp_path / "b.wav").write_text("no sound")
    paths = [str(tmp_path / name) for name in ("b.wav", "a.wav", "c.wav")]
    module = SpectralShape()
    with pytest.warns(UserWarning, match="b.wav"):
        frames = EncoderTransformer(module, sr=SR, on_error="warn").fit(paths).transform(paths)
    assert [len(clip_frames) for clip_frames in frames] == [0, 24, 0]
    with pytest.raises(ValueError, match=r"(?s)2 clips cannot be read.*b\.wav.*c\.wav"):
        EncoderTransformer(module, sr=SR).fit(paths).transform(paths)


def test_summary_scaler_and_nets_follow(tones):
    clips, y = tones
    encoder = EncoderTransformer(SpectralShape(), sr=SR)
    table = make_pipeline(encoder, FrameSummary(("mean", "std", "max")), LogisticRegression()).fit(clips, y)
    assert table.score(clips, y) == 1
    net = sklaudio.GRUClassifier(8, num_layers=1, max_epochs=30, lr=0.01, random_state=0)
    voting = sklaudio.SegmentVotingClassifier(net, segment_length=10)
    assert make_pipeline(encoder, FrameScaler(), voting).fit(clips, y).score(clips, y) == 1


def test_columns_are_called_after_dims(tones):
    clips, _ = tones
    steps = make_pipeline(EncoderTransformer(SpectralShape(), sr=SR), FrameSummary(("mean",)))
    table = steps.set_output(transform="pandas").fit_transform(clips)
    assert isinstance(table, pd.DataFrame)
    assert table.columns[0] == "dim0_mean"


def test_two_encoders_stand_side_by_side(tones):
    clips, _ = tones
    union = FrameUnion([(name, EncoderTransformer(SpectralShape(seed), sr=SR)) for seed, name in enumerate("ab")])
    frames = union.fit_transform(clips)
    assert frames[0].shape == (24, 16)
    np.testing.assert_allclose(frames[0][:, 8:], reference(clips[0], SpectralShape(1)), rtol=1e-4, atol=1e-4)
    assert union.get_feature_names_out()[8] == "b__dim0"


def test_timelines_work_behind_it(tones, tmp_path):
    clips, y = tones
    model = make_pipeline(
        EncoderTransformer(SpectralShape(), sr=SR, duration=0.5), FrameSummary(("median",)), LogisticRegression()
    ).fit(clips, y)
    soundfile.write(tmp_path / "long.wav", np.concatenate([*clips[:6:2], *clips[1:7:2]]), SR)
    timeline = sklaudio.predict_timeline(model, tmp_path / "long.wav", window=0.5, hop=0.5)
    assert timeline["label"].tolist()[:3] == ["low"] * 3
    assert timeline["label"].tolist()[-3:] == ["high"] * 3


def test_batches_of_iter_transform_are_those_of_transform(tones):
    clips, _ = tones
    encoder = EncoderTransformer(SpectralShape(), sr=SR).fit(clips)
    frames = [found for batch in encoder.iter_transform(clips, batch_size=5) for found in batch]
    for found, expected in zip(frames, encoder.transform(clips), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_torch_module_is_not_saved_and_the_error_says_what_to_do(tmp_path):
    transformer = EncoderTransformer(SpectralShape(), sr=SR).fit([np.zeros(SR)])
    with pytest.raises(ValueError, match=r"cannot be saved.*\n.*encoder.*SpectralShape"):
        sklaudio.save(transformer, tmp_path / "model.skops")


def test_features_are_drawn(tones):
    display = sklaudio.FeatureDisplay.from_estimator(EncoderTransformer(SpectralShape(), sr=SR), tones[0][0])
    assert len(display.figure_.axes) > 0
