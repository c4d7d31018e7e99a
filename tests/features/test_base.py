"""What every feature extractor does alike: forms of X, duration, threads, cache, names, errors."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
import soundfile
from sklearn.base import clone

import sklaudio.features._map_clips as running
from sklaudio import (
    ChromaTransformer,
    CQTTransformer,
    FrameScaler,
    FrameSummary,
    FrameTransformer,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
    SpectrogramTransformer,
    TempogramTransformer,
    TempoTransformer,
    TonnetzTransformer,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
    genre_features,
)

from ..opened import list_opened

SR = 22050
ONE_OF_EACH = [
    genre_features(), MFCCTransformer(delta=2), SpectralBandwidthTransformer(), SpectralRolloffTransformer(),
    SpectralFlatnessTransformer(), RMSTransformer(), ZeroCrossingRateTransformer(), WaveformTransformer(),
    MelSpectrogramTransformer(ref="max", top_db=None), PCENTransformer(), SpectrogramTransformer(fmin=100),
    TonnetzTransformer(), TonnetzTransformer(chroma="stft"), TempogramTransformer(32), TempoTransformer(),
    CQTTransformer(tuning=None),
]  # fmt: skip


@pytest.fixture
def count_decodings(monkeypatch):
    """List of the files decoded so far."""
    return list_opened(monkeypatch)


def test_all_lists_of_paths_give_the_same(tone_files):
    paths, _ = tone_files
    expected = MFCCTransformer().fit_transform(paths)
    assert expected.dtype == object
    assert expected[0].dtype == np.float32
    for X in ([Path(path) for path in paths], np.array(paths), pd.Series(paths), tuple(paths)):
        for ours, theirs in zip(MFCCTransformer().fit_transform(X), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_waveforms_give_the_same_in_a_table_and_in_a_list(noise):
    clips = np.stack([noise, noise[::-1]])
    expected = MFCCTransformer().fit_transform(clips)
    assert expected.shape == (2, 44, 13)
    for X in (list(clips), clips.astype(np.float64), np.asfortranarray(clips), pd.DataFrame(clips)):
        np.testing.assert_allclose(MFCCTransformer().fit_transform(X), expected, atol=1e-3)


def test_clips_of_unequal_length_are_an_object_array(noise):
    frames = MFCCTransformer().transform([noise, noise[: SR // 2]])
    assert frames.dtype == object
    assert [clip.shape for clip in frames] == [(44, 13), (22, 13)]


def test_a_table_has_a_fixed_width(noise):
    mfcc = MFCCTransformer().fit(noise.reshape(2, -1))
    assert mfcc.n_features_in_ == SR // 2
    with pytest.raises(ValueError, match="list of 1-D arrays for clips of any length"):
        mfcc.transform(noise.reshape(3, -1))
    assert not hasattr(mfcc.fit([noise]), "n_features_in_")


def test_duration_cuts_and_pads(noise, tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, SR, subtype="FLOAT")
    for X in ([noise, noise[: SR // 4]], [str(path), noise[: SR // 4]]):
        assert MFCCTransformer(duration=0.5).transform(X).shape == (2, 22, 13)
    padded = WaveformTransformer(100, sr=SR, duration=2.0).transform([noise])[0].ravel()
    np.testing.assert_array_equal(padded[:SR], noise)
    assert not padded[SR:].any()


def test_offset_skips_the_same_of_files_and_waveforms(noise, tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, SR, subtype="FLOAT")
    cut = MFCCTransformer(offset=0.25, duration=0.5)
    np.testing.assert_array_equal(cut.transform([path])[0], cut.transform([noise])[0])
    odd = {"offset": 0.3333, "sr": 16000}
    at_16k = noise[:16000]
    soundfile.write(path, at_16k, 16000, subtype="FLOAT")
    for ours, theirs in zip(*(WaveformTransformer(1, **odd).transform([clip]) for clip in (path, at_16k)), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="offset=3"):
        MFCCTransformer(offset=3).transform([noise])


def test_threads_change_nothing(noise):
    clips = [noise[i * 100 :] for i in range(20)]
    for ours, theirs in zip(
        ChromaTransformer(n_jobs=4).transform(clips), ChromaTransformer().transform(clips), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("as_container", [list, np.array, pd.Series])
def test_iter_transform_gives_the_same_in_batches(as_container, tone_files):
    paths, _ = tone_files
    mfcc = MFCCTransformer(duration=0.3)
    batches = list(mfcc.iter_transform(as_container(paths), batch_size=5))
    assert [len(batch) for batch in batches] == [5, 5, 2]
    np.testing.assert_array_equal(np.concatenate(batches), mfcc.transform(paths))


def test_iter_transform_reads_a_batch_when_its_turn_comes(tone_files, count_decodings):
    paths, _ = tone_files
    batches = MFCCTransformer().iter_transform(paths, batch_size=3)
    assert count_decodings == []
    assert next(batches).dtype == object
    assert count_decodings == paths[:3]


@pytest.mark.parametrize(
    ("X", "batch_size", "words"),
    [("a.wav", 2, r"Pass \['a.wav'\]"), ([], 2, "Expected 2D array"), (["a.wav"], 0, "batch_size=0")],
)
def test_iter_transform_explains_what_it_cannot_take(X, batch_size, words):
    with pytest.raises(ValueError, match=words):
        next(MFCCTransformer().iter_transform(X, batch_size=batch_size))


@pytest.mark.parametrize("transformer", ONE_OF_EACH, ids=repr)
def test_batches_on_a_device_give_what_single_clips_give(transformer, noise, monkeypatch):
    """What a GPU computes many clips at a time, computed on the CPU by the same code."""
    clips = [noise, noise[::-1].copy(), noise[: SR // 2], 0.1 * noise, 0.5 * noise]
    single = transformer.transform(clips)
    monkeypatch.setattr(running, "SAMPLES_AT_A_TIME", 2 * SR)  # the true batches would take 760 clips of a second
    for ours, expected in zip(clone(transformer).set_params(device="cpu:0").transform(clips), single, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_the_cache_decodes_each_file_once_per_setting(tone_files, tmp_path, count_decodings):
    paths, _ = tone_files
    mfcc = MFCCTransformer(memory=tmp_path / "cache")
    first = mfcc.transform(paths)
    again = MFCCTransformer(memory=joblib.Memory(str(tmp_path / "cache"), verbose=0), n_jobs=2).transform(paths[::-1])
    assert len(count_decodings) == len(paths)
    for ours, theirs in zip(again[::-1], first, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    mfcc.set_params(n_mfcc=20).transform(paths)
    assert len(count_decodings) == 2 * len(paths)


def test_the_cache_knows_a_file_by_its_content(tone_files, tmp_path, count_decodings):
    paths, _ = tone_files
    mfcc = MFCCTransformer(memory=tmp_path / "cache")
    mfcc.transform(paths[:1])
    renamed = Path(paths[0]).rename(tmp_path / "renamed.wav")
    mfcc.transform([renamed])
    assert len(count_decodings) == 1
    soundfile.write(renamed, np.zeros(SR), SR)
    n_before = len(count_decodings)
    assert mfcc.transform([renamed])[0].std() < 400
    assert len(count_decodings) == n_before + 1


def test_the_cache_takes_waveforms(noise, tmp_path):
    clips = np.stack([noise, 2 * noise])
    mfcc = MFCCTransformer(memory=str(tmp_path))
    np.testing.assert_array_equal(mfcc.transform(clips), mfcc.transform(clips))
    np.testing.assert_array_equal(mfcc.transform(clips), MFCCTransformer().transform(clips))
    assert len(list(tmp_path.rglob("output.pkl"))) == 2


RACE = """
import sys
import soundfile
original = soundfile.SoundFile.__init__
def counting(self, *args, **kwargs):
    with open(sys.argv[2], "a") as log:
        log.write("x")
    original(self, *args, **kwargs)
