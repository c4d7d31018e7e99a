"""ExplanationDisplay: what in a sound speaks for a prediction, in time and frequency."""

from numbers import Integral

import numpy as np

from .._utils.terminal import shortened
from ..audio._clips import as_clip
from ._attribution import draw_attributions
from ._display import Display, drawable_text, require_matplotlib
from ._explain import explain
from ._explained_output import SCALES
from ._feature_display import name_of_clip
from ._panels import SECONDS, hertz_ticks

METHODS = "occlusion", "gradient"
FILLS = "background", "silence"
FOR, AGAINST = "#b35806", "#542788"  # as the map has them
N_MELS = 96  # bands of the spectrogram behind it
LEVELS = 70  # dB below the loudest that are drawn of it


class ExplanationDisplay(Display):
    """Draw what in time and frequency speaks for a prediction and against it, over the spectrogram of the clip.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    attribution : Attribution
        How much each part of the sound adds to the prediction: `cells` (n_times, n_frequencies), `by_time`,
        `by_frequency`, and their `time_edges` in seconds and `frequency_edges` in hertz.
    unit : str, default="attribution"
        What attributions are, on the colour bar.
    waveform : ndarray of shape (n_samples,) or None, default=None
        The sound, whose spectrogram is drawn; None draws none.
    sr : int, default=22050
        Its sampling rate in hertz.
    name : str or None, default=None
        What is written above the figure.

    Attributes
    ----------
    attributions_ : ndarray of shape (n_times, n_frequencies)
        How much each part of the sound adds to the prediction; below 0 where it speaks against it.
    time_attributions_ : ndarray of shape (n_times,)
        The same of each time, all frequencies at once.
    frequency_attributions_ : ndarray of shape (n_frequencies,)
        The same of each band, over all of the clip: where a tone sounds all the time, no part of it is missed, and the
        whole band is.
    times_, frequencies_ : ndarray of shape (n_times,) and (n_frequencies,)
        Centres of the parts, in seconds and hertz.
    target_ : str
        The class, label or target that is explained. Only of :meth:`from_estimator`.
    prediction_ : float
        Its probability or, of a regressor, its number; of a classifier without probabilities its decision function.
        Only of :meth:`from_estimator`.
    im_ : matplotlib.collections.QuadMesh
        The attributions as drawn.
    ax_, axes_, figure_
        The axes and its figure. Times are in seconds, frequencies in hertz, so that marks can be added in these.

    See Also
    --------
    FeatureDisplay : What a clip looks like to a feature.
    EmbeddingDisplay : A map of many clips, and those whose label may be wrong.

    Examples
    --------
    Tones of 4 kHz are the one class, of 1 kHz the other; half a second of silence is before each:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import ExplanationDisplay, FrameSummary, MelSpectrogramTransformer
    >>> rng, time = np.random.default_rng(0), np.arange(11025) / 22050
    >>> y = ["4 kHz", "1 kHz"] * 10
    >>> X = [np.r_[np.zeros(11025), np.sin(2 * np.pi * 1000 * float(hertz[0]) * time)] for hertz in y]
    >>> X = [clip + 0.001 * rng.normal(size=22050) for clip in X]
    >>> model = make_pipeline(MelSpectrogramTransformer(40), FrameSummary(), LogisticRegression()).fit(X, y)
    >>> display = ExplanationDisplay.from_estimator(model, X[0])
    >>> display.target_
    '4 kHz'
    >>> in_time, in_frequency = np.unravel_index(display.attributions_.argmax(), display.attributions_.shape)
    >>> bool(display.times_[in_time] > 0.5), bool(3500 < display.frequencies_[in_frequency] < 4500)
    (True, True)
    """

    def __init__(self, attribution, *, unit="attribution", waveform=None, sr=22050, name=None):
        self.attribution = attribution
        self.unit = unit
        self.waveform = waveform
        self.sr = sr
        self.name = name

    @classmethod
    def from_estimator(
        cls,
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
        name=None,
        ax=None,
    ):
        """Explain what a model predicts of one clip.

        Parameters
        ----------
        model : fitted model of clips
            A Pipeline, a search, a vote, a calibration or whatever else begins with features or with an encoder: a
            classifier, also of several labels, a regressor, or a detector of events. It stays as it is.
        clip : path, Clip, waveform, or whatever else one of `X` may be
            A file, a span of one, or a waveform at the sampling rate of the model.
        method : {"occlusion", "gradient"}, default="occlusion"
            "occlusion" takes parts of the sound away and predicts again; it takes any model. "gradient" integrates the
            gradients of a net by its frames, which is finer and faster, and takes nets on mel bands, PCEN, MFCCs,
            spectrograms or constant-Q transforms alone.
        target : object, default=None
            The class, the name of the label, or the name or number of the target that is explained. None takes the
            predicted class, the most probable label or the only target.
        scale : {"log-odds", "probability"} or None, default=None
            In what changes are measured. Log-odds, which is what None takes where there are probabilities, still tell
            more from less where a model is sure. A classifier with a decision function alone has changes of that.
        fill : {"background", "silence"}, default="background"
            What "occlusion" puts in the place of a part: noise as loud as the band is in the quietest tenth of it, so
            that no hole is torn into the noise of a recording, which models react to as well; or silence, for sounds
            that are nothing but such noise all the time, such as rain.
        n_times, n_bands : int, default=16
            Parts in time and in frequency (even in mel) that "occlusion" takes away: about
            ``n_times * n_bands`` predictions.
        n_steps : int, default=32
            Points at which "gradient" takes gradients.
        name : str or None, default=None
            What to write above the figure; None takes the name of the file and what is predicted.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        ExplanationDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If a parameter is not known or out of range, there is no such `target`, or the method is not for the model.
        TypeError, sklearn.exceptions.NotFittedError
            If `model` does not predict anything of clips, or is not fitted.
        UnreadableClipError
            If the clip cannot be read.
        ImportError
            If matplotlib is not installed.

        Notes
        -----
        "occlusion" [1]_ filters bands out of stretches of the sound itself, so that features, segments and votes see
        what they would of such a recording. A part that it takes away is twice as long and high as a cell of the map,
        which has the mean of all parts that cover it. "gradient" integrates gradients [2]_ from a clip that is as quiet
        everywhere as this one is at its quietest; attributions add up to how much more is predicted of the clip. What
        is drawn is what this model reacts to, which need not be what makes the class: where labels were shuffled or
        weights drawn anew, the map must change [3]_.

        References
        ----------
        .. [1] M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.
        .. [2] M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.
        .. [3] J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt and B. Kim, "Sanity checks for saliency maps",
           NeurIPS 2018.
        """
        require_matplotlib(cls.__name__)
        _check_settings(method, fill, n_times=n_times, n_bands=n_bands, n_steps=n_steps)
        settings = {"fill": fill, "n_times": n_times, "n_bands": n_bands, "n_steps": n_steps}
        found, output, (y, sr, _) = explain(model, clip, method=method, target=target, scale=scale, **settings)
        prediction = output.as_predicted(y)
        if name is None:
            name = ": ".join(filter(None, [name_of_clip(as_clip(clip, "clip")), _said(output, prediction)]))
        display = cls(found, unit=output.unit, waveform=y, sr=sr, name=name)
        display.target_, display.prediction_ = output.name, prediction
        return display.plot(ax=ax)

    def plot(self, ax=None):
        """Draw the attributions over the spectrogram.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : ExplanationDisplay
            The display itself.
        """
        import librosa

        found = self.attribution
        self.attributions_, self.time_attributions_, self.frequency_attributions_, *edges = map(np.asarray, found)
        self.times_, self.frequencies_ = (edge[:-1] + np.diff(edge) / 2 for edge in edges)
        (axes,) = self._prepare(ax, figsize=(9, 4.4))
        if self.waveform is not None:
            _draw_spectrogram(axes, self.waveform, self.sr, found.time_edges[0])
        self.im_ = draw_attributions(axes, found)
        axes.set_yscale("function", functions=(librosa.hz_to_mel, librosa.mel_to_hz))
        top = self.sr / 2 if self.waveform is not None else found.frequency_edges[-1]
        axes.set(xlim=found.time_edges[[0, -1]], ylim=(0, top), xlabel=SECONDS, ylabel="frequency (Hz)")
        hertz_ticks(axes.yaxis, 0, top, but=(32, 64, 125))
        title = axes
        if self._owns_figure:
            self.axes_ = np.array([axes, *self._draw_profiles(axes, edges)], dtype=object)
            title = self.axes_[1]
        bar = axes.figure.colorbar(self.im_, ax=axes, label=drawable_text(self.unit), pad=0.01)
        bar.solids.set_alpha(1)
        if self.name:
            title.set_title(drawable_text(self.name), fontsize="large" if self._owns_figure else "medium")
        return self

    def _draw_profiles(self, axes, edges):
        """Draw what whole times and whole bands add, above the map and beside it: two axes."""
        above = axes.inset_axes((0, 1.03, 1, 0.2), sharex=axes)
        beside = axes.inset_axes((1.01, 0, 0.1, 1), sharey=axes)
        for panel, values, edge, orientation in (
            (above, self.time_attributions_, edges[0], "vertical"),
            (beside, self.frequency_attributions_, edges[1], "horizontal"),
        ):
            for some, colour in ((values.clip(0), FOR), (values.clip(None, 0), AGAINST)):
                panel.stairs(some, edge, orientation=orientation, fill=True, color=colour)
            panel.spines["right"].set_visible(False)
        above.axhline(0, color="0.6", linewidth=0.6)
        beside.axvline(0, color="0.6", linewidth=0.6)
        above.tick_params(axis="x", labelbottom=False)
        beside.tick_params(axis="y", labelleft=False)
        beside.xaxis.tick_top()  # below, its numbers would touch those of the map
        above.text(1.01, 0.5, "whole\ntime", transform=above.transAxes, va="center", fontsize="small")
        beside.set_xlabel("whole\nband", fontsize="small")
        for panel in (above, beside):
            panel.tick_params(labelsize="small")
        return above, beside


