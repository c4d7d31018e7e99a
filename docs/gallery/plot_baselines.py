"""
Classical baselines and nets
============================

Compare a net with classifiers of scikit-learn on summarized features. Which is better depends on the sounds: here
words, which differ by the order of their sounds, and notes, which differ by their timbre.
"""

# %%
# Four classifiers behind the same MFCCs. The test clips are of speakers, or of pitches of instruments, that are not in
# training.

from time import perf_counter

import numpy as np
from matplotlib import pyplot as plt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import FrameScaler, FrameSummary, GRUClassifier, MFCCTransformer
from sklaudio.datasets import make_notes, make_words

mfcc = MFCCTransformer(sr=16000, n_fft=512, hop_length=256)
tasks = {}
for name, sounds in (
    ("words, new speakers", make_words(320, n_speakers=32, random_state=0)),
    ("notes, new pitches", make_notes(320, random_state=0)),
):
    train, test = next(GroupShuffleSplit(1, test_size=0.4, random_state=0).split(sounds.data, groups=sounds.groups))
    tasks[name] = mfcc.fit_transform(sounds.data), sounds.target, train, test

models = {
    "logistic regression": make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression(max_iter=1000)),
    "SVM (rbf)": make_pipeline(FrameSummary(), StandardScaler(), SVC()),
    "random forest": make_pipeline(FrameSummary(), RandomForestClassifier(random_state=0)),
    "GRU": make_pipeline(
        FrameScaler(),
        GRUClassifier(32, 1, pooling="max", lr=0.01, max_epochs=9, batch_size=16, device="cpu", random_state=0),
    ),
}

# %%
# Summaries forget the order of the frames: *wamo* and *mowa* would have the same means. On words the net is ahead as
# soon as there are enough of them; on notes the linear model is, in a hundredth of the time.

sizes = [30, 80, 180]
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True, layout="constrained")
for ax, (task, (X, y, train, test)) in zip(axes, tasks.items(), strict=True):
    print(task)
    for name, model in models.items():
        accuracy = []
        for size in sizes:
            chosen = np.random.default_rng(0).permutation(train)[:size]
            start = perf_counter()
            model.fit(X[chosen], y[chosen])
            seconds = perf_counter() - start
            accuracy.append(model.score(X[test], y[test]))
        scores = "  ".join(f"{size} clips: {score:.2f}" for size, score in zip(sizes, accuracy, strict=True))
        print(f"  {name:20} {scores}   last fit {seconds:.2f} s")
        ax.plot(sizes, accuracy, marker="o", label=name)
    ax.set(title=task, xscale="log", xlabel="clips to learn from", ylim=(0, 1.02))
    ax.set_xticks(sizes, sizes)
    ax.minorticks_off()
axes[0].set_ylabel("accuracy")
axes[1].legend(loc="lower right")
plt.show()
