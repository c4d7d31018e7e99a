"""Nets that predict at every frame: the module, what may change a batch in training, and predictions clip by clip."""

from ._batches import Batches
from ._modules._steps import StepwiseNet
from ._python_parameters import stand_in_for


def make_module(estimator):
    """Build the torch module of a net for its target.

    Raises
    ------
    ValueError
        If the target has an output for every frame, and the net none of its outputs at every step.
    """
    target = estimator._target
    if not target.is_stepwise:
        return estimator._make_module(estimator._n_dims, target.n_outputs)
    if hasattr(estimator, "pooling"):  # some poolings make more of a clip than a step has
        estimator = stand_in_for(estimator, pooling="mean")
    module = estimator._make_module(estimator._n_dims, target.n_outputs)
    if not hasattr(module, "steps"):
        raise ValueError(
            f"y has a row for every frame, and {type(estimator).__name__} predicts whole clips alone. Use a net that "
            "has steps in time, such as CRNNClassifier, CNNClassifier or LSTMClassifier."
        )
    return StepwiseNet(module)


def without_moves(augment):
    """Return what of `augment` leaves every frame where it is, as labels of frames ask for: a list."""
    steps = [augment] if callable(augment) else augment or []
    return [step for step in steps if not getattr(step, "moves_time", False)]


def predict_steps(net, dataset, batch_size):
    """Predict every frame.

    Parameters
    ----------
    net : FramesNet
        Of a target that is stepwise.
    dataset : FramesDataset
        The clips.
    batch_size : int
        Clips at a time, at most.

    Returns
    -------
    list of ndarray of shape (n_frames_i, n_outputs), float32
        Outputs after the activation, of each clip.
    """
    clips = []
    for batch in Batches(dataset, batch_size):
        outputs = net.target.activation(net.evaluation_step(batch)).cpu().numpy()
        clips += [output[:length].copy() for output, length in zip(outputs, batch[0]["lengths"].tolist(), strict=True)]
    return clips
