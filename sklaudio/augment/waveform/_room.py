"""ImpulseResponse: rooms, microphones and loudspeakers, as recordings of what they make of a click."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve

from ._files import content_of, list_files, read_at
from ._step import PROBABILITY, WaveformStep, extent_of_sound, power


@dataclass(eq=False, repr=False)
class ImpulseResponse(WaveformStep):
    """Convolve clips with impulse responses, as if they sounded in these rooms or through these devices.

    The largest sample of a response is taken for the direct sound, and put where the clip has it. What sounds on behind
    the end of the clip is cut, and the power of the clip stays.

    Parameters
    ----------
    files_or_folder : str, path-like or Clip, or list of these
        A folder of responses, which are looked for in the folders in it too; a file, or several.
    p : float, default=0.5
        Probability that a clip is changed, 0 to 1.

    Raises
    ------
    FileNotFoundError
        When it is called, if there is no such file, or no file of sound in the folder.
    ValueError
        If a file cannot be read or is silent.

    Examples
    --------
    A room whose sound decays by 60 dB in half a second:

    >>> import numpy as np, soundfile
    >>> from sklaudio.augment import ImpulseResponse
    >>> time = np.arange(8000) / 16000
    >>> room = np.random.default_rng(0).normal(size=8000) * 10 ** (-3 * time / 0.5)
    >>> soundfile.write("room.wav", 0.1 * np.concatenate([[4.0], room]), 16000)
    >>> click = np.zeros(16000, dtype="float32")
    >>> click[1000] = 1
    >>> in_room = ImpulseResponse("room.wav", p=1)(click, 16000)
    >>> int(in_room.argmax()), bool(abs(in_room[2000]) > 0)
    (1000, True)
    """

    files_or_folder: object
    p: float = 0.5

    _parameter_constraints = {"files_or_folder": "no_validation", "p": PROBABILITY}

    def _change(self, y, sr, rng):
        files = list_files(self.files_or_folder)
        file = files[rng.randint(len(files))]
        response = read_at(file, sr)
        direct = int(np.abs(response).argmax())
        if response[direct] == 0:
            raise ValueError(f"files_or_folder: {file} is silent, and no response. Leave it out.")
        changed = fftconvolve(y, response)[direct : direct + len(y)]
        loudness = power(changed)
        return changed * np.sqrt(power(y) / loudness) if loudness and extent_of_sound(y).stop else y

    def __sklaudio_cache_key__(self):
        """Return what decides the result: files by their content."""
        return {"files": content_of(self.files_or_folder), "p": self.p}
