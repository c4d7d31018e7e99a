"""FeatureDisplay: what a clip looks like to a feature."""

import os

from sklearn.pipeline import Pipeline

from ..audio import as_clip
from ..features import FrameTransformer
from ._base import Display, plain_text, require_matplotlib
from ._of_features import KINDS, panels_of, panels_of_kinds
from ._panels import SECONDS


class FeatureDisplay(Display):
    """One clip as waveform, spectrum, spectrogram, or as any feature sees it.

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
        frequencies in hertz, so that lines and marks of your own can be added in these.

    See Also
    --------
    TimelineDisplay : The answers of a classifier over a long recording.

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
        clip : str, path-like or array of shape (n_samples,)
            A file, or a waveform at `sr`.
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
        return cls(panels_of_kinds(clip, kinds, settings), name=_name_of(clip, name)).plot(ax=ax)

    @classmethod
    def from_estimator(cls, transformer, clip, *, name=None, ax=None):
        """Draw the frames that a feature transformer makes of one clip.

        Parameters
        ----------
        transformer : FrameTransformer, FrameUnion, or Pipeline that begins with one
            Fitted or not: features learn nothing. A union has one axes for each member, and MFCCs with `delta` one more
            for each order of slopes.
        clip : str, path-like or array of shape (n_samples,)
            A file, or a waveform at the transformer's `sr`.
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
        while isinstance(transformer, Pipeline):
            transformer = transformer.steps[0][1]
        if not isinstance(transformer, FrameTransformer):
            raise TypeError(
                f"transformer={transformer!r} makes no frames of clips. Pass a feature transformer such as "
                "MFCCTransformer(), a FrameUnion, or a Pipeline that begins with one."
            )
        clip = as_clip(clip, "clip")
        return cls(panels_of(transformer, clip), name=_name_of(clip, name)).plot(ax=ax)

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
                self.figure_.suptitle(plain_text(self.name), fontsize="large")
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
    for own in kinds:
        if own not in KINDS:
            raise ValueError(f"kind={own!r} is not known. Use one or more of {', '.join(KINDS)}, or 'all'.")
    if not kinds:
        raise ValueError(f"kind={kind!r} names nothing to draw. Use one or more of {', '.join(KINDS)}, or 'all'.")
    return kinds


def _name_of(clip, name):
    return os.path.basename(clip) if name is None and isinstance(clip, str) else name
