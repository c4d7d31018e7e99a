"""Models of the library transformers as encoders: a folder, or what was downloaded from the Hugging Face hub.

Weights are read from safetensors and nothing else, no code that comes with a model is run, and nothing is downloaded
but by :func:`sklaudio.encoders.fetch`.
"""

import os
from functools import lru_cache
from math import prod
from pathlib import Path

import numpy as np

from .._utils.file_hash import sha256_of
from ._encoder import Encoder, hash_of

HF = "hf:"
TRANSFORMERS = "Models of this kind need transformers, which is not installed: pip install 'sklaudio[transformers]'."
PATTERNS = ["*.json", "*.safetensors", "*.txt", "README.md"]  # of a repository, to download
SECONDS = 20  # in a window of a model that takes any length
SPECTRUM_HOP, SPECTRUM_LENGTH = 160, 400  # samples, of the audio spectrogram transformer


def fetch_from_hub(model_id):
    """Download a model; the folder that it is in."""
    return Path(_hub().snapshot_download(model_id, allow_patterns=PATTERNS))


def open_folder(encoder, layer):
    """Open the encoder of a folder, or of ``"hf:<id>"`` where it has been downloaded."""
    folder = _find(encoder.removeprefix(HF)) if encoder.startswith(HF) else encoder
    files = sorted(path for path in Path(folder).iterdir() if path.suffix in (".json", ".safetensors"))
    if not any(path.suffix == ".safetensors" for path in files) or not (Path(folder) / "config.json").is_file():
        raise ValueError(
            f"encoder={encoder!r}: {folder} holds no config.json with weights as .safetensors. Other files of weights "
            "are pickles, which are not loaded: save the model with model.save_pretrained(folder)."
        )
    content = tuple((path.name, sha256_of(path)) for path in files)
    layer = tuple(layer) if isinstance(layer, list) else layer
    return _open(os.path.abspath(folder), content, layer)


@lru_cache(maxsize=4)
def _open(folder, content, layer):
    config, extractor, _ = _load(folder, content, "cpu")
    kinds = {
        kind: cls for cls in (WaveformEncoder, WhisperEncoder, SpectrogramEncoder, ClapEncoder) for kind in cls.kinds
    }
    if config.model_type not in kinds:
        raise ValueError(f"{folder} is a model of type {config.model_type!r}. Take one of {sorted(kinds)}.")
    return kinds[config.model_type](folder, content, layer, config, extractor)


@lru_cache(maxsize=3)
def _load(folder, content, device):
    """Load configuration, feature extractor and model of a folder."""
    try:
        import transformers
    except ImportError as error:
        raise ImportError(TRANSFORMERS) from error
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **options)
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder, **options)
        model = transformers.AutoModel.from_pretrained(folder, use_safetensors=True, dtype="float32", **options)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{folder} cannot be loaded by transformers: {error}") from error
    return config, extractor, model.to(device).eval().requires_grad_(False)


def _hub():
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(TRANSFORMERS) from error
    return huggingface_hub


def _find(model_id):
    try:
        return _hub().snapshot_download(model_id, local_files_only=True)
    except OSError as error:
        raise FileNotFoundError(
            f"encoder='hf:{model_id}' has not been downloaded. Get it: sklaudio.encoders.fetch('hf:{model_id}')"
        ) from error


def _licence(folder):
    """Return the licence that the model card names."""
    readme = Path(folder) / "README.md"
    lines = readme.read_text(encoding="utf-8", errors="replace").splitlines()[:100] if readme.is_file() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("license:")), None)


