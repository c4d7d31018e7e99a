"""
From trained weights, with few clips
====================================

Use a net that was trained on other words as a feature. Its weights come with the package, and what it computes for a
clip before its output layer (``transform``) is a description that a linear model can learn from, with a few clips of
each class.
"""

# %%
# Ten synthetic words that the net was not trained on. We train on 1 to 8 clips of each word, and test on other
# speakers.

import numpy as np
from matplotlib import pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklaudio
from sklaudio import FrameSummary, MFCCTransformer
from sklaudio.datasets import make_words

words = make_words(400, n_speakers=40, random_state=0)
speaker = np.array([int(name[-2:]) for name in words.groups])
test = speaker >= 20

# %%
# ``make_words`` makes each word once for each speaker, so that n speakers are n clips of each word.

pretrained = sklaudio.load_pretrained("words")
print("it was trained on:", ", ".join(pretrained.classes_))
embedded = pretrained.transform(words.data)
summary = make_pipeline(MFCCTransformer(sr=16000), FrameSummary()).fit_transform(words.data)
print("of each clip:", embedded.shape[1], "numbers by the net,", summary.shape[1], "by MFCCs")

# %%
# The classifier is the same for both; only the features differ.

sizes = [1, 2, 4, 8]
names = {"MFCC, mean and std": summary, "embedding of trained weights": embedded}
results = {name: [] for name in names}
for n_speakers in sizes:
    for name, X in names.items():
        accuracies = []
        for draw in range(5):
            chosen = np.random.default_rng(draw).permutation(20)[:n_speakers]
            train = np.isin(speaker, chosen)
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
            accuracies.append(model.fit(X[train], words.target[train]).score(X[test], words.target[test]))
        results[name].append((np.mean(accuracies), np.std(accuracies)))

for name, rows in results.items():
    print(f"{name:30}", "  ".join(f"{n}: {mean:.2f} ± {std:.2f}" for n, (mean, std) in zip(sizes, rows, strict=True)))

figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
for name, rows in results.items():
    mean, std = np.array(rows).T
    ax.errorbar(sizes, mean, yerr=std, marker="o", capsize=4, label=name)
ax.axhline(0.1, color="0.5", linestyle="--", label="chance")
ax.set(xscale="log", xlabel="clips of each word to learn from", ylabel="accuracy on new speakers", ylim=(0, 1.02))
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend()
plt.show()
