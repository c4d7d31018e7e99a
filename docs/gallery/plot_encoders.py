"""
Pretrained, from scratch, or MFCCs?
===================================

With how many clips does which kind of model pay? The same words are learned by a linear model on a pretrained encoder,
by a linear model on MFCCs, and by a net that starts from nothing.
"""

# %%
# Synthetic words of 48 speakers; 24 of them are for the test alone. The encoder is the net behind ``digits``, which
# learned from recordings of ten spoken digits and comes with the package: it has never seen these words.

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import EncoderTransformer, FrameScaler, FrameSummary, GRUClassifier, MFCCTransformer
from sklaudio.datasets import make_words

words = make_words(480, n_speakers=48, random_state=0)
speaker = np.unique(words.groups, return_inverse=True)[1]
test = speaker >= 24

# %%
# Features have nothing to learn, so that they are made once for all clips.

mfcc = MFCCTransformer(sr=words.sr, n_fft=512, hop_length=256).fit_transform(words.data)
embedded = EncoderTransformer("digits").fit_transform(words.data)


def linear(*steps):
    """Make a linear model behind some steps."""
    return make_pipeline(*steps, StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


net = GRUClassifier(32, 1, pooling="max", lr=0.01, max_epochs=15, batch_size=16, device="cpu", random_state=0)
models = {
    "pretrained encoder, linear": (embedded, linear(FrameSummary())),
    "MFCCs, linear": (mfcc, linear(FrameSummary())),
    "GRU from scratch": (mfcc, make_pipeline(FrameScaler(), net)),
}

# %%
# Each number of clips is drawn twice, by whole speakers. The bars are from the lower score to the higher.

from matplotlib import pyplot as plt

sizes = [1, 3, 8, 24]
figure, ax = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
for name, (X, model) in models.items():
    scores = np.empty((len(sizes), 2))
    for row, size in enumerate(sizes):
        for draw in range(2):
            train = np.isin(speaker, np.random.default_rng(draw).permutation(24)[:size])
            scores[row, draw] = model.fit(X[train], words.target[train]).score(X[test], words.target[test])
    mean = scores.mean(axis=1)
    ax.errorbar(
        sizes, mean, np.abs([scores.min(axis=1) - mean, scores.max(axis=1) - mean]), marker="o", capsize=4, label=name
    )
    print(f"{name:27}", "  ".join(f"{size}: {score:.2f}" for size, score in zip(sizes, mean, strict=True)))
ax.axhline(0.1, color="0.5", linestyle="--", label="chance")
ax.set(xscale="log", xlabel="clips of each word to learn from", ylabel="accuracy on 24 other speakers", ylim=(0, 1.02))
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend(loc="lower right")
plt.show()

# %%
# With a few clips of each word the encoder is ahead. On these synthetic words a net catches up soon, as they differ by
# little but the order of their sounds, of which means over time know nothing. Real recordings are less alike: compare
# on your recordings, speakers apart.
