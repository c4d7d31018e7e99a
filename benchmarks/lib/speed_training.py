"""Speed of training, against the bare loop of torch, skorch as it comes, and Keras; and of many labels against one."""

import importlib.util
import os
from functools import partial

import numpy as np
import torch
from skorch import NeuralNetClassifier
from torch import nn

from sklaudio import CNNClassifier, CRNNClassifier, LSTMClassifier
from sklaudio.published import KERAS

from .operations import of_training
from .timing import Row, apart

BATCH = 32
N_CLASSES = 10
N_LABELS = 50


class PlainLSTM(nn.Module):
    """What one writes by hand: LSTM 64 x 2, the last frame, logits."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(13, 64, 2, batch_first=True)
        self.output = nn.Linear(64, N_CLASSES)

    def forward(self, frames):
        """Map (batch, n_frames, 13) -> (batch, n_classes)."""
        return self.output(self.lstm(frames)[0][:, -1])


class PlainCNN(nn.Module):
    """What one writes by hand: three blocks of 32 channels, mean over time, logits."""

    def __init__(self):
        super().__init__()
        blocks, n_in = [], 1
        for n_out in (32, 32, 32):
            conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
            blocks += [conv, nn.BatchNorm2d(n_out), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
            n_in = n_out
        self.blocks = nn.Sequential(*blocks)
        self.output = nn.Linear(64, N_CLASSES)

    def forward(self, frames):
        """Map (batch, n_frames, 13) -> (batch, n_classes)."""
        return self.output(self.blocks(frames[:, None]).mean(dim=2).flatten(start_dim=1))


def made_frames(n_clips):
    """Draw frames of noise with a little of the class in them, and the classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, N_CLASSES, n_clips)
    return rng.normal(size=(n_clips, 130, 13)).astype(np.float32) + 0.1 * y[:, None, None].astype(np.float32), y


def bare_loop(module, X, y, device="cpu"):
    """Train one epoch by the loop that a tutorial of torch has."""
    module = module().to(device)
    optimizer = torch.optim.Adam(module.parameters())
    frames, target = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
    for index in torch.randperm(len(X), device=device).split(BATCH):
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(frames[index]), target[index]).backward()
        optimizer.step()


def skorch_loop(module, X, y, device="cpu"):
    """Train one epoch of skorch as it comes."""
    net = NeuralNetClassifier(
        module, criterion=nn.CrossEntropyLoss, optimizer=torch.optim.Adam, max_epochs=1, batch_size=BATCH,
        train_split=None, verbose=0, iterator_train__shuffle=True, device=device,
    )  # fmt: skip
    net.fit(X, y)


def keras_cnn(X, y):
    """Return a function that trains one epoch of the same CNN in Keras on TensorFlow, built and traced before."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from keras import Sequential, layers, losses

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = Sequential([layers.Input((130, 13, 1))])
    for _ in range(3):
        model.add(layers.Conv2D(32, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D(2, padding="same"))
    model.add(layers.Flatten())
    model.add(layers.Dense(N_CLASSES))
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    return lambda: model.fit(X[..., None], y, batch_size=BATCH, epochs=1, verbose=0)


def ours(net, X, y):
    """Train one epoch of a net of ours."""
    return net.set_params(max_epochs=1, batch_size=BATCH, random_state=0, device="cpu", standardize=False).fit(X, y)


def repeated(loop, *arguments):
    """Return a function that runs the same epoch whenever it is called; for a separate process."""
    return partial(loop, *arguments)


def epoch(name, net, module, peers, target, arguments):
    """Time one training epoch on one core, each in a separate process: ours, the bare loop, skorch's, and others."""
    X, y = made_frames(arguments.training_clips)
    functions = {
        "ours": partial(repeated, ours, net, X, y),
        "bare torch loop": partial(repeated, bare_loop, module, X, y),
        "skorch as it comes": partial(repeated, skorch_loop, module, X, y),
        **{peer: partial(function, X, y) for peer, function in peers.items()},
    }
    seconds = apart(functions, repeats=arguments.repeats)
    fitted = ours(net, X[:N_CLASSES], np.arange(N_CLASSES))
    counts = {sum(weight.numel() for weight in net.parameters()) for net in (module(), fitted.net_.module_)}
    what = f"one epoch, {len(X)} x 130 x 13, {name}"
    notes = {"parameters (plain, ours)": sorted(counts)}
    agrees = {"same layers, but for ours' norm of the input": max(counts) - min(counts) in (0, 2 * 13)}
    batch = torch.from_numpy(X[:BATCH]), torch.from_numpy(y[:BATCH])
    flop = of_training(module(), batch[:1], batch[1]) * len(X) / BATCH
    return Row(what, "epoch", "CPU", target, seconds.pop("ours"), seconds, agrees, notes=notes, flop=flop)


def lstm_epoch(arguments):
    """Time LSTM 64 x 2, against the bare loop."""
    target = "<= 1.03x the time of the bare loop"
    return epoch("LSTM 64x2", LSTMClassifier(64, 2, **KERAS), PlainLSTM, {}, target, arguments)


def cnn_epoch(arguments):
    """Time CNN 32-32-32, against Keras where it is installed."""
    peers = {"Keras on TensorFlow": keras_cnn} if importlib.util.find_spec("tensorflow") else {}
    net = CNNClassifier((32, 32, 32), pooling="mean", head=(), dropout=0.0)
    return epoch("CNN 32-32-32", net, PlainCNN, peers, ">= 2x Keras", arguments)


def labels_epoch(arguments):
    """Time one net of 50 labels against the same net with one, on one core, each in a separate process."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(max(N_LABELS, arguments.training_clips), 130, 64)).astype(np.float32)
    Y = (rng.random((len(X), N_LABELS)) < 0.1).astype(int)
    Y[:N_LABELS] |= np.eye(N_LABELS, dtype=int)  # none is without clips
    functions = {
        "ours": partial(repeated, ours, CRNNClassifier(), X, Y),
        "one label": partial(repeated, ours, CRNNClassifier(), X, Y[:, 0]),
    }
    seconds = apart(functions, repeats=arguments.repeats)
    fitted = ours(CRNNClassifier(), X[:N_LABELS], Y[:N_LABELS])
    agrees = {"a probability for each label": fitted.predict_proba(X[:2]).shape == (2, N_LABELS)}
    what = f"one epoch, {len(X)} x 130 x 64, CRNN of {N_LABELS} labels"
    target = "<= 1.2x the time of one label"
    batch, lengths = torch.from_numpy(X[:BATCH]), torch.full((BATCH,), X.shape[1])
    loss = nn.functional.binary_cross_entropy_with_logits
    flop = of_training(fitted.net_.module_, (batch, lengths), torch.from_numpy(Y[:BATCH]).float(), loss)
    row = Row(what, "epoch", "CPU", target, seconds.pop("ours"), seconds, agrees)
    row.flop = flop * len(X) / BATCH
    return row
