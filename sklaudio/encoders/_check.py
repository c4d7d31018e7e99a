"""check_encoder: whether a user-defined network can be used as an encoder."""

from typing import Any

import numpy as np

from ._batches import encode
from ._encoder import as_frames
from ._registry import open_encoder

RTOL, ATOL = 1e-3, 1e-4  # between a window alone and in a batch: sums are taken in another order


def check_encoder(encoder, *, sr=None, layer=None, device="cpu") -> dict[str, Any]:
    """Test whether a user-defined encoder meets the contract of :class:`EncoderTransformer`.

    Parameters
    ----------
    encoder : str, path-like, torch.nn.Module, torch.export.ExportedProgram or Encoder
        As in :class:`EncoderTransformer`.
    sr : int or None, default=None
        Its sampling rate in hertz, where it does not say it.
    layer : int, str, list or None, default=None
        As in :class:`EncoderTransformer`.
    device : str, default="cpu"
        Where to run it.

    Returns
    -------
    dict
        What was found: `sr` in hertz, `dims`, `frame_rate` in frames a second, `window` in seconds, `content_hash`.

    Raises
    ------
    AssertionError
        If it does something else: output of other shapes than it says, NaN, other values for a window in a batch than
        alone, or when it is run again. The message says which.

    Examples
    --------
    >>> import torch
    >>> class Loudness(torch.nn.Module):
    ...     hop_length = 160
    ...     def forward(self, samples):
    ...         return samples.unfold(1, 160, 160).std(dim=2, keepdim=True)
    >>> found = check_encoder(Loudness(), sr=16000)
    >>> found["dims"], found["frame_rate"]
    (1, 100.0)
    """
    opened = open_encoder(encoder, layer=layer, sr=sr)
    rng = np.random.default_rng(0)
    window = rng.uniform(-0.3, 0.3, (4, opened.window)).astype(np.float32)
    window[0] = 0
    frames = as_frames(opened.run(window, device), type(encoder).__name__)
    _check_shape(opened, frames)
    _require(np.isfinite(frames).all(), "it makes NaN or infinity, of silence or of noise between -0.3 and 0.3")
    again = as_frames(opened.run(window, device), "it")
    _require(np.array_equal(frames, again), "it makes other frames of the same samples the second time")
    for index, alone in enumerate(window):
        single = as_frames(opened.run(alone[np.newaxis], device), "it")[0]
        same = single.shape == frames[index].shape and np.allclose(single, frames[index], rtol=RTOL, atol=ATOL)
        _require(same, "it makes other frames of a window in a batch than of the window alone")
    _require(not np.allclose(frames[1], frames[2]), "it makes the same frames of two different noises")
    for seconds in (0.01, 1.0, 2.5 * opened.window / opened.sr):
        clip = rng.uniform(-0.3, 0.3, max(1, round(seconds * opened.sr))).astype(np.float32)
        short = encode([clip], opened, device=device)[0]
        shaped = short.ndim == 2 and len(short) > 0 and short.shape[1] == len(opened.dim_names)
        _require(shaped and np.isfinite(short).all(), f"it makes no frames of {seconds:.3g} s")
    hop = opened.hop_length or opened.hop_of_windows(opened.window)
    return {
        "sr": opened.sr,
        "dims": len(opened.dim_names),
        "frame_rate": opened.sr / hop,
        "window": opened.window / opened.sr,
        "content_hash": opened.content_hash,
    }


def _check_shape(opened, frames):
    n_frames = 1
    if opened.hop_length is not None:
        n_frames += (opened.window - opened.frame_length) // opened.hop_length
    _require(frames.shape[0] == 4, f"of 4 windows it makes {frames.shape[0]}")
    _require(
        frames.shape[1] == n_frames,
        f"it makes {frames.shape[1]} frames of a window of {opened.window} samples, where frame_length="
        f"{opened.frame_length} and hop_length={opened.hop_length} mean {n_frames}",
    )
    _require(
        frames.shape[2] == len(opened.dim_names), f"it makes {frames.shape[2]} dims and names {len(opened.dim_names)}"
    )


def _require(condition, what):
    if not condition:
        raise AssertionError(f"encoder: {what}.")
