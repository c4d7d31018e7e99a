"""Events of a recording of any length, and numbers of its frames: by models that predict every frame."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._inference import frame_hop, target_names_of
from .._introspect import stages_of
from ..audio._sources import path_of
from ..predict._predicted import frame_table
from ._curves import curves_of
from ._recording import start_of
from ._smoothing import running_median


def predict_events(model, clip):
    """Predict the events of a recording, block by block.

    Parameters
    ----------
    model : fitted Pipeline
        One that begins with features of clips and ends in an EventDetector, or a search over such.
    clip : str, Clip, EncodedSound or SampledSound
        The recording, or a span of one, as :func:`~._recording.as_recording` returns it.

    Returns
    -------
    DataFrame
        As ``model.predict([clip])[0]``, but that times count from the start of the recording, with `path`, `sr` and
        `hop` (seconds of a frame) as ``attrs``.

    Raises
    ------
    TypeError, ValueError
        As :func:`curves_of`.
    """
    detector = stages_of(model)[-1][1]
    check_is_fitted(detector, "estimator_")
    curves, sr = curves_of(model, clip, detector.hop, detector.estimator_.predict_proba, len(detector.classes_))
    events = detector.events_of(curves)
    if start_of(clip):
        events[["start", "end"]] += start_of(clip)
    events.attrs = {"path": path_of(clip), "sr": int(sr), "hop": float(detector.hop), "events": True}
    return events


def predict_frame_numbers(model, clip, smoothing=None, median_length=5):
    """Predict the numbers of every frame of a recording, block by block.

    Parameters
    ----------
    model : fitted Pipeline
        One that begins with features of clips and ends in a net that was fitted with numbers of every frame.
    clip : str, Clip, EncodedSound or SampledSound
        The recording, or a span of one, as :func:`~._recording.as_recording` returns it.
    smoothing : {"median"} or None, default=None
        Whether each number becomes the running median over so many frames.
    median_length : int, default=5
        Odd number of frames.

    Returns
    -------
    DataFrame
        As :func:`frame_table`, with `path`, `sr` and `hop` (seconds of a frame) as ``attrs``.
    """
    net, hop = stages_of(model)[-1][1], frame_hop(model)
    curves, sr = curves_of(model, clip, hop, net.predict, np.size(net.target_mean_))
    table = frame_table(running_median(curves, median_length) if smoothing else curves, hop, target_names_of(model))
    if start_of(clip):
        table[["start", "end"]] += start_of(clip)
    table.attrs = {"path": path_of(clip), "sr": int(sr), "hop": float(hop)}
    return table
