"""musicnn: a second path of computation, and real tracks, where the weights are at hand.

They are taken from SKLAUDIO_TEST_ENCODERS, a folder that holds the wheel ``musicnn-0.1.0-py3-none-any.whl`` (or the
files in it); where it is not set, these tests are skipped.
"""

import os

import librosa
import numpy as np
import pytest
import torch
from scipy.signal import correlate

from sklaudio import EncoderTransformer, FrameUnion, encoders, load_audio
from sklaudio.encoders import _musicnn
from sklaudio.encoders._checkpoint import read_checkpoint
from sklaudio.encoders._musicnn_net import DIMS, MusicNN, load_weights, log_mel, variables_of

from ..conftest import real_files

SR = 16000
FIRST, *OTHERS = _musicnn.FOLDERS
NAMES = [FIRST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]  # of the same layers


@pytest.fixture
def weights():
    """A function that puts the weights of an encoder into the data home of the test."""
    place = os.environ.get("SKLAUDIO_TEST_ENCODERS")
    wheel = place and os.path.join(place, "musicnn-0.1.0-py3-none-any.whl")
    if not place or not os.path.exists(place):
        pytest.skip("no weights of musicnn: pip download --no-deps musicnn==0.1.0, and set SKLAUDIO_TEST_ENCODERS")
    return lambda name: encoders.fetch(name, source=wheel if os.path.exists(wheel) else place)


def dense(x, tensors, name):
    return x @ tensors[f"{name}/kernel"] + tensors[f"{name}/bias"]


