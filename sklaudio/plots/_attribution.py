"""What an explanation finds, how much each part of a sound adds to a prediction, and how it is drawn."""

from typing import NamedTuple

import numpy as np

COLOURS = "PuOr_r"  # orange for, purple against: the colour-blind see the difference as well
MAX_COLUMNS = 100  # that are drawn; of more some are added up
STRONGEST = 0.85  # opacity of the largest attribution


class Attribution(NamedTuple):
    """How much the parts of a sound add to a prediction, in time and frequency; below 0 where they speak against it.

    Attributes
    ----------
    cells : ndarray of shape (n_times, n_frequencies)
        Of each part.
    by_time : ndarray of shape (n_times,)
        Of all frequencies at once.
    by_frequency : ndarray of shape (n_frequencies,)
        Of a band over all of the clip.
    time_edges : ndarray of shape (n_times + 1,)
        Where the parts begin and end, in seconds.
    frequency_edges : ndarray of shape (n_frequencies + 1,)
        The same in hertz.
    """

    cells: np.ndarray
    by_time: np.ndarray
    by_frequency: np.ndarray
    time_edges: np.ndarray
    frequency_edges: np.ndarray


def draw_attributions(axes, attribution, *, in_mel=False):
    """Draw the cells, the stronger the less transparent, on axes of seconds and of hertz, or mel: the mesh."""
    import librosa

    cells, times, edges = attribution.cells, attribution.time_edges, attribution.frequency_edges
    if len(cells) > MAX_COLUMNS:  # frames of nets, of which each alone adds too little to be seen
        starts = np.arange(0, len(cells), -(-len(cells) // MAX_COLUMNS))
        cells, times = np.add.reduceat(cells, starts, axis=0), np.append(times[starts], times[-1])
    cells = cells.T  # (n_times, n_frequencies) -> frequencies upwards
    reach = float(np.abs(cells).max()) or 1.0
    edges = librosa.hz_to_mel(edges) if in_mel else edges
    settings = {"cmap": COLOURS, "vmin": -reach, "vmax": reach, "rasterized": True}
    mesh = axes.pcolormesh(times, edges, cells, **settings)
    mesh.set_alpha(STRONGEST * np.abs(cells) / reach)
    return mesh
