"""
What speaks for a class
=======================

:class:`~sklaudio.ExplanationDisplay` draws what in time and frequency a model reacts to. Here we know it: one
class of clips has a chirp, the other a click, both somewhere in noise.
"""

# %%
# Forty clips of 0.8 s, and a small convolutional net.

import numpy as np
from sklearn.pipeline import make_pipeline

from sklaudio import CNNClassifier, ExplanationDisplay, MelSpectrogramTransformer

SR = 16000
rng = np.random.default_rng(0)


def clip(kind, start):
    """Make a chirp, or a click, from a second on, in noise."""
    sound = 0.01 * rng.normal(size=round(0.8 * SR))
    time = np.arange(round(0.15 * SR)) / SR
    if kind == "chirp":
        event = 0.3 * np.sin(2 * np.pi * (2000 * time + 8000 * time**2)) * np.hanning(len(time))
    else:
        event = rng.normal(size=120)
    first = round(start * SR)
    sound[first : first + len(event)] += event
    return sound.astype(np.float32)


y = ["chirp", "click"] * 20
X = [clip(kind, rng.uniform(0.05, 0.6)) for kind in y]
mel = MelSpectrogramTransformer(40, sr=SR, n_fft=512, hop_length=128)
model = make_pipeline(mel, CNNClassifier([8, 16], pooling="mean", max_epochs=30, lr=0.005, random_state=0)).fit(X, y)

# %%
# A chirp from 0.4 s on, from 2 to 4.4 kHz. Orange parts speak for the class: without them it is less likely. The
# strips are of whole times and whole bands.

chirp = clip("chirp", 0.4)
display = ExplanationDisplay.from_estimator(model, chirp, name="chirp, by occlusion of the sound")

# %%
# Gradients of the net are finer, and take nets on mel bands, MFCCs and spectrograms alone.

display = ExplanationDisplay.from_estimator(model, chirp, method="gradient", name="chirp, by gradients of the net")

# %%
# A clip with both: what speaks for the click speaks against the chirp.

both = chirp + clip("click", 0.15)
display = ExplanationDisplay.from_estimator(model, both, target="chirp", name="chirp and click: what speaks for chirp")
