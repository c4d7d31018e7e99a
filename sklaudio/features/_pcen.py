"""Per-channel energy normalization: mel bands, each with a gain that follows its level."""

from dataclasses import KW_ONLY, dataclass
from math import ceil, log, log2
from numbers import Real

import numpy as np
import scipy.signal
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval

from ._base import SpectralTransformer
from ._mel import MEL_CONSTRAINTS, check_mel_parameters, mel_centers, mel_energies

FORGOTTEN = 1e-16  # weight of an earlier frame that double precision does not see


def smoothing(time_constant, sr, hop_length):
    """Return the weight of the new frame in the mean of a first-order filter, in (0, 1), as :func:`librosa.pcen`."""
    n_frames = time_constant * sr / hop_length
    return (np.sqrt(1 + 4 * n_frames**2) - 1) / (2 * n_frames**2)


def smooth(energies, weight):
    """Return the running mean of each band, which is 1 before the first frame: (n_frames, n_dims), float64."""
    if is_numpy_array(energies):
        before = np.broadcast_to(1 - weight, (*energies.shape[:-2], 1, energies.shape[-1]))
        return scipy.signal.lfilter([weight], [1, weight - 1], energies, axis=-2, zi=before)[0]
    return _smooth_tensor(energies, weight)


def _smooth_tensor(energies, weight):
    """Smooth torch tensors, which have no recursive filter, as :func:`smooth` does.

    The mean over all frames before is one over 2, then 4, 8, … of them: each is the last one, and the last one of as
    many frames earlier. It ends where earlier frames have no weight any more.
    """
    import torch

    mean = weight * energies.double()
    first = torch.zeros(mean.shape[-2], dtype=mean.dtype, device=mean.device)
    first = torch.where(torch.arange(mean.shape[-2], device=mean.device) == 0, 1 - weight, first)
    mean = mean + first[:, None]
    for doubling in range(max(1, ceil(log2(log(FORGOTTEN) / log(1 - weight))))):
        n_earlier = 2**doubling
        earlier = torch.nn.functional.pad(mean, (0, 0, n_earlier, 0))[..., : mean.shape[-2], :]
        mean = mean + (1 - weight) ** n_earlier * earlier
    return mean


def pcen(energies, weight, gain, bias, power, eps):
    """Return energies (n_frames, n_dims) over their running mean, compressed: the same shape, float64."""
    xp = array_namespace(energies)
    # In logarithms as librosa has it: the mean may be as small as eps.
    inverse_gain = xp.exp(-gain * (log(eps) + xp.log1p(smooth(energies, weight) / eps)))
    normalized = xp.astype(energies, xp.float64) * inverse_gain
    if power == 0:
        return xp.log1p(normalized)
    if bias == 0:
        return normalized**power
    return bias**power * xp.expm1(power * xp.log1p(normalized / bias))


@dataclass(eq=False, repr=False)
class PCENTransformer(SpectralTransformer):
    r"""Extract mel bands with per-channel energy normalization (PCEN): constant sound fades, onsets stand out.

    The energy :math:`E_t(m)` of band :math:`m` in frame :math:`t` is divided by its running mean, and compressed:

    .. math:: M_t(m) = (1 - s) \, M_{t-1}(m) + s \, E_t(m), \qquad
       P_t(m) = \Bigl(\frac{E_t(m)}{(\epsilon + M_t(m))^\alpha} + \delta\Bigr)^r - \delta^r,

    with :math:`\alpha` for `gain`, :math:`\delta` for `bias`, :math:`r` for `power`, and :math:`s` from
    `time_constant`. Steady noise goes into the mean of its bands, and a call near the microphone is about as high as
    one far away.

    Parameters
    ----------
    n_mels : int, default=128
        Number of mel bands.
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples (22050, 2048, 512).
    fmin : float, default=0.0
        Lowest frequency in hertz.
    fmax : float or None, default=None
        Highest frequency in hertz; None is ``sr / 2``.
    gain : float, default=0.98
        Exponent of the running mean, at least 0: 1 takes the level of a band away, 0 keeps it.
    bias : float, default=2.0
        What is added before the compression, at least 0: the larger, the less quiet noise is raised.
    power : float, default=0.5
        Exponent of the compression, at least 0; 0 is the logarithm.
    time_constant : float, default=0.4
        Seconds that the running mean is over, above 0. It should be longer than what is to be detected, and shorter
        than changes of the background: about 0.06 for calls of 10 ms.
    eps : float, default=1e-6
        What is added to the running mean, above 0.
    mel_power : float, default=1.0
        Exponent of the magnitude spectrum before it is summed in bands, above 0: 1 for amplitude, 2 for power.
    scale : float, default=2**31
        What the bands are multiplied with, above 0. `bias` and `eps` are made for samples of 32-bit integers, and
        samples here are in [-1, 1].
    duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Attributes
    ----------
    center_frequencies_ : ndarray of shape (n_mels,)
        Centre of each band in hertz.

    See Also
    --------
    MelSpectrogramTransformer : The bands in decibel.

    Notes
    -----
    Equals ``librosa.pcen(scale * librosa.feature.melspectrogram(..., power=mel_power), ...).T``. The method is of [1]_;
    [2]_ says how to choose its parameters for sounds outdoors. The running mean begins at 1, as there, so that the
    first frames of a clip stand out.

    References
    ----------
    .. [1] Y. Wang, P. Getreuer, T. Hughes, R. F. Lyon and R. A. Saurous, "Trainable frontend for robust and far-field
       keyword spotting", ICASSP 2017, 5670-5674.
    .. [2] V. Lostanlen et al., "Per-channel energy normalization: why and how", IEEE Signal Processing Letters 26
       (2019), 39-43.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=22050).astype("float32")
    >>> pcen = PCENTransformer(n_mels=40)
    >>> loud, quiet = pcen.fit_transform([noise, 0.01 * noise])          # 40 dB apart
    >>> bool(loud[20:].mean() < 1.2 * quiet[20:].mean())
    True
    """

    n_mels: int = 128
    _: KW_ONLY
    fmin: float = 0.0
    fmax: float | None = None
    gain: float = 0.98
    bias: float = 2.0
    power: float = 0.5
    time_constant: float = 0.4
    eps: float = 1e-6
    mel_power: float = 1.0
    scale: float = 2.0**31

    _parameter_constraints = {
        **SpectralTransformer._parameter_constraints,
        **MEL_CONSTRAINTS,
        **{name: [Interval(Real, 0, None, closed="left")] for name in ("gain", "bias", "power")},
        **{
            name: [Interval(Real, 0, None, closed="neither")] for name in ("time_constant", "eps", "mel_power", "scale")
        },
    }

    def _learn(self):
        """Set the centre of each band."""
        self.center_frequencies_ = mel_centers(self)

    def _check_parameters(self):
        check_mel_parameters(self)

    def _dim_names(self):
        return [f"pcen{band}" for band in range(self.n_mels)]

    def _frames(self, signal):
        energies = self.scale * signal.by_frame(mel_energies, self.n_mels, self.fmin, self.fmax, self.mel_power)
        weight = smoothing(self.time_constant, self.sr, self.hop_length)
        return pcen(energies, weight, self.gain, self.bias, self.power, self.eps)
