"""
Which model? Compare first
==========================

:func:`~sklaudio.compare` fits several models on the same folds, cheap ones first, and says how long each took. It is
the first thing to do with a new set of recordings.
"""

# %%
# Three styles of synthetic music, three seconds each. Every model gets the same three folds. Names stand for whole
# Pipelines: ``"genres"`` is a linear model on what a pretrained net makes of a clip.

import numpy as np

from sklaudio import compare
from sklaudio.datasets import make_genres

music = make_genres(150, duration=3.0, random_state=0)
is_chosen = np.isin(music.target, ["disco", "punk", "waltz"])
X, y = music.data[is_chosen], music.target[is_chosen]
models = ["majority", "mfcc-logistic", "mfcc-svm", "genres", "cnn"]
comparison = compare(X, y, models=models, cv=3, random_state=0, sr=music.sr)
comparison.table_[["accuracy", "low", "high", "p_value", "seconds"]].round(3)

# %%
# Accuracy with its 95 % interval, over the seconds that a model took for all folds. ``p_value`` is of a test whether a
# model differs from the best on these folds: where it is large, take the cheaper one.

from matplotlib import pyplot as plt

table = comparison.table_.iloc[::-1]
low, high = table["accuracy"] - table["low"], table["high"] - table["accuracy"]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, width_ratios=[2, 1], layout="constrained")
left.barh(table.index, table["accuracy"], xerr=[low, high], color="C0", alpha=0.8, capsize=4)
left.set(xlabel="accuracy and 95 % interval", xlim=(0, 1.02), title=f"{len(X)} clips, 3 folds")
right.barh(table.index, table["seconds"], color="C1", alpha=0.8)
right.set(xlabel="seconds for all folds", xscale="log", title="what it costs")
figure.get_layout_engine().set(wspace=0.08)
plt.show()
