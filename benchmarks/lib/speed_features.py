"""Speed of features, against librosa and whatever else of its kind is installed."""

import subprocess
import sys
import time

import joblib
import librosa
import numpy as np
import scipy.fft
import soundfile

from sklaudio import MelSpectrogramTransformer, MFCCTransformer, genre_features, load_audio
from sklaudio._utils.malloc import reused_memory
from sklaudio.features._chroma import chroma
from sklaudio.features._mel import mel_spectrogram
from sklaudio.features._mfcc import dct
from sklaudio.features._signal import Signal
from sklaudio.features._spectral import spectral_centroid, spectral_contrast

from .operations import of_mel, of_mfcc
from .speed_peers import SR, log_mel_packages, other_packages
from .timing import Row, n_cores, one_core, side_by_side

FRAMES = {"sr": SR, "n_fft": 2048, "hop_length": 512}


def mfcc_of_librosa(y):
    """Compute 13 MFCCs by librosa, time first."""
    return librosa.feature.mfcc(y=y, sr=SR, n_mfcc=13).T


def largest_difference(ours, theirs):
    """Compute the largest difference over the scale of the reference."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def transforms(blocks, n_clips):
    """Compute the Fourier transforms of the frames of as many clips, block by block, in memory that is used again."""
    with reused_memory():
        for _ in range(n_clips):
            for block in blocks:
                scipy.fft.rfft(block)


def mfcc(clips, arguments):
    """Time MFCC of 3-s clips on one core, against librosa, the other packages, and the Fourier transform alone."""
    transformer = MFCCTransformer()
    windowed = np.ascontiguousarray(Signal(clips[0], **FRAMES).frames, dtype=np.float32)
    peers = {"librosa": mfcc_of_librosa} | other_packages()
    with one_core():
        functions = {
            "ours": lambda: transformer.transform(clips),
            "FFT alone": lambda: transforms([windowed], len(clips)),
        }
        for name, function in peers.items():
            functions[name] = lambda function=function: [function(y) for y in clips]
        seconds = side_by_side(functions, repeats=arguments.repeats, n_units=len(clips))
        profile = mfcc_profile(clips[0], arguments.repeats)
    difference = max(largest_difference(transformer.transform([y])[0], mfcc_of_librosa(y)) for y in clips)
    ours, floor = seconds.pop("ours"), seconds.pop("FFT alone")
    agrees = {"largest difference to librosa / scale < 1e-4": difference < 1e-4}
    target = ">= 15x librosa, >= 8x the others, <= 2.5x the FFT alone"
    row = Row("MFCC of 3-s clips", "clip", "CPU", target, ours, seconds, agrees, ("FFT alone", floor), profile)
    row.flop = of_mfcc(len(clips[0]), sr=SR)
    return row


def mfcc_profile(y, repeats):
    """Return where the time of one clip goes."""
    signal = Signal(y, **FRAMES, double=False)
    mel = mel_spectrogram(signal, 128, 0.0, None)
    parts = {
        "window, FFT, power": lambda: Signal(y, **FRAMES, double=False).power,
        "mel, dB": lambda: mel_spectrogram(signal, 128, 0.0, None),
        "cosine transform": lambda: dct(mel, 13),
    }
    return side_by_side(parts, repeats=10 * repeats, n_units=1)


def log_mel(clips, arguments):
    """Time 80 mel bands of 30 s at the settings of speech recognition, on one core, against other packages."""
    sr, n_fft, hop_length, n_mels = 16000, 400, 160, 80
    clips = [np.resize(y, 30 * sr) for y in clips[:4]]
    transformer = MelSpectrogramTransformer(n_mels, sr=sr, n_fft=n_fft, hop_length=hop_length)
    settings = {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}

    def by_librosa(y):
        return librosa.power_to_db(librosa.feature.melspectrogram(y=y, **settings)).T

    windowed = np.ascontiguousarray(Signal(clips[0], sr=sr, n_fft=n_fft, hop_length=hop_length).frames)
    blocks = np.array_split(windowed, 5)  # faster than all at once
    functions = {
        "ours": lambda: transformer.transform(clips),
        "FFT alone": lambda: transforms(blocks, len(clips)),
    }
    for name, function in ({"librosa": by_librosa} | log_mel_packages()).items():
        functions[name] = lambda function=function: [function(y) for y in clips]
    with one_core():
        seconds = side_by_side(functions, repeats=arguments.repeats, n_units=len(clips))
    difference = max(largest_difference(transformer.transform([y])[0], by_librosa(y)) for y in clips)
    ours, floor = seconds.pop("ours"), seconds.pop("FFT alone")
    agrees = {"largest difference to librosa / scale < 1e-4": difference < 1e-4}
    what, target = "80 mel bands of 30-s clips, frames of 400", "level with asrfront"
    row = Row(what, "clip", "CPU", target, ours, seconds, agrees, ("FFT alone", floor))
    row.flop = of_mel(len(windowed), n_fft, n_mels, sr)
    return row


def genre(clips, arguments):
    """Time the 33 genre features of 30-s clips on one core, against librosa's four calls."""
    clips = [np.resize(y, 30 * SR) for y in clips[:4]]
    transformer = genre_features()

    def four_calls(y):
        call = librosa.feature
        parts = [call.mfcc(y=y, sr=SR, n_mfcc=13), call.spectral_centroid(y=y, sr=SR)]
        return np.vstack([*parts, call.chroma_stft(y=y, sr=SR), call.spectral_contrast(y=y, sr=SR)]).T

    windowed = np.ascontiguousarray(Signal(clips[0], **FRAMES).frames, dtype=np.float64)
    blocks = np.array_split(windowed, len(windowed) // 64)  # faster than all at once
    functions = {
        "ours": lambda: transformer.transform(clips),
        "FFT alone": lambda: transforms(blocks, len(clips)),
        "librosa's four calls": lambda: [four_calls(y) for y in clips],
    }
    with one_core():
        seconds = side_by_side(functions, repeats=arguments.repeats, n_units=len(clips))
        profile = genre_profile(clips[0], arguments.repeats)
    difference = max(largest_difference(transformer.transform([y])[0], four_calls(y)) for y in clips)
    ours, floor = seconds.pop("ours"), seconds.pop("FFT alone")
    agrees = {"largest difference to librosa / scale < 1e-4": difference < 1e-4}
    what = "33 genre features of 30-s clips"
    row = Row(what, "clip", "CPU", ">= 12x", ours, seconds, agrees, ("FFT alone, double", floor), profile)
    row.flop = of_mfcc(len(clips[0]), sr=SR)  # chroma, centroid and contrast were not counted
    return row


def genre_profile(y, repeats):
    """Return where the time of one clip goes."""
    signal = Signal(y, **FRAMES)
    mel = mel_spectrogram(signal, 128, 0.0, None)
    parts = {
        "window, FFT, magnitude": lambda: Signal(y, **FRAMES).magnitude,
        "mel, dB": lambda: mel_spectrogram(signal, 128, 0.0, None),
        "cosine transform": lambda: dct(mel, 13),
        "centroid": lambda: spectral_centroid(signal),
        "chroma with tuning": lambda: chroma(signal, 12, None),
        "contrast": lambda: spectral_contrast(signal, 6, 200.0, 0.02),
    }
    return side_by_side(parts, repeats=repeats, n_units=1)


def write_files(folder, clips, n_files):
    """Write clips as 16-bit wav files, over and over but no two alike: list of paths."""
    paths = [folder / f"{index:06d}.wav" for index in range(n_files)]
    for index, path in enumerate(paths):
        soundfile.write(path, np.roll(clips[index % len(clips)], index), SR)
    return [str(path) for path in paths]


def _load_and_extract(path):
    return mfcc_of_librosa(librosa.load(path)[0])


def files(clips, arguments, folder):
    """Time files to features on all cores, against librosa in a loop and under joblib."""
    paths = write_files(folder, clips, arguments.files)
    n_jobs = n_cores()
    transformer = MFCCTransformer(n_jobs=n_jobs)
    functions = {
        "ours": lambda: transformer.transform(paths),
        "librosa in a loop": lambda: [_load_and_extract(path) for path in paths],
        "librosa and joblib": lambda: joblib.Parallel(n_jobs)(joblib.delayed(_load_and_extract)(p) for p in paths),
    }
    seconds = side_by_side(functions, repeats=arguments.repeats, n_units=len(paths), clock=time.perf_counter)
    with one_core():
        parts = {
            "decode": lambda: [load_audio(path) for path in paths[:100]],
            "features": lambda: MFCCTransformer().transform(clips),
        }
        profile = {
            name: side_by_side({name: function}, repeats=arguments.repeats, n_units=n)[name]
            for (name, function), n in zip(parts.items(), (min(100, len(paths)), len(clips)), strict=True)
        }
    difference = largest_difference(transformer.transform(paths[:5])[-1], _load_and_extract(paths[4]))
    agrees = {"largest difference to librosa / scale < 1e-4": difference < 1e-4}
    what, target = f"{len(paths)} files of 3 s to MFCC, {n_jobs} cores", ">= 20x the loop, >= 10x joblib"
    flop = of_mfcc(len(clips[0]), sr=SR)
    return Row(what, "file", "wall", target, seconds.pop("ours"), seconds, agrees, profile=profile, flop=flop)


MANY = """
import resource, sys, time
import numpy as np
from sklaudio import MFCCTransformer
paths, n_clips = sys.argv[2:], int(sys.argv[1])
transformer = MFCCTransformer(duration=1.0)
transformer.transform(paths)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
many = [paths[index % len(paths)] for index in range(n_clips)]
start = time.perf_counter()
frames = transformer.transform(many)
seconds = time.perf_counter() - start
assert len(frames) == n_clips and np.array_equal(frames[-1], transformer.transform(many[-1:])[0])
print(seconds / n_clips, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, frames.nbytes)
"""


def many_clips(clips, arguments, folder):
    """Measure cost per clip and peak memory of many clips, against a hundredth of them, in separate processes."""
    paths = write_files(folder, [y[:SR] for y in clips], 20)

    def measure(n_clips):
        command = [sys.executable, "-c", MANY, str(n_clips), *paths]
        return tuple(map(float, subprocess.check_output(command, text=True).split()))

    few, *_ = measure(arguments.many // 100)
    ours, peak, n_bytes = measure(arguments.many)
    beyond = (peak - n_bytes) / 2**20
    notes = {"output, MB": round(n_bytes / 2**20), "peak beyond output, MB": round(beyond)}
    target = "cost per clip within 10%, <= 200 MB beyond the output"
    what = f"{arguments.many:,} clips of 1 s through transform"
    agrees = {"the same clip gives the same frames anywhere": True}
    return Row(what, "clip", "wall", target, ours, {f"{arguments.many // 100:,} clips": few}, agrees, notes=notes)
