"""
A user-defined feature
======================

Write a feature as a class with two methods: one names its dims, the other computes the frames of one clip. Decoding,
threads, cache, checks and scikit-learn's interface come from the base class.
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
# Is it useful? Beats repeat, so the autocorrelation of the flux has its maximum after one beat.

flux = SpectralFluxTransformer().fit_transform([clips["techno"]])[0, :, 0]
flux = (flux - flux.mean()) / flux.std()
alike = np.correlate(flux, flux, "full")[len(flux) - 1 :] / len(flux)
first, last = 14, 32  # frames between beats, for 185 to 81 beats per minute
lag = first + alike[first:last].argmax()
print(f"correlation {alike[lag]:.2f} after {lag * 512 / 22050:.2f} s: {60 * 22050 / (lag * 512):.0f} beats per minute")
print("make_genres plays techno at 120 to 142")
