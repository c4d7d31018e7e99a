"""MixNoise: powers add in mel bands, at the ratio asked for, as they do in waveforms."""

import pickle

import numpy as np
import pytest
import soundfile
import torch

import sklaudio
from sklaudio import CNNClassifier, MelSpectrogramTransformer, WaveformTransformer, make_classifier
from sklaudio.augment import BackgroundNoise, MixNoise, SpecAugment

SR = 16000
MELS = MelSpectrogramTransformer(40, sr=SR, n_fft=512, hop_length=160)


@pytest.fixture(autouse=True)
def seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def noise(tmp_path):
    (tmp_path / "noises").mkdir()
    rng = np.random.default_rng(0)
    for number, seconds in enumerate([0.4, 5.0]):  # shorter and longer than the clip
        soundfile.write(tmp_path / "noises" / f"{number}.wav", 0.1 * rng.normal(size=round(seconds * SR)), SR)
    soundfile.write(tmp_path / "noises" / "silent.wav", np.zeros(SR), SR)
    return tmp_path / "noises"


@pytest.fixture(scope="module")
def clip():
    return (0.3 * np.random.default_rng(5).normal(size=SR) * np.hanning(SR)).astype(np.float32)


def tensors(frames):
    frames = torch.from_numpy(np.asarray(frames))
    return frames, torch.full((len(frames),), frames.shape[1])


def power(decibel):
    """Power of all frequencies: bands by their widths."""
    edges = np.concatenate([[0], MELS.fit([np.zeros(100)]).center_frequencies_, [SR / 2]])
    return (10 ** (np.asarray(decibel, dtype=np.float64) / 10)) @ (edges[2:] - edges[:-2])


@pytest.mark.parametrize("snr", [-5, 0, 10])
def test_the_ratio_is_the_one_asked_for(noise, clip, snr):
    frames, lengths = tensors(np.repeat(MELS.transform([clip]), 16, axis=0))
    mixed = MixNoise(noise, (snr, snr), p=1, features=MELS)(frames, lengths)
    before, after = power(frames).mean(axis=1), power(mixed).mean(axis=1)
    np.testing.assert_allclose(10 * np.log10(before / (after - before)), snr, atol=0.02)
    assert len({clip.numpy().tobytes() for clip in mixed}) == 16


def test_bands_are_those_of_the_mixed_waveform(noise, clip):
    """The mean over many draws, as in a single one clip and noise interfere."""
    waveforms = [BackgroundNoise(noise, 5, p=1)(clip, SR, random_state=seed) for seed in range(40)]
    expected = (10 ** (MELS.transform(waveforms) / 10)).mean(axis=(0, 1))
    mixed = MixNoise(noise, (5, 5), p=1, features=MELS)(*tensors(np.repeat(MELS.transform([clip]), 40, axis=0)))
    found = (10 ** (mixed.numpy() / 10)).mean(axis=(0, 1))
    assert np.abs(10 * np.log10(found / expected)).max() < 0.5


def test_the_ratio_is_over_the_sound_of_a_clip_and_padding_stays(noise, clip):
    (silence_around,) = MELS.transform([np.concatenate([np.zeros(SR), clip, np.zeros(2 * SR)])])
    frames = torch.zeros(1, 500, 40)
    frames[0, : len(silence_around)] = torch.from_numpy(silence_around)
    mixed = MixNoise(noise, (5, 5), p=1, features=MELS)(frames, torch.tensor([len(silence_around)]))
    assert not mixed[0, len(silence_around) :].any()
    sound = slice(105, 196)
    before, after = power(frames[0, sound]).mean(), power(mixed[0, sound]).mean()
    assert 10 * np.log10(before / (after - before)) == pytest.approx(5, abs=0.5)
    assert (mixed[0, :50] > frames[0, :50] + 20).all()  # noise does not wait for the clip


