"""TrainingDisplay: how nets learned, epoch by epoch."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._inference import check_is_no_graph
from .._introspect import deciders_of, parts_with
from ._display import Display, add_legend, drawable_text, require_matplotlib

PARTS = {"train": ("-", "training"), "valid": ("--", "validation")}
FEW_EPOCHS = 40  # that get a dot each


class TrainingDisplay(Display):
    """Draw loss, accuracy and learning rate over the epochs of one training or more.

    Parameters
    ----------
    histories : dict of str to DataFrame
        ``history_`` of a net for each run: a row per epoch with the columns epoch, train_loss, train_acc, valid_loss,
        valid_acc, lr.

    Attributes
    ----------
    best_epochs_ : dict of str to int or None
        Epoch of the lowest validation loss of each run, marked by a star: the one that ``early_stopping=True`` keeps.
        None without validation.
    ax_, axes_, figure_
        The first axes, those of loss, accuracy and learning rate, and their figure.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import LSTMClassifier, TrainingDisplay
    >>> X, y = np.random.default_rng(0).normal(size=(20, 5, 2)), np.repeat(["a", "b"], 10)
    >>> net = LSTMClassifier(4, max_epochs=3, early_stopping=True, validation_fraction=0.2, random_state=0).fit(X, y)
    >>> display = TrainingDisplay.from_estimator(net)
    >>> [ax.get_ylabel() for ax in display.axes_]
    ['loss', 'accuracy', 'learning rate']
    """

    def __init__(self, histories):
        self.histories = histories

    @classmethod
    def from_estimator(cls, estimator, *, name=None, ax=None):
        """Draw the training of one net, or of all nets of one model.

        Parameters
        ----------
        estimator : fitted NetClassifier, or Pipeline, SegmentVotingClassifier, search or the like that holds one
            The net is found inside, however deep. A calibration, vote or stack holds several, each of which is drawn
            under a name with its number.
        name : str or None, default=None
            What to call it; None takes the name of its class.
        ax : matplotlib Axes, list of three Axes or None, default=None
            Where to draw loss, accuracy and learning rate; a single one is divided. None makes a new figure.

        Returns
        -------
        TrainingDisplay
            The display, drawn.

        Raises
        ------
        TypeError, sklearn.exceptions.NotFittedError
            If there is no net inside, or it is not fitted.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        return cls(_histories(name, nets_of(estimator))).plot(ax=ax)

    @classmethod
    def from_estimators(cls, estimators, *, ax=None):
        """Draw the trainings of several nets over each other.

        Parameters
        ----------
        estimators : dict of str to estimator, or list of estimators
            Each as in :meth:`from_estimator`, by name; those of a list are called by class and number.
        ax : matplotlib Axes, list of three Axes or None, default=None
            As in :meth:`from_estimator`.

        Returns
        -------
        TrainingDisplay
            The display, drawn.

        Raises
        ------
        TypeError, ValueError, sklearn.exceptions.NotFittedError
            If there is none, or one of them is no fitted net.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        if not isinstance(estimators, (dict, list, tuple)):
            raise TypeError(
                f"estimators is {type(estimators).__name__}; pass a dict of names and models, or a list of models. "
                "from_estimator draws a single one."
            )
        if not estimators:
            raise ValueError("estimators is empty. Pass at least one fitted model.")
        if isinstance(estimators, dict):
            runs = [_histories(name, nets_of(estimator)) for name, estimator in estimators.items()]
            return cls({name: history for histories in runs for name, history in histories.items()}).plot(ax=ax)
        nets = [net for estimator in estimators for net in nets_of(estimator)]
        return cls({f"{type(net).__name__} {n}": net.history_ for n, net in enumerate(nets, start=1)}).plot(ax=ax)

    def plot(self, ax=None):
        """Draw loss, accuracy and learning rate beside each other.

        Parameters
        ----------
        ax : matplotlib Axes, list of three Axes or None, default=None
            Where to draw; a single one is divided. None makes a new figure.

        Returns
        -------
        self : TrainingDisplay
            The display itself.
        """
        loss, accuracy, rate = self._prepare(ax, 1, 3, figsize=(11, 3.8))
        self.best_epochs_ = {name: _best_epoch(history) for name, history in self.histories.items()}
        for number, (name, history) in enumerate(self.histories.items()):
            colour = f"C{number}"
            self._draw_part(loss, name, history, "loss", colour)
            self._draw_part(accuracy, name, history, "acc", colour)
            rate.plot(history["epoch"], history["lr"], color=colour, marker=_marker(history), drawstyle="steps-mid")
        accuracy.set_ylim(-0.02, 1.02)
        rate.set_yscale("log")
        for axes, label in ((loss, "loss"), (accuracy, "accuracy"), (rate, "learning rate")):
            axes.set(xlabel="epoch", ylabel=label)
            axes.grid(alpha=0.3)
            axes.xaxis.get_major_locator().set_params(integer=True)
        self._draw_legend()
        return self

    def _draw_part(self, axes, name, history, measure, colour):
        for part, (style, _) in PARTS.items():
            values = history[f"{part}_{measure}"].to_numpy(dtype=float)
            if not np.isnan(values).all():
                axes.plot(history["epoch"], values, style, color=colour, marker=_marker(history))
        best = self.best_epochs_[name]
        if best is not None:
            height = float(history.loc[history["epoch"] == best, f"valid_{measure}"].iloc[0])
            axes.plot([best], [height], "*", color=colour, markersize=13, markeredgecolor="black", zorder=3)
            axes.axvline(best, color=colour, linewidth=0.7, linestyle=":")

    def _draw_legend(self):
        """Draw the legend: colours are runs, styles are parts."""
        from matplotlib.lines import Line2D

        handles = [Line2D([], [], color=f"C{number}", linewidth=4) for number in range(len(self.histories))]
        labels = [drawable_text(name) for name in self.histories]
        for part, (style, label) in PARTS.items():
            if all(history[f"{part}_loss"].isna().all() for history in self.histories.values()):
                continue
            handles.append(Line2D([], [], color="0.3", linestyle=style))
            labels.append(label)
        if any(best is not None for best in self.best_epochs_.values()):
            handles.append(
                Line2D([], [], color="0.7", marker="*", markersize=12, markeredgecolor="black", linestyle="")
            )
            labels.append("lowest validation loss")
        if self._owns_figure:
            self.figure_.legend(handles, labels, loc="outside lower center", ncols=min(5, len(labels)), frameon=False)
        else:
            add_legend(self.axes_[-1], handles, labels)


def _marker(history):
    return "." if len(history) <= FEW_EPOCHS else None


def _best_epoch(history):
    losses = history["valid_loss"].to_numpy(dtype=float)
    return None if np.isnan(losses).all() else int(history["epoch"].iloc[np.nanargmin(losses)])


def _histories(name, nets):
    """Return the history of each net by name, with numbers where there are several."""
    names = [name or type(net).__name__ for net in nets]
    if len(nets) > 1:
        names = [f"{name} {number}" for number, name in enumerate(names, start=1)]
    return {name: net.history_ for name, net in zip(names, nets, strict=True)}


def nets_of(estimator):
    """List the nets in a model, one at least; raise an error that says what was found instead."""
    nets = parts_with(estimator, lambda part: hasattr(part, "history_"))
    if not nets:
        _raise_no_history(estimator)
    return nets


def net_of(estimator):
    """Return the one net in a model; raise an error that says what was found instead."""
    nets = nets_of(estimator)
    if len(nets) > 1:
        raise TypeError(f"estimator: {type(estimator).__name__} holds {len(nets)} nets. Pass one of them.")
    return nets[0]


def _raise_no_history(estimator):
    check_is_no_graph(estimator)
    for inner in deciders_of(estimator):
        if hasattr(inner, "max_epochs") or hasattr(inner, "estimator"):
            check_is_fitted(inner, msg="%(name)s has no history_: it is not fitted. Call fit first.")
    where = "" if inner is estimator else f" in {type(estimator).__name__}"
    raise TypeError(
        f"estimator: {type(inner).__name__}{where} has no history_. Pass a fitted net of sklaudio's, or a Pipeline, "
        "SegmentVotingClassifier or search that holds one."
    )
