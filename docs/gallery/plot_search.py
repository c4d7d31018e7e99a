"""
A grid search, and what it found
================================

Search over features and net at once, extract each clip only once (``memory=``), and draw the result with
:class:`~sklaudio.StudyDisplay`.
"""

# %%
# Two parameters of different steps: how many MFCCs, and how many units of the net.

import tempfile
from time import perf_counter

from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline

from sklaudio import FrameScaler, GRUClassifier, MFCCTransformer, StudyDisplay
from sklaudio.datasets import make_words

words = make_words(140, n_speakers=10, random_state=0)
cache = tempfile.TemporaryDirectory()
model = Pipeline(
    [
        ("mfcc", MFCCTransformer(sr=16000, n_fft=512, hop_length=256, memory=cache.name)),
        ("scaler", FrameScaler()),
        ("gru", GRUClassifier(num_layers=1, pooling="max", lr=0.02, max_epochs=4, device="cpu", random_state=0)),
    ]
)
grid = {"mfcc__n_mfcc": [2, 5, 13], "gru__hidden_size": [16, 64]}
folds = StratifiedKFold(3, shuffle=True, random_state=0)
start = perf_counter()
search = GridSearchCV(model, grid, cv=folds, refit=False).fit(words.data, words.target)
print(f"{len(search.cv_results_['params'])} candidates x 3 folds in {perf_counter() - start:.1f} s")
print(f"best: {search.best_params_}, accuracy {search.best_score_:.2f}")

# %%
# Two parameters make a map, each cell with mean and standard deviation over the folds.

display = StudyDisplay.from_estimator(search)

# %%
# Or lines, one for each value of the second parameter. The dots are the folds: where those of two settings overlap,
# this search does not say which is better.

display = StudyDisplay.from_estimator(search, kind="lines")

# %%
# One parameter alone shows the mean over the other.

display = StudyDisplay.from_estimator(search, parameters="n_mfcc")
cache.cleanup()
