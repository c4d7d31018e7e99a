"""BackgroundNoise: recordings of noise under a clip."""

from dataclasses import dataclass

import numpy as np

from ._files import content_of, draw_part, list_files
from ._step import PROBABILITY, WaveformStep, draw, extent_of_sound, power


@dataclass(eq=False, repr=False)
class BackgroundNoise(WaveformStep):
    r"""Add recordings of noise at a signal-to-noise ratio drawn for each clip.

    With the power :math:`P` of clip :math:`s` and noise :math:`n` over the time in which the clip sounds, from its
    first to its last sample that is not 0, it returns :math:`s + g n` with :math:`g^2 = 10^{-snr / 10} P_s / P_n`.

    Parameters
    ----------
    files_or_folder : str, path-like or Clip, or list of these
        A folder of recordings, which are looked for in the folders in it too; a file, or several.
    snr : float or (float, float), default=(0, 20)
        The ratio in decibels, or the lowest and the highest.
    p : float, default=0.5
        Probability that a clip is changed, 0 to 1.

    Raises
    ------
    FileNotFoundError
        When it is called, if there is no such file, or no file of sound in the folder.
    ValueError
        If all files are silent, or one cannot be read.

    Notes
    -----
    Of a longer recording any part is taken; a shorter one is repeated. Files of other rates are resampled. Silent files
    and parts are passed over. A clip that is silent stays so: no noise is so far below it. The sum is not cut to
    [-1, 1], which features don't need.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklaudio.augment import BackgroundNoise
    >>> soundfile.write("street.wav", 0.1 * np.random.default_rng(0).normal(size=80000), 16000)
    >>> tone = np.sin(0.1 * np.arange(16000)).astype("float32")
    >>> noisy = BackgroundNoise("street.wav", snr=10, p=1)(tone, 16000, random_state=0)
    >>> round(10 * np.log10(np.mean(tone**2) / np.mean((noisy - tone) ** 2)), 2)
    np.float32(10.0)
    """

    files_or_folder: object
    snr: object = (0, 20)
    p: float = 0.5

    _parameter_constraints = {"files_or_folder": "no_validation", "snr": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        snr = draw(rng, "snr", self.snr)
        sound = extent_of_sound(y)
        if sound.start == sound.stop:
            return y
        noise = draw_part(list_files(self.files_or_folder), len(y), sr, rng, sound)
        level = np.sqrt(power(y[sound]) / power(noise[sound]) * 10 ** (-snr / 10))
        return y + np.float32(level) * noise

    def __sklaudio_cache_key__(self):
        """Return what decides the result: files by their content."""
        return {"files": content_of(self.files_or_folder), "snr": self.snr, "p": self.p}
