"""What happens to a training batch, and only to a training batch.

An augmentation is a callable ``(frames, lengths) -> frames`` on tensors of shape (batch, n_frames, n_dims) and
(batch,); it may return ``(frames, lengths)`` where lengths change. It draws from torch's generator, which the
`random_state` of the net seeds. Pass one or a list as `augment` of a net, such as ``[SpecAugment(), Mixup()]``. Nets
standardize before, so that 0 is the mean of each dim.

`Noise`, `Gain`, `Pitch` and `Stretch` are for nets that are fed by waveforms, in frames that do not overlap
(:class:`~sklaudio.WaveformTransformer`); `SpecAugment`, `FilterAugment`, `FrequencyWarp` and `Tempo` for spectra in
decibel; `TimeShift` and `Mixup` for both.
"""

from dataclasses import dataclass

import torch

from .._frames.masks import frame_mask
from ._vocoder import fit_samples, stretch

__all__ = [
    "FilterAugment",
    "FrequencyWarp",
    "Gain",
    "Mixup",
    "Noise",
    "Pitch",
    "SpecAugment",
    "Stretch",
    "Tempo",
    "TimeShift",
]


def uniform(low, high, shape, device):
    """Draw numbers evenly from [low, high)."""
    return low + (high - low) * torch.rand(shape, device=device)


def read_between(rows, position):
    """Read each clip at positions between its rows, on a straight line from one to the next.

    (batch, n_rows, n_columns), (batch, n) -> (batch, n, n_columns)
    """
    below = position.long()
    fraction = (position - below)[:, :, None]
    first = rows.shape[1] * torch.arange(len(rows), device=rows.device)[:, None]
    flat = rows.flatten(end_dim=1)  # whole rows are copied, which takes a tenth of the time of gathering numbers
    low, high = (
        flat.index_select(0, (first + index).flatten()).unflatten(0, position.shape)
        for index in (below, position.ceil().long())
    )
    return low * (1 - fraction) + high * fraction


@dataclass(frozen=True)
class Noise:
    """Add white noise at a signal-to-noise ratio drawn for each clip.

    Parameters
    ----------
    snr : (float, float), default=(10.0, 40.0)
        Lowest and highest ratio in decibels.
    """

    snr: tuple = (10.0, 40.0)

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        is_clip = frame_mask(lengths, frames.shape[1])[:, :, None]
        power = frames.square().mul(is_clip).sum(dim=(1, 2)) / (lengths * frames.shape[2])
        snr = uniform(*self.snr, len(frames), frames.device)
        level = (power * 10 ** (-snr / 10)).sqrt()[:, None, None]
        return frames + level * torch.randn_like(frames) * is_clip


@dataclass(frozen=True)
class Gain:
    """Change the level by a gain drawn for each clip.

    Parameters
    ----------
    decibel : (float, float), default=(-6.0, 6.0)
        Lowest and highest change.
    """

    decibel: tuple = (-6.0, 6.0)

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        decibel = uniform(*self.decibel, (len(frames), 1, 1), frames.device)
        return frames * 10 ** (decibel / 20)


@dataclass(frozen=True)
class TimeShift:
    """Shift each clip in time; what leaves at one end comes in at the other.

    Parameters
    ----------
    fraction : float, default=0.1
        Farthest shift, either way, as a fraction of the clip.
    """

    fraction: float = 0.1

    moves_time = True  # frames are no longer where their labels are

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        shift = (uniform(-self.fraction, self.fraction, len(frames), frames.device) * lengths).round().long()
        index = torch.arange(frames.shape[1], device=frames.device).expand(frames.shape[:2])
        index = torch.where(frame_mask(lengths, frames.shape[1]), (index - shift[:, None]) % lengths[:, None], index)
        return frames.gather(1, index[:, :, None].expand_as(frames))


