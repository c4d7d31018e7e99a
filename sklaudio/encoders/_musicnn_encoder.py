"""musicnn as an encoder: windows of 187 spectra, and the layers that are asked for."""

import copy
from functools import lru_cache

import torch

from ._checkpoint import read_checkpoint
from ._encoder import Encoder, hash_of
from ._files import check_hashes
from ._musicnn import DEFAULT, TAGS, files_of
from ._musicnn_net import DIMS, HOP, N_FFT, OF_A_WINDOW, SR, MusicNN, load_weights, variables_of


def open_files(name, folder, layer):
    """Open the encoder whose files are in a folder."""
    layers = (DEFAULT,) if layer is None else (layer,) if isinstance(layer, str) else layer
    return open_musicnn(name, folder, layers if isinstance(layers, tuple) else (layers,))


@lru_cache(maxsize=8)
def open_musicnn(name, folder, layers):
    """Open the encoder whose files are in a folder."""
    return MusicNNEncoder(name, folder, layers)


@lru_cache(maxsize=4)
def _net_of(name, folder, device):
    """Build the network with its weights, in evaluation mode."""
    data, index = check_hashes(folder, files_of(name))
    net = MusicNN()
    load_weights(net, read_checkpoint(index, data, variables_of(net)))
    return net.to(device).eval().requires_grad_(False)


class MusicNNEncoder(Encoder):
    """Layers of one of the networks, side by side.

    Spectra are centred, as librosa has them; windows are of 187 of them and lie end to end.

    Parameters
    ----------
    name : str
        "musicnn-msd" or "musicnn-mtt".
    folder : Path
        Where its files are.
    layers : tuple of str
        Which layers: all of them of windows, or all of frames.
    """

    is_fixed = True
    licence = "ISC"

    def __init__(self, name, folder, layers):
        unknown = [layer for layer in layers if layer not in DIMS]
        of_a_window = {layer in OF_A_WINDOW for layer in layers}
        if unknown or len(of_a_window) != 1:
            raise ValueError(
                f"layer={layers!r}: take one or more of {list(OF_A_WINDOW)}, which have a vector for each window, or "
                f"of {[layer for layer in DIMS if layer not in OF_A_WINDOW]}, which have one for each frame."
            )
        self._name, self._folder, self._layers = name, folder, layers
        self.sr, self.padding = SR, N_FFT // 2
        self.window = N_FFT + 186 * HOP
        self._hop_of_windows = 187 * HOP
        self.hop_length, self.frame_length = (None, self.window) if of_a_window.pop() else (HOP, N_FFT)
        self.content_hash = hash_of(name, [file.sha256 for file in files_of(name)], layers)
        tags = TAGS[name]
        self.dim_names = [tags[k] if layer == "tags" else f"{layer}{k}" for layer in layers for k in range(DIMS[layer])]
        _net_of(name, folder, "cpu")  # damaged files are found here

    def hop_of_windows(self, window):
        """Return the number of samples of 187 spectra."""
        return self._hop_of_windows

    def run(self, batch, device):
        """Return the layers of windows."""
        with torch.inference_mode():
            layers = _net_of(self._name, self._folder, device)(torch.from_numpy(batch).to(device))
        chosen = torch.cat([layers[name] for name in self._layers], dim=-1).cpu().numpy()
        return chosen[:, None] if chosen.ndim == 2 else chosen

    def network(self):
        """Return a copy of the network; its blocks are filters, three convolutions and dense layers."""
        chosen = ChosenLayers(copy.deepcopy(_net_of(self._name, self._folder, "cpu")), self._layers)
        return chosen, chosen.net.blocks()


class ChosenLayers(torch.nn.Module):
    """Some layers of :class:`MusicNN`, side by side."""

    def __init__(self, net, layers):
        super().__init__()
        self.net = net
        self.layers = layers

    def forward(self, samples):
        """Map (n_windows, n_samples) -> (n_windows, n_dims) or (n_windows, n_frames, n_dims)."""
        made = self.net(samples)
        return torch.cat([made[name] for name in self.layers], dim=-1)
