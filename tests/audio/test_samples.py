"""Samples of every type and in every container are what they are in the file."""

import array
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.io.wavfile
import soundfile
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, FrameUnion, MFCCTransformer, WaveformTransformer, check_clips, load_audio
from sklaudio.audio import as_clips, holds_clips

SR, N_FILES = 8000, 24
CONTAINERS = {
    "1-D arrays": list,
    "2-D array": np.asarray,
    "big-endian 2-D array": lambda y: y.astype(">i2"),
    "big-endian 1-D arrays": lambda y: list(y.astype(">i2")),
    "Fortran order": np.asfortranarray,
    "int32": lambda y: y.astype(np.int32) << 16,
    "uint16": lambda y: (y.astype(np.int32) + 2**15).astype(np.uint16),
    "uint32": lambda y: ((y.astype(np.int64) << 16) + 2**31).astype(np.uint32),
    "float16": lambda y: (y / 2**15).astype(np.float16),
    "longdouble": lambda y: (y / 2**15).astype(np.longdouble),
    "lists of floats": lambda y: (y / 2**15).tolist(),
    "lists of int16": lambda y: [list(clip) for clip in y],
    "array.array": lambda y: [array.array("h", clip) for clip in y],
    "memoryviews": lambda y: [memoryview(clip) for clip in y],
    "2-D memoryview": memoryview,
    "2-D tensor": torch.from_numpy,
    "1-D tensors": lambda y: list(torch.from_numpy(y)),
    "DataFrame": pd.DataFrame,
    "DataFrame with names": lambda y: pd.DataFrame(y, columns=[f"s{k}" for k in range(y.shape[1])]),
    "DataFrame of Int16": lambda y: pd.DataFrame(y).astype("Int16"),
    "Series of arrays": lambda y: pd.Series(list(y)),
    "list of Series": lambda y: [pd.Series(clip) for clip in y],
    "list of Series of Int16": lambda y: [pd.Series(clip, dtype="Int16") for clip in y],
    "polars DataFrame": pl.DataFrame,
    "polars Series of lists": lambda y: pl.Series(y.tolist(), dtype=pl.List(pl.Int16)),
    "list of polars Series": lambda y: [pl.Series(clip) for clip in y],
    "object array of arrays": lambda y: np.array([*y, None], dtype=object)[:-1],
    "2-D object array": lambda y: np.array([list(clip) for clip in y], dtype=object),
    "tuple": tuple,
}


