"""Draw the picture of README: a detector on a soundscape that it was not trained on.

python docs/_tools/readme_picture.py        # writes docs/_static/readme.png
"""

from pathlib import Path

from matplotlib.figure import Figure

import sklaudio
from sklaudio import FeatureDisplay, TimelineDisplay
from sklaudio.datasets import make_soundscapes

PICTURE = Path(__file__).parents[1] / "_static" / "readme.png"
SCENES = {"n_labels": 4, "sr": 16000, "snr": (6, 15)}


def main():
    """Train on 150 scenes of 6 s, and draw another one of 15 s."""
    scenes = make_soundscapes(150, duration=6, random_state=0, **SCENES)
    new = make_soundscapes(1, duration=15, n_events=(10, 11), random_state=1, **SCENES)
    model = sklaudio.make_detector("crnn", sr=16000, max_epochs=40, random_state=0).fit(scenes.data, scenes.events)
    figure = Figure(figsize=(9.5, 5.2), layout="constrained")
    top, bottom = figure.subplots(2, sharex=True, height_ratios=(1, 1.2))
    FeatureDisplay.from_clip(new.data[0], sr=16000, kind="mel", ax=top)
    timeline = sklaudio.predict_timeline(model, new.data[0], sr=16000)
    TimelineDisplay.from_predictions(timeline, y_true=new.events[0], ax=bottom)
    top.set(title="A soundscape that was not trained on", xlabel="", xlim=(0, 15))
    figure.savefig(PICTURE, dpi=100, pil_kwargs={"optimize": True})


if __name__ == "__main__":
    main()
