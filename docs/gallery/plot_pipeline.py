"""
MFCCs and an LSTM in a Pipeline
===============================

Put features, scaler and net into one Pipeline, cross-validate it, and draw its confusion matrix with scikit-learn.
"""

# %%
# Two hundred and forty clips: ten synthetic words by twelve speakers, one second each. One row of ``X`` is one clip.

import numpy as np
from matplotlib import pyplot as plt
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from sklaudio import FrameScaler, LSTMClassifier, MFCCTransformer
from sklaudio.datasets import make_words

words = make_words(240, n_speakers=12, random_state=0)
print(words.data.shape, "=", "(n_clips, n_samples)")

# %%
# ``pooling="max"`` takes the largest value of each unit over all frames. With the last frame alone (``"last"``) the net
# would have to remember a word through the silence after it.

model = Pipeline(
    [
        ("mfcc", MFCCTransformer(sr=16000, n_fft=512, hop_length=256)),
        ("scaler", FrameScaler()),
        ("lstm", LSTMClassifier(32, 1, pooling="max", lr=0.01, max_epochs=6, device="cpu", random_state=0)),
    ]
)
model

# %%
# Each clip is predicted by a model that was not trained on its speaker.

predicted = cross_val_predict(model, words.data, words.target, groups=words.groups, cv=GroupKFold(3))
accuracy = accuracy_score(words.target, predicted)
error = np.sqrt(accuracy * (1 - accuracy) / len(predicted))
print(f"accuracy {accuracy:.2f} ± {error:.2f} (standard error of {len(predicted)} clips); chance is 0.10")

figure, ax = plt.subplots(figsize=(6.5, 5.5), layout="constrained")
ConfusionMatrixDisplay.from_predictions(
    words.target, predicted, ax=ax, cmap="Blues", colorbar=False, xticks_rotation="vertical"
)
ax.set_title(f"MFCC and LSTM, 3 folds: {accuracy:.0%} correct")
plt.show()
