"""What adds to a prediction of one clip, by occlusion or by gradients."""

from .._inference import check_takes_clips, sampling_rate
from .._introspect import features_of
from ._explained_output import explained_output, without_reading
from ._gradients import integrated_gradients
from ._occlusion import occlusion


def explain(
    model,
    clip,
    *,
    method="occlusion",
    target=None,
    scale=None,
    fill="background",
    n_times=16,
    n_bands=16,
    n_steps=32,
    max_seconds=None,
):
    """Explain what a model predicts of one clip, without drawing it.

    Parameters
    ----------
    model, clip, method, target, scale, fill, n_times, n_bands, n_steps
        As for :meth:`ExplanationDisplay.from_estimator`.
    max_seconds : float or None, default=None
        Longer clips are an error.

    Returns
    -------
    Attribution
        What adds to the prediction, in seconds of the clip.
    ExplainedOutput
        What is explained.
    tuple of (ndarray of shape (n_samples,), int, float)
        The sound that the model reads, its sampling rate in hertz, and the second of the clip at which it begins.
    """
    check_takes_clips(model)
    reading, y, start = without_reading(model, clip)
    sr = sampling_rate(features_of(reading))
    if max_seconds is not None and len(y) > max_seconds * sr:
        raise ValueError(f"clip is {len(y) / sr:.0f} s long, and no more than {max_seconds:g} s are explained.")
    output = explained_output(reading, y, target, scale)
    if method == "occlusion":
        found = occlusion(output.of, y, sr, n_times, n_bands, fill)
    else:
        found = integrated_gradients(reading, output, y, n_steps, fill)
    return found._replace(time_edges=found.time_edges + start), output, (y, sr, start)
