"""Augmentations do what they say, to training batches only."""

import numpy as np
import pytest
import torch

from sklaudio import CNNClassifier, WaveformTransformer
from sklaudio.augment import (
    FilterAugment,
    FrequencyWarp,
    Gain,
    Mixup,
    Noise,
    Pitch,
    SpecAugment,
    Stretch,
    Tempo,
    TimeShift,
)

SR = 16000
ALL = [
    Noise(),
    Gain(),
    TimeShift(),
    Stretch(),
    Pitch(),
    SpecAugment(),
    FilterAugment(),
    FrequencyWarp(),
    Tempo(),
    Mixup(),
]


@pytest.fixture(autouse=True)
def seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def tones(frequencies, seconds=1.0):
    """Waveform frames of tones: (batch, 100, 160)."""
    time = np.arange(round(seconds * SR)) / SR
    y = np.stack([np.sin(2 * np.pi * frequency * time) for frequency in frequencies])
    return torch.from_numpy(WaveformTransformer().transform(y)), torch.full((len(y),), 100)


def pitch_of(frames):
    y = frames.flatten().numpy()
    y = y[: np.flatnonzero(y)[-1] + 1]
    return np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 17)).argmax() * SR / (1 << 17)


def batch(n_clips=6, n_frames=40, n_dims=16):
    lengths = torch.tensor([40, 33, 20, 40, 7, 1])[:n_clips]
    frames = torch.randn(n_clips, n_frames, n_dims) + 3
    return frames * (torch.arange(n_frames) < lengths[:, None])[:, :, None], lengths


@pytest.mark.parametrize("augment", ALL, ids=lambda augment: type(augment).__name__)
def test_shapes_and_padding_stay(augment):
    frames, lengths = batch()
    if isinstance(augment, (Stretch, Pitch)):
        frames = frames.repeat(1, 1, 10)  # long enough for a window
    before = frames.clone()
    result = augment(frames, lengths)
    changed, new_lengths = result[:2] if isinstance(result, tuple) else (result, lengths)
    assert changed.shape == frames.shape
    assert torch.equal(frames, before)  # not in place
    assert not torch.equal(changed, frames)
    assert torch.isfinite(changed).all()
    for clip, length in zip(changed, new_lengths, strict=True):
        assert not clip[length:].any()


@pytest.mark.parametrize("augment", ALL, ids=lambda augment: type(augment).__name__)
def test_the_seed_decides(augment):
    frames, lengths = tones([300, 500, 700])

    def draw(seed):
        torch.manual_seed(seed)
        result = augment(frames, lengths)
        return result[0] if isinstance(result, tuple) else result

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))


def test_noise_has_the_level_asked_for():
    frames, lengths = tones([1000, 1000])
    added = Noise(snr=(20, 20))(frames, lengths) - frames
    ratio = 10 * torch.log10(frames.square().mean() / added.square().mean())
    assert float(ratio) == pytest.approx(20, abs=0.2)


def test_gain_is_within_its_bounds():
    frames, lengths = tones([1000] * 50)
    decibel = 20 * torch.log10(Gain((-6, 3))(frames, lengths).abs().amax(dim=(1, 2)) / frames.abs().amax(dim=(1, 2)))
    assert -6 <= decibel.min() < -4
    assert 1 < decibel.max() <= 3


def test_time_shift_turns_a_clip_round():
    frames = torch.arange(10.0)[None, :, None].repeat(20, 1, 1)
    frames[:, 8:] = 0
    shifted = TimeShift(0.5)(frames, torch.full((20,), 8))
    for clip in shifted[:, :8, 0].tolist():
        turned = [(clip[0] + k) % 8 for k in range(8)]
        assert clip == turned
    assert len({clip[0] for clip in shifted[:, :8, 0].tolist()}) > 3


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretch_changes_length_and_keeps_pitch(rate):
    frames, _ = tones([700], 2.0)
    stretched, lengths = Stretch((rate, rate))(frames, torch.tensor([100]))  # the second half is padding
    assert lengths.item() == round(100 / rate)
    assert pitch_of(stretched) == pytest.approx(700, rel=0.01)


@pytest.mark.parametrize("semitones", [-2, 2])
def test_pitch_changes_pitch_and_keeps_length(semitones):
    frames, lengths = tones([700])
    shifted = Pitch((semitones, semitones))(frames, lengths)
    assert pitch_of(shifted) == pytest.approx(700 * 2 ** (semitones / 12), rel=0.01)
    assert shifted.flatten()[-800:].abs().max() > 0.3


def test_specaugment_sets_bands_and_runs_to_zero():
    frames = torch.ones(200, 40, 20)
    masked = SpecAugment(n_dim_masks=1, n_time_masks=0, dim_width=0.3)(frames, torch.full((200,), 40)) == 0
    width = masked[:, 0].sum(dim=1)
    assert torch.equal(masked.all(dim=1), masked.any(dim=1))  # whole bands
    assert width.max() == 6
    assert width.min() == 0
    masked = SpecAugment(n_dim_masks=0, n_time_masks=1, time_width=0.5)(frames, torch.full((200,), 20)) == 0
    assert masked[:, :20].any()
    assert not masked[:, 20:].any()  # the fraction is of the clip, not of the padding
    assert masked[:, :, 0].sum(dim=1).max() <= 10


def test_frequency_warp_moves_a_band():
    frames = torch.zeros(1, 5, 100)
    frames[:, :, 50] = 1
    lengths = torch.tensor([5])
    assert FrequencyWarp((1.2, 1.2))(frames, lengths)[0, 0].argmax() == 60
    assert FrequencyWarp((0.8, 0.8))(frames, lengths)[0, 0].argmax() == 40
    assert torch.allclose(FrequencyWarp((1.0, 1.0))(frames, lengths), frames, atol=1e-6)


