"""MixNoise: recordings of noise under batches of mel frames in a net, anew in every epoch."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.base import BaseEstimator, clone

from .._frames.masks import frame_mask
from ._batches import uniform
from .waveform._files import list_files
from .waveform._step import WaveformStep

RANGE = 80.0  # decibels below the loudest, from which on a frame is silent


@dataclass(eq=False, repr=False)
class MixNoise(BaseEstimator):
    r"""Add recordings of noise to mel spectra, at a signal-to-noise ratio drawn for each clip.

    What :class:`BackgroundNoise` does to waveforms, in the bands: there powers add, as clip and noise have nothing to
    do with each other. With the power :math:`s_t(m)` of the clip and :math:`n_t(m)` of the noise in frame :math:`t` and
    band :math:`m`, it returns :math:`10 \log_{10}(s_t(m) + g \, n_t(m))`. The ratio is that of the means of both over
    the frames in which the clip sounds, with bands weighted by their widths, so that all frequencies count alike.

    Parameters
    ----------
    files_or_folder : str, path-like or Clip, or list of these
        A folder of recordings, which are looked for in the folders in it too; a file, or several.
    snr : (float, float), default=(0, 20)
        Lowest and highest ratio in decibels.
    p : float, default=0.5
        Probability that a clip is changed, 0 to 1. In each epoch the others stay without noise.
    features : MelSpectrogramTransformer or None, default=None
        The step before the net, which makes the same bands of the noise. :func:`~sklaudio.make_classifier` and
        :func:`~sklaudio.make_regressor` put theirs in the place of None.

    Raises
    ------
    ValueError
        In `fit` of the net, if there are no `features`, they have other bands than the frames or another
        `power` than 2, or all noise is silent.
    FileNotFoundError
        In `fit`, if there is no such file, or no file of sound in the folder.

    Notes
    -----
    The frames of all noise are made once in a training and stay on the device of the net: an hour takes about 90 MB
    with the features of the recipe at 16 kHz. A clip gets a run of them from any place in a recording, which goes on
    from its beginning where it ends. With ``max_epochs="auto"`` a net is trained for twice as many epochs.
    Nothing but a net itself may have standardized the frames: behind a FrameScaler they are no decibels.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklaudio import make_classifier
    >>> from sklaudio.augment import MixNoise, SpecAugment
    >>> from sklaudio.datasets import make_words
    >>> soundfile.write("street.wav", 0.1 * np.random.default_rng(0).normal(size=80000), 16000)
    >>> words = make_words(20, random_state=0)
    >>> augment = [MixNoise("street.wav"), SpecAugment()]
    >>> model = make_classifier(sr=16000, duration=1.0, augment=augment, max_epochs=1, random_state=0)
    >>> model.fit(words.data, words.target).predict(words.data).shape
    (20,)
    """

    files_or_folder: object
    snr: tuple = (0, 20)
    p: float = 0.5
    features: object = None

    epochs_factor = 2  # of max_epochs="auto": words with noise and without go on getting better after 1500 steps

    __getstate__ = WaveformStep.__getstate__

    def on_scale(self, mean, std):
        """Return the step for frames of a net that are standardized.

        Parameters
        ----------
        mean, std : ndarray of shape (n_dims,) or None
            What frames were standardized by; None where they are decibels.

        Returns
        -------
        callable
            ``(frames, lengths) -> frames``.
        """
        return _OnScale(self, mean, std)

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) in decibels -> the same shape."""
        return self.on_scale(None, None)(frames, lengths)


