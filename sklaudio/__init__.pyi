from . import (
    audio,
    augment,
    cluster,
    datasets,
    features,
    metrics,
    nets,
    persistence,
    plots,
    published,
    recipes,
    reporting,
    segments,
    timeline,
)
from .audio import load_audio
from .check import check_clips, check_folder
from .evaluate import evaluate_files
from .export import export_onnx
from .features import (
    ChromaTransformer,
    FrameScaler,
    FrameSummary,
    FrameTransformer,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
    SpectralTransformer,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
    genre_features,
)
from .nets import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    GRUClassifier,
    LSTMClassifier,
    NetClassifier,
    ParallelCNNLSTMClassifier,
    RNNClassifier,
)
from .persistence import load, save
from .plots import FeatureDisplay, StudyDisplay, TimelineDisplay, TrainingDisplay
from .predict import predict_files
from .pretrained import load_pretrained, pretrained_card, pretrained_names
from .recipes import make_classifier
from .reporting import report
from .segments import SegmentVotingClassifier
from .timeline import merge_timeline, predict_timeline, timeline_to_audacity, timeline_to_json

__version__: str
