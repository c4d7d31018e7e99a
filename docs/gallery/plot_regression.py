"""
Numbers: how a song feels
=========================

Predict how songs are rated on two scales: valence, from sad to happy, and arousal, from calm to excited. The songs here
are synthetic; tempo, mode and loudness set both ratings.
"""

# %%
# Two clips of each song. A song is never on both sides of a split: ``groups`` says which clips are of the same.

from matplotlib import pyplot as plt

from sklaudio.datasets import make_emotions
from sklaudio.reporting import Player

songs = make_emotions(120, duration=4.0, sr=16000, random_state=0)
calm, excited = songs.target[:, 1].argmin(), songs.target[:, 1].argmax()
names = {f"{tempo:.0f} beats per minute, {mode}": clip for tempo, mode, clip in
         ((songs.tempo[clip], songs.mode[clip], songs.data[clip]) for clip in (calm, excited))}  # fmt: skip
Player(names, sr=songs.sr)

# %%
# A linear model on means and standard deviations of the frames of a clip.

from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer

model = make_pipeline(MFCCTransformer(20, sr=songs.sr), FrameSummary(), StandardScaler(), Ridge())
predicted = cross_val_predict(model, songs.data, songs.target, groups=songs.groups, cv=GroupKFold(5))

# %%
# Scores, with intervals that resample whole songs. Loud and fast songs are excited, and MFCCs show both. Valence
# depends mostly on major or minor, a single note of each chord: MFCCs hardly show that, and the model is worse than
# predicting the mean of all ratings.

from sklaudio.metrics import regression_table

table = regression_table(songs.target, predicted, target_names=songs.target_names, groups=songs.groups)
table[["r2", "r2_low", "r2_high", "mae", "ccc"]].round(2)

# %%
# Each dot is a clip; on the line it is predicted as it was rated.

figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for ax, name, true, found in zip(axes, songs.target_names, songs.target.T, predicted.T, strict=True):
    for mode, colour in (("major", "C1"), ("minor", "C0")):
        ax.scatter(true[songs.mode == mode], found[songs.mode == mode], s=22, color=colour, alpha=0.8, label=mode)
    ax.axline((5, 5), slope=1, color="0.6", linestyle="--")
    ax.set(xlabel=f"rated {name}", ylabel=f"predicted {name}", xlim=(1, 9), ylim=(1, 9), aspect="equal")
    ax.set_title(f"{name}: R2 = {table.loc[name, 'r2']:.2f}")
axes[0].legend(title="mode")
plt.show()
