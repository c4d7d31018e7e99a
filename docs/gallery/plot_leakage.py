"""
How a split misleads: segments, clips, groups
=============================================

Score one classifier by three splits, on classes that are random: there is nothing to learn, so that a score above one
half is leakage.
"""

# %%
# Sixteen speakers, six recordings of each, five words in each recording.

import numpy as np
from matplotlib import pyplot as plt
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer
from sklaudio.datasets import make_words
from sklaudio.segments import cut_segments

words = make_words(480, n_speakers=16, random_state=0)
rng = np.random.default_rng(0)
recordings, speaker = [], np.repeat(np.arange(16), 6)
for name in np.unique(words.groups):
    recordings.extend(rng.permutation(words.data[words.groups == name]).reshape(6, -1))
frames = MFCCTransformer(20, sr=16000, n_fft=512, hop_length=256).fit_transform(np.array(recordings))
classifier = make_pipeline(FrameSummary(), StandardScaler(), KNeighborsClassifier(1))
print(f"{len(recordings)} recordings of {len(recordings[0]) / words.sr:.0f} s, frames {frames.shape}")

# %%
# Three splits. Segments that are shuffled put pieces of one recording on both sides; clips that are shuffled put
# recordings of one speaker on both sides; groups keep speakers together.

segments, clip = cut_segments(frames, 63, 31)  # 1 s every half second


def scores(y):
    """Compute the accuracy of each split, for classes of the recordings."""
    shuffled = KFold(4, shuffle=True, random_state=0)
    stratified = StratifiedKFold(4, shuffle=True, random_state=0)
    return [
        cross_val_score(classifier, segments, y[clip], cv=shuffled).mean(),
        cross_val_score(classifier, frames, y, cv=stratified).mean(),
        cross_val_score(classifier, frames, y, groups=speaker, cv=GroupKFold(4)).mean(),
    ]


# %%
# Random classes for each recording, then for each speaker, six times each.

random_classes = {
    "random for each recording": [rng.permutation(np.arange(96) % 2) for _ in range(6)],
    "random for each speaker": [rng.permutation(np.arange(16) % 2)[speaker] for _ in range(6)],
}
splits = ["segments\nshuffled", "clips\nshuffled", "speakers\nkept together"]
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for ax, (name, drawn) in zip(axes, random_classes.items(), strict=True):
    accuracy = np.array([scores(y) for y in drawn])
    means = [f"{mean:.2f} ± {std:.2f}" for mean, std in zip(accuracy.mean(axis=0), accuracy.std(axis=0), strict=True)]
    print(f"{name:26} segments {means[0]}, clips {means[1]}, speakers {means[2]}")
    ax.bar(splits, accuracy.mean(axis=0), yerr=accuracy.std(axis=0), color=["C3", "C1", "C0"], capsize=5)
    ax.axhline(0.5, color="black", linestyle="--", label="chance")
    ax.set(title=name, ylim=(0, 1.15))
axes[0].set_ylabel("accuracy")
axes[0].legend(loc="upper right")
plt.show()

# %%
# With shuffled segments the classifier recognizes the recording, with shuffled clips the speaker. Here a row of ``X``
# is a whole clip, segments are cut inside :class:`~sklaudio.SegmentVotingClassifier` alone, and every data set has
# ``groups`` for scikit-learn's splitters.
