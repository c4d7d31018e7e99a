"""Encoder: what EncoderTransformer asks of a network, whatever it is written in."""

import hashlib

import numpy as np

MEASURED_SECONDS = 10  # in a window of a network that takes any length


class Encoder:
    """Run a network on windows of clips, and say how to cut clips into these: base of all encoders.

    An encoder is a subclass that sets the attributes below and has :meth:`run`. Pass an instance to
    :class:`EncoderTransformer`, and see :func:`check_encoder`.

    Attributes
    ----------
    sr : int
        Sampling rate of the samples that it takes, in hertz.
    window : int
        Samples that it is given at once, where the user does not say.
    frame_length : int
        Samples that the first frame takes, which is the shortest input: shorter clips are padded with zeros.
    hop_length : int or None
        Samples from one frame to the next within a window. None: it makes one vector of each window.
    is_fixed : bool, default=False
        Whether it takes windows of `window` samples and no others.
    padding : int, default=0
        Zeros put before and after each clip. Half of `frame_length` centres frame ``t`` on sample ``t * hop_length``.
    min_samples : int, default=0
        Samples that each clip is padded to at least, with zeros before and after it, in whole steps of `hop_length`.
    content_hash : str or None
        Hash of all that decides the output: weights, architecture, layer, what is done to the samples. None where it
        cannot be computed; `unknown` says why then, and frames are not cached.
    licence : str or None, default=None
        Licence of the weights.
    takes_device : bool, default=True
        Whether :meth:`run` computes where `device` says. Where it does not, as ONNX Runtime here, "auto" is the CPU,
        and torch is not imported to look for a GPU.
    dim_names : list of str
        Names of what it makes of each frame.
    """

    is_fixed = False
    padding = 0
    min_samples = 0
    licence = None
    takes_device = True
    unknown = "the encoder has no content_hash"

    def __repr__(self):
        """Return the name of the class: an address would differ from one process to the next."""
        return f"{type(self).__name__}()"

    def prepare(self, y):
        """Bring one clip to the level that the network takes, before it is padded and cut.

        Parameters
        ----------
        y : ndarray of shape (n_samples,), float32
            The clip, at `sr`.

        Returns
        -------
        ndarray of shape (n_samples,), float32
            The clip itself here.
        """
        return y

    def padding_of(self, n_samples):
        """Return the numbers of zeros to put before and after a clip of `n_samples`."""
        missing = max(0, self.min_samples - n_samples - 2 * self.padding)
        step = 2 * (self.hop_length or 1)
        return self.padding + -(-missing // step) * (self.hop_length or 1)

    def run(self, batch, device):
        """Make frames of windows.

        Parameters
        ----------
        batch : ndarray of shape (n_windows, n_samples), float32
            Windows of equal length.
        device : str
            Torch device to compute on, where the encoder has a choice.

        Returns
        -------
        ndarray of shape (n_windows, n_frames, n_dims), float32
            The frames of each; one where `hop_length` is None.
        """
        raise NotImplementedError(f"{type(self).__name__} has no run(batch, device).")

    def network(self):
        """Return a copy of the network that can be trained, and its blocks.

        Returns
        -------
        module : torch.nn.Module
            Samples ``(n_windows, n_samples)`` to ``(n_windows, n_dims)`` or ``(n_windows, n_frames, n_dims)``, which
            equal those of :meth:`run`.
        blocks : list of torch.nn.Module
            Its parts from the first to the last, of which the last few can be trained alone.

        Raises
        ------
        ValueError
            If the network cannot be trained, as one that ONNX Runtime runs.
        """
        raise ValueError(
            f"{type(self).__name__} cannot be trained, only run. Use trainable='head', which trains a layer behind it, "
            "or an encoder of torch: musicnn-msd, musicnn-mtt, a model of transformers, a torch.nn.Module."
        )

    def hop_of_windows(self, window):
        """Return the samples from one window of `window` samples to the next, so that each frame is made once."""
        if self.hop_length is None:
            return window
        n_frames = 1 + (window - self.frame_length) // self.hop_length
        return max(1, min(n_frames, window // self.hop_length)) * self.hop_length


def hash_of(*parts):
    """Compute SHA-256, in hexadecimal digits, of what decides the output of an encoder."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def as_frames(output, what):
    """Return what a network made of a batch as (n_windows, n_frames, n_dims), float32, or raise an error."""
    output = np.asarray(output, dtype=np.float32)
    if output.ndim == 2:
        output = output[:, np.newaxis]  # (n_windows, n_dims) -> (n_windows, 1, n_dims)
    if output.ndim != 3 or 0 in output.shape:
        raise ValueError(
            f"encoder: {what} makes an array of shape {output.shape}. It must make (batch, n_dims), or "
            "(batch, n_frames, n_dims) with the frames in order of time."
        )
    return output


def measure_frames(count, start, limit=2**20):
    """Measure step and length of the frames of a network that does not say them.

    Parameters
    ----------
    count : callable
        Takes a number of samples, and returns how many frames the network makes of them.
    start : int
        Samples to start from: enough for a frame.
    limit : int, default=2**20
        Samples beyond `start` without another frame that mean that there is one frame, however long the window.

    Returns
    -------
    hop_length : int or None
        Distance between two lengths at which another frame appears; None for one vector of each window.
    frame_length : int
        Samples that the first frame takes. 1 where there is one vector; 0 where frames are centred.

    Examples
    --------
    >>> measure_frames(lambda n_samples: 1 + (n_samples - 400) // 320, 16000)
    (320, 400)
    >>> measure_frames(lambda n_samples: 1, 16000)
    (None, 1)
    """
    first = _next_rise(count, start, limit)
    if first is None:
        return None, 1
    hop_length = _next_rise(count, first, limit) - first
    return hop_length, first - (count(first) - 1) * hop_length


def _next_rise(count, start, limit):
    """Return the shortest length above `start` that gives more frames than it does, or None."""
    n_frames, step = count(start), 1
    while count(start + step) == n_frames:
        step *= 2
        if step > limit:
            return None
    low, high = start + step // 2, start + step  # count(low) == n_frames < count(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) == n_frames else (low, middle)
    return high


class Measured(Encoder):
    """Measure what user-defined files and modules do not say: base of their encoders.

    A subclass sets `sr`, and calls :meth:`_measure` when :meth:`run` works.
    """

    def _measure(self, what, window=None, hop_length=None, frame_length=None):
        """Set window, hop, frame length and names of dims.

        Parameters
        ----------
        what : str
            Who made the network, for errors.
        window : int or None
            Samples that it takes, where it takes no other number.
        hop_length, frame_length : int or None
            What it says itself.
        """
        self.is_fixed = window is not None
        self.window = window if self.is_fixed else MEASURED_SECONDS * self.sr
        n_frames, n_dims = self._shape_of(window or self.sr, what)
        if self.is_fixed:
            measured = (None, window) if n_frames == 1 else (window // n_frames, None)
        elif hop_length and frame_length:
            measured = hop_length, frame_length
        else:
            measured = measure_frames(lambda n_samples: self._shape_of(n_samples, what)[0], self.sr)
        self.hop_length = measured[0] if hop_length is None else hop_length
        if frame_length is None and self.is_fixed and self.hop_length:
            frame_length = window - (n_frames - 1) * self.hop_length
        self.frame_length = measured[1] if frame_length is None else frame_length
        self.dim_names = [f"dim{k}" for k in range(n_dims)]

    def _shape_of(self, n_samples, what):
        """Return frames and dims of a window of so many samples."""
        return as_frames(self.run(np.zeros((1, n_samples), dtype=np.float32), "cpu"), what).shape[1:]
