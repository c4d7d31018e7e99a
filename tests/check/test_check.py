"""Planted faults are found, each once, and good clips are let be."""

import os
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import soundfile
from joblib import parallel_config
from scipy.signal import sosfilt

from sklaudio import check_clips, check_folder, load_audio
from sklaudio.check import _duplicates as _repeats

from ..conftest import real_files

SR = 22050


def tune(seed, seconds=3.0, sr=SR):
    """Notes at random over a little noise: no two seeds are alike."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * sr)) / sr
    y = 0.01 * rng.normal(size=len(time))
    for _ in range(round(12 * seconds)):
        start, pitch = rng.uniform(0, seconds), rng.uniform(200, 2000)
        envelope = np.exp(-8 * (time - start)) * (time > start)
        y += rng.uniform(0.2, 1) * envelope * np.sin(2 * np.pi * pitch * time * (1 + 0.01 * time))
    return (0.5 * y / np.abs(y).max()).astype(np.float32)


def faults(findings, root=None):
    """The set of (path below `root`, fault)."""
    paths = [os.path.relpath(path, root) if root else path for path in findings["path"]]
    return set(zip(paths, findings["fault"], strict=True))


@pytest.fixture
def folder(tmp_path):
    """Two classes of good clips; tests plant faults in them."""
    for seed, name in enumerate(["a/0.wav", "a/1.flac", "b/0.wav", "b/deep/er/1.ogg"]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tune(seed), SR)
    (tmp_path / "a" / "notes.txt").write_text("recorded in May")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x.wav").write_text("hidden")
    return tmp_path


def test_good_clips_are_let_be(folder):
    findings = check_folder(folder)
    assert len(findings) == 0
    assert findings.columns.tolist() == ["path", "class", "fault", "detail"]
    assert findings.attrs == {"n_clips": 4}


def test_what_cannot_be_decoded_is_found_with_the_words_of_load_audio(folder):
    (folder / "a" / "words.wav").write_text("these are words\n" * 99)
    (folder / "a" / "empty.mp3").write_bytes(b"")
    soundfile.write(folder / "b" / "none.wav", np.zeros(0), SR)
    soundfile.write(folder / "b" / "nan.wav", np.array([0.1, np.nan, 0.2]), SR, subtype="FLOAT")
    os.mkfifo(folder / "b" / "pipe.wav")
    os.symlink("gone.wav", folder / "b" / "link.wav")
    findings = check_folder(folder)
    undecodable = ["a/words.wav", "a/empty.mp3", "b/none.wav", "b/pipe.wav", "b/link.wav"]
    assert faults(findings, folder) == {(path, "undecodable") for path in undecodable} | {("b/nan.wav", "not finite")}
    for path, words in zip(findings["path"], findings["detail"], strict=True):
        with pytest.raises((ValueError, OSError)) as caught:
            load_audio(path)
        assert str(caught.value) == words


@pytest.mark.parametrize(
    ("spoil", "fault", "words"),
    [
        (lambda y: y[:1000], "short", "0.045 s"),
        (lambda y: 0 * y, "silent", "all samples are equal"),
        (lambda y: 0 * y + 0.015, "silent", "all samples are equal"),
        (lambda y: 0.0015 * y, "silent", "-62.5 dB"),
        (lambda y: np.clip(8 * y, -1, 1), "clipped", "% of the samples"),
        (lambda y: y + 0.1, "dc offset", "the mean is 0.100"),
        (lambda y: y * 32768, "too loud", "samples reach 16384 times"),
    ],
)
def test_faults_of_level_and_length_are_measured(spoil, fault, words):
    good, bad = tune(0), spoil(tune(1)).astype(np.float32)
    findings = check_clips([good, bad])
    assert faults(findings) == {("X[1]", fault)}
    assert words in findings["detail"][0]


def test_loud_but_clean_clips_are_not_clipped():
    time = np.arange(SR) / SR
    tones = [np.sin(2 * np.pi * pitch * time) for pitch in (30, 100, 1000, 5000)]
    assert len(check_clips(tones)) == 0


def test_clipping_of_one_channel_is_not_hidden_by_the_other(tmp_path):
    y = tune(0)
    soundfile.write(tmp_path / "one.wav", np.stack([np.clip(9 * y, -1, 1), 0.1 * tune(1)], axis=1), SR)
    assert faults(check_clips([tmp_path / "one.wav"]), tmp_path) == {("one.wav", "clipped")}


@pytest.mark.parametrize("extension", ["wav", "aiff", "au", "mp3", "flac"])
def test_files_that_lost_their_end_are_found(extension, tmp_path):
    whole, cut = tmp_path / f"whole.{extension}", tmp_path / f"cut.{extension}"
    soundfile.write(whole, tune(0), SR)
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    findings = check_clips([whole, cut], near=False)
    assert faults(findings, tmp_path) == {(cut.name, "undecodable" if extension == "flac" else "truncated")}


def test_odd_rates_are_found(tmp_path):
    soundfile.write(tmp_path / "slow.wav", tune(0), 500)
    soundfile.write(tmp_path / "fast.wav", tune(0), 1_000_000)
    findings = check_clips([tmp_path / "slow.wav", tmp_path / "fast.wav"], min_duration=0)
    assert ("slow.wav", "odd rate") in faults(findings, tmp_path)
    assert ("fast.wav", "odd rate") in faults(findings, tmp_path)


def test_equal_samples_are_found_in_any_container_and_class(folder):
    y, _ = soundfile.read(folder / "a" / "0.wav")
    soundfile.write(folder / "a" / "2.flac", y, SR, subtype="PCM_24")
    soundfile.write(folder / "a" / "3.au", np.stack([y, y], axis=1), SR)
    soundfile.write(folder / "b" / "2.wav", y, SR, subtype="FLOAT")
    findings = check_folder(folder, near=False)
    within, across = "duplicate", "duplicate in another class"
    assert faults(findings, folder) == {("a/2.flac", within), ("a/3.au", within), ("b/2.wav", across)}
    assert findings["class"].tolist() == ["a", "a", "b"]
    assert findings["detail"][2] == f"the samples equal those of {folder / 'a' / '0.wav'}, of class a"


def test_silence_is_no_duplicate_of_silence():
    assert faults(check_clips([np.zeros(SR), np.zeros(SR)])) == {("X[0]", "silent"), ("X[1]", "silent")}


CHANGES = {
    "gain": lambda y: 0.2 * y,
    "polarity": lambda y: -y,
    "beginning cut off": lambda y: y[9001:],
    "end cut off": lambda y: y[:-9001],
    "padded": lambda y: np.pad(y, (5003, 401)),
    "a little noise": lambda y: y + 0.003 * np.random.default_rng(0).normal(size=len(y)),
    "low-pass": lambda y: sosfilt([[0.2, 0.2, 0, 1, -0.6, 0]], y),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found(change):
    tunes = [tune(seed) for seed in range(6)]
    findings = check_clips([*tunes, CHANGES[change](tunes[4]).astype(np.float32)], list("aaabbba"))
    assert faults(findings) == {("X[6]", "near duplicate in another class")}
    assert "X[4], of class b" in findings["detail"][0]


@pytest.mark.parametrize("container", ["MP3", "OGG"])
def test_copies_at_another_rate_and_coded_with_loss_are_found(container, tmp_path):
    tunes = [tune(seed) for seed in range(4)]
    paths = [tmp_path / f"{k}.wav" for k in range(4)]
    for path, y in zip(paths, tunes, strict=True):
        soundfile.write(path, y, SR)
    soundfile.write(tmp_path / "copy", 0.5 * tune(2)[4001:-1000], SR, format=container)
    half, sr = load_audio(paths[3], 11025)
    soundfile.write(tmp_path / "half.wav", half, sr)
    findings = check_clips([*paths, tmp_path / "copy", tmp_path / "half.wav"])
    assert faults(findings, tmp_path) == {("copy", "near duplicate"), ("half.wav", "near duplicate")}
    assert [detail.rsplit("/", 1)[1] for detail in findings["detail"]] == ["2.wav", "3.wav"]


def test_what_is_no_copy_is_none(rng):
    hum = 0.3 * np.sin(2 * np.pi * 400 * np.arange(3 * SR) / SR)
    clips = [hum + 0.1 * tune(seed) for seed in range(8)]  # the same hum, which is louder than the rest
    assert len(check_clips(clips)) == 0
    noises = [np.repeat(rng.uniform(0.05, 0.2, 30), SR // 10) * rng.normal(size=30 * (SR // 10)) for _ in range(20)]
    assert len(check_clips(noises)) == 0


def test_folders_and_files_that_load_folder_leaves_out(folder):
    (folder / "c").mkdir()
    (folder / "a" / "song.mid").write_bytes(b"MThd")
    soundfile.write(folder / "a" / "take 2", tune(7), SR, format="FLAC")
    soundfile.write(folder / "loose.wav", tune(8), SR)
    ignored = ["a/song.mid", "a/take 2", "loose.wav"]
    findings = check_folder(folder)
    assert faults(findings, folder) == {(path, "ignored") for path in ignored} | {("c", "empty class")}
    assert findings.attrs == {"n_clips": 4}


def test_a_folder_without_classes_is_checked_as_it_is(folder):
    soundfile.write(folder / "a" / "copy.wav", load_audio(folder / "a" / "1.flac")[0], SR)
    findings = check_folder(folder / "a")
    assert faults(findings, folder) == {("a/copy.wav", "duplicate")}
    assert findings["class"].tolist() == [None]


def test_forms_of_x_and_threads_change_nothing(folder):
    soundfile.write(folder / "a" / "copy.wav", 0.3 * load_audio(folder / "a" / "1.flac")[0], SR)
    paths = sorted(str(path) for path in folder.glob("[ab]/*.*") if path.suffix != ".txt")
    expected = check_clips(paths)
    assert faults(expected, folder) == {("a/copy.wav", "near duplicate")}
    for X in (pd.Series(paths), np.array(paths), [os.fsencode(path) for path in paths]):
        pd.testing.assert_frame_equal(check_clips(X), expected)
    pd.testing.assert_frame_equal(check_clips(paths, n_jobs=2), expected)
    with parallel_config("loky", n_jobs=2):
        pd.testing.assert_frame_equal(check_clips(paths), expected)


def test_a_file_that_vanishes_before_it_is_compared_is_no_copy(folder, monkeypatch):
    copy = folder / "a" / "copy.wav"
    soundfile.write(copy, 0.3 * load_audio(folder / "a" / "1.flac")[0], SR)

    # The moment between the prints and the comparison is nowhere to be seen from outside.
    def alike_and_remove(prints, alike=_repeats.alike):
        copy.unlink()
        return alike(prints)

    monkeypatch.setattr(_repeats, "alike", alike_and_remove)
    assert len(check_folder(folder)) == 0


def test_memory_holds_one_clip_at_a_time(tmp_path):
    paths = [tmp_path / f"{k}.wav" for k in range(12)]
    for seed, path in enumerate(paths):
        soundfile.write(path, 0.1 * np.random.default_rng(seed).normal(size=15 * 16000), 16000)
    check_clips(paths[:1])
    tracemalloc.start()
    check_clips(paths)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 2**20  # twelve clips are 11 MiB


def test_wrong_use_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"Pass \['a.wav'\]"):
        check_clips("a.wav")
    with pytest.raises(ValueError, match="no clip"):
        check_clips([])
    with pytest.raises(ValueError, match="y has 1 entries for 2 clips"):
        check_clips(["a.wav", "b.wav"], ["a"])
    with pytest.raises(ValueError, match="silence_db=6"):
        check_clips(["a.wav"], silence_db=6)
    with pytest.raises(ValueError, match="no audio file"):
        check_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        check_folder(tmp_path / "nowhere")


def test_repeats_planted_among_real_tracks_are_found(gtzan_files, tmp_path):
    originals = gtzan_files[3:70:9]
    planted = []
    for k, path in enumerate(originals):
        y, sr = soundfile.read(path)
        planted.append(tmp_path / f"{k}.{('flac', 'mp3', 'ogg')[k % 3]}")
        soundfile.write(planted[-1], 0.7 * y[1000 * k : len(y) - 777], sr)
    findings = check_clips([*originals, *planted])
    assert findings["path"].tolist() == [str(path) for path in planted]
    assert all(detail.endswith(str(path)) for detail, path in zip(findings["detail"], originals, strict=True))


@pytest.mark.slow
def test_real_recordings_give_no_false_alarm():
    """The one repeat among them is real: the same samples under two names."""
    sets = ("gtzan/genres/*", "speakers/*", "nsynth/*/audio", "fsdd/*", "speech_commands/*")
    findings = check_clips([path for one in sets for path in real_files(f"{one}/*.flac")], n_jobs=-1)
    repeats = findings[findings["fault"].str.contains("duplicate")]
    assert [os.path.basename(path) for path in repeats["path"]] == ["28ce0c58_nohash_5.flac"]
    assert repeats["fault"].tolist() == ["duplicate"]
