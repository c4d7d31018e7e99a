"""make_regressor: the Pipeline of numbers that make_classifier is of classes."""

from sklearn.utils._param_validation import validate_params

from .. import nets
from ..nets._kinds import kinds
from ..segments import SegmentMeanRegressor
from ._pipeline import CONSTRAINTS, SR, Task, make_pipeline

NETS = {kind: getattr(nets, name) for kind, name in kinds("Regressor").items()}


def _head():
    from ..encoders import GroupedRidge

    return GroupedRidge()


TASK = Task(
    name="make_regressor",
    nets=NETS,
    settings={},
    on_encoder={"dropout": 0.5, "max_epochs": 30},
    make_head=_head,
    segments=SegmentMeanRegressor,
    segments_step="mean",
)


@validate_params(CONSTRAINTS, prefer_skip_nested_validation=False)
def make_regressor(
    kind="crnn", *, sr=SR, duration=None, segment_length="auto", features=None, encoder=None, **net_params
):
    """Make a regressor of recordings: features, segments and a net, or a pretrained encoder and a linear model.

    Parameters
    ----------
    kind : {"crnn", "cnn", "dense", "parallel", "tiny", "rnn", "lstm", "blstm", "gru", "encoder"}, default="crnn"
        The net. The first four take 64 mel bands in decibel; "tiny", which fits a microcontroller, 40; the next four 13
        MFCCs. "encoder" trains no net: it takes mean, standard deviation and maximum of the frames of a pretrained
        network, standardized, and a ridge regression whose regularization is chosen by folds that keep groups.
    sr, duration, features
        As for :func:`~sklaudio.make_classifier`.
    segment_length : int, "auto" or None, default="auto"
        Frames in a segment, as for :func:`~sklaudio.make_classifier`; a clip's numbers are the mean over its segments.
    encoder : str or other encoder, default=None
        As for :func:`~sklaudio.make_classifier`: for ``kind="encoder"``, or for "rnn", "lstm", "blstm" and "gru", which
        have 30 epochs and a `dropout` of 0.5 then.
    **net_params
        Parameters of the net, such as ``loss="ccc"``, ``max_epochs=5`` or ``random_state=0``; here the default of
        `precision` is "auto". With ``kind="encoder"`` those of :class:`~sklaudio.encoders.GroupedRidge`.

    Returns
    -------
    Pipeline
        Unfitted: "features", and "net"; or "mean" in its place, a :class:`SegmentMeanRegressor` around the net, where
        :func:`~sklaudio.make_classifier` has "vote". With ``kind="encoder"``: "features", "summary", "scaler" and
        "head", the last three inside a "mean" if there is one. It takes `y` of shape (n_clips,) or
        (n_clips, n_targets).

    Raises
    ------
    ValueError
        If `kind`, or a name in `features` or `net_params`, is not known, or another parameter is out of range.

    Notes
    -----
    Groups of clips are passed to the last step: ``model.fit(X, y, mean__groups=…)``, or ``net__groups``, or
    ``head__groups``. Nets augment nothing unless `augment` is given: what changes level, pitch or tempo of a clip may
    change its number.

    Examples
    --------
    >>> from sklaudio.datasets import make_emotions
    >>> songs = make_emotions(8, duration=2.0, random_state=0)
    >>> model = make_regressor("gru", duration=2.0, max_epochs=1, random_state=0)
    >>> list(model.named_steps)
    ['features', 'net']
    >>> model.fit(songs.data, songs.target).predict(songs.data).shape  # valence and arousal
    (8, 2)
    """
    return make_pipeline(TASK, kind, sr, duration, segment_length, features, encoder, net_params)