def sounds():
    """Loud and quiet tones and hums as 16 bits, and what they are: only their level tells two of the classes apart."""
    rng = np.random.default_rng(0)
    time = np.arange(SR // 2) / SR
    y = np.arange(N_FILES) % 3
    pitch = np.array([200, 1500, 1500])[y] * rng.uniform(0.97, 1.03, N_FILES)
    level = np.array([0.6, 0.6, 0.01])[y] * rng.uniform(0.8, 1.2, N_FILES)
    tones = level[:, None] * np.sin(2 * np.pi * pitch[:, None] * time) + rng.normal(0, 1e-3, (N_FILES, len(time)))
    return np.round(2**15 * tones).astype(np.int16), np.array(["hum", "loud", "quiet"])[y]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of 24 files, their samples, and a model that is right on all of them."""
    folder, (samples, y) = tmp_path_factory.mktemp("files"), sounds()
    paths = [str(folder / f"{k}.wav") for k in range(N_FILES)]
    for path, clip in zip(paths, samples, strict=True):
        soundfile.write(path, clip, SR, subtype="PCM_16")
    model = make_pipeline(MFCCTransformer(sr=SR), FrameSummary(), LogisticRegression(max_iter=1000)).fit(paths, y)
    assert model.score(paths, y) == 1
    return paths, samples, model


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
def test_a_model_that_is_right_on_24_of_24_files_is_right_on_them_in_every_container(make, files):
    paths, samples, model = files
    X = make(samples)
    np.testing.assert_array_equal(model.predict(X), model.predict(paths))
    tolerance = 2e-2 if make is CONTAINERS["float16"] else 1e-5
    np.testing.assert_allclose(model.predict_proba(X), model.predict_proba(paths), atol=tolerance)


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.filterwarnings("ignore:X has feature names")
def test_every_way_in_has_the_samples_of_the_file(make, files):
    paths, samples, _ = files
    X, expected = make(samples), np.stack([load_audio(path, SR)[0] for path in paths])
    precision = {"atol": 1e-3} if make is CONTAINERS["float16"] else {"atol": 1e-7}
    np.testing.assert_allclose(as_clips(X), expected, **precision)
    frames = WaveformTransformer(100, sr=SR)
    union = FrameUnion([("waveform", WaveformTransformer(100, sr=SR))])
    batches = np.concatenate(list(WaveformTransformer(100, sr=SR).iter_transform(X, batch_size=7)))
    for found in (frames.fit_transform(X), union.fit_transform(X), batches):
        np.testing.assert_allclose(found.reshape(N_FILES, -1), expected, **precision)
    assert "too loud" not in check_clips(X, sr=SR, near=False)["fault"].tolist()


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_what_scipy_reads_is_what_the_file_holds(subtype, tmp_path):
    y = 0.5 * np.sin(2 * np.pi * 440 * np.arange(SR) / SR)
    soundfile.write(tmp_path / "tone.wav", y, SR, subtype=subtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", scipy.io.wavfile.WavFileWarning)  # of the peaks that float files list
        _, samples = scipy.io.wavfile.read(tmp_path / "tone.wav")
    expected, _ = load_audio(tmp_path / "tone.wav", SR)
    [clip] = as_clips([samples])
    np.testing.assert_allclose(clip, expected, atol=1e-7)
    frames = WaveformTransformer(100, sr=SR).fit_transform(samples[np.newaxis])
    np.testing.assert_allclose(frames.ravel(), expected, atol=1e-7)


def test_8_bits_fill_the_scale():
    [signed] = as_clips([np.array([-128, 0, 64], np.int8)])
    [unsigned] = as_clips([np.array([0, 128, 192], np.uint8)])
    assert signed.tolist() == unsigned.tolist() == [-1, 0, 0.5]


@pytest.mark.parametrize(
    "make",
    [
        np.asarray,
        list,
        np.ndarray.tolist,
        lambda y: [clip[: len(clip) - k].tolist() for k, clip in enumerate(y)],
        pd.DataFrame,
        pl.DataFrame,
        torch.from_numpy,
        lambda y: y.astype(np.uint64),
        lambda y: pd.Series(y.tolist()),
    ],
    ids=["2-D", "1-D", "lists", "unequal lists", "pandas", "polars", "torch", "unsigned", "Series of lists"],
)
def test_integers_of_64_bits_are_an_error_that_says_what_to_pass(make):
    X = make(sounds()[0].astype(np.int64))
    for call in (MFCCTransformer(sr=SR).fit, MFCCTransformer(sr=SR).transform, as_clips):
        with pytest.raises(ValueError, match=r"64 bits .*\.astype\(np\.int16\), or as floats") as error:
            call(X)
        assert len(str(error.value)) < 300


@pytest.mark.parametrize(("dtype", "words"), [(bool, "type bool"), (complex, "Complex data not supported")])
def test_what_is_no_sound_is_an_error(dtype, words):
    for X in (np.ones((2, 900), dtype), list(np.ones((2, 900), dtype))):
        with pytest.raises(ValueError, match=words) as caught:
            MFCCTransformer().fit(X)
        assert len(str(caught.value)) < 300


def test_columns_of_several_types_have_no_one_scale():
    X = pd.DataFrame(np.ones((2, 900), np.int16)).astype({0: np.float64})
    with pytest.raises(ValueError, match="several types: float64, int16"):
        MFCCTransformer().fit(X)


@pytest.mark.parametrize("clip", [bytearray(b"RIFF"), ["1.0", "2.0"], np.ones(3, "m8[s]")])
def test_what_holds_no_samples_is_no_clip(clip):
    with pytest.raises(TypeError, match=r"X\[0\] is .* a clip is a path"):
        as_clips([clip])


def test_one_waveform_in_place_of_a_list_is_short_to_read():
    for X in (np.ones(900), array.array("h", [1] * 900), [0.5] * 900):
        assert not holds_clips(X)
        with pytest.raises(ValueError, match=r"one array of shape \(900,\).*pass \[X\]") as caught:
            MFCCTransformer().fit(X)
        assert len(str(caught.value)) < 300


def test_names_of_columns_are_known():
    X = pd.DataFrame(sounds()[0], columns=[f"s{k}" for k in range(SR // 2)])
    assert MFCCTransformer(sr=SR).fit(X).feature_names_in_[1] == "s1"
    with pytest.raises(ValueError, match="feature names"):
        MFCCTransformer(sr=SR).fit(X).transform(X.rename(columns={"s1": "other"}))
