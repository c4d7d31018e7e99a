"""Any number of labels for every frame."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.utils import column_or_1d

from ..._events import COLUMNS
from ..._frames.validation import as_object_array
from ..._utils.group_split import split_by_group
from ..._utils.label_matrix import numbered_unless, warn_of_constant_labels
from ..._utils.terminal import shortened
from ._labels import LabelsTarget, label_weights
from ._stepwise import check_rows, is_stepwise

PADDING = 255  # in place of 0 and 1, behind the last frame of a clip
ADVICE = "Give each clip an array (n_frames, n_labels) of 0 and 1."


@dataclass(frozen=True)
class StepLabelsTarget(LabelsTarget):
    """Any number of labels for every frame: a sigmoid and a binary cross-entropy for each of them, at every frame.

    Parameters
    ----------
    names, class_weight, label_smoothing
        As of :class:`LabelsTarget`.
    class_count : ndarray of shape (n_labels,) or None, default=None
        Frames that have each label, by weight of their clips; None before :meth:`count`.
    clip_count : float, default=0.0
        All frames, by weight.
    """

    is_stepwise = True

    @property
    def key(self):
        """What tells two targets apart, for which weights of the output layer are others."""
        return "labels of frames", self.names

    @property
    def attributes(self):
        """What an estimator learns."""
        learned = super().attributes
        learned["_frame_count"] = learned.pop("_clip_count")
        return learned

    def learn(self, y, estimator, before=None, classes=None):
        """Check the labels of every frame, and encode them.

        Parameters
        ----------
        y : array-like of shape (n_clips, n_frames, n_labels), or list of arrays or DataFrames (n_frames_i, n_labels)
            0 and 1.
        estimator : estimator
            Who asks, for the messages.
        before : target or None, default=None
            What the weights to start from are for: columns without names are called as there, if they are as many.
        classes : array-like of shape (n_labels,) or None, default=None
            Names of the columns, if known beforehand.

        Returns
        -------
        target : StepLabelsTarget
            That of the labels.
        encoded : ndarray of shape (n_clips, n_frames, n_labels), uint8
            0, 1 and, behind the end of a clip, `PADDING`.

        Raises
        ------
        ValueError
            If a value is neither 0 nor 1, or `classes` or `class_weight` are of other labels.
        """
        encoded, names = encode_steps(y)
        n_labels = encoded.shape[2]
        if classes is not None:
            names = self._check_classes(column_or_1d(classes), names, n_labels)
        elif names is None and type(before) is type(self) and before.n_outputs == n_labels:
            names = before.names
        if classes is None:
            warn_of_constant_labels((encoded == 1).any(axis=1).astype(np.int64), names, only_absent=True)
        target = replace(self, names=numbered_unless(names, n_labels), class_count=None, clip_count=0.0)
        target._check_class_weight()
        return target, encoded

    def encode(self, y, name="y", advice="Give the columns of fit."):
        """Return labels of the frames of other clips, as :meth:`learn` has them; errors use `name` and `advice`."""
        encoded, names = encode_steps(y, name)
        if encoded.shape[2] != self.n_outputs or (names is not None and not np.array_equal(names, self.names)):
            found = f"{encoded.shape[2]} labels" if names is None else f"the labels {shortened(names.tolist())}"
            raise ValueError(
                f"{name} has {found}, and that of fit {self.n_outputs}: {shortened(self.names.tolist())}. {advice}"
            )
        return encoded

    def check_lengths(self, encoded, frames, name="y"):
        """Raise an error where a clip has not as many labels as frames."""
        check_rows(lengths_of(encoded), frames, name)

    def count(self, encoded, counts):
        """Add the frames of these clips, with `counts` copies of each, to those before; return the target."""
        here = counts @ (encoded == 1).sum(axis=1)
        return replace(
            self,
            class_count=here if self.class_count is None else self.class_count + here,
            clip_count=self.clip_count + float(counts @ lengths_of(encoded)),
        )

    def as_trained(self, encoded):
        """Return the labels as they are: their weights come in with each batch, which takes an eighth of the memory."""
        return encoded

    def split(self, encoded, groups, fraction, seed):
        """Return clips to train on and to validate on, as :func:`split_by_group` draws them by their labels."""
        return split_by_group((encoded == 1).any(axis=1).astype(np.int64), groups, fraction, seed, self.names)

    def losses(self, criterion, logits, encoded, inputs):
        """Compute the loss of each clip, mean over frames and labels: (batch,). Labels of a mixture are mixed.

        The mixture of clips of unequal length is as long as the longer one, and the shorter has no labels beyond.
        """
        encoded = encoded[:, : logits.shape[1]]
        is_frame, has_label = encoded[:, :, 0] != PADDING, (encoded == 1).to(logits.dtype)
        if "partner" in inputs:
            partner, fraction = inputs["partner"], inputs["fraction"][:, None, None]
            is_frame = is_frame | is_frame[partner]
            has_label = fraction * has_label + (1 - fraction) * has_label[partner]
        absent, present = torch.from_numpy(self._weights()).to(logits)
        losses = criterion(logits, torch.stack([present * has_label, absent * (1 - has_label)], dim=3)).mean(dim=2)
        return (losses * is_frame).sum(dim=1) / is_frame.sum(dim=1)

    def _weights(self):
        return label_weights(self.class_weight, self.names, self.class_count, self.clip_count)

    def decode(self, probabilities):
        """Return the labels more probable than not, of each frame: as `probabilities`, int64, 0 and 1."""
        if probabilities.dtype == object:
            return as_object_array([(clip > 0.5).astype(np.int64) for clip in probabilities])
        return (probabilities > 0.5).astype(np.int64)

    def accuracy(self, encoded, predicted, sample_weight=None):
        """Compute the fraction of the frames of clips, by weight, whose labels are all `predicted`: float."""
        self.check_lengths(encoded, predicted)
        is_correct = [(clip == rows[: len(clip)]).all(axis=1) for clip, rows in zip(predicted, encoded, strict=True)]
        weight = np.ones(len(encoded)) if sample_weight is None else np.asarray(sample_weight)
        return float(np.average(np.concatenate(is_correct), weights=np.repeat(weight, lengths_of(encoded))))

    @staticmethod
    def score(logits, encoded):
        """Compute the fraction of the frames of a batch of which all labels are right."""
        encoded = encoded[:, : logits.shape[1]].cpu()
        is_correct = ((logits > 0).cpu() == (encoded == 1)).all(dim=2)
        return is_correct[encoded[:, :, 0] != PADDING].float().mean().item()


def encode_steps(y, name="y"):
    """Make one padded array of the labels of every frame.

    Parameters
    ----------
    y : array-like of shape (n_clips, n_frames, n_labels), or list of arrays or DataFrames (n_frames_i, n_labels)
        0 and 1.
    name : str, default="y"
        What the parameter is called, for the errors.

    Returns
    -------
    encoded : ndarray of shape (n_clips, n_frames, n_labels), uint8
        0 and 1; `PADDING` behind the last frame of a clip.
    names : ndarray of shape (n_labels,) or None
        Names of the columns, where the clips are DataFrames.
    """
    if not is_stepwise(y):
        raise ValueError(f"{name} holds no labels of every frame. {ADVICE}")
    clips, names = [], None
    for clip, table in enumerate(y):
        values = np.asarray(table)
        n_labels = clips[0].shape[1] if clips else None
        if values.ndim != 2 or values.shape[1] == 0 or (n_labels is not None and values.shape[1] != n_labels):
            expected = f"(n_frames, {'n_labels' if n_labels is None else n_labels})"
            raise ValueError(f"{name}[{clip}] is of shape {values.shape}, not {expected}. {ADVICE}")
        names = _check_names(table, names, f"{name}[{clip}]", is_first=clip == 0)
        is_label = (values == 0) | (values == 1)
        if not is_label.all():
            frame, label = np.argwhere(~is_label)[0]
            found = shortened(values[frame, label : label + 1].tolist()[0])
            raise ValueError(f"{name}[{clip}][{frame}, {label}] is {found}, and labels are 0 or 1. {ADVICE}")
        clips.append(values)
    encoded = np.full((len(clips), max(map(len, clips)), clips[0].shape[1]), PADDING, dtype=np.uint8)
    for rows, values in zip(encoded, clips, strict=True):
        rows[: len(values)] = values
    return encoded, names


def _check_names(table, names, name, *, is_first):
    """Return the names of the columns so far, which those of all clips are."""
    columns = np.array(list(table.columns)) if hasattr(table, "columns") else None
    if is_first:
        _check_first(table, columns, name)
        return columns
    if (columns is None) != (names is None) or (names is not None and not np.array_equal(columns, names)):
        found = "no names" if columns is None else f"the names {shortened(columns.tolist())}"
        raise ValueError(
            f"{name} has {found} of columns, and the first clip others. Name the labels of all clips alike."
        )
    return names


def _check_first(table, columns, name):
    """Raise an error if two labels have one name, some names are text and others not, or these are events."""
    if columns is None:
        return
    found = table.columns.tolist() if hasattr(table.columns, "tolist") else list(table.columns)
    if set(COLUMNS) <= set(found):
        raise ValueError(f"{name} is a table of events, and takes a row for every frame. EventDetector takes events.")
    if len(set(found)) < len(found) or len({isinstance(one, str) for one in found}) > 1:
        raise ValueError(f"{name} has columns {shortened(found)}. Give each label a name, all text or all numbers.")


def lengths_of(encoded):
    """Count the frames of each clip: (n_clips,)."""
    return (encoded[:, :, 0] != PADDING).sum(axis=1)
