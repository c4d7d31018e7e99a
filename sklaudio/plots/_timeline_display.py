"""TimelineDisplay: the predictions of a classifier, or the events of a detector, over a long recording."""

import numpy as np
import pandas as pd

from .._inference import ForeignPredictionsError, predicts_numbers
from ..audio import load_audio
from ..audio._clips import as_clip
from ..audio._in_memory import is_read
from ..timeline import predict_timeline
from ..timeline._formats import format_time
from ..timeline._merge import check_one_label, merge_timeline
from ._display import Display, add_legend, drawable_text, envelope, require_matplotlib
from ._outcomes import draw_outcomes, outcomes_of

COLUMNS = ("start", "end", "label", "probability")
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)  # seconds between ticks
MAX_TICKS = 9
MIN_ALPHA = 0.3  # opacity of an event of probability 0
MAX_SIDE_BY_SIDE = 12  # classes in a legend beside the axes


class TimelineDisplay(Display):
    """Draw classes over a long recording as spans as high as they are probable, or events in a row per label.

    Parameters
    ----------
    timeline : DataFrame
        A row per window, with the columns start and end (seconds), label, and probability in [0, 1].
    waveform : str, path-like, Clip, array of shape (n_samples,) or None, default=None
        The recording, to be drawn underneath; a :class:`~sklaudio.Clip` at the time that it has in its recording.
    sr : int, default=22050
        Sampling rate in hertz that `waveform` has, or is read at.
    rows : {"auto", "one", "label"}, default="auto"
        "one" puts all labels on one axis of time, one at a moment. "label" gives each a row, where events of several
        labels may overlap; the more probable, the darker. "auto" is "label" for what
        :func:`~sklaudio.predict_timeline` makes with an :class:`~sklaudio.EventDetector`, else "one".
    y_true : DataFrame, dict of columns, list of (start, end, label) or None, default=None
        Events that are there, in seconds of the recording, such as those of a file that
        :func:`~sklaudio.datasets.load_annotations` reads: they are drawn above the events of `timeline`, in a row for
        each label, as hits, missed ones and false alarms. Labels are compared as text. Windows that
        :func:`~sklaudio.predict_timeline` predicts are merged to spans before, see :func:`~sklaudio.merge_timeline`.
    collar : float, default=0.2
        Seconds by which a hit may be off, as in :func:`~sklaudio.metrics.event_scores`.

    Attributes
    ----------
    spans_ : DataFrame
        What is drawn: windows in order of time. Where two overlap, each is drawn as far as its centre is the
        nearer one, so that a moment has one colour; events are drawn from start to end. With `y_true`, the true and
        the predicted events, their kind and outcome: see :class:`~sklaudio.evaluate.EventEvaluation`.
    ax_, axes_, figure_
        The axes of the spans, all axes, and their figure.

    Raises
    ------
    TypeError, ValueError
        In `plot`, if columns are missing, an end is not after its start, a probability is outside of [0, 1], or there
        are several labels for one span with ``rows="one"``; if `rows` is none of the three.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklaudio import TimelineDisplay
    >>> timeline = pd.DataFrame(
    ...     {"start": [0, 60], "end": [60, 90], "label": ["speech", "music"], "probability": [0.9, 0.7]}
    ... )
    >>> display = TimelineDisplay(timeline).plot()
    >>> display.spans_["label"].tolist()
    ['speech', 'music']
    """

    def __init__(self, timeline, *, waveform=None, sr=22050, rows="auto", y_true=None, collar=0.2):
        self.timeline = timeline
        self.waveform = waveform
        self.sr = sr
        self.rows = rows
        self.y_true = y_true
        self.collar = collar

    @classmethod
    def from_predictions(cls, timeline, *, waveform=None, sr=22050, rows="auto", y_true=None, collar=0.2, ax=None):
        """Draw a timeline.

        Parameters
        ----------
        timeline : DataFrame
            With the columns start, end, label and probability.
        waveform, sr, rows, y_true, collar
            As in :class:`TimelineDisplay`.
        ax : matplotlib Axes, list of Axes or None, default=None
            As in :meth:`plot`.

        Returns
        -------
        TimelineDisplay
            The display, drawn.
        """
        return cls(timeline, waveform=waveform, sr=sr, rows=rows, y_true=y_true, collar=collar).plot(ax=ax)

    @classmethod
    def from_estimator(cls, model, path, *, y_true=None, collar=0.2, ax=None, **settings):
        """Classify a recording window by window, or detect its events, and draw them above its waveform.

        Parameters
        ----------
        model : fitted classifier of clips, or Pipeline that ends in an EventDetector
            As for :func:`~sklaudio.predict_timeline`; of several labels each has a row. Regressors have no labels.
        path : str, path-like or Clip
            The recording, or a part of it. Its waveform is read whole for the picture, unlike in `predict_timeline`.
        y_true, collar
            As in :class:`TimelineDisplay`.
        ax : matplotlib Axes, list of Axes or None, default=None
            As in :meth:`plot`.
        **settings
            `window`, `hop`, `smoothing` and the others of :func:`~sklaudio.predict_timeline`.

        Returns
        -------
        TimelineDisplay
            The display, drawn; its `timeline` is what `predict_timeline` gave.
        """
        require_matplotlib(cls.__name__)
        if predicts_numbers(model):
            raise ForeignPredictionsError(model, "predicts numbers, not classes")
        timeline = predict_timeline(model, path, **settings)
        return cls(timeline, waveform=path, sr=timeline.attrs["sr"], y_true=y_true, collar=collar).plot(ax=ax)

    def plot(self, ax=None, *, colors=None):
        """Draw the spans and, where there is one, the waveform below.

        Parameters
        ----------
        ax : matplotlib Axes, list of two Axes or None, default=None
            Where to draw; a single one is divided if there is a waveform. None makes a new figure.
        colors : dict of label to colour or None, default=None
            Colours of labels, such as to match another timeline; those left out get different ones.

        Returns
        -------
        self : TimelineDisplay
            The display itself.
        """
        require_matplotlib(type(self).__name__)
        by_label = self._is_by_label()
        spans = _check_timeline(self._merged_to_compare(), by_label=by_label)
        spans = spans if by_label else _without_overlap(spans)
        has_waveform = self.waveform is not None
        y = self._read() if has_waveform else None
        axes = self._prepare(ax, 1 + has_waveform, figsize=(11, 3.2 + 1.4 * has_waveform))
        if self.y_true is None:
            self.spans_ = spans
            (self._draw_rows if by_label else self._draw_spans)(self.ax_, colors or {})
        else:
            spans = self.spans_ = outcomes_of(spans, self.y_true, self.collar)
            draw_outcomes(self.ax_, spans)
        first, last = np.nan_to_num([spans["start"].min(), spans["end"].max()])
        if has_waveform:
            begin = getattr(self.waveform, "start", None) or 0.0
            axes[1].plot(*envelope(y, self.sr, begin), linewidth=0.5, color="0.35")
            axes[1].set_ylabel("amplitude")
            first, last = min(first, begin), max(last, begin + len(y) / self.sr)
        for panel in axes:
            panel.set_xlim(first, last if last > first else first + 1)
            clock_ticks(panel)
        axes[-1].set_xlabel("time (mm:ss.s)")
        if has_waveform and self._owns_figure:
            axes[0].sharex(axes[1])
            axes[0].tick_params(labelbottom=False)
        return self

    def _merged_to_compare(self):
        """Return the timeline; its windows as spans where they are compared with events, for a window is no event."""
        has_windows = isinstance(self.timeline, pd.DataFrame) and "window" in self.timeline.attrs
        return merge_timeline(self.timeline) if has_windows and self.y_true is not None else self.timeline

    def _read(self):
        clip = as_clip(self.waveform, "waveform")
        return load_audio(clip, self.sr)[0] if is_read(clip) else clip

    def _is_by_label(self):
        if self.rows not in ("auto", "one", "label"):
            raise ValueError(f"rows={self.rows!r} is none of 'auto', 'one' and 'label'. Use one of these.")
        if self.y_true is not None and self.rows == "one":
            raise ValueError("rows='one' cannot draw events, and y_true holds events. Use rows='auto' or rows='label'.")
        has_events = isinstance(self.timeline, pd.DataFrame) and self.timeline.attrs.get("events", False)
        has_events = has_events or self.y_true is not None
        return self.rows == "label" or (self.rows == "auto" and has_events)

    def _colours(self, chosen):
        """Return the colour of each label, in order."""
        labels = sorted(self.spans_["label"].unique(), key=lambda label: (str(type(label)), label))
        return dict(zip(labels, _distinct_colours(len(labels)), strict=True)) | chosen, labels

    def _draw_rows(self, ax, chosen):
        """Draw a row for each label, the first on top."""
        from matplotlib.colors import to_rgba

        colours, labels = self._colours(chosen)
        for place, label in enumerate(labels):
            rows = self.spans_[self.spans_["label"] == label]
            opacity = MIN_ALPHA + (1 - MIN_ALPHA) * rows["probability"]
            shades = [to_rgba(colours[label], alpha) for alpha in opacity]
            ax.barh([place] * len(rows), rows["end"] - rows["start"], 0.8, rows["start"], color=shades)
        ax.set_yticks(range(len(labels)), [drawable_text(label, 30) for label in labels])
        ax.set(ylim=(max(1, len(labels)) - 0.5, -0.5), ylabel="label")

    def _draw_spans(self, ax, chosen):
        colours, labels = self._colours(chosen)
        handles = []
        for label in labels:
            rows = self.spans_[self.spans_["label"] == label]
            width = rows["end"] - rows["start"]
            handles.append(ax.bar(rows["start"], rows["probability"], width, align="edge", color=colours[label]))
        names = [drawable_text(label, 30) for label in labels]
        if self._owns_figure and len(labels) > MAX_SIDE_BY_SIDE:
            self.figure_.legend(handles, names, loc="outside lower center", ncols=6, fontsize="small", frameon=False)
            self.figure_.set_figheight(self.figure_.get_figheight() + 0.2 * -(-len(labels) // 6))
        else:
            add_legend(ax, handles, names)
        ax.set(ylim=(0, 1), ylabel="probability")


def _check_timeline(timeline, *, by_label):
    """Return a copy sorted by time; raise an error that names a wrong row; only events may overlap or be none."""
    if not isinstance(timeline, pd.DataFrame):
        raise TypeError(
            f"timeline is {type(timeline).__name__}. Pass a pandas DataFrame with the columns {', '.join(COLUMNS)}."
        )
    missing = [name for name in COLUMNS if name not in timeline]
    if missing:
        raise ValueError(
            f"timeline has no column {', '.join(missing)}; it has {', '.join(map(str, timeline.columns))}. "
            f"Rename its columns to {', '.join(COLUMNS)}."
        )
    if timeline.empty and not by_label:
        raise ValueError("timeline has no rows. Pass at least one span.")
    if not by_label:
        check_one_label(timeline)
    spans = timeline.loc[:, list(COLUMNS)].astype(dict.fromkeys(("start", "end", "probability"), float))
    is_bad = ~(spans["end"] > spans["start"]) | ~spans["probability"].between(0, 1)
    is_bad |= ~np.isfinite(spans[["start", "end"]]).all(axis=1)
    if is_bad.any():
        row = spans[is_bad].iloc[0]
        raise ValueError(
            f"timeline: row {spans.index[is_bad][0]} is from {row['start']:g} to {row['end']:g} s with a probability "
            f"of {row['probability']:g}. Every end must be after its start, every probability in [0, 1]."
        )
    in_order = np.argsort(spans["start"] + spans["end"], kind="stable")  # by centre
    return spans.iloc[in_order].reset_index(drop=True)


def _without_overlap(spans):
    """Cut what overlaps in the middle between the centres of two neighbours."""
    centre = (spans["start"] + spans["end"]).to_numpy() / 2
    between = (centre[1:] + centre[:-1]) / 2
    start, end = spans["start"].to_numpy(copy=True), spans["end"].to_numpy(copy=True)
    overlaps = np.flatnonzero(end[:-1] > start[1:])
    end[overlaps] = np.minimum(end[overlaps], between[overlaps])
    start[overlaps + 1] = np.maximum(start[overlaps + 1], between[overlaps])
    return spans.assign(start=start, end=np.maximum(start, end))


def _distinct_colours(n_colours):
    from matplotlib import colormaps

    if n_colours <= 10:
        return [f"C{number}" for number in range(n_colours)]
    if n_colours <= 20:
        return list(colormaps["tab20"].colors[:n_colours])
    return list(colormaps["turbo"](np.linspace(0, 1, n_colours)))


def clock_ticks(ax):
    """Set ticks at round times, as minutes and seconds."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    first, last = ax.get_xlim()
    step = next((step for step in STEPS if (last - first) / step <= MAX_TICKS), 3600 * (-(-(last - first) // 28800)))
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(seconds)))


def clock(seconds):
    """Format seconds as mm:ss.s, from an hour on as hh:mm:ss.s; axes may begin before 0."""
    return ("-" if round(seconds, 1) < 0 else "") + format_time(abs(seconds))
