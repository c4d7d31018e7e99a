"""EncoderClassifier: a pretrained encoder with a new output layer, of which the last blocks or all train on."""

import re
from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from .._frames.validation import check_frames
from ..encoders import EncoderTransformer
from ..encoders._opening import OpensEncoderMixin
from ..encoders._windows import lay_out
from ..features import FrameTransformer
from ..features._signal import Signal
from ._classifier import NetClassifier
from ._modules._encoder import EncoderHead, FineTunedEncoder

BLOCK = 16  # samples in a block, where the encoder has no step of frames
LAST = re.compile(r"last:([1-9]\d*)")


@dataclass(eq=False, repr=False)
class EncoderClassifier(OpensEncoderMixin, NetClassifier):
    """Classify clips by a pretrained network and a new output layer, training the last blocks of the network or all.

    Clips in, classes out: it is a whole model, and has no features before it.

    Parameters
    ----------
    encoder : str, path-like, torch.nn.Module or Encoder, default="google-speech"
        The network, as :class:`~sklaudio.EncoderTransformer` takes it. Training more than the head takes one of torch:
        "musicnn-msd", "musicnn-mtt", a model of transformers, or a torch module.
    trainable : {"head", "last:<n>", "all"}, default="head"
        What trains: the output layer alone, such as with few clips; the last `n` blocks of the network as well; or all
        of it. What does not train keeps its weights and the running statistics of its batch norms. With "head", the
        network runs once over each clip, not once per epoch.
    lr_encoder : float, default=1e-5
        Learning rate of the blocks of the network that train; `lr` is that of the output layer.
    layer : int, str, list or None, default=None
        Which layer, as in :class:`~sklaudio.EncoderTransformer`.
    pooling : {"statistics", "mean", "max", "attention"}, default="statistics"
        How the frames of a clip become one vector; "statistics" is mean, standard deviation and maximum, side by side.
    dropout : float, default=0.0
        Fraction of the pooled values dropped before the output, in training.
    sr : int or None, default=None
        Sampling rate in hertz, for encoders that do not say theirs.
    duration, offset, memory, n_jobs, on_error
        Of the clips, as in :class:`~sklaudio.EncoderTransformer`; `memory` keeps frames where the head alone trains.
    {training}
        How it is trained; see :class:`NetClassifier`. `standardize` is of the frames of the network. `augment` changes
        these where the head alone trains, else the samples, as blocks (batch, n_blocks, block).

    Attributes
    ----------
    classes_, net_, history_, n_parameters_
        See :class:`NetClassifier`.
    encoder_hash_ : str or None
        Hash of the content of the encoder.
    licence_ : str or None
        Licence of its weights.
    n_dims_ : int
        Dims of its frames.

    Notes
    -----
    A file holds all weights of a network that was trained on, and none where the head alone was: the encoder has to be
    installed where the file is loaded, with the same content.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> class Bands(torch.nn.Module):                              # a stand-in for a network that has learned
    ...     sr = 8000
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.filters = torch.nn.Conv1d(1, 4, 64, stride=32)
    ...     def forward(self, samples):
    ...         return self.filters(samples[:, None]).abs().log1p().transpose(1, 2)
    >>> rng = np.random.default_rng(0)
    >>> X = [np.sin(rate * np.arange(4000) + phase) for rate in (0.05, 0.5) for phase in rng.uniform(0, 6, 20)]
    >>> y = np.repeat(["low", "high"], 20)
    >>> net = EncoderClassifier(Bands(), trainable="all", lr=0.01, lr_encoder=0.01, max_epochs=20, random_state=0)
    >>> net.fit(X, y).score(X, y) > 0.9
    True
    """

    encoder: object = "google-speech"
    _: KW_ONLY
    trainable: str = "head"
    lr_encoder: float = 1e-5
    layer: object = None
    pooling: str = "statistics"
    dropout: float = 0.0
    sr: int | None = None
    duration: float | None = None
    offset: float = 0.0
    memory: object = None
    n_jobs: int | None = None
    on_error: str = "raise"

    _parameter_constraints = {
        "encoder": "no_validation",  # open_encoder says what is wrong with it
        "trainable": [str],
        "lr_encoder": [Interval(Real, 0, None, closed="neither")],
        "layer": "no_validation",
        "pooling": [StrOptions({"statistics", "mean", "max", "attention"})],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        **{
            name: FrameTransformer._parameter_constraints[name]
            for name in ("duration", "offset", "memory", "n_jobs", "on_error")
        },
        "sr": [Interval(Integral, 1, None, closed="left"), None],
    }

    _takes_clips = True
    _takes_steps = False
    _reads_stored = False
    _learned_of_input = ("n_dims_", "encoder_hash_", "licence_")

    @property
    def _trains_network(self):
        return self.trainable != "head"

    def _front(self):
        """Return what makes arrays of clips: frames where the head alone trains, else blocks of samples."""
        clips = {name: getattr(self, name) for name in ("duration", "offset", "n_jobs", "on_error")}
        if self._trains_network:
            encoder = self._open()
            return EncoderInput(encoder, encoder.hop_length or BLOCK, sr=encoder.sr, **clips)
        settings = {name: vars(self)[name] for name in ("encoder", "layer", "sr", "memory", "device")}
        return EncoderTransformer(**settings, **clips)

    def _check_clips(self, X, *, reset, allow_empty=False):
        encoder = self._open()
        front = self._front()
        if reset:
            self._count_trained(len(encoder.network()[1]) if self._trains_network else 0)
            front.fit(X)
            vars(self).pop("n_features_in_", None)
            vars(self).update({name: value for name, value in vars(front).items() if name == "n_features_in_"})
            self._learn_content(encoder)
        else:
            self._check_content(encoder, "net")
            if hasattr(self, "n_features_in_"):
                front.n_features_in_ = self.n_features_in_
        shape = _Shape()
        frames = check_frames(shape, front.transform(X), reset=True, allow_empty=allow_empty)
        if reset:
            self.n_dims_ = shape.n_features_in_
        return frames

    def _count_trained(self, n_blocks):
        """Return how many of the last blocks train; `n_blocks` are there."""
        if self.trainable in ("head", "all"):
            return 0 if self.trainable == "head" else n_blocks
        last = LAST.fullmatch(self.trainable)
        if last is None or int(last[1]) > n_blocks:
            blocks = f"'last:1' to 'last:{n_blocks}'" if n_blocks else "'last:<n>'"
            raise ValueError(
                f"trainable={self.trainable!r} must be 'head', 'all' or {blocks}: so many of the last blocks of the "
                "network train."
            )
        return int(last[1])

    def _make_module(self, n_dims, n_outputs):
        settings = {"pooling": self.pooling, "dropout": self.dropout}
        if not self._trains_network:
            return EncoderHead(n_dims, n_outputs, **settings)
        with torch.device("cpu"):  # encoders are kept, and shapes may be asked for on a device without memory
            encoder = self._open()
            network, blocks = encoder.network()
        trained = [network] if self.trainable == "all" else blocks[-self._count_trained(len(blocks)) :]
        settings["has_norm"] = self.standardize
        return FineTunedEncoder(encoder, network, trained, len(encoder.dim_names), n_outputs, **settings)

    @property
    def _scales_frames(self):
        return self.standardize and not self._trains_network

    @property
    def _n_dims(self):
        return self.n_dims_

    @property
    def _rates(self):
        return {"encoder.*": self.lr_encoder} if self._trains_network else {}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = False
        tags.input_tags.string = True
        return tags