@dataclass(frozen=True)
class Stretch:
    """Change the speed at the same pitch, by a phase vocoder; one rate for each batch.

    Clips that grow longer than the longest of the batch are cut there.

    Parameters
    ----------
    rate : (float, float), default=(0.8, 1.25)
        Lowest and highest speed.
    n_fft : int, default=512
        Window in samples; a quarter of it is the step.

    References
    ----------
    .. [1] J. L. Flanagan and R. M. Golden, "Phase vocoder", Bell System Technical Journal 45 (1966), 1493-1509.
    """

    rate: tuple = (0.8, 1.25)
    n_fft: int = 512

    moves_time = True  # frames are no longer where their labels are

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> the same shapes."""
        rate = float(uniform(*self.rate, (), "cpu"))
        y = stretch(frames.flatten(start_dim=1), rate, self.n_fft)
        lengths = (lengths / rate).round().long().clamp(1, frames.shape[1])
        y = fit_samples(y, frames[0].numel()).reshape(frames.shape)
        return y * frame_mask(lengths, frames.shape[1])[:, :, None], lengths


@dataclass(frozen=True)
class Pitch:
    """Shift the pitch at the same speed: stretch, then resample; one interval for each batch.

    Parameters
    ----------
    semitones : (float, float), default=(-2.0, 2.0)
        Lowest and highest interval.
    n_fft : int, default=512
        Window in samples of the phase vocoder.
    """

    semitones: tuple = (-2.0, 2.0)
    n_fft: int = 512

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        factor = 2 ** (float(uniform(*self.semitones, (), "cpu")) / 12)
        n_samples = frames[0].numel()
        y = fit_samples(stretch(frames.flatten(start_dim=1), 1 / factor, self.n_fft), max(1, round(n_samples * factor)))
        y = torch.nn.functional.interpolate(y[:, None], size=n_samples, mode="linear", align_corners=True)[:, 0]
        return y.reshape(frames.shape) * frame_mask(lengths, frames.shape[1])[:, :, None]


@dataclass(frozen=True)
class SpecAugment:
    """Set bands of dims and runs of frames to 0, the mean; drawn for each clip.

    Parameters
    ----------
    n_dim_masks, n_time_masks : int, default=2
        Number of bands and of runs.
    dim_width, time_width : float, default=0.15
        Widest band and longest run, as a fraction of the dims and of the frames of the clip.

    References
    ----------
    .. [1] D. S. Park et al., "SpecAugment: A simple data augmentation method for automatic speech recognition",
       Interspeech 2019. Without its time warp.
    """

    n_dim_masks: int = 2
    n_time_masks: int = 2
    dim_width: float = 0.15
    time_width: float = 0.15

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        n_clips, n_frames, n_dims = frames.shape
        in_bands = torch.zeros((n_clips, n_dims), dtype=torch.bool, device=frames.device)
        in_runs = torch.zeros((n_clips, n_frames), dtype=torch.bool, device=frames.device)
        for _ in range(self.n_dim_masks):
            in_bands |= run_mask(torch.full_like(lengths, n_dims), self.dim_width, n_dims)
        for _ in range(self.n_time_masks):
            in_runs |= run_mask(lengths, self.time_width, n_frames)
        return frames.masked_fill(in_bands[:, None, :] | in_runs[:, :, None], 0)


def run_mask(sizes, width, n):
    """Mark one run of up to `width` of each size, True where it is: (batch,) -> (batch, n)."""
    length = uniform(0, width, len(sizes), sizes.device) * sizes
    start = uniform(0, 1, len(sizes), sizes.device) * (sizes - length)
    index = torch.arange(n, device=sizes.device)
    return (index >= start.round()[:, None]) & (index < (start + length).round()[:, None])


@dataclass(frozen=True)
class FrequencyWarp:
    """Stretch or squeeze the frequency axis, as another vocal tract does; drawn for each clip.

    Parameters
    ----------
    factor : (float, float), default=(0.9, 1.1)
        Lowest and highest factor of the frequencies; dims are taken for bands from low to high.
    p : float, default=1.0
        Probability that a clip is warped, 0 to 1; the others stay as they are.

    References
    ----------
    .. [1] N. Jaitly and G. E. Hinton, "Vocal tract length perturbation (VTLP) improves speech recognition", ICML
       Workshop on Deep Learning for Audio, Speech and Language Processing, 2013. Here linear up to the last band.
    """

    factor: tuple = (0.9, 1.1)
    p: float = 1.0

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        n_dims = frames.shape[2]
        shape = (len(frames), 1)
        is_warped = uniform(0, 1, shape, frames.device) < self.p
        factor = torch.where(is_warped, uniform(*self.factor, shape, frames.device), 1.0)
        position = (torch.arange(n_dims, device=frames.device) / factor).clamp(max=n_dims - 1)  # (batch, n_dims)
        return read_between(frames.transpose(1, 2), position).transpose(1, 2)


@dataclass(frozen=True)
class Tempo:
    """Change the tempo by a rate drawn for each clip; frames are interpolated.

    Clips keep their length: of what is slower the end is cut, and what is faster goes on with its last frame.

    Parameters
    ----------
    rate : (float, float), default=(0.9, 1.1)
        Lowest and highest speed.
    """

    rate: tuple = (0.9, 1.1)

    moves_time = True  # frames are no longer where their labels are

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        n_frames = frames.shape[1]
        rate = uniform(*self.rate, (len(frames), 1), frames.device)
        position = torch.minimum(torch.arange(n_frames, device=frames.device) * rate, lengths[:, None] - 1)
        return read_between(frames, position) * frame_mask(lengths, n_frames)[:, :, None]


@dataclass(frozen=True)
class FilterAugment:
    """Change level and filter of each clip, as another microphone, room or distance does.

    The dims are bands in decibel, standardized: what is added to them is a gain.

    Parameters
    ----------
    level : float, default=0.5
        Largest gain of a whole clip, either way, in standard deviations of the frames. These are 15 to 20 dB in spectra
        of music and speech.
    tilt : float, default=0.3
        Largest gain at each point of the filter, either way; it is linear between them.
    n_points : int, default=4
        Points of the filter, from the lowest to the highest dim.

    References
    ----------
    .. [1] H. Nam, S.-H. Kim and Y.-H. Park, "FilterAugment: An acoustic environmental data augmentation method",
       ICASSP 2022. The linear type, with points at equal distances.
    """

    level: float = 0.5
    tilt: float = 0.3
    n_points: int = 4

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> the same shape."""
        size = (len(frames), 1, self.n_points)
        points = uniform(-self.tilt, self.tilt, size, frames.device)
        points = points + uniform(-self.level, self.level, (len(frames), 1, 1), frames.device)
        gain = torch.nn.functional.interpolate(points, size=frames.shape[2], mode="linear", align_corners=True)
        return frames + gain * frame_mask(lengths, frames.shape[1])[:, :, None]


@dataclass(frozen=True)
class Mixup:
    """Mix each clip with another of the batch, and their classes likewise.

    Parameters
    ----------
    alpha : float, default=0.2
        The fractions are drawn from a Beta distribution of (alpha, alpha): small values leave most clips almost whole.

    References
    ----------
    .. [1] H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, "mixup: Beyond empirical risk minimization", ICLR 2018.
    """

    alpha: float = 0.2

    def __call__(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> both, index of each clip's partner, weight of the clip itself."""
        partner = torch.randperm(len(frames), device=frames.device)
        weight = torch.distributions.Beta(float(self.alpha), float(self.alpha)).sample((len(frames),)).to(frames.device)
        mixed = weight[:, None, None] * frames + (1 - weight)[:, None, None] * frames[partner]
        return mixed, torch.maximum(lengths, lengths[partner]), partner, weight
