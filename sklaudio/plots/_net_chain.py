"""NetChain: a model as what its clips go through, where gradients can follow."""

from dataclasses import dataclass, field

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._inference import predicts_events
from .._introspect import deciders_of, steps_of, takes_clips
from ..features import (
    CQTTransformer,
    FrameScaler,
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    SpectrogramTransformer,
)
from ..segments import SegmentMeanRegressor, SegmentVotingClassifier

INSTEAD = "Use method='occlusion', which takes any model."
WRAPPERS = Pipeline, FrozenEstimator  # whose parts come one by one
BANDS = MelSpectrogramTransformer, PCENTransformer, MFCCTransformer
ON_FREQUENCIES = (*BANDS, SpectrogramTransformer, CQTTransformer)


@dataclass
class NetChain:
    """A model as what its clips go through: features, scalers, segments, a net.

    Parameters
    ----------
    features : FrameTransformer
        What makes frames.
    scalers : list of FrameScaler
        What scales them, each of whole clips or, inside of segments, of these.
    segments : SegmentVotingClassifier, SegmentMeanRegressor or None
        What cuts them.
    net : NetEstimator
        What predicts.
    """

    features: object = None
    scalers: list = field(default_factory=list)
    scalers_of_segments: list = field(default_factory=list)
    segments: object = None
    net: object = None

    def add(self, step):
        """Add a step that the frames go through; an error where gradients cannot follow."""
        if takes_clips(step):
            self.features = step
        elif isinstance(step, FrameScaler):
            (self.scalers if self.segments is None else self.scalers_of_segments).append(step)
        elif isinstance(step, (SegmentVotingClassifier, SegmentMeanRegressor)) and self.segments is None:
            self.segments = step
        elif hasattr(step, "net_"):
            self.net = step
        elif hasattr(step, "slopes_") or not (isinstance(step, WRAPPERS) or len(deciders_of(step)) > 1):
            raise ValueError(
                f"method='gradient' goes through features, FrameScaler, segments and a net, and {type(step).__name__} "
                f"is none of these. {INSTEAD}"
            )


def net_chain(model):
    """Take a model apart that gradients can go through.

    Parameters
    ----------
    model : fitted model of clips
        A Pipeline or search of features in time and frequency and a net.

    Returns
    -------
    NetChain
        Its parts.

    Raises
    ------
    ValueError
        If it is another model, with what is in the way.
    """
    if predicts_events(model):
        raise ValueError(f"method='gradient' is for predictions of clips, and model predicts events in time. {INSTEAD}")
    chain = NetChain()
    for part in deciders_of(model):
        for step in steps_of(part)[:-1] if isinstance(part, Pipeline) else [part]:
            for inner in steps_of(step) if isinstance(step, Pipeline) else [step]:
                chain.add(inner)
    if chain.net is None:
        raise ValueError(f"method='gradient' needs a net, and model has none that it could follow. {INSTEAD}")
    if chain.net._target.is_stepwise:
        raise ValueError(f"method='gradient' is for predictions of clips, and model predicts every frame. {INSTEAD}")
    if not isinstance(chain.features, ON_FREQUENCIES):
        names = ", ".join(kind.__name__ for kind in ON_FREQUENCIES)
        raise ValueError(
            f"method='gradient' needs frames that belong to frequencies: {names}. model begins with "
            f"{type(chain.features).__name__}. {INSTEAD}"
        )
    return chain
