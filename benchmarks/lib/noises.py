"""Synthetic noises of several kinds, as files: those to train with are of other kinds than those to test."""

import numpy as np
import soundfile

SR = 16000
SECONDS = 12
N_VOICES = 6  # that speak at the same time in babble


def shaped(rng, slope):
    """Draw noise whose power falls by a power of the frequency: 0 is white, 1 pink, 2 brown, -1 blue."""
    spectrum = np.fft.rfft(rng.normal(size=SECONDS * SR))
    hertz = np.fft.rfftfreq(SECONDS * SR, 1 / SR)
    return np.fft.irfft(spectrum * np.maximum(hertz, 20) ** (-slope / 2))


def pink(rng):
    """Draw pink noise: as much in each octave."""
    return shaped(rng, 1)


def rumble(rng):
    """Draw brown noise that comes and goes, as traffic does."""
    time = np.arange(SECONDS * SR) / SR
    return shaped(rng, 2) * (1.2 + np.sin(2 * np.pi * (rng.uniform(0.1, 0.5) * time + rng.uniform())))


def hum(rng, mains=50):
    """Make harmonics of the mains, with some hiss."""
    time = np.arange(SECONDS * SR) / SR
    number = np.arange(1, 30)
    level = rng.uniform(0.2, 1, size=len(number)) / number
    tones = np.sin(2 * np.pi * (mains * number * time[:, None] + rng.uniform(size=len(number))))
    return tones @ level + 0.05 * rng.normal(size=len(time))


def buzz(rng):
    """Make hum of the other mains, louder in its odd harmonics."""
    return np.tanh(4 * hum(rng, mains=60))


def clicks(rng):
    """Draw short decaying clicks, some ten in a second, as of keys and dishes."""
    y = 0.01 * rng.normal(size=SECONDS * SR)
    time = np.arange(SR // 20) / SR
    for start in rng.integers(0, len(y) - len(time), size=10 * SECONDS):
        ring = np.sin(2 * np.pi * rng.uniform(500, 6000) * time) + rng.normal(size=len(time))
        y[start : start + len(time)] += rng.lognormal(0, 0.7) * ring * np.exp(-time * rng.uniform(60, 300))
    return y


def rain(rng):
    """Draw blue noise with drops."""
    y = shaped(rng, -1)
    y /= np.std(y)
    return y + 0.3 * clicks(rng)


def babble(rng, words):
    """Mix several voices at a time, of words one after the other."""
    voices = []
    for _ in range(N_VOICES):
        said = [words[number] for number in rng.integers(len(words), size=4 * SECONDS)]
        voice = np.concatenate([word / max(np.std(word), 1e-4) for word in said])
        voices.append(np.resize(voice, SECONDS * SR))
    return np.sum(voices, axis=0)


TO_TRAIN = {"pink": pink, "rumble": rumble, "hum": hum}
TO_TEST = {"buzz": buzz, "clicks": clicks, "rain": rain}


def write_noises(folder, kinds, words, seed, n_each=4):
    """Write noises of each kind, and babble, into a folder; returns it."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for name, make in {**kinds, "babble": lambda rng: babble(rng, words)}.items():
        for number in range(n_each):
            y = make(rng)
            soundfile.write(folder / f"{name}-{number}.wav", 0.1 * y / np.std(y), SR, subtype="FLOAT")
    return folder
