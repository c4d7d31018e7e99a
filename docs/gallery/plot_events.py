"""
Events: which sound, from when to when
======================================

Find where sounds of several kinds begin and end in a clip with an :class:`~sklaudio.EventDetector`. Events may overlap.
"""

# %%
# Synthetic soundscapes: sounds of four kinds in noise, and the table of their events.

import pandas as pd
from matplotlib import pyplot as plt

from sklaudio.datasets import make_soundscapes
from sklaudio.reporting import Player

scenes = make_soundscapes(80, n_labels=4, duration=6, sr=16000, snr=(6, 15), random_state=0)
new = make_soundscapes(20, n_labels=4, duration=6, sr=16000, snr=(6, 15), random_state=1)
scenes.events[0].round(2)

# %%
# The fullest of the new ones, to listen to.

clip = max(range(len(new.events)), key=lambda number: len(new.events[number]))
Player(new.data[clip], sr=new.sr)

# %%
# A small convolutional net predicts every frame. ``hop`` says how long a frame is.

from sklearn.pipeline import make_pipeline

from sklaudio import CNNClassifier, EventDetector, MelSpectrogramTransformer

hop_length = 320
net = CNNClassifier((8, 16), head=(), lr=0.02, batch_size=8, max_epochs=15, random_state=0)
model = make_pipeline(
    MelSpectrogramTransformer(40, sr=scenes.sr, n_fft=1024, hop_length=hop_length),
    EventDetector(net, hop=hop_length / scenes.sr),
)
model = model.fit(scenes.data, scenes.events)

# %%
# Scores by event: the right label, and start and end within 0.2 s.

from sklaudio.metrics import event_scores

found = model.predict(new.data)
event_scores(new.events, found)[["precision", "recall", "f1", "n_ref", "n_sys"]].round(2)

# %%
# A lower threshold finds more events and more false alarms. Stars are where F1 is largest on these clips.

from sklaudio import EventOperatingCurveDisplay

display = EventOperatingCurveDisplay.from_estimator(model, new.data, new.events, by="event")

# %%
# The clip from above: its spectrogram, the net's probabilities, and the events that are made of them, each above the
# true one.

from sklaudio import FeatureDisplay

curves = model.predict_proba(new.data[clip : clip + 1])[0]
seconds = (pd.RangeIndex(len(curves)) + 0.5) * hop_length / new.sr
# sphinx_gallery_thumbnail_number = 2
figure, (top, middle, bottom) = plt.subplots(3, sharex=True, figsize=(10, 7), layout="constrained")
FeatureDisplay.from_clip(new.data[clip], sr=new.sr, kind="mel", ax=top)
labels = model[-1].classes_.tolist()
for number, label in enumerate(labels):
    middle.plot(seconds, curves[:, number], color=f"C{number}", label=label)
    for events, height, alpha in ((found[clip], -0.2, 1.0), (new.events[clip], 0.2, 0.35)):
        rows = events[events["label"] == label]
        bottom.barh([number + height] * len(rows), rows["end"] - rows["start"], 0.36, rows["start"],
                    color=f"C{number}", alpha=alpha)  # fmt: skip
middle.axhline(0.5, color="0.6", linestyle=":")
middle.set(ylabel="probability", ylim=(0, 1.02))
middle.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
bottom.set_yticks(range(len(labels)), labels)
bottom.set(xlabel="seconds", ylabel="found (dark), true (light)", xlim=(0, 6), ylim=(len(labels) - 0.5, -0.5))
plt.show()