def norm(x, tensors, number):
    """Batch normalization of the last axis."""
    name = f"batch_normalization_{number}" if number else "batch_normalization"
    gamma, beta, mean, variance = (
        tensors[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta


def convolve(x, tensors, number):
    """Convolution and rectifier: (n_frames, n_bands) -> (n_frames, n_positions, n_filters); "same" over time."""
    name = f"conv2d_{number}" if number else "conv2d"
    kernel, bias = tensors[f"{name}/kernel"], tensors[f"{name}/bias"]
    length = len(kernel)
    padded = np.pad(x, [((length - 1) // 2, length // 2), (0, 0)])
    maps = [correlate(padded, kernel[:, :, 0, k], "valid") for k in range(kernel.shape[3])]
    return np.maximum(np.stack(maps, axis=-1) + bias, 0)


def by_numpy(tensors, clip):
    """Tags of a window, by numpy alone."""
    mel = librosa.feature.melspectrogram(y=clip, sr=SR, n_fft=512, hop_length=256, n_mels=96, center=False).T
    x = norm(np.log10(10000 * mel.astype(np.float64) + 1)[..., None], tensors, 0)[..., 0]
    front = np.concatenate([norm(convolve(x, tensors, k), tensors, k + 1).max(axis=1) for k in range(5)], axis=1)
    parts = [front]
    for k in (5, 6, 7):
        layer = norm(convolve(parts[-1], tensors, k), tensors, k + 1)[:, 0]
        parts.append(layer if k == 5 else layer + parts[-1])
    x = np.concatenate(parts, axis=1)
    pooled = np.stack([x.max(axis=0), x.mean(axis=0)], axis=1).ravel()
    penultimate = norm(np.maximum(dense(norm(pooled, tensors, 9), tensors, "dense"), 0), tensors, 10)
    return {
        "cnn3": parts[3],
        "penultimate": penultimate,
        "tags": 1 / (1 + np.exp(-dense(penultimate, tensors, "dense_1"))),
    }


def random_tensors(rng):
    """Weights such as a checkpoint holds, of random numbers."""
    shapes = {
        **{f"conv2d_{k}" if k else "conv2d": shape for k, shape in enumerate(
            [(7, 38, 1, 204), (7, 67, 1, 204), (128, 1, 1, 51), (64, 1, 1, 51), (32, 1, 1, 51),
             (7, 561, 1, 64), (7, 64, 1, 64), (7, 64, 1, 64)]
        )},
        "dense": (1506, 200), "dense_1": (200, 50),
    }  # fmt: skip
    tensors = {}
    for name, shape in shapes.items():
        tensors[f"{name}/kernel"] = rng.normal(0, 1 / np.sqrt(np.prod(shape[:-1])), shape).astype(np.float32)
        tensors[f"{name}/bias"] = rng.normal(0, 0.1, shape[-1]).astype(np.float32)
    for k, n in enumerate([1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200]):
        name = f"batch_normalization_{k}" if k else "batch_normalization"
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            tensors[f"{name}/{part}"] = rng.uniform(0.5, 1.5, n).astype(np.float32)
    return tensors


def test_the_net_is_what_numpy_computes(rng):
    tensors = random_tensors(rng)
    net = MusicNN().eval()
    assert sorted(variables_of(net)) == sorted(tensors)
    load_weights(net, tensors)
    clip = (0.1 * rng.normal(size=512 + 186 * 256)).astype(np.float32)
    with torch.inference_mode():
        layers = net(torch.from_numpy(clip[None]))
    assert {name: layer.shape[-1] for name, layer in layers.items()} == DIMS
    for name, expected in by_numpy(tensors, clip).items():
        np.testing.assert_allclose(layers[name][0].numpy(), expected, rtol=1e-3, atol=1e-3)


def test_spectra_are_librosas(rng):
    clip = (0.1 * rng.normal(size=SR)).astype(np.float32)
    mel = librosa.feature.melspectrogram(y=clip, sr=SR, n_fft=512, hop_length=256, n_mels=96, center=False).T
    spectra = log_mel(torch.from_numpy(clip[None]))[0].numpy()
    np.testing.assert_allclose(spectra, np.log10(10000 * mel + 1), rtol=1e-4, atol=1e-5)


def test_weights_of_another_shape_are_refused(rng):
    tensors = random_tensors(rng)
    tensors["dense_1/kernel"] = tensors["dense_1/kernel"][:, :40]
    with pytest.raises(ValueError, match=r"dense_1/kernel is of shape \(40, 200\)"):
        load_weights(MusicNN(), tensors)


def test_where_it_is_absent_the_error_says_how_to_get_it():
    with pytest.raises(FileNotFoundError, match=r"not installed. Get it: sklaudio.encoders.fetch\('musicnn-msd'\)"):
        EncoderTransformer("musicnn-msd").fit([np.zeros(SR)])


@pytest.mark.parametrize("name", NAMES)
def test_tags_equal_a_second_path_of_computation(weights, name):
    folder, clip = weights(name), load_audio(real_files("gtzan/genres/metal/*.flac")[0], SR, duration=7.0)[0]
    tags = EncoderTransformer(name, layer="tags").fit_transform([clip])[0]
    tensors = read_checkpoint(folder / "musicnn.index", folder / "musicnn.data-00000-of-00001")
    padded = np.pad(clip, 256)
    for index, window_tags in enumerate(tags[:2]):
        expected = by_numpy(tensors, padded[index * 187 * 256 :][: 512 + 186 * 256])["tags"]
        np.testing.assert_allclose(window_tags, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_metal_is_rock_and_no_opera(weights, name):
    weights(name)
    files = [str(file) for file in real_files("gtzan/genres/metal/*.flac")]
    encoder = EncoderTransformer(name, layer="tags").fit(files)
    of = dict(
        zip(
            encoder.get_feature_names_out(),
            np.mean([clip_tags.mean(axis=0) for clip_tags in encoder.transform(files)], axis=0),
            strict=True,
        )
    )
    assert of["rock"] > 0.2
    assert of["metal"] > 0.1
    assert of["metal"] > max(of.get("opera", 0), of.get("jazz", 0), of.get("choir", 0))


def test_layers_of_windows_and_of_frames(weights, rng):
    weights("musicnn-mtt")
    clip = (0.1 * rng.normal(size=10 * SR)).astype(np.float32)
    windows = EncoderTransformer("musicnn-mtt", layer=["penultimate", "tags"]).fit_transform([clip])
    assert windows.shape == (1, 3, 250)
    frames = EncoderTransformer("musicnn-mtt", layer="cnn3").fit([clip])
    assert frames.frame_rate_ == 62.5
    assert frames.transform([clip]).shape == (1, 626, 64)
    with pytest.raises(ValueError, match="take one or more of"):
        EncoderTransformer("musicnn-mtt", layer=["tags", "cnn1"]).fit([clip])


def test_both_networks_stand_side_by_side(weights, rng):
    for name in _musicnn.FOLDERS:
        weights(name)
    union = FrameUnion([(name[-3:], EncoderTransformer(name)) for name in _musicnn.FOLDERS])
    assert union.fit_transform([rng.normal(size=6 * SR)]).shape == (1, 2, 400)
    assert encoders.check_encoder("musicnn-msd")["dims"] == 200
