"""FeatureDisplay: what a clip looks like to a feature."""

import os

import numpy as np

from .._introspect import features_of
from .._utils.near_names import did_you_mean
from .._utils.terminal import shortened
from ..audio._clips import as_clip
from ..audio._sources import name_of
from ._display import Display, drawable_text, require_matplotlib
from ._panels import SECONDS
from ._panels_of_features import KINDS, panels_of, panels_of_kinds


class FeatureDisplay(Display):
    """Draw one clip as waveform, spectrum, spectrogram or any feature.

    Make one with :meth:`from_clip` or :meth:`from_estimator`.

    Parameters
    ----------
    panels : list of Panel
        What to draw, one axes each.
    name : str or None, default=None
        What the clip is called, above the figure.

    Attributes
    ----------
    ax_, axes_, figure_
        The first axes, all of them, and their figure. Times are in seconds from the start of the recording,
        frequencies in hertz, so that further lines and marks can be added in these.

    See Also
    --------
    TimelineDisplay : The predictions of a classifier over a long recording.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import FeatureDisplay, genre_features
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> display = FeatureDisplay.from_clip(tone, kind="mel")
    >>> display.ax_.get_ylabel(), display.ax_.get_xlabel()
    ('frequency (Hz)', 'time (s)')
    >>> len(FeatureDisplay.from_estimator(genre_features(), tone).axes_)
    4
    """

    def __init__(self, panels, *, name=None):
        self.panels = panels
        self.name = name

    @classmethod
    def from_clip(
        cls, clip, *, sr=22050, kind="mel", n_fft=2048, hop_length=512, offset=0.0, duration=None, name=None, ax=None
    ):
        """Draw one clip.

        Parameters
        ----------
        clip : str, path-like, Clip or array of shape (n_samples,)
            A file, a span of one, or a waveform at `sr`.
        sr : int, default=22050
            Sampling rate in hertz that files are resampled to, and that waveforms are taken to have.
        kind : str or list of str, default="mel"
            "waveform", "spectrum" (mean over the clip), "spectrogram", "mel", "mfcc", "chroma", "centroid" (over the
            spectrogram) or "contrast"; several of them; or "all".
        n_fft, hop_length : int
            Frame length and step in samples (2048, 512).
        offset, duration : float
            Seconds to skip at the start, and to draw; None draws to the end.
        name : str or None, default=None
            What to write above the figure; None takes the name of the file.
        ax : matplotlib Axes, list of Axes or None, default=None
            Where to draw: one for each kind, a single one that is divided among them, or None for a new figure.

        Returns
        -------
        FeatureDisplay
            The display, drawn.

        Raises
        ------
        ValueError, TypeError, FileNotFoundError
            If there is no such kind, or the clip cannot be read or is more than one.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        kinds = _check_kinds(kind)
        clip = as_clip(clip, "clip")
        settings = {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "offset": offset, "duration": duration}
        return cls(panels_of_kinds(clip, kinds, settings), name=name_of_clip(clip, name)).plot(ax=ax)

    @classmethod
    def from_estimator(cls, transformer, clip, *, name=None, ax=None):
        """Draw the frames that a feature transformer makes of one clip.

        Parameters
        ----------
        transformer : FrameTransformer, FrameUnion, or model that begins with one
            A Pipeline, or a search, calibration or vote over such ones. Fitted or not: features learn nothing. A union
            has one axes for each member, MFCCs with `delta` one more for each order of slopes, and a vote those of
            all features that its members begin with.
        clip : str, path-like, Clip or array of shape (n_samples,)
            A file, a span of one, or a waveform at the transformer's `sr`.
        name : str or None, default=None
            What to write above the figure; None takes the name of the file.
        ax : matplotlib Axes, list of Axes or None, default=None
            Where to draw, as in :meth:`from_clip`.

        Returns
        -------
        FeatureDisplay
            The display, drawn. Times are those of the transformer's `hop_length`, `sr` and `offset`; a transformer
            without a `hop_length` has frames on its axis.

        Raises
        ------
        TypeError
            If it is no feature transformer.
        ValueError, FileNotFoundError
            If the clip cannot be read.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        features = features_of(transformer)
        if not features:
            raise TypeError(
                f"transformer={shortened(transformer)} makes no frames of clips. Pass a feature transformer such as "
                "MFCCTransformer(), a FrameUnion, or a Pipeline that begins with one."
            )
        clip = as_clip(clip, "clip")
        panels = [panel for member in _distinct(features) for panel in panels_of(member, clip)]
        return cls(panels, name=name_of_clip(clip, name)).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the panels, one below the other.

        Parameters
        ----------
        ax : matplotlib Axes, list of Axes or None, default=None
            One for each panel, a single one that is divided among them, or None for a new figure.

        Returns
        -------
        self : FeatureDisplay
            The display itself.
        """
        n_panels = len(self.panels)
        figsize = 9, 3.6 if n_panels == 1 else 0.6 + 2.1 * n_panels
        for axes, panel in zip(self._prepare(ax, n_panels, figsize=figsize), self.panels, strict=True):
            panel.draw(axes)
        if self._owns_figure:
            self._share_time()
            if self.name:
                self.figure_.suptitle(drawable_text(self.name), fontsize="large")
        return self

    def _share_time(self):
        """Let axes of time zoom together, and write the seconds below the last of them."""
        of_time = [axes for axes, panel in zip(self.axes_, self.panels, strict=True) if panel.x_label == SECONDS]
        for axes in of_time[:-1]:
            axes.sharex(of_time[-1])
            axes.tick_params(labelbottom=False)
            axes.set_xlabel("")


def _check_kinds(kind):
    kinds = KINDS if isinstance(kind, str) and kind == "all" else [kind] if isinstance(kind, str) else list(kind)
    for name in kinds:
        if name not in KINDS:
            near = did_you_mean(name, [*KINDS, "all"])
            raise ValueError(
                f"kind={shortened(name)} is not known. Use one or more of {', '.join(KINDS)}, or 'all'.{near}"
            )
    if not kinds:
        raise ValueError(
            f"kind={shortened(kind)} names nothing to draw. Use one or more of {', '.join(KINDS)}, or 'all'."
        )
    return kinds


def name_of_clip(clip, name=None):
    """Return the name that is passed, or that of the file of a clip; None if it has none."""
    return os.path.basename(name_of(clip, "")) or None if name is None else name


def _distinct(estimators):
    """Return the estimators without those that equal an earlier one in class and parameters."""
    found = []
    for estimator in estimators:
        if not any(_are_equal(estimator, other) for other in found):
            found.append(estimator)
    return found


def _are_equal(one, other):
    """Return whether two parameters are equal; False for what cannot be compared."""
    if type(one) is not type(other):
        return False
    if hasattr(one, "get_params"):
        return _are_equal(one.get_params(deep=False), other.get_params(deep=False))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_are_equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_are_equal, one, other))
    return one is other or bool(np.array_equal(one, other))
