"""
Which class is present when, in a long recording
================================================

Predict a long file window by window with :func:`~sklaudio.predict_timeline`, in memory that does not grow with its
length, and smooth the result: ``smoothing="viterbi"`` takes the most probable sequence of classes.
"""

# %%
# A model of three styles, trained on clips of three seconds.

import tempfile
from pathlib import Path

import numpy as np
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer, TimelineDisplay, predict_timeline, timeline_to_audacity
from sklaudio.datasets import make_genres

STYLES = ["ambient", "punk", "waltz"]
music = make_genres(200, duration=3.0, random_state=0)
is_known = np.isin(music.target, STYLES)
model = make_pipeline(MFCCTransformer(20), FrameSummary(), StandardScaler(), LogisticRegression(C=0.1))
model.fit(music.data[is_known], music.target[is_known])

# %%
# Two minutes with known styles: nine stretches of 15 s, one style each.

new = make_genres(30, duration=15.0, random_state=1)
order = [name for _ in range(3) for name in STYLES]
taken = {name: iter(np.flatnonzero(new.target == name)) for name in STYLES}
recording = np.concatenate([new.data[next(taken[name])] for name in order])
folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "long.wav")
soundfile.write(path, recording, new.sr)

# %%
# Window by window, then smoothed. Smoothing corrects single windows; a stretch that the model takes for
# another class from end to end stays wrong.

alone = predict_timeline(model, path, window=3, hop=1)
median = predict_timeline(model, path, window=3, hop=1, smoothing="median")
smooth = predict_timeline(model, path, window=3, hop=1, smoothing="viterbi")
for name, timeline in (("each by itself", alone), ("median", median), ("viterbi", smooth)):
    middle = (timeline["start"] + timeline["end"]) / 2
    y_true = np.array(order)[np.minimum(middle // 15, len(order) - 1).astype(int)]
    changes = (timeline["label"].to_numpy()[1:] != timeline["label"].to_numpy()[:-1]).sum()
    print(f"{name:15} {np.mean(timeline['label'] == y_true):.0%} of windows right, {changes} changes (8 are true)")

display = TimelineDisplay.from_predictions(alone, waveform=str(path))

# %%
# The same with neighbours taken into account.

display = TimelineDisplay.from_predictions(smooth, waveform=str(path))

# %%
# Rows that follow each other become one, and Audacity reads them as labels beside the recording.

spans = predict_timeline(model, path, window=3, hop=1, smoothing="viterbi", merge=True)
print(timeline_to_audacity(spans)[:60], "…")
spans.round(2).head(4)
