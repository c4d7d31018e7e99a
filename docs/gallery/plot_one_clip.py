"""
One clip, as features see it
============================

Draw a waveform or a file with :class:`~sklaudio.FeatureDisplay`, with seconds, hertz and decibels on the axes. Here it
is two seconds of synthetic disco.
"""

# %%
# The waveform, its spectrogram, and the mel spectrogram that most nets take. Bands of the latter are as wide as the
# ear's: narrow at the bottom, wide at the top.

from sklaudio import FeatureDisplay
from sklaudio.datasets import make_genres

music = make_genres(10, duration=2.0, random_state=0)
disco = music.data[list(music.target).index("disco")]
display = FeatureDisplay.from_clip(disco, kind=["waveform", "spectrogram", "mel"], name="disco")

# %%
# MFCCs are the cosine transform of the mel bands: the first is loudness, the next few are the shape of the spectrum.
# Chroma folds all octaves into one: it shows harmony, and no timbre. Centroid and contrast measure how bright a sound
# is, and how far tones stand out of the noise between them.

display = FeatureDisplay.from_clip(disco, kind=["mfcc", "chroma", "centroid", "contrast"], name="disco")

# %%
# ``from_estimator`` draws the frames that a transformer returns, such as the 33 dims of
# :func:`~sklaudio.genre_features`, with its rate and frames.

from sklaudio import genre_features

features = genre_features()
frames = features.fit_transform([disco])
print(f"frames: {frames.shape} = (n_clips, n_frames, n_dims)")
display = FeatureDisplay.from_estimator(features, disco, name="disco")