def test_frames_of_a_net_are_brought_back_to_decibels_and_standardized_again(noise, clip, rng):
    frames, lengths = tensors(np.repeat(MELS.transform([clip]), 4, axis=0))
    mean, std = rng.normal(size=40), rng.uniform(5, 15, size=40)
    step = MixNoise(noise, p=1, features=MELS)
    torch.manual_seed(1)
    expected = step(frames, lengths)
    torch.manual_seed(1)
    scaled = step.on_scale(mean, std)(torch.from_numpy(((frames.numpy() - mean) / std).astype("f4")), lengths)
    np.testing.assert_allclose(scaled.numpy() * std + mean, expected, atol=1e-3)


@pytest.mark.parametrize("ref", [1.0, 1e-4, "max"])
def test_quiet_clips_keep_what_their_features_keep(noise, clip, ref):
    """Features with another floor than -100 dB: the noise adds to it, and nothing is raised to -100 dB."""
    features = MelSpectrogramTransformer(40, sr=SR, n_fft=512, hop_length=160, ref=ref, amin=1e-20, top_db=None)
    frames, lengths = tensors(features.transform([1e-6 * clip]))
    mixed = MixNoise(noise, (20, 20), p=1, features=features)(frames, lengths)
    before, after = power(frames).mean(), power(mixed).mean()
    assert 10 * np.log10(before / (after - before)) == pytest.approx(20, abs=0.1)
    silent = MixNoise(noise / "silent.wav", p=1, features=features)
    with pytest.raises(ValueError, match="is silence alone"):
        silent(frames, lengths)


def test_only_the_fraction_p_is_changed(noise, clip):
    frames, lengths = tensors(np.repeat(MELS.transform([clip]), 200, axis=0))
    mixed = MixNoise(noise, p=0.5, features=MELS)(frames, lengths)
    assert 70 < (mixed != frames).any(dim=2).any(dim=1).sum() < 130


def test_a_recipe_gives_its_features_and_trains_the_same_again(noise, clip, tmp_path):
    X, y = np.stack([clip * level for level in (0.2, 1.0) * 6]), ["a", "b"] * 6
    settings = {"sr": SR, "duration": 1.0, "features": {"n_mels": 24}, "max_epochs": 1, "random_state": 0}
    settings |= {"channels": (4, 4), "hidden_size": 4}
    model = make_classifier(**settings, augment=[MixNoise(noise), SpecAugment()])
    step = model[-1].augment[0]
    assert step.features.get_params() == model[0].get_params()
    first, again = model.fit(X, y).predict_proba(X), model.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(first, again)
    plain = make_classifier(**settings, augment=[SpecAugment()]).fit(X, y).predict_proba(X)
    assert (plain != first).any()
    sklaudio.save(model, tmp_path / "model.skops")
    noise.rename(noise.with_name("elsewhere"))
    np.testing.assert_array_equal(sklaudio.load(tmp_path / "model.skops").predict_proba(X), first)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), first)


@pytest.mark.parametrize(("features", "message"), [
    (None, "features=None must be the MelSpectrogramTransformer before the net"),
    (WaveformTransformer(), "must be the MelSpectrogramTransformer"),
    (MelSpectrogramTransformer(40, power=1.0), "power=1.0, and clip and noise add as powers"),
    (MelSpectrogramTransformer(20), "make 20 mel bands of the noise, and the frames of the net have 40 dims"),
])  # fmt: skip
def test_other_features_are_errors(noise, clip, features, message):
    frames = np.repeat(MELS.transform([clip]), 4, axis=0)
    net = CNNClassifier((4,), max_epochs=1, augment=MixNoise(noise, features=features))
    with pytest.raises(ValueError, match=message):
        net.fit(frames, [0, 1, 0, 1])


def test_silence_alone_is_an_error(noise, clip):
    with pytest.raises(ValueError, match="is silence alone"):
        MixNoise(noise / "silent.wav", features=MELS)(*tensors(MELS.transform([clip])))
