"""Figures of a report: how the net learned, and how far its confidence can be trusted."""

import numpy as np

from .._plots._training import TrainingDisplay
from ..metrics import accuracy_interval
from ._media import png

N_BINS = 10
SIZE = 4.4, 3.0  # inches, of each figure: a phone shows one beside none


def training(net):
    """Loss, accuracy and learning rate over the epochs.

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
    return [(said[ax.get_ylabel()], png(ax.figure)) for ax in axes]


def calibration(clips):
    """How often answers are right at each confidence, and how many answers there are.

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
    is_right = np.array([clip.is_right for clip in clips])
    bins = np.clip(np.ceil(sure * N_BINS).astype(int) - 1, 0, N_BINS - 1)
    return [_reliability(sure, is_right, bins), _how_sure(sure, is_right)]


def _reliability(sure, is_right, bins):
    ax = _axes()
    ax.plot([0, 1], [0, 1], ":", color="0.5", linewidth=1)
    told = []
    for own in np.unique(bins):
        n, n_right = int((bins == own).sum()), int(is_right[bins == own].sum())
        x, y = sure[bins == own].mean(), n_right / n
        low, high = accuracy_interval(n_right, n)
        ax.errorbar(x, y, yerr=[[max(0, y - low)], [max(0, high - y)]], fmt="o", color="C0", capsize=3, markersize=5)
        told.append(f"at {x:.2f} {y:.2f} ({n} clips)")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="confidence", ylabel="share that is right")
    ax.grid(alpha=0.3)
    return f"Share of right answers by confidence: {'; '.join(told)}", png(ax.figure)


def _how_sure(sure, is_right):
    ax = _axes()
    edges = np.linspace(0, 1, 2 * N_BINS + 1)
    ax.hist([sure[is_right], sure[~is_right]], edges, stacked=True, color=["C0", "C1"], label=["right", "wrong"])
    ax.set(xlim=(-0.02, 1.02), xlabel="confidence", ylabel="clips")
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.legend(frameon=False)
    medians = [f"{np.median(own):.2f}" if len(own) else "none" for own in (sure[is_right], sure[~is_right])]
    alt = f"Histogram of confidence; the median is {medians[0]} where right and {medians[1]} where wrong"
    return alt, png(ax.figure)


def _axes():
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    return ax
