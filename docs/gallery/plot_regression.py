"""
Numbers: how a song feels
=========================

A regressor predicts numbers. Songs are often rated on two scales: valence, from sad to happy, and arousal, from calm to
excited. Here they are synthetic, and tempo, mode and loudness set both.
"""

# %%
# Two clips of each song. A song is never on both sides of a split: ``groups`` says which clips are of the same.

import numpy as np
from matplotlib import pyplot as plt

from sklaudio.datasets import make_emotions
from sklaudio.reporting import Player

songs = make_emotions(120, duration=4.0, sr=16000, random_state=0)
calm, excited = songs.target[:, 1].argmin(), songs.target[:, 1].argmax()
names = {f"{tempo:.0f} beats per minute, {mode}": clip for tempo, mode, clip in
         ((songs.tempo[clip], songs.mode[clip], songs.data[clip]) for clip in (calm, excited))}  # fmt: skip
Player(names, sr=songs.sr)

# %%
# A linear model of what frames are like on average, how much they vary, and how loud they are.

from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import ChromaTransformer, FrameSummary, FrameUnion, MFCCTransformer

settings = {"sr": songs.sr, "hop_length": 512}
features = FrameUnion([("mfcc", MFCCTransformer(20, delta=1, **settings)), ("chroma", ChromaTransformer(**settings))])
model = make_pipeline(features, FrameSummary(), StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
predicted = cross_val_predict(model, songs.data, songs.target, groups=songs.groups, cv=GroupKFold(5), n_jobs=1)

# %%
# Scores, with intervals that draw whole songs.

from sklaudio.metrics import regression_table

table = regression_table(songs.target, predicted, target_names=songs.target_names, groups=songs.groups)
table[["r2", "r2_low", "r2_high", "mae", "ccc"]].round(2)

# %%
# Loudness and tempo are heard by such a model: arousal is predicted well. Whether a song is in major or minor is a
# matter of single notes, and of valence it knows less: arrows go from the true rating to the predicted one.

figure, ax = plt.subplots(figsize=(7, 6), layout="constrained")
colours = np.where(songs.mode == "major", "C1", "C0")
change = predicted - songs.target
ax.quiver(*songs.target.T, *change.T, color=colours, angles="xy", scale_units="xy", scale=1, width=0.003, alpha=0.6)
for mode, colour in (("major", "C1"), ("minor", "C0")):
    ax.scatter(*songs.target[songs.mode == mode].T, s=18, color=colour, label=mode)
ax.axhline(5, color="0.8", zorder=0)
ax.axvline(5, color="0.8", zorder=0)
ax.set(xlabel="valence", ylabel="arousal", xlim=(1, 9), ylim=(1, 9), aspect="equal")
ax.legend(title="mode")
plt.show()
