"""Feature extractors: clips in, frames out; and what brings frames into shape for classifiers."""

from ._base import FrameTransformer, SpectralTransformer
from ._chroma import ChromaTransformer
from ._mel import MelSpectrogramTransformer
from ._mfcc import MFCCTransformer
from ._scaler import FrameScaler
from ._spectral import (
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
)
from ._summary import FrameSummary
from ._union import FrameUnion, genre_features
from ._waveform import RMSTransformer, WaveformTransformer, ZeroCrossingRateTransformer

__all__ = [
    "ChromaTransformer",
    "FrameScaler",
    "FrameSummary",
    "FrameTransformer",
    "FrameUnion",
    "MFCCTransformer",
    "MelSpectrogramTransformer",
    "RMSTransformer",
    "SpectralBandwidthTransformer",
    "SpectralCentroidTransformer",
    "SpectralContrastTransformer",
    "SpectralFlatnessTransformer",
    "SpectralRolloffTransformer",
    "SpectralTransformer",
    "WaveformTransformer",
    "ZeroCrossingRateTransformer",
    "genre_features",
]
