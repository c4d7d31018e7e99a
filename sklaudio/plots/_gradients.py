"""Integrated gradients of nets, at the time and frequency bins of the features that they are given."""

import numpy as np

from ..features import CQTTransformer, MFCCTransformer
from ..features._mel import mel_of
from ..features._mfcc import dct_basis, delta
from ..segments._cut import segment_sizes, segment_starts
from ._attribution import Attribution
from ._net_chain import BANDS, net_chain
from ._occlusion import QUIET

NUMBERS_AT_ONCE = 2**21  # of frames that go through the net together
NEIGHBOURS = 16  # fraction of the bands on both sides of one that tell its background: a 16th


def integrated_gradients(model, output, y, n_steps, fill):
    """Attribute a number of the predictions to each frame and band of a sound.

    The gradient of the number by the frames is averaged on the straight way from a clip without what stands out to the
    clip, and multiplied by the difference. MFCCs are followed back to their mel
    bands. The attributions add up to the difference of the numbers [1]_, but for the error of `n_steps` steps.

    Parameters
    ----------
    model : fitted model of clips
        One that :func:`net_chain` takes apart, whose features take waveforms as they are.
    output : ExplainedOutput
        What of its predictions.
    y : ndarray of shape (n_samples,), float32
        The sound.
    n_steps : int
        Points on the way.
    fill : {"background", "silence"}
        Where the way begins: at the level of each band and its neighbours at their quietest, or of the whole clip.

    Returns
    -------
    Attribution
        In the unit of `output`; those of a band or a time are sums.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.
    """
    import torch

    chain = net_chain(model)
    frames = _bands_of(chain.features, y)
    number = _Forward(chain, output, frames)
    begin = torch.from_numpy(_quiet(frames, fill))
    difference = torch.from_numpy(frames) - begin
    nodes, weights = np.polynomial.legendre.leggauss(n_steps)
    total = torch.zeros_like(difference)
    size = max(1, NUMBERS_AT_ONCE // frames.size)
    for first in range(0, n_steps, size):
        fraction = torch.from_numpy((nodes[first : first + size] / 2 + 0.5).astype(np.float32))[:, None, None]
        points = (begin + fraction * difference).requires_grad_()
        weight = torch.from_numpy((weights[first : first + size] / 2).astype(np.float32))
        (gradient,) = torch.autograd.grad((number(points) * weight).sum(), points)
        total += gradient.sum(dim=0)
    cells = (total * difference).double().numpy()
    return Attribution(cells, cells.sum(axis=1), cells.sum(axis=0), *_edges(chain.features, len(frames), len(y)))


def _bands_of(features, y):
    """Return frames on frequencies: those of the features, or the mel bands of MFCCs; (n_frames, n_bands), float32."""
    if isinstance(features, MFCCTransformer):
        return np.array(mel_of(features, features._signal(y)), dtype=np.float32)
    return np.array(features.transform([y])[0], dtype=np.float32)


def _quiet(frames, fill):
    """Return the level without what stands out: (n_bands,), float32."""
    if fill == "silence":
        return np.full(frames.shape[1], frames.min())
    reach = -(-frames.shape[1] // NEIGHBOURS)
    parts = [frames[:, max(0, band - reach) : band + reach + 1] for band in range(frames.shape[1])]
    return np.array([np.quantile(part, QUIET) for part in parts], dtype=np.float32)


def _edges(features, n_frames, n_samples):
    """Return edges of frames in seconds and of bands in hertz."""
    import librosa

    step = features.hop_length / features.sr
    times = np.clip((np.arange(n_frames + 1) - 0.5) * step, 0, max(n_samples / features.sr, step / 2))
    times[-1] = max(times[-1], times[-2] + step / 2)
    if isinstance(features, BANDS):
        fmax = features.sr / 2 if features.fmax is None else features.fmax
        low, high = librosa.hz_to_mel([features.fmin, fmax])
        n = features.n_mels
        return times, librosa.mel_to_hz(low + (high - low) * (np.arange(n + 1) + 0.5) / (n + 1))
    centers = features.frequencies_
    if isinstance(features, CQTTransformer):
        half = 2 ** (0.5 / features.bins_per_octave)
        return times, np.append(centers / half, centers[-1] * half)
    half = features.sr / features.n_fft / 2
    return times, np.clip(np.append(centers - half, centers[-1] + half), 0, features.sr / 2)


class _Forward:
    """The number by frames on frequencies, in torch: (n_points, n_frames, n_bands) -> (n_points,)."""

    def __init__(self, chain, output, frames):
        from ..nets._callbacks import unwrap

        self.chain, self.output = chain, output
        self.device = chain.net.net_.device
        self.module = unwrap(chain.net.net_.module_)
        self.deltas = []
        if isinstance(chain.features, MFCCTransformer):
            eye = np.eye(len(frames), dtype=np.float32)
            self.deltas = [self._tensor(delta(eye, order)) for order in range(1, chain.features.delta + 1)]
        self.scalings = []
        of_clip = self._features(self._tensor(frames)[None])
        for scaler in chain.scalers:
            self.scalings.append(self._scaling(scaler, of_clip))
            of_clip = self._scaled(of_clip, self.scalings[-1])
        self.slices = self._slices(of_clip.shape[1])
        self.scalings_of_segments = [self._scalings_of(of_clip[:, part]) for part in self.slices]

    def __call__(self, points):
        """Compute the number at each point."""
        import torch

        frames = self._features(points.to(self.device))
        for scaling in self.scalings:
            frames = self._scaled(frames, scaling)
        outputs = []
        with torch.backends.cudnn.flags(enabled=False):  # whose recurrent layers have gradients in training alone
            for part, scalings in zip(self.slices, self.scalings_of_segments, strict=True):
                segment = frames[:, part]
                for scaling in scalings:
                    segment = self._scaled(segment, scaling)
                outputs.append(self._run(segment))
        return self._number(torch.stack(outputs)).cpu()  # (n_segments, n_points, n_outputs)

    def _features(self, bands):
        import torch

        features = self.chain.features
        if not isinstance(features, MFCCTransformer):
            return bands
        mfcc = bands @ self._tensor(dct_basis(features.n_mels, features.n_mfcc))
        return torch.cat([mfcc, *(matrix @ mfcc for matrix in self.deltas)], dim=2)

    def _slices(self, n_frames):
        length, hop = (None, None) if self.chain.segments is None else segment_sizes(self.chain.segments)
        if length is None:
            return [slice(None)]
        return [slice(start, start + length) for start in segment_starts(n_frames, length, hop)]

    def _scaling(self, scaler, frames):
        """Return mean and standard deviation that a scaler has for the clip, which are constants for gradients."""
        if scaler.per == "dim":
            return self._tensor(scaler.mean_), self._tensor(scaler.scale_)
        axis = (1, 2) if scaler.per == "clip" else 1
        std = frames.std(dim=axis, keepdim=True, correction=0)
        return frames.mean(dim=axis, keepdim=True), std.where(std > 0, 1.0)

    def _scalings_of(self, segment):
        scalings = []
        for scaler in self.chain.scalers_of_segments:
            scalings.append(self._scaling(scaler, segment))
            segment = self._scaled(segment, scalings[-1])
        return scalings

    def _scaled(self, frames, scaling):
        mean, std = scaling
        return (frames - mean) / std

    def _run(self, segment):
        import torch

        if self.chain.net._scale is not None:
            segment = self._scaled(segment, [self._tensor(values) for values in self.chain.net._scale])
        lengths = torch.full((len(segment),), segment.shape[1], device=self.device)
        was_training = self.module.training
        try:
            return self.module.eval()(segment, lengths)
        finally:
            self.module.train(was_training)

    def _number(self, logits):
        """Compute what is explained, by the logits of all segments."""
        import torch

        column, n_segments = self.output.column, len(logits)
        if self.output.kind == "numbers":
            scale = np.atleast_1d(self.chain.net.target_scale_)
            mean = np.atleast_1d(self.chain.net.target_mean_)
            return logits.mean(dim=0)[:, column] * float(scale[column]) + float(mean[column])
        if self.output.kind == "labels":
            ps = [torch.nn.functional.logsigmoid(sign * logits[..., column]) for sign in (1, -1)]
            if getattr(self.chain.segments, "voting", None) == "max":
                loudest = logits[..., column].argmax(dim=0, keepdim=True)
                log_p, log_others = (p.gather(0, loudest)[0] for p in ps)
            else:
                log_p, log_others = (p.logsumexp(dim=0) - np.log(n_segments) for p in ps)
        else:
            log_all = logits.log_softmax(dim=2).logsumexp(dim=0) - np.log(n_segments)
            others = [number for number in range(log_all.shape[1]) if number != column]
            log_p, log_others = log_all[:, column], log_all[:, others].logsumexp(dim=1)
        return log_p.exp() if self.output.scale == "probability" else log_p - log_others

    def _tensor(self, values):
        import torch

        return torch.as_tensor(np.asarray(values, dtype=np.float32), device=self.device)
