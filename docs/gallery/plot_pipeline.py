"""
MFCCs and an LSTM in a Pipeline
===============================

Features, scaler and net are ordinary scikit-learn steps, so that cross-validation and scikit-learn's own displays take
the whole as it is.
"""

# %%
# Two hundred and forty notes of eight synthetic instruments, one second each. One row of ``X`` is one clip.

import numpy as np
from matplotlib import pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from sklaudio import FrameScaler, LSTMClassifier, MFCCTransformer
from sklaudio.datasets import make_notes

notes = make_notes(240, random_state=0)
print(notes.data.shape, "=", "(n_clips, n_samples)")

# %%
# ``pooling="mean"`` takes the mean of the LSTM over all frames. With the last frame alone, which is the default, the
# net would have to remember how a note began until its end.

model = Pipeline(
    [
        ("mfcc", MFCCTransformer(20, sr=16000)),
        ("scaler", FrameScaler()),
        ("lstm", LSTMClassifier(32, 1, pooling="mean", lr=0.01, max_epochs=15, device="cpu", random_state=0)),
    ]
)
model

# %%
# Each note is predicted by a model that has heard neither it nor the same pitch of the same instrument.

predicted = cross_val_predict(model, notes.data, notes.target, groups=notes.groups, cv=GroupKFold(3))
accuracy = accuracy_score(notes.target, predicted)
error = np.sqrt(accuracy * (1 - accuracy) / len(predicted))
print(f"accuracy {accuracy:.2f} ± {error:.2f} (standard error of {len(predicted)} clips); chance is 0.12")

figure, ax = plt.subplots(figsize=(6.5, 5.5), layout="constrained")
ConfusionMatrixDisplay.from_predictions(
    notes.target, predicted, ax=ax, cmap="Blues", colorbar=False, xticks_rotation="vertical"
)
ax.set_title(f"MFCC and LSTM, 3 folds: {accuracy:.0%} right")
plt.show()