def test_some_clips_are_warped_and_the_others_stay():
    frames, lengths = torch.rand(200, 4, 20), torch.full((200,), 4)
    warped = FrequencyWarp((1.2, 1.3), p=0.3)(frames, lengths)
    stays = (warped == frames).all(dim=2).all(dim=1)
    assert 0.6 < stays.float().mean() < 0.8
    assert (warped[~stays] != frames[~stays]).float().mean() > 0.9  # each whole: the lowest band alone stays
    assert torch.equal(FrequencyWarp(p=0.0)(frames, lengths), frames)


def test_mixup_mixes_clips_and_classes(frames):
    clips, lengths = batch()
    mixed, new_lengths, partner, fraction = Mixup(1.0)(clips, lengths)
    k = 2
    assert torch.allclose(mixed[k], fraction[k] * clips[k] + (1 - fraction[k]) * clips[partner[k]], atol=1e-6)
    assert new_lengths[k] == max(lengths[k], lengths[partner[k]])
    X, y = frames
    net = CNNClassifier((4,), augment=Mixup(1.0), max_epochs=2, random_state=0).fit(X, y).net_
    logits, target = torch.randn(2, 3), torch.tensor([0, 2])
    inputs = {"weight": torch.ones(2), "partner": torch.tensor([1, 0]), "fraction": torch.tensor([0.25, 1.0])}
    log = logits.log_softmax(dim=1)
    expected = -(0.25 * log[0, 0] + 0.75 * log[0, 2] + log[1, 2]) / 2
    assert float(net.get_loss(logits, target, X=inputs, training=False)) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("augment", [*ALL, ALL[5:]], ids=lambda a: "list" if isinstance(a, list) else type(a).__name__)
def test_training_is_augmented_and_prediction_never(augment, rng, monkeypatch):
    y = np.tile(["low", "high"], 8)
    pitch = np.where(y == "low", 300, 900)[:, None] * rng.uniform(0.9, 1.1, size=(16, 1))
    X = WaveformTransformer().transform(np.sin(2 * np.pi * pitch * np.arange(SR // 4) / SR))
    calls = []
    steps = augment if isinstance(augment, list) else [augment]
    watched = [lambda frames, lengths, step=step: calls.append(step) or step(frames, lengths) for step in steps]
    net = CNNClassifier((4,), augment=watched, max_epochs=2, batch_size=8, random_state=0)
    net.fit(X, y, X_val=X, y_val=y)
    assert len(calls) == 2 * 2 * len(steps)
    first = net.predict_proba(X)
    np.testing.assert_array_equal(net.predict_proba(X), first)
    net.transform(X)
    net.score(X, y)
    assert len(calls) == 2 * 2 * len(steps)
    again = CNNClassifier((4,), augment=steps, max_epochs=2, batch_size=8, random_state=0).fit(X, y, X_val=X, y_val=y)
    np.testing.assert_array_equal(again.predict_proba(X), first)  # the same seed draws the same


def test_a_filter_is_a_gain_of_each_dim_that_all_frames_share():
    frames, lengths = batch()
    change = FilterAugment(level=0.5, tilt=0.2)(frames, lengths) - frames
    for clip, length in zip(change, lengths, strict=True):
        assert torch.allclose(clip[:length], clip[:1].expand(length, -1), atol=1e-6)
        assert not clip[length:].any()
    gain = change[:, 0]
    assert gain.abs().max() <= 0.7
    assert gain.mean(dim=1).std() > gain.std(dim=1).mean()  # the level moves more than the filter bends
    slopes = gain.diff(dim=1)
    assert ((slopes.diff(dim=1).abs() > 1e-5).sum(dim=1) <= 4).all()  # straight but for the two points inside


def test_tempo_plays_a_ramp_steeper_or_flatter_and_holds_its_end():
    lengths = torch.full((50,), 30)
    frames = torch.arange(30.0)[None, :, None].repeat(50, 1, 2)
    played = Tempo((0.8, 1.25))(frames, lengths)[:, :, 0]
    rate = played[:, 1]
    assert rate.min() >= 0.8
    assert rate.max() <= 1.25
    assert rate.std() > 0.05
    assert torch.allclose(played, (torch.arange(30) * rate[:, None]).clamp(max=29), atol=1e-4)


@pytest.mark.parametrize("n_samples", [1, 5, 255, 256, 257, 300, 511, 512, 600])
@pytest.mark.parametrize("factor", [0.25, 0.8, 1.25, 3.0])
def test_stretch_and_pitch_take_clips_shorter_than_their_window(n_samples, factor):
    frames, lengths = torch.randn(2, n_samples, 1), torch.tensor([n_samples, max(1, n_samples // 2)])
    stretched, new_lengths = Stretch((factor, factor))(frames, lengths)
    assert stretched.shape == frames.shape
    assert torch.isfinite(stretched).all()
    assert new_lengths[0] == min(n_samples, max(1, round(n_samples / factor)))
    semitones = 12 * np.log2(factor)
    higher = Pitch((semitones, semitones))(frames, lengths)
    assert higher.shape == frames.shape
    assert torch.isfinite(higher).all()


def test_a_clip_shorter_than_the_window_keeps_its_level():
    frames = torch.sin(2 * torch.pi * 2000 * torch.arange(200) / SR)[None, :, None]
    stretched, lengths = Stretch((0.8, 0.8))(frames, torch.tensor([200]))
    assert lengths.tolist() == [200]
    assert 0.5 < stretched.std() / frames.std() < 1.5
