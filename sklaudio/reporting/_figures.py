"""Figures of a report: how the net learned, how far its confidence can be trusted, how far off its numbers are."""

import numpy as np

from .._utils.terminal import one_line
from ..metrics import calibration_table
from ..plots._regression_display import RegressionDisplay
from ..plots._training_display import TrainingDisplay
from ._media import png

N_BINS = 10
SIZE = 4.4, 3.0  # inches, of each figure: a phone shows one beside none


def training(net):
    """Draw loss, accuracy and learning rate over the epochs.

    Parameters
    ----------
    net : fitted NetClassifier
        With its `history_`.

    Returns
    -------
    list of (str, str)
        Alternative text and data URI of each picture.
    """
    axes = [_axes() for _ in range(3)]
    TrainingDisplay({"net": net.history_}).plot(ax=axes)
    axes[-1].get_legend().remove()  # the page says it, once
    last = net.history_.iloc[-1]
    said = {
        "loss": f"Loss over {len(net.history_)} epochs, {last['train_loss']:.3f} in training at the end",
        "accuracy": f"Accuracy over the epochs, {last['train_acc']:.3f} in training at the end",
        "learning rate": "Learning rate over the epochs",
    }
    if np.isnan(last["train_acc"]):  # of a regressor
        del said["accuracy"]
    return [(said[ax.get_ylabel()], png(ax.figure)) for ax in axes if ax.get_ylabel() in said]


def regression(evaluation, targets):
    """Draw actual numbers and residuals over the predicted ones.

    Parameters
    ----------
    evaluation : RegressionEvaluation
        The numbers.
    targets : list of str
        Those to draw.

    Returns
    -------
    list of (str, str)
        Alternative text and data URI of each picture, two for each target.
    """
    table, pictures = evaluation.predictions, []
    for name in targets:
        axes = [_axes(), _axes()]
        true, predicted = table[f"true({name})"].to_numpy(), table[name].to_numpy()
        RegressionDisplay(true, predicted, target_names=[name]).plot(ax=axes, random_state=0)
        axes[0].set_title("")  # the table says it
        row = evaluation.scores.loc[name]
        said = f"mean absolute error {row['mae']:.4g}, concordance {row['ccc']:.3f}"
        pictures += [
            (f"Actual over predicted {one_line(name)}: {said}", png(axes[0].figure)),
            (f"Residuals over predicted {one_line(name)}", png(axes[1].figure)),
        ]
    return pictures


def calibration(clips):
    """Draw the accuracy at each confidence, and how many predictions there are.

    Parameters
    ----------
    clips : list of Clip
        Those that have a confidence.

    Returns
    -------
    list of (str, str)
        Alternative text and data URI of each picture.
    """
    sure = np.array([clip.confidence for clip in clips])
    correct = np.array([clip.correct for clip in clips])
    return [_reliability(calibration_table(correct, sure, n_bins=N_BINS)), _how_sure(sure, correct)]


def _reliability(bins):
    ax = _axes()
    ax.plot([0, 1], [0, 1], ":", color="0.5", linewidth=1)
    points = []
    for x, y, low, high, n_clips in bins.itertuples(index=False, name=None):
        ax.errorbar(x, y, yerr=[[max(0, y - low)], [max(0, high - y)]], fmt="o", color="C0", capsize=3, markersize=5)
        points.append(f"at {x:.2f} {y:.2f} ({n_clips} clips)")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="confidence", ylabel="fraction that is correct")
    ax.grid(alpha=0.3)
    return f"Fraction of correct predictions by confidence: {'; '.join(points)}", png(ax.figure)


def _how_sure(sure, correct):
    ax = _axes()
    edges = np.linspace(0, 1, 2 * N_BINS + 1)
    ax.hist([sure[correct], sure[~correct]], edges, stacked=True, color=["C0", "C1"], label=["right", "wrong"])
    ax.set(xlim=(-0.02, 1.02), xlabel="confidence", ylabel="clips")
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.legend(frameon=False)
    medians = [f"{np.median(values):.2f}" if len(values) else "none" for values in (sure[correct], sure[~correct])]
    alt = f"Histogram of confidence; the median is {medians[0]} where right and {medians[1]} where wrong"
    return alt, png(ax.figure)


def _axes():
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    return ax
