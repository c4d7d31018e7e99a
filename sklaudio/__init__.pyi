from . import (
    audio,
    augment,
    augmented,
    cluster,
    comparison,
    datasets,
    encoders,
    events,
    features,
    metrics,
    multilabel,
    nets,
    persistence,
    plots,
    published,
    recipes,
    reporting,
    segments,
    streaming,
    timeline,
    train,
)
from .audio import Clip, UnreadableClipError, load_audio
from .augmented import AugmentedClassifier, AugmentedRegressor
from .check import check_clips, check_folder
from .comparison import Comparison, compare
from .encoders._transformer import EncoderTransformer
from .evaluate import evaluate_files, robustness_curve
from .events import EventDetector
from .export import export_onnx
from .features import *
from .multilabel import LabelThresholdClassifier
from .nets import *
from .persistence import load, save
from .plots import (
    EventOperatingCurveDisplay,
    FeatureDisplay,
    RegressionDisplay,
    RobustnessDisplay,
    StudyDisplay,
    TimelineDisplay,
    TrainingDisplay,
)
from .predict import predict_files
from .pretrained import load_pretrained, pretrained_card, pretrained_names
from .recipes import make_classifier, make_detector, make_regressor
from .reporting import report
from .segments import SegmentMeanRegressor, SegmentVotingClassifier
from .streaming import StreamPredictor
from .timeline import merge_timeline, predict_timeline, timeline_to_audacity, timeline_to_json

__version__: str
