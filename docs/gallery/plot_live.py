"""
Live sound: how soon, and how surely
====================================

:class:`~sklaudio.StreamPredictor` takes blocks of sound as a microphone gives them, and predicts each window when its
last sample has come. A short window follows a change at once, and errs more; a long one is late.
"""

# %%
# A model of three synthetic styles of music. It cuts clips into pieces of three quarters of a second and votes, so that
# windows may be longer or shorter than the clips it has learned from.

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer, SegmentVotingClassifier, StreamPredictor
from sklaudio.datasets import make_genres

STYLES = ["ambient", "punk", "waltz"]
music = make_genres(200, duration=3.0, random_state=0)
is_known = np.isin(music.target, STYLES)
pieces = make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
model = make_pipeline(MFCCTransformer(20), SegmentVotingClassifier(pieces, segment_length=32))
model = model.fit(music.data[is_known], music.target[is_known])

# %%
# A stream of 48 s that changes its style every eight seconds, in blocks of 20 ms.

CHANGE = 8.0  # seconds
order = ["waltz", "punk", "ambient", "punk", "waltz", "ambient"]
new = make_genres(60, duration=CHANGE, random_state=1)
taken = {name: iter(np.flatnonzero(new.target == name)) for name in STYLES}
stream = np.concatenate([new.data[next(taken[name])] for name in order])
blocks = np.split(stream, range(441, len(stream), 441))

# %%
# Three lengths of the window; a prediction every quarter of a second. ``end`` of a row is when it could be known.
# Delays are from a change to the first of three correct predictions in a row. The time of the computation comes on top.

from time import perf_counter

tables, delays = {}, {}
for window in (0.75, 2.0, 5.0):
    predictor = StreamPredictor(model, window=window, hop=0.25)
    start = perf_counter()
    rows = [row for block in blocks for row in predictor.push(block, sr=music.sr).itertuples()]
    per_second = (perf_counter() - start) / (len(stream) / music.sr)
    end, label = np.array([row.end for row in rows]), np.array([row.label for row in rows])
    correct = label == np.array(order)[np.minimum((end - 1e-6) // CHANGE, len(order) - 1).astype(int)]
    three = np.convolve(correct, np.ones(3), "valid") == 3
    changes = np.arange(1, len(order)) * CHANGE
    first = [end[:-2][three & (end[:-2] > change) & (end[:-2] <= change + CHANGE)] for change in changes]
    delays[window] = [found[0] - change if len(found) else np.nan for found, change in zip(first, changes, strict=True)]
    tables[window] = end, label
    print(
        f"window {window:4} s: {correct.mean():.0%} right at any time, delay {np.nanmedian(delays[window]):.1f} s, and"
    )
    print(f"    {1000 * per_second:.0f} ms of computing for a second of sound")

# %%
# Above, what sounds; below, what is predicted when, with one row for each window.

from matplotlib import pyplot as plt
from matplotlib.patches import Patch

colours = {name: f"C{number}" for number, name in enumerate(STYLES)}
figure, axes = plt.subplots(2, figsize=(10, 5.2), sharex=True, height_ratios=[1, 2], layout="constrained")
time = np.arange(len(stream)) / music.sr
for number, name in enumerate(order):
    part = slice(round(number * CHANGE * music.sr), round((number + 1) * CHANGE * music.sr))
    axes[0].plot(time[part], stream[part], color=colours[name], linewidth=0.4)
for row, (end, label) in enumerate(tables.values()):
    for name, colour in colours.items():
        axes[1].broken_barh([(at - 0.25, 0.25) for at in end[label == name]], (row - 0.4, 0.8), color=colour)
for change in changes:
    axes[1].axvline(change, color="black", linewidth=0.8, linestyle="--")
names = [f"{window:g} s\n(delay {np.nanmedian(delays[window]):.1f} s)" for window in tables]
axes[1].set_yticks(range(len(tables)), names)
axes[1].invert_yaxis()
axes[0].set(ylabel="amplitude", title="what sounds")
axes[1].set(xlabel="seconds", ylabel="window", title="what is predicted; dashed: the style changes")
axes[0].legend(handles=[Patch(color=colour, label=name) for name, colour in colours.items()],
               loc="upper left", bbox_to_anchor=(1, 1), frameon=False)  # fmt: skip
plt.show()
