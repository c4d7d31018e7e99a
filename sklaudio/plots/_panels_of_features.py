"""Which panel a feature transformer's frames go on."""

from functools import partial

import numpy as np

from .._utils.terminal import shortened
from ..features import (
    ChromaTransformer,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
)
from ..features._base import SpectralTransformer
from ..features._map_clips import attempt, judge_failures
from ..features._signal import power_to_db
from ._display import drawable_text
from ._panels import (
    NOTES,
    ContrastPanel,
    ImagePanel,
    LinePanel,
    MelPanel,
    MFCCPanel,
    SpectrogramPanel,
    SpectrumPanel,
    WaveformPanel,
)

LEVEL = "power (dB re 1)"
ORDERS = (("MFCC", "dB"), ("MFCC: slope", "dB / frame"), ("MFCC: curvature", "dB / frame²"))


def panels_of(transformer, clip):
    """Make panels of one clip: one, or one for each member of a union (three for MFCCs with two orders of slopes)."""
    frames = np.asarray(transformer.transform([clip])[0])
    if len(frames) == 0:
        raise ValueError(f"clip={shortened(clip)} has no frames to draw. Set on_error='raise' to see why.")
    y = transformer._waveform(clip)
    if not isinstance(transformer, FrameUnion):
        return _panels(transformer, frames, y)
    panels, first = [], 0
    for name, member in transformer._members():
        last = first + len(member._dim_names())
        panels += _panels(member, frames[:, first:last], y, name)
        first = last
    return panels


def waveform_panel(transformer, y):
    """Make a panel of samples over time."""
    _, place = _place(transformer, y)
    place["step"] = 1 / transformer.sr
    return WaveformPanel("Waveform", y, y_label="amplitude", **place)


def spectrogram_panel(transformer, y, lines=None, title="Spectrogram"):
    """Make a panel of level over time and frequency."""
    signal, place = _place(transformer, y)
    level = power_to_db(signal.power)
    parts = {"frequencies": signal.frequencies, "lines": lines or {}}
    return SpectrogramPanel(title, level, y_label="frequency (Hz)", unit=LEVEL, **parts, **place)


def spectrum_panel(transformer, y):
    """Make a panel of the mean power of all frames over frequency."""
    signal, _ = _place(transformer, y)
    level = power_to_db(signal.power.mean(axis=0, keepdims=True, dtype=np.float64))[0]
    labels = {"x_label": "frequency (Hz)", "y_label": "mean power (dB re 1)"}
    return SpectrumPanel("Spectrum", level, frequencies=signal.frequencies, **labels)


def _place(transformer, y):
    """Return the signal of a clip, and where its frames are in time."""
    signal = transformer._signal(y)
    start = transformer.offset
    hop_length = getattr(signal, "hop_length", None) or getattr(transformer, "hop_length", None)
    if hop_length is None:
        return signal, {"x_label": "frame"}
    step = hop_length / transformer.sr
    return signal, {"start": start, "step": step, "limits": (start, start + max(len(y) / transformer.sr, step))}


def _panels(transformer, frames, y, name=None):
    if isinstance(transformer, MFCCTransformer):
        panels = _mfcc(transformer, frames, y)
    else:
        make = next((make_panel for kind, make_panel in PANELS.items() if isinstance(transformer, kind)), _any_frames)
        panels = [make(transformer, frames, y)]
    for panel in panels:
        if name is not None and name.lower() not in panel.title.lower():
            panel.title = f"{drawable_text(name)}: {panel.title}"
    return panels


def _any_frames(transformer, frames, y, title=None, y_label="value"):
    _, place = _place(transformer, y)
    title = title or type(transformer).__name__.removesuffix("Transformer")
    names = [drawable_text(name, 20) for name in transformer._dim_names()]
    if frames.shape[1] == 1:
        return LinePanel(title, frames, y_label=y_label, **place)
    return ImagePanel(title, frames, names=names, y_label="dim", unit=y_label, colours="viridis", **place)


def _waveform(transformer, frames, y):
    return waveform_panel(transformer, y)


def _in_hertz(transformer, frames, y):
    name = transformer._name
    return spectrogram_panel(transformer, y, {name: frames[:, 0]}, f"Spectral {name}")