# The default of the parameter stands where the property of the base would be.
EncoderClassifier.sr = OpensEncoderMixin.sr


class _Shape:
    """Take the number of dims that a check of frames learns."""


@dataclass(eq=False, repr=False)
class EncoderInput(FrameTransformer):
    """Bring clips to the level and padding that an encoder takes, and cut them into blocks of samples.

    Parameters
    ----------
    encoder : Encoder
        What the samples are for.
    block : int
        Samples in a block; the last one of a clip is padded with zeros.
    sr, duration, offset, n_jobs, on_error
        As in :class:`~sklaudio.FrameTransformer`.
    """

    encoder: object = None
    block: int = BLOCK

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        "encoder": "no_validation",
        "block": [Interval(Integral, 1, None, closed="left")],
    }

    def _signal(self, y):
        return Signal(y, sr=self.sr, n_fft=self.block, hop_length=self.block)

    def _dim_names(self):
        return [f"sample{k}" for k in range(self.block)]

    def _frames(self, signal):
        y = self.encoder.prepare(np.asarray(signal.y, dtype=np.float32))
        y = np.pad(y, self.encoder.padding_of(len(y)))
        n_samples = self.block * self._n_blocks(len(y))
        return np.pad(y[:n_samples], (0, max(0, n_samples - len(y)))).reshape(-1, self.block)

    def _n_blocks(self, n_samples):
        """Return as many blocks as make the frames that the encoder makes of so many samples."""
        if self.encoder.hop_length is None:
            n_blocks = max(1, -(-n_samples // self.block))
            n_windows = [len(lay_out(n, self.encoder).starts) for n in (n_samples, n_blocks * self.block)]
            return n_blocks - (n_windows[0] < n_windows[1])
        n_later = max(0, n_samples - self.encoder.frame_length) // self.block  # frames after the first
        return n_later + -(-self.encoder.frame_length // self.block)
