"""What is on the axes of each kind of feature: one class for each way to draw frames."""

from dataclasses import dataclass, field

import numpy as np

from ._display import envelope

SECONDS = "time (s)"
ROUND_HERTZ = (32, 64, 125, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000)
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAX_COLUMNS = 4096  # of a mesh, whose cells are drawn one by one
MAX_NAMES = 20  # on an axis


@dataclass
class Panel:
    """One feature of one clip.

    `values` is (n_frames, n_dims) for frames and (n_samples,) for a waveform; frame ``t`` is around
    ``start + t * step`` seconds. `limits` are first and last second of the clip.
    """

    title: str
    values: np.ndarray
    start: float = 0.0
    step: float = 1.0
    limits: tuple | None = None
    x_label: str = SECONDS
    y_label: str = ""
    unit: str = ""

    @property
    def times(self):
        """Centre of each frame in seconds: (n_frames,)."""
        return self.start + self.step * np.arange(len(self.values))

    def draw(self, ax):
        """Draw on the axes, labels and title included."""
        self._draw(ax)
        ax.set(xlabel=self.x_label, ylabel=self.y_label)
        ax.set_title(self.title, fontsize="medium")
        if self.limits is not None:
            ax.set_xlim(self.limits)

    def _colour_bar(self, ax, image, **settings):
        ax.figure.colorbar(image, ax=ax, label=self.unit, pad=0.01, **settings)


class WaveformPanel(Panel):
    """Samples over time; `step` is that of a sample."""

    def _draw(self, ax):
        marker = "." if len(self.values) < 3 else None
        ax.plot(*envelope(self.values, 1 / self.step, self.start), marker=marker, linewidth=0.6)
        ax.axhline(0, color="0.7", linewidth=0.5, zorder=0)


@dataclass
class SpectrumPanel(Panel):
    """Level over frequency, mean over the clip: `values` is (n_bins,)."""

    frequencies: np.ndarray = None

    def _draw(self, ax):
        audible = self.frequencies >= min(20, self.frequencies[-1] / 2)
        ax.plot(self.frequencies[audible], self.values[audible], linewidth=0.8)
        lowest, highest = self.frequencies[audible][[0, -1]]
        ax.set_xscale("log")
        hertz_ticks(ax.xaxis, lowest, highest)
        ax.grid(alpha=0.3)
        self.limits = lowest, highest


class LinePanel(Panel):
    """One dim over time."""

    def _draw(self, ax):
        ax.plot(self.times, self.values[:, 0], marker="." if len(self.values) < 3 else None, linewidth=0.9)
        ax.grid(alpha=0.3)


@dataclass
class ImagePanel(Panel):
    """Dims as rows of an image, with a name each."""

    names: list = field(default_factory=list)
    colours: str = "magma"

    def _draw(self, ax):
        image = self._image(ax, (-0.5, self.values.shape[1] - 0.5))
        every = -(-len(self.names) // MAX_NAMES)
        ax.set_yticks(range(0, len(self.names), every), self.names[::every], fontsize="x-small")
        self._colour_bar(ax, image)

    def _image(self, ax, rows, **settings):
        extent = (self.start - self.step / 2, self.start + (len(self.values) - 0.5) * self.step, *rows)
        return ax.imshow(
            self.values.T, origin="lower", aspect="auto", extent=extent, cmap=self.colours, **settings
        )  # (n_frames, n_dims) -> dims upwards, time to the right


@dataclass
class MFCCPanel(ImagePanel):
    """Coefficients as rows; the zeroth, which is loudness, may leave the scale that shows the others."""

    colours: str = "RdBu_r"

    def _draw(self, ax):
        shown = self.values[:, 1:] if self.values.shape[1] > 1 else self.values
        reach = float(np.abs(shown).max()) or 1.0
        image = self._image(ax, (-0.5, self.values.shape[1] - 0.5), vmin=-reach, vmax=reach)
        every = -(-len(self.names) // 10)
        ax.set_yticks(range(0, len(self.names), every), self.names[::every], fontsize="small")
        below, above = self.values.min() < -reach, self.values.max() > reach
        extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
        self._colour_bar(ax, image, extend=extend[bool(below), bool(above)])


class ContrastPanel(ImagePanel):
    """Octave bands as rows of equal height; `names` are the edges in hertz, one more than bands."""

    def _draw(self, ax):
        image = self._image(ax, (0, self.values.shape[1]))
        ax.set_yticks(range(len(self.names)), self.names, fontsize="small")
        self._colour_bar(ax, image)


@dataclass
class SpectrogramPanel(ImagePanel):
    """Level over time and frequency, with lines in hertz on top: `lines` maps a name to (n_frames,)."""

    frequencies: np.ndarray = None
    lines: dict = field(default_factory=dict)

    def _draw(self, ax):
        half = (self.frequencies[1] - self.frequencies[0]) / 2
        image = self._image(ax, (-half, self.frequencies[-1] + half))
        for name, hertz in self.lines.items():
            ax.plot(self.times, hertz, label=name, color="cyan", linewidth=1, marker="." if len(hertz) < 3 else None)
        if self.lines:
            ax.legend(loc="upper right", fontsize="small", facecolor="black", labelcolor="white", framealpha=0.6)
        ax.set_ylim(0, self.frequencies[-1])
        self._colour_bar(ax, image)


@dataclass
class MelPanel(ImagePanel):
    """Mel bands over time on an axis in hertz that is even in mel; `edges` are those of the cells, (n_mels + 1,)."""

    edges: np.ndarray = None

    def _draw(self, ax):
        import librosa

        size = -(-len(self.values) // MAX_COLUMNS)
        starts = np.arange(0, len(self.values), size)
        counts = np.diff(np.append(starts, len(self.values)))
        columns = np.add.reduceat(self.values, starts, axis=0) / counts[:, np.newaxis]
        borders = self.start + self.step * (np.append(starts, len(self.values)) - 0.5)
        mesh = ax.pcolormesh(borders, self.edges, columns.T, cmap=self.colours, rasterized=True)
        ax.set_yscale("function", functions=(librosa.hz_to_mel, librosa.mel_to_hz))
        ax.set_ylim(self.edges[0], self.edges[-1])
        hertz_ticks(ax.yaxis, self.edges[0], self.edges[-1], but=(32, 64, 125))
        self._colour_bar(ax, mesh)


def hertz_ticks(axis, lowest, highest, but=()):
    """Set ticks at octaves of 1 kHz, in hertz; fewer than two of them in range leave the axis as it is."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    ticks = [hertz for hertz in ROUND_HERTZ if lowest <= hertz <= highest and hertz not in but]
    if len(ticks) > 1:
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FixedFormatter([str(hertz) for hertz in ticks]))
        axis.set_minor_locator(NullLocator())
