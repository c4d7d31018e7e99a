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

notes = make_notes(960, duration=0.8, random_state=0)
rng = np.random.default_rng(0)
queues = {name: list(np.flatnonzero(notes.target == name)) for name in notes.target_names}
mixtures, rows = [], []
while sum(map(bool, queues.values())) >= 3:
    names = rng.choice([name for name, left in queues.items() if left], size=rng.integers(1, 4), replace=False)
    mixture = sum(rng.uniform(0.5, 1) * notes.data[queues[name].pop()] for name in names)
    mixtures.append(0.9 * mixture / np.abs(mixture).max())
    rows.append({name: int(name in names) for name in notes.target_names})
X, Y = np.array(mixtures), pd.DataFrame(rows)
print(f"{len(X)} mixtures; with each instrument: {Y.sum().to_dict()}")

# %%
# Listen to some of them:

Player({", ".join(Y.columns[row == 1]): X[clip] for clip, row in enumerate(Y[:4].to_numpy())}, sr=notes.sr)

# %%
# One classifier per label, on means and standard deviations of the frames. :class:`~sklaudio.LabelThresholdClassifier`
# learns the threshold of each label on folds. A net of sklaudio takes the same ``y``, and learns all labels together.

from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, LabelThresholdClassifier, MelSpectrogramTransformer

n_train = len(X) * 2 // 3
summary = make_pipeline(MelSpectrogramTransformer(64, sr=notes.sr, hop_length=256), FrameSummary()).fit_transform(X)
labels = make_pipeline(StandardScaler(), OneVsRestClassifier(LogisticRegression(C=0.1, max_iter=1000)))
model = LabelThresholdClassifier(labels, cv=3).fit(summary[:n_train], Y[:n_train])
p, found = model.predict_proba(summary[n_train:]), model.predict(summary[n_train:])

# %%
# Scores of each label, on mixtures of other notes: a flute is easily recognized, others hide in each other's
# partials. Guessing would have an average precision of the fraction of clips that have the label, 0.15 to 0.3 here.

from sklaudio.metrics import label_table

table = label_table(Y[n_train:], found, p)
table.round(2)

# %%
# Predictions for thirty test clips. A cell is darker the more probable an instrument is, and circled where it plays.

true = Y[n_train:].to_numpy()[:30]
order = np.lexsort(-true.T[::-1])
figure, ax = plt.subplots(figsize=(11, 3.6), layout="constrained")
image = ax.imshow(p[:30][order].T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
ax.scatter(*np.nonzero(true[order]), s=90, facecolors="none", edgecolors="C1", linewidths=1.8)
ax.set_yticks(range(8), [f"{name} ({score:.2f})" for name, score in table["average_precision"].items()])
ax.set(xlabel="test clip", title="how probable each instrument is, and where it plays (average precision in brackets)")
figure.colorbar(image, ax=ax, label="probability")
plt.show()
