"""Embeddings of clips: what comes before the last estimator of a model, or what an encoder makes of them."""

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._introspect import inner_models, steps_of, takes_clips
from ..features import FrameSummary
from ..segments._cut import cut_segments, pool_by_clip, segment_sizes
from ..segments._segmented import SegmentedMixin

STATISTICS = ("mean", "std", "max")


def embed_clips(model, X):
    """Return a row of numbers for each clip.

    Parameters
    ----------
    model : FrameTransformer, or fitted model of clips
        Of features and encoders mean, standard deviation and maximum over time of each dim; of nets what comes before
        their output layer; of other models what comes to their last estimator. Of members of a vote or a calibration
        one beside the other; of segments the mean.
    X : sequence of clips
        The clips.

    Returns
    -------
    ndarray of shape (n_clips, n_dims), float64
        The rows.
    """
    if takes_clips(model) and hasattr(model, "transform") and not hasattr(model, "net_"):
        return _summary(model.fit_transform(X))
    return np.asarray(_embedded(model, X), dtype=np.float64)


def _embedded(model, X):
    """Return what the parts of a model make of their input, whatever it is: (n_rows, n_dims)."""
    if isinstance(model, Pipeline):
        *steps, last = steps_of(model)
        for step in steps:
            X = step.transform(X)
        return _embedded(last, X)
    if isinstance(model, SegmentedMixin) and not hasattr(model, "transform"):
        segments, clip = cut_segments(_as_frames(X), *segment_sizes(model))
        return pool_by_clip(np.asarray(_embedded(model.estimator_, segments)), clip, len(X))
    if hasattr(model, "net_") or isinstance(model, SegmentedMixin):
        return model.transform(X) if _embeds_clips(model) else _summary(X)
    inside = inner_models(model) if _gives_its_input(model) else []
    if not inside:
        return _summary(X) if _are_frames(X) else np.asarray(X)
    return np.hstack([_embedded(part, X) for part in inside])


def _gives_its_input(model):
    """Return whether a model passes its input on as it is to those in it, of which one embeds: forests do not."""
    return isinstance(model, FrozenEstimator) or any(
        isinstance(part, (Pipeline, SegmentedMixin)) or hasattr(part, "net_") or _gives_its_input(part)
        for part in inner_models(model)
    )


def _embeds_clips(model):
    target = getattr(getattr(model, "estimator_", model), "_target", None)
    return not getattr(target, "is_stepwise", False)


def _are_frames(X):
    return np.ndim(X) == 3 or (str(getattr(X, "dtype", "")) == "object" and np.ndim(X[0]) == 2)


def _as_frames(X):
    return X if _are_frames(X) else np.asarray(X)[:, np.newaxis]


def _summary(frames):
    return np.asarray(FrameSummary(STATISTICS).fit_transform(frames), dtype=np.float64)
