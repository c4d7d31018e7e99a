"""
Calibrated probabilities
========================

Of all clips that a model gives a probability of 80 %, are 80 % correct? Draw that with scikit-learn's displays, and
correct it with one temperature.
"""

# %%
# A net that is trained with label smoothing is underconfident. A third of the speakers is held out for the test.

import numpy as np
from matplotlib import pyplot as plt
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

from sklaudio import GRUClassifier, MFCCTransformer
from sklaudio.datasets import make_words
from sklaudio.metrics import expected_calibration_error

words = make_words(300, n_speakers=30, random_state=0)
X = MFCCTransformer(8, sr=16000, n_fft=512, hop_length=256).fit_transform(words.data)
train, test = next(GroupShuffleSplit(1, test_size=0.33, random_state=0).split(X, groups=words.groups))
y = words.target
net = GRUClassifier(32, 1, pooling="max", lr=0.01, max_epochs=6, label_smoothing=0.3, device="cpu", random_state=0)

# %%
# One temperature is learned on training clips that were held out, speaker by speaker. On the left, the test clips are
# sorted by confidence and cut into five equal parts.

folds = list(GroupKFold(3).split(X[train], groups=words.groups[train]))
calibrated = CalibratedClassifierCV(net, method="temperature", ensemble=False, cv=folds).fit(X[train], y[train])
models = {"as trained": net.fit(X[train], y[train]), "with a temperature": calibrated}

figure, axes = plt.subplots(1, 2, figsize=(12, 5.2), layout="constrained")
for name, model in models.items():
    proba = model.predict_proba(X[test])
    right, sure = model.classes_[proba.argmax(axis=1)] == y[test], proba.max(axis=1)
    error = expected_calibration_error(y[test], proba, labels=model.classes_)
    print(f"{name:18} accuracy {right.mean():.2f}, mean confidence {sure.mean():.2f}, calibration error {error:.3f}")
    CalibrationDisplay.from_predictions(
        right, sure, n_bins=5, strategy="quantile", ax=axes[0], name=f"{name}, error {error:.3f}"
    )
axes[0].set(xlabel="confidence in the most probable class", ylabel="fraction of these that are correct")
ConfusionMatrixDisplay.from_estimator(
    net, X[test], y[test], ax=axes[1], cmap="Blues", colorbar=False, xticks_rotation="vertical"
)
axes[1].set_title("which words are taken for which")
plt.show()

# %%
# A temperature leaves the order of the classes as it is: the predictions are those of the trained net, with higher
# probabilities.
# A small difference in accuracy would come from training anew alone.

same = np.mean(models["as trained"].predict(X[test]) == calibrated.predict(X[test]))
print(f"{same:.0%} of the predictions are the same")