soundfile.SoundFile.__init__ = counting
from sklaudio import MFCCTransformer
MFCCTransformer(memory=sys.argv[1]).transform(sys.argv[3:])
"""


def test_two_processes_extract_each_file_once(tone_files, tmp_path):
    paths, _ = tone_files
    command = [sys.executable, "-c", RACE, str(tmp_path / "cache"), str(tmp_path / "log"), *paths]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len((tmp_path / "log").read_text()) == len(paths)


def test_names_of_the_dims():
    assert MFCCTransformer(2, delta=2).get_feature_names_out().tolist() == [
        "mfcc0", "mfcc1", "mfcc0_delta", "mfcc1_delta", "mfcc0_delta2", "mfcc1_delta2",
    ]  # fmt: skip
    assert ChromaTransformer().get_feature_names_out()[-1] == "chroma11"
    assert len(SpectralContrastTransformer().get_feature_names_out()) == 7
    assert len(MelSpectrogramTransformer().get_feature_names_out()) == 128
    for each in ONE_OF_EACH:
        names = each.get_feature_names_out().tolist()
        assert len(set(names)) == len(names) == each.transform([np.ones(3000)]).shape[2]


def test_a_pipeline_of_tables_can_be_pandas(noise):
    from sklearn.pipeline import make_pipeline

    table = (
        make_pipeline(MFCCTransformer(), FrameSummary()).set_output(transform="pandas").fit_transform([noise, noise])
    )
    assert isinstance(table, pd.DataFrame)
    assert table.shape == (2, 26)


def test_names_travel_to_the_table_where_tables_are_asked_for(noise):
    from sklearn.pipeline import make_pipeline

    clips = [noise, noise[:9999]]
    pipeline = make_pipeline(MFCCTransformer(2), FrameScaler(), FrameSummary()).set_output(transform="pandas")
    assert pipeline.fit_transform(clips).columns.tolist() == ["mfcc0_mean", "mfcc1_mean", "mfcc0_std", "mfcc1_std"]
    with sklearn.config_context(transform_output="pandas"):
        table = make_pipeline(MFCCTransformer(2), FrameSummary(("max",))).fit_transform(clips[:1])
    assert table.columns.tolist() == ["mfcc0_max", "mfcc1_max"]
    assert type(MFCCTransformer().transform(clips)) is np.ndarray


def test_integers_of_16_and_32_bits_are_samples(noise, tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, SR, subtype="PCM_16")
    samples, _ = soundfile.read(path, dtype="int16")
    expected = MFCCTransformer().transform([path])
    np.testing.assert_array_equal(MFCCTransformer().transform([samples]), expected)
    np.testing.assert_array_equal(MFCCTransformer().transform(samples[np.newaxis]), expected)
    np.testing.assert_array_equal(MFCCTransformer().transform([samples.astype(np.int32) * 65536]), expected)


@pytest.mark.slow
def test_every_joblib_backend_gives_the_same(noise):
    clips = [noise, noise[:9999], noise[:5000]]
    expected = MFCCTransformer().transform(clips)
    for backend in ("threading", "loky", "multiprocessing"):
        with joblib.parallel_config(backend=backend, n_jobs=2):
            for ours, theirs in zip(MFCCTransformer().transform(clips), expected, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_frames_own_their_memory(noise):
    long, short = WaveformTransformer(160, hop_length=80).transform([noise, noise[:999]])
    for frames in (long, short):
        assert frames.flags.writeable
        assert frames.flags.owndata


class Doubled(MFCCTransformer):
    """Same name and parameters as another class, other frames."""

    def _frames(self, signal):
        return 2 * super()._frames(signal)


def test_the_cache_tells_features_apart(noise, tmp_path):
    plain = MFCCTransformer(memory=tmp_path).transform([noise])
    lookalike = type("MFCCTransformer", (Doubled,), {"__module__": __name__})
    np.testing.assert_array_equal(lookalike(memory=tmp_path).transform([noise]), 2 * plain)


def test_the_cache_takes_equal_numbers_for_equal(noise, tmp_path):
    for duration, hop_length in [(1, 512), (1.0, np.int64(512)), (np.float64(1), 512)]:
        MFCCTransformer(memory=tmp_path, duration=duration, hop_length=hop_length).transform([noise])
    assert len(list(tmp_path.rglob("output.pkl"))) == 1


def test_what_is_no_list_of_clips_is_explained(noise):
    stereo = np.stack([noise, noise])
    with pytest.raises(TypeError, match="Mix several channels down"):
        MFCCTransformer().fit([stereo, stereo])
    for table in (pd.DataFrame({"path": ["a.wav"], "label": ["a"]}), np.array([["a.wav", "a"]])):
        with pytest.raises(ValueError, match=r"Pass the column of the paths, such as X\['path'\]"):
            MFCCTransformer().fit(table)


@pytest.mark.parametrize(
    ("transformer", "words"),
    [
        (MFCCTransformer(n_mfcc=0), "n_mfcc"),
        (MFCCTransformer(n_mfcc=41, n_mels=40), "n_mfcc=41 is more than n_mels=40"),
        (MFCCTransformer(hop_length=0), "hop_length"),
        (MFCCTransformer(delta=3), "delta"),
        (MFCCTransformer(sr=8000, fmax=5000), "fmax=5000"),
        (MelSpectrogramTransformer(fmin=4000, fmax=2000), "fmin=4000"),
        (SpectralContrastTransformer(sr=8000), "n_bands=6"),
        (SpectralContrastTransformer(n_fft=64), "fmin=200"),
        (ChromaTransformer(tuning=0.7), "tuning"),
        (WaveformTransformer(frame_length=0), "frame_length"),
        (MelSpectrogramTransformer(top_db=-1), "top_db"),
        (MFCCTransformer(ref="median"), "'ref' .*'max'"),
        (MFCCTransformer(power=0), "power"),
        (SpectrogramTransformer(unit="dB"), "unit"),
        (SpectrogramTransformer(fmin=3005, fmax=3010), "No bin is from fmin=3005 Hz to fmax=3010 Hz"),
        (PCENTransformer(eps=0), "eps"),
        (PCENTransformer(fmin=4000, fmax=2000), "fmin=4000"),
        (TonnetzTransformer(chroma="fft"), "chroma"),
        (TonnetzTransformer(sr=8000), "7 octaves from C1, up to 4206 Hz, above half of sr=8000"),
        (TempogramTransformer(0), "win_length"),
        (TempoTransformer(ac_size=0.1), "ac_size=0.1 s is 4 frames"),
        (CQTTransformer(sr=8000), "n_bins=84 bins from fmin=32.7032 Hz reaches up to 4122 Hz"),
        (MFCCTransformer(memory=5), "memory"),
        (MFCCTransformer(device="gpu"), "device='gpu' cannot be used"),
        (MFCCTransformer(duration=-1), "duration"),
        (MFCCTransformer(offset=-1), "offset"),
        (FrameUnion([]), "transformers is empty"),
        (FrameUnion([("a", FrameUnion([]))]), "transformers of 'a' is empty"),
        (FrameUnion([("a", "drop"), ("b", FrameUnion([("c", "drop")]))]), "all members are dropped"),
        (FrameUnion([("a", MFCCTransformer()), ("a", MFCCTransformer())]), "not unique"),
        (
            FrameUnion([("a", MFCCTransformer()), ("b", FrameUnion([("c", MFCCTransformer(sr=16000))]))]),
            "sr=16000 of 'b__c' differs from 22050 of 'a'",
        ),
        (FrameUnion([("a", MFCCTransformer()), ("b", MFCCTransformer(sr=16000))]), "sr=16000 of 'b' differs"),
        (FrameUnion([("a", MFCCTransformer(n_mfcc=200))]), "n_mfcc=200"),
    ],
    ids=repr,
)
def test_bad_parameters_are_named_in_fit_and_in_transform(transformer, words, noise):
    for method in (transformer.fit_transform, transformer.transform):
        with pytest.raises(ValueError, match=words):
            method([noise])


def test_a_union_of_what_is_no_feature(noise):
    with pytest.raises(TypeError, match="list of pairs"):
        FrameUnion([MFCCTransformer()]).fit([noise])
    with pytest.raises(TypeError, match=r"'a' is 'passthrough'; members are .* or 'drop'"):
        FrameUnion([("a", "passthrough")]).fit([noise])
    with pytest.raises(TypeError, match="'b' is FrameSummary"):
        FrameUnion([("a", MFCCTransformer()), ("b", FrameSummary())]).fit([noise])
    with pytest.raises(ValueError, match="unequal numbers of frames"):
        FrameUnion([("a", MFCCTransformer()), ("b", MFCCTransformer(hop_length=256))]).fit_transform([noise])


class LoudestSample(FrameTransformer):
    """A feature of two methods on the plain base: loudest sample, and the level of the spectrum, of each frame."""

    def _dim_names(self):
        return ["peak", "level"]

    def _frames(self, signal):
        return np.stack([np.abs(signal.frames).max(axis=1), signal.power.sum(axis=1)], axis=1)


def test_two_methods_are_all_that_a_feature_needs(noise, tmp_path):
    frames = LoudestSample(memory=tmp_path).fit_transform([noise])
    assert frames.shape == (1, 1 + len(noise) // 512, 2)
    assert frames[0, :, 0].max() == np.abs(noise).max()
    union = FrameUnion([("own", LoudestSample()), ("rms", RMSTransformer())])
    np.testing.assert_array_equal(union.fit_transform([noise])[..., :2], frames)


def test_a_feature_on_the_plain_base_has_frames_as_its_parameters_say(noise):
    @dataclass(eq=False, repr=False)
    class Short(LoudestSample):
        n_fft: int = 512
        hop_length: int = 128

    frames = Short(hop_length=256).fit_transform([noise])
    assert frames.shape == (1, 1 + len(noise) // 256, 2)
    np.testing.assert_array_equal(frames[0, 4, 0], np.abs(noise[768:1280]).max())