class _OnScale:
    """The step for one scale of frames, and the noise once it was asked for."""

    def __init__(self, step, mean, std):
        self.step, self.mean, self.std = step, mean, std
        self._noise = None

    def __getstate__(self):
        return vars(self) | {"_noise": None}

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        power, first, count, width, mean, std = self._resident(frames)
        n_clips, n_frames, _ = frames.shape
        is_clip = frame_mask(lengths, n_frames)
        decibel = frames * std + mean
        clip = 10 ** (decibel / 10)
        file = torch.randint(len(count), (n_clips,), device=frames.device)
        start = (uniform(0, 1, n_clips, frames.device) * count[file]).long()
        index = (start[:, None] + torch.arange(n_frames, device=frames.device)) % count[file][:, None]
        noise = power[first[file][:, None] + index]  # (batch, n_frames, n_dims)
        sounds = extent_of_sound(decibel, is_clip)
        ratio = (clip @ width * sounds).sum(dim=1) / (noise @ width * sounds).sum(dim=1)
        snr = uniform(*self.step.snr, n_clips, frames.device)
        level = ratio * 10 ** (-snr / 10) * (uniform(0, 1, n_clips, frames.device) < self.step.p)
        mixed = 10 * torch.log10((clip + level[:, None, None] * noise).clamp(min=least_power(self.step.features)))
        is_changed = is_clip & (level > 0)[:, None]
        return torch.where(is_changed[:, :, None], (mixed - mean) / std, frames)

    def _resident(self, frames):
        """Return noise as power (n_frames, n_dims), begin and length of each file, widths of bands, mean and std."""
        if self._noise is None or self._noise[0].device != frames.device:
            features, n_dims = self.step.features, frames.shape[2]
            check_features(features, n_dims)
            files = noise_frames(self.step.files_or_folder, features)
            count = np.array([len(file) for file in files])
            mean = np.zeros(n_dims) if self.mean is None else self.mean
            std = np.ones(n_dims) if self.std is None else self.std
            arrays = (
                10 ** (np.concatenate(files) / 10), np.cumsum(count) - count, count, band_widths(features), mean, std
            )  # fmt: skip
            self._noise = tuple(
                torch.from_numpy(array.astype(np.int64 if array.dtype.kind == "i" else np.float32)).to(frames.device)
                for array in arrays
            )
        return self._noise


def check_features(features, n_dims):
    """Raise an error unless features make mel bands, and as many as the frames of the net have."""
    from ..features import MelSpectrogramTransformer

    if not isinstance(features, MelSpectrogramTransformer):
        raise ValueError(
            f"MixNoise: features={features!r} must be the MelSpectrogramTransformer before the net, which makes the "
            "same bands of the noise. Pass it, or let make_classifier do so."
        )
    if features.n_mels != n_dims:
        raise ValueError(
            f"MixNoise: features make {features.n_mels} mel bands of the noise, and the frames of the net have "
            f"{n_dims} dims. Pass the MelSpectrogramTransformer that stands before the net."
        )
    if features.power != 2:
        raise ValueError(
            f"MixNoise: features have power={features.power}, and clip and noise add as powers. Take features with "
            "power=2."
        )


def least_power(features):
    """Return the power that features raise smaller ones to, as they have it: relative to a `ref` that is a number."""
    return features.amin if features.ref == "max" else features.amin / max(features.amin, features.ref)


def noise_frames(files_or_folder, features):
    """Return frames in decibels of each file of noise, without those that are silent: list of (n_frames_i, n_mels)."""
    reading = clone(features).set_params(duration=None, offset=0.0, on_error="raise", ref=1.0)  # its level is drawn
    files = list(reading.fit_transform(list_files(files_or_folder)))
    loud = [file[file.max(axis=1) > max(file.max() - RANGE, 10 * np.log10(features.amin)) + 0.1] for file in files]
    loud = [file for file in loud if len(file)]
    if not loud:
        raise ValueError(f"MixNoise: files_or_folder={files_or_folder!r} is silence alone. Pass other recordings.")
    return loud


def band_widths(features):
    """Return the widths of mel bands in hertz, by which their powers add up to that of all frequencies: (n_mels,)."""
    import librosa

    fmax = features.sr / 2 if features.fmax is None else features.fmax
    edges = librosa.mel_frequencies(features.n_mels + 2, fmin=features.fmin, fmax=fmax)
    return (edges[2:] - edges[:-2]) / 2  # the inverse of the height of Slaney's triangles


def extent_of_sound(decibel, is_clip):
    """Mark the frames of clips from the first to the last above the floor of silence: (batch, n_frames), bool."""
    floor = decibel.amax(dim=2).masked_fill(~is_clip, -torch.inf).amax(dim=1) - RANGE
    sounds = ((decibel.amax(dim=2) > floor[:, None] + 0.1) & is_clip).int()
    return (sounds.cummax(dim=1).values & sounds.flip(1).cummax(dim=1).values.flip(1)).bool()
