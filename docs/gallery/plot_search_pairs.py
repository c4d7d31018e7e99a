"""
A search over four parameters, in pairs
=======================================

Where a search varies more than two parameters, :class:`~sklaudio.StudyDisplay` draws each of them, and each pair.
"""

# %%
# A random search: how many MFCCs, of how long frames, and the two parameters of a support vector machine. ``memory=``
# makes the features of each setting once for all folds.

import tempfile
from time import perf_counter

from scipy.stats import loguniform
from sklearn.model_selection import GroupKFold, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import FrameSummary, MFCCTransformer, StudyDisplay
from sklaudio.datasets import make_words

words = make_words(120, n_speakers=12, random_state=0)
cache = tempfile.TemporaryDirectory()
model = Pipeline(
    [
        ("mfcc", MFCCTransformer(n_mels=40, sr=words.sr, hop_length=256, memory=cache.name)),
        ("summary", FrameSummary()),
        ("scaler", StandardScaler()),
        ("svc", SVC()),
    ]
)
space = {
    "mfcc__n_mfcc": [4, 8, 13, 20],
    "mfcc__n_fft": [512, 1024],
    "svc__C": loguniform(0.1, 1000),
    "svc__gamma": loguniform(1e-5, 1),
}
search = RandomizedSearchCV(model, space, n_iter=32, cv=GroupKFold(3), random_state=0)
start = perf_counter()
search.fit(words.data, words.target, groups=words.groups)
print(f"32 settings x 3 folds in {perf_counter() - start:.1f} s")
print(f"best: {search.best_params_}, accuracy {search.best_score_:.2f}")

# %%
# On the diagonal each parameter by itself: a dot is a setting, by its mean over the folds. Below it each pair, coloured
# by the same score. Good settings of ``C`` and ``gamma`` depend on each other: of each alone there is little to see.

display = StudyDisplay.from_estimator(search)

# %%
# Two of them, larger.

# sphinx_gallery_thumbnail_number = 2
display = StudyDisplay.from_estimator(search, parameters=["C", "gamma"])
cache.cleanup()