class HuggingFaceEncoder(Encoder):
    """Base: a model and its layers. A subclass sets window, hop and frame length, and has :meth:`_layers`.

    Parameters
    ----------
    folder : str
        The folder.
    content : tuple of (str, str)
        Name and hash of its files.
    layer : int, tuple of int, "mean" or None
        Which of the hidden states, of which 0 is the input of the first layer; None is the output of the model.
    config, extractor : object
        Configuration and feature extractor.
    """

    kinds = ()

    def __init__(self, folder, content, layer, config, extractor):
        self._folder, self._content, self._config, self._extractor = folder, content, config, extractor
        self._chosen = layer
        self.sr, self.licence = extractor.sampling_rate, _licence(folder)
        self.content_hash = hash_of("transformers", content, layer)
        self._set_sizes()
        probe = self.run(np.zeros((1, self.window if self.is_fixed else self.sr), dtype=np.float32), "cpu")
        prefix = "dim" if layer is None else "mean" if layer == "mean" else "layer"
        self.dim_names = [f"{prefix}{k}" for k in range(probe.shape[-1])]

    def run(self, batch, device):
        """Return the layers of windows."""
        import torch

        _, _, model = _load(self._folder, self._content, device)
        with torch.inference_mode():
            return self.chosen_of(model, batch, device).float().cpu().numpy()

    def chosen_of(self, model, batch, device):
        """Return the layers that were asked for: windows (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        import torch

        output, states = self._layers(model, batch, device)
        if self._chosen is None:
            return output
        if self._chosen == "mean":
            return torch.stack(states).mean(dim=0)
        chosen = self._chosen if isinstance(self._chosen, tuple) else (self._chosen,)
        if not chosen or not all(isinstance(k, int) and -len(states) <= k < len(states) for k in chosen):
            raise ValueError(
                f"layer={self._chosen!r}: the model has hidden states 0 to {len(states) - 1}. Take one or several "
                "of these, 'mean' for the mean of all, or None for its output."
            )
        return torch.cat([states[k] for k in chosen], dim=-1)

    def network(self):
        """Return a copy of the model; its blocks are what comes before the transformer, and each of its layers."""
        from ._huggingface_network import HuggingFaceNetwork

        _, _, model = _load(self._folder, self._content, "cpu")
        network = HuggingFaceNetwork(self, model)
        return network, network.blocks()

    def _extract(self, batch, **options):
        """Return what the feature extractor of the model makes of windows."""
        return self._extractor(list(batch), sampling_rate=self.sr, return_tensors="pt", **options)


class WaveformEncoder(HuggingFaceEncoder):
    """wav2vec2 and its kin, which take samples of any length."""

    kinds = ("wav2vec2", "hubert", "wavlm", "wav2vec2-conformer", "unispeech-sat", "data2vec-audio")

    def _set_sizes(self):
        strides, kernels = self._config.conv_stride, self._config.conv_kernel
        self.hop_length = prod(strides)
        self.frame_length = 1 + sum((kernel - 1) * prod(strides[:k]) for k, kernel in enumerate(kernels))
        self.window = max(SECONDS * self.sr, self.frame_length)

    def prepare(self, y):
        """Scale to mean 0 and variance 1 where the model was trained so."""
        if not getattr(self._extractor, "do_normalize", False):
            return y
        return (y - y.mean()) / np.sqrt(y.var() + np.float32(1e-7))

    def _layers(self, model, batch, device):
        import torch

        output = model(torch.as_tensor(batch, device=device), output_hidden_states=True)
        return output.last_hidden_state, output.hidden_states


class WhisperEncoder(HuggingFaceEncoder):
    """The encoder of Whisper, which takes 30 s: shorter clips are padded, and the frames of the padding left out."""

    kinds = ("whisper",)
    is_fixed = True

    def _set_sizes(self):
        self.window = self._extractor.n_samples
        self.hop_length = self.frame_length = 2 * self._extractor.hop_length  # the second convolution takes every other

    def _layers(self, model, batch, device):
        spectra = self._extract(batch)["input_features"].to(device)
        output = model.get_encoder()(spectra, output_hidden_states=True)
        return output.last_hidden_state, output.hidden_states


class SpectrogramEncoder(HuggingFaceEncoder):
    """The audio spectrogram transformer: its pooled output, or hidden states as frames, the mean over frequency."""

    kinds = ("audio-spectrogram-transformer",)
    is_fixed = True

    def _set_sizes(self):
        config = self._config
        self.window = SPECTRUM_LENGTH + (config.max_length - 1) * SPECTRUM_HOP
        if self._chosen is None:
            self.hop_length, self.frame_length = None, self.window
        else:
            self.hop_length = config.time_stride * SPECTRUM_HOP
            self.frame_length = SPECTRUM_LENGTH + (config.patch_size - 1) * SPECTRUM_HOP

    def _layers(self, model, batch, device):
        config = self._config
        output = model(self._extract(batch)["input_values"].to(device), output_hidden_states=True)
        n_bands = 1 + (config.num_mel_bins - config.patch_size) // config.frequency_stride
        states = [  # (batch, 2 + n_bands * n_frames, n_dims), of which the first two are of no place
            state[:, 2:].unflatten(1, (n_bands, -1)).mean(dim=1) for state in output.hidden_states
        ]
        return output.pooler_output[:, None], states


class ClapEncoder(HuggingFaceEncoder):
    """The audio half of CLAP: one vector of each window of 10 s; shorter clips are repeated."""

    kinds = ("clap", "clap_audio_model")
    is_fixed = True
    hop_length = None

    def _set_sizes(self):
        self.window = self.frame_length = self._extractor.nb_max_samples

    def prepare(self, y):
        """Repeat a clip as often as it has room in a window."""
        return np.tile(y, max(1, self.window // len(y)))

    def _layers(self, model, batch, device):
        inputs = self._extract(batch, truncation="rand_trunc", padding="repeatpad")
        audio = getattr(model, "audio_model", model)
        output = audio(inputs["input_features"].to(device), is_longer=inputs["is_longer"], output_hidden_states=True)
        pooled = output.pooler_output
        if hasattr(model, "audio_projection"):
            pooled = model.audio_projection(pooled)
        states = [
            state.flatten(2).mean(dim=2)[:, None] if state.ndim == 4 else state.mean(dim=1)[:, None]
            for state in output.hidden_states
        ]
        return pooled[:, None], states
