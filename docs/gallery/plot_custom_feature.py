"""
A feature of your own
=====================

A feature is a class with two methods: one names its dims, the other makes the frames of one clip. Decoding, threads,
cache, checks and scikit-learn's interface come from the base class.
"""

# %%
# Spectral flux: how much louder the bins of the spectrum are than a frame ago. It is high where a note or a drum
# begins. ``signal`` holds the clip and its spectra, each computed when first asked for.

import numpy as np

from sklaudio import FeatureDisplay, FrameUnion, MelSpectrogramTransformer, SpectralTransformer
from sklaudio.datasets import make_genres


class SpectralFluxTransformer(SpectralTransformer):
    """Mean rise of the magnitude spectrum from one frame to the next."""

    def _dim_names(self):
        return ["flux"]

    def _frames(self, signal):
        rise = np.diff(signal.magnitude, axis=0, prepend=signal.magnitude[:1])
        return np.maximum(rise, 0).mean(axis=1, keepdims=True)


# %%
# It works in a union, where it shares one spectrum with all others, and in every display.

music = make_genres(10, duration=3.0, random_state=0)
clips = dict(zip(music.target, music.data, strict=True))
features = FrameUnion([("mel", MelSpectrogramTransformer(64)), ("flux", SpectralFluxTransformer())])
print("dims:", features.fit([clips["techno"]]).get_feature_names_out()[[0, 1, -2, -1]])
display = FeatureDisplay.from_estimator(features, clips["techno"], name="techno")

# %%
# Does it tell something? Where drums strike, flux stands out of its own median.

flux = SpectralFluxTransformer().fit_transform(music.data)[:, :, 0]
prominence = dict(zip(music.target, flux.max(axis=1) / np.median(flux, axis=1), strict=True))
for style in sorted(prominence, key=prominence.get, reverse=True):
    print(f"{style:8} strongest onset {prominence[style]:4.1f} times the median")
