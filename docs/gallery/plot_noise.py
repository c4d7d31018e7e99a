"""
How much noise a model stands
=============================

:class:`~sklaudio.RobustnessDisplay` scores a model on the same clips in louder and louder noise. Here one model has
learned from clean words, the other from words in noise too.
"""

# %%
# Two hundred and forty synthetic words. The noise is babble: 24 other words at once. What models are trained with is
# of other speakers than what they are tested with.

import tempfile
from pathlib import Path

import numpy as np
import soundfile

from sklaudio.datasets import make_words
from sklaudio.reporting import Player

words = make_words(240, n_speakers=24, random_state=0)
test = np.isin(words.groups, np.unique(words.groups)[16:])
folder = tempfile.TemporaryDirectory()
babble = {}
for seed, name in enumerate(("train", "test"), start=1):
    others = make_words(120, n_speakers=12, random_state=seed)
    order = np.random.default_rng(seed).permutation(120)
    sound = others.data[order].reshape(24, -1).sum(axis=0)  # five seconds of 24 voices
    babble[name] = Path(folder.name, f"{name}.wav")
    soundfile.write(babble[name], 0.3 * sound / np.abs(sound).max(), words.sr)
Player({"one word": words.data[0], "babble": str(babble["test"])}, sr=words.sr)

# %%
# :class:`~sklaudio.AugmentedClassifier` trains on clips as they are, and on copies of each of which three quarters have
# noise. Nothing is mixed into what it predicts.

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import AugmentedClassifier, FrameSummary, MelSpectrogramTransformer
from sklaudio.augment import BackgroundNoise

mel = MelSpectrogramTransformer(40, sr=words.sr, n_fft=512, hop_length=256)
plain = make_pipeline(mel, FrameSummary(), StandardScaler(), LogisticRegression(C=0.05, max_iter=2000))
noisy = AugmentedClassifier(plain, BackgroundNoise(babble["train"], snr=(-5, 15), p=0.75), n_copies=3, random_state=0)
train = words.data[~test], words.target[~test]
models = {"trained on clean words": plain.fit(*train), "with copies in noise": noisy.fit(*train)}

# %%
# Both are scored on the very same mixtures. Bands are 95 % intervals of the test clips.

from sklaudio import RobustnessDisplay

clips = words.data[test], words.target[test], babble["test"]
display, *_ = displays = [RobustnessDisplay.from_estimator(model, *clips, name=name) for name, model in models.items()]
displays[1].plot(ax=display.ax_)
for name, one in zip(models, displays, strict=True):
    print(f"{name:24}", "  ".join(f"{snr:g} dB: {score:.2f}" for snr, score in one.table[["snr", "score"]].values))
folder.cleanup()