def _mel(transformer, frames, y):
    import librosa

    fmax = transformer.sr / 2 if transformer.fmax is None else transformer.fmax
    low, high = librosa.hz_to_mel([transformer.fmin, fmax])
    # Filter m peaks at the (m + 1)-th of n_mels + 2 points even in mel; its cell reaches half a step to both sides.
    edges = librosa.mel_to_hz(low + (high - low) * (np.arange(transformer.n_mels + 1) + 0.5) / (transformer.n_mels + 1))
    _, place = _place(transformer, y)
    unit = LEVEL if transformer.ref == 1 else f"power (dB re {transformer.ref})"
    return MelPanel("Mel spectrogram", frames, edges=edges, y_label="frequency (Hz)", unit=unit, **place)


def _mfcc(transformer, frames, y):
    """Make panels of the coefficients and of each order of slopes, which are a tenth as large, on another scale."""
    _, place = _place(transformer, y)
    names = [str(number) for number in range(transformer.n_mfcc)]
    panels = []
    for order in range(transformer.delta + 1):
        coefficients = frames[:, order * len(names) : (order + 1) * len(names)]
        title, unit = ORDERS[order]
        panels.append(MFCCPanel(title, coefficients, names=names, y_label="coefficient", unit=unit, **place))
    return panels


def _chroma(transformer, frames, y):
    _, place = _place(transformer, y)
    each, rest = divmod(transformer.n_chroma, len(NOTES))
    if rest:
        names = [str(number) for number in range(transformer.n_chroma)]
    else:
        names = [NOTES[number // each] if number % each == 0 else "" for number in range(transformer.n_chroma)]
    labels = {"y_label": "pitch class", "unit": "relative energy"}
    return ImagePanel("Chroma", frames, names=names, colours="viridis", **labels, **place)


def _contrast(transformer, frames, y):
    _, place = _place(transformer, y)
    octaves = transformer.fmin * 2.0 ** np.arange(transformer.n_bands)
    names = [f"{edge:g}" for edge in (0, *octaves, transformer.sr / 2)]
    return ContrastPanel("Spectral contrast", frames, names=names, y_label="band (Hz)", unit="contrast (dB)", **place)


PANELS = {
    WaveformTransformer: _waveform,
    MelSpectrogramTransformer: _mel,
    ChromaTransformer: _chroma,
    SpectralContrastTransformer: _contrast,
    SpectralCentroidTransformer: _in_hertz,
    SpectralBandwidthTransformer: _in_hertz,
    SpectralRolloffTransformer: _in_hertz,
    SpectralFlatnessTransformer: partial(_any_frames, title="Spectral flatness", y_label="flatness (0 to 1)"),
    RMSTransformer: partial(_any_frames, title="RMS", y_label="RMS amplitude"),
    ZeroCrossingRateTransformer: partial(_any_frames, title="Zero-crossing rate", y_label="fraction of samples"),
}
OF_THE_CLIP = {"waveform": waveform_panel, "spectrum": spectrum_panel, "spectrogram": spectrogram_panel}
OF_A_FEATURE = {
    "mel": MelSpectrogramTransformer,
    "mfcc": MFCCTransformer,
    "chroma": ChromaTransformer,
    "centroid": SpectralCentroidTransformer,
    "contrast": SpectralContrastTransformer,
}
KINDS = ("waveform", "spectrogram", "mel", "mfcc", "chroma", "centroid", "contrast", "spectrum")


def panels_of_kinds(clip, kinds, settings):
    """Make panels of one clip by name; it is decoded once."""
    reader = SpectralTransformer(**settings).fit([clip])
    (y,) = judge_failures([attempt(reader._waveform, clip)], on_error="raise", instead=None)
    of_waveform = settings | {"offset": 0.0, "duration": None}
    panels = []
    for kind in kinds:
        if kind in OF_THE_CLIP:
            panels.append(OF_THE_CLIP[kind](reader, y))
        else:
            transformer = OF_A_FEATURE[kind](**of_waveform)
            frames = np.asarray(transformer.fit_transform([y])[0])
            panels += _panels(transformer.set_params(offset=settings["offset"]), frames, y)
    return panels
