"""
Several instruments at once
===========================

A clip may have any number of labels: ``y`` then has a column of 0 and 1 for each. Here a clip is one to three of eight
synthetic instruments, which play together.
"""

# %%
# Single notes, and mixtures of them. No note is in two mixtures, so that none is in training and test.

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from sklaudio.datasets import make_notes
from sklaudio.reporting import Player

notes = make_notes(1200, random_state=0)
rng = np.random.default_rng(0)
queues = {name: list(np.flatnonzero(notes.target == name)) for name in notes.target_names}
mixtures, rows = [], []
while len(mixtures) < 500 and sum(map(bool, queues.values())) >= 3:
    names = rng.choice([name for name, left in queues.items() if left], size=rng.integers(1, 4), replace=False)
    mixture = sum(rng.uniform(0.5, 1) * notes.data[queues[name].pop()] for name in names)
    mixtures.append(0.9 * mixture / np.abs(mixture).max())
    rows.append({name: int(name in names) for name in notes.target_names})
X, Y = np.array(mixtures), pd.DataFrame(rows)
print(f"{len(X)} mixtures; with each instrument: {Y.sum().to_dict()}")

# %%
# Some to listen to:

Player({", ".join(Y.columns[row == 1]): X[clip] for clip, row in enumerate(Y[:4].to_numpy())}, sr=notes.sr)

# %%
# A net has a sigmoid for each label. How probable an instrument has to be for a clip to count as having it is learned
# on folds, by :class:`~sklaudio.LabelThresholdClassifier`.


from sklaudio import GRUClassifier, LabelThresholdClassifier, MelSpectrogramTransformer

n_train = len(X) * 2 // 3
features = MelSpectrogramTransformer(64, sr=notes.sr, hop_length=512)
net = GRUClassifier(32, 1, pooling="mean", standardize=True, lr=0.01, max_epochs=20, random_state=0)
frames = features.fit_transform(X)
model = LabelThresholdClassifier(net, cv=3).fit(frames[:n_train], Y[:n_train])
p, found = model.predict_proba(frames[n_train:]), model.predict(frames[n_train:])

# %%
# Scores of each label, on mixtures of other notes. The net learns them together, and is not equally good at all.

from sklaudio.metrics import label_table

table = label_table(Y[n_train:], found, p)
table.round(2)

# %%
# What it takes thirty test clips for. A cell is darker the more probable an instrument is, and circled where it plays.

shown, order = 30, np.argsort(-Y[n_train:].to_numpy()[:30] @ 2.0 ** -np.arange(8), kind="stable")
figure, ax = plt.subplots(figsize=(10, 3.6), layout="constrained")
image = ax.imshow(p[:shown][order].T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
clip, label = np.nonzero(Y[n_train:].to_numpy()[:shown][order])
ax.scatter(clip, label, s=90, facecolors="none", edgecolors="C1", linewidths=1.8, label="plays")
ax.set_yticks(range(8), [f"{name} ({score:.2f})" for name, score in table["average_precision"].items()])
ax.set(xlabel="test clip", title="probability of each instrument (average precision)")
ax.legend(loc="upper left", bbox_to_anchor=(1.12, 1), frameon=False)
figure.colorbar(image, ax=ax, label="probability")
plt.show()