def _draw_spectrogram(axes, y, sr, start):
    """Draw the level of mel bands in grey, on axes in seconds and hertz."""
    import librosa

    from ..features import MelSpectrogramTransformer
    from ..recipes import frame_sizes

    n_fft = max(64, frame_sizes(sr)["n_fft"])
    hop_length = max(n_fft // 4, len(y) // 2000)
    mel = MelSpectrogramTransformer(N_MELS, sr=sr, n_fft=n_fft, hop_length=hop_length, top_db=LEVELS)
    frames = np.asarray(mel.fit_transform([y])[0])
    times = start + np.clip((np.arange(len(frames) + 1) - 0.5) * hop_length, 0, len(y)) / sr
    times[-1] = start + len(y) / sr
    top = librosa.hz_to_mel(sr / 2)
    hertz = librosa.mel_to_hz(top * (np.arange(N_MELS + 1) + 0.5) / (N_MELS + 1))
    axes.pcolormesh(times, hertz, frames.T, cmap="Greys", rasterized=True)


def _said(output, prediction):
    """Say what is predicted, as a title."""
    if output.scale in SCALES:
        return f"{output.name} (p = {prediction:.3f})"
    return f"{output.name} = {prediction:.3g}" if output.scale == "number" else output.name


def _check_settings(method, fill, **numbers):
    if method not in METHODS:
        raise ValueError(f"method={shortened(method)} is not known. Use 'occlusion' or 'gradient'.")
    if fill not in FILLS:
        raise ValueError(f"fill={shortened(fill)} is not known. Use 'background' or 'silence'.")
    for name, number in numbers.items():
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(f"{name}={shortened(number)} must be a whole number from 1 on.")
