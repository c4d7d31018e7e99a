"""
Bats: frames as short as the call
=================================

Frames of 50 ms suit music. A bat calls for some milliseconds, far above what people hear. ``fmin``, the lowest
frequency that matters, makes frames as short as that: here it decides whether there is anything to learn.
"""

# %%
# Synthetic recordings at 250 kHz. A bat's call sweeps from 80 to 30 kHz; a bush-cricket's pulse is a hiss. Here both
# take 5 ms and have the very same spectrum: only the order of the frequencies within the call tells them apart.

import numpy as np

SR = 250_000


def call(kind, rng):
    """Make one call or pulse."""
    time = np.linspace(0, 1, round(0.005 * SR))
    sweep = np.hanning(len(time)) * np.sin(2 * np.pi * np.cumsum(80e3 - 50e3 * time) / SR)
    if kind == "bat":
        return sweep
    spectrum = np.fft.rfft(sweep)
    return np.fft.irfft(np.abs(spectrum) * np.exp(2j * np.pi * rng.uniform(size=len(spectrum))), len(time))


def recording(kind, rng, seconds=0.3):
    """Make a call about every 70 ms, near or far, in the noise of wind and recorder."""
    size = round(seconds * SR)
    wind = np.cumsum(rng.normal(size=size))
    clip = 1e-4 * rng.normal(size=size) + 1e-2 * (wind - wind.mean()) / np.abs(wind).max()
    for start in np.arange(rng.uniform(0.01, 0.07), seconds - 0.02, 0.07):
        at = round((start + rng.uniform(0, 0.008)) * SR)
        sound = rng.uniform(0.002, 0.02) * call(kind, rng)
        clip[at : at + len(sound)] += sound
    return clip.astype(np.float32)


rng = np.random.default_rng(0)
y = np.array(["bat", "bush-cricket"] * 40)
X = [recording(kind, rng) for kind in y]

# %%
# The features of :func:`~sklaudio.make_classifier`, without and with ``fmin``.

from sklaudio import make_classifier

features = {
    "as for music": make_classifier(sr=SR)["features"],
    "fmin=20,000 Hz": make_classifier(sr=SR, features={"fmin": 20_000})["features"],
}
for name, step in features.items():
    print(f"{name:16} frames of {1000 * step.n_fft / SR:5.1f} ms, every {1000 * step.hop_length / SR:5.1f} ms")

# %%
# The same linear model behind both, on half of the recordings.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary

accuracy = {}
for name, step in features.items():
    model = make_pipeline(step, FrameSummary(), StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    accuracy[name] = model.fit(X[:40], y[:40]).score(X[40:], y[40:])
    print(f"{name:16} {accuracy[name]:.0%} of {len(X) - 40} recordings right")

# %%
# What both models are given of one recording of each.

from matplotlib import pyplot as plt

figure, axes = plt.subplots(2, 2, figsize=(11, 6), sharex=True, layout="constrained")
for row, (name, step) in zip(axes, features.items(), strict=True):
    for ax, kind in zip(row, ("bat", "bush-cricket"), strict=True):
        clip = X[list(y).index(kind)]
        frames = step.fit_transform([clip])[0]
        bands = frames.T  # (n_dims, n_frames)
        ax.imshow(bands, origin="lower", aspect="auto", cmap="magma", vmin=np.percentile(bands, 20),
                  extent=(0, 1000 * len(clip) / SR, 0, len(bands)))  # fmt: skip
        ax.set_title(f"{kind}, {name}: {accuracy[name]:.0%} right", fontsize="medium")
    row[0].set_ylabel("mel band")
for ax in axes[1]:
    ax.set_xlabel("milliseconds")
plt.show()
