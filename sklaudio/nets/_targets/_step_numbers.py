"""One number or several for every frame."""

from dataclasses import dataclass, replace

import numpy as np

from ..._frames.validation import as_object_array
from ..._utils.numbers import check_numbers
from ..._utils.target_names import check_same_names, names_of_columns
from ._numbers import NumberTarget, mean_and_scale
from ._stepwise import check_rows, is_stepwise

ADVICE = "Give each clip an array (n_frames, n_targets) of numbers."


@dataclass(frozen=True)
class StepNumbersTarget(NumberTarget):
    """One number or several for every frame, standardized in training.

    Parameters
    ----------
    loss, mean, scale, names
        As of :class:`NumberTarget`. "ccc" is of all frames of a batch.
    frame_count : float, default=0.0
        Frames that mean and scale are of, by weight of their clips.
    """

    frame_count: float = 0.0

    is_stepwise = True

    @property
    def attributes(self):
        """What an estimator learns."""
        return super().attributes | {"_frame_count": self.frame_count}

    def learn(self, y, estimator, before=None, classes=None):
        """Check the numbers of every frame, and put them into one array.

        Parameters
        ----------
        y : array-like of shape (n_clips, n_frames, n_targets), or list of arrays or DataFrames (n_frames_i, n_targets)
            The numbers.
        estimator, before, classes
            As in :meth:`NumberTarget.learn`.

        Returns
        -------
        target : StepNumbersTarget
            Mean and scale are learned by :meth:`count`, if not taken from `before`.
        encoded : ndarray of shape (n_clips, n_frames, n_targets), float64
            NaN behind the end of a clip.

        Raises
        ------
        ValueError
            If a number is missing or not finite, or clips have unequal numbers of targets.
        """
        encoded = encode_numbers(y)
        return self._begin(names_of_columns(y), encoded.shape[2:], before), encoded

    def encode(self, y, name="y", advice=""):
        """Return numbers of the frames of other clips, as :meth:`learn` has them; errors use the parameter's `name`."""
        check_same_names(names_of_columns(y, name), self.names, name)
        encoded = encode_numbers(y, name)
        if encoded.shape[2:] != self.mean.shape:
            raise ValueError(f"{name} has {encoded.shape[2]} targets, and y of fit had {self.n_outputs}. {ADVICE}")
        return encoded

    def check_lengths(self, encoded, frames, name="y"):
        """Raise an error where a clip has not as many numbers as frames."""
        check_rows(lengths_of(encoded), frames, name)

    def count(self, encoded, counts):
        """Learn mean and standard deviation of the frames of these clips, with `counts` copies; return the target."""
        weights = np.where(np.isnan(encoded[:, :, 0]), 0.0, counts[:, np.newaxis])
        target = replace(self, frame_count=self.frame_count + float(weights.sum()))
        if self.mean is not None:
            return target
        numbers, weights = np.nan_to_num(encoded).reshape(-1, encoded.shape[2]), weights.ravel()
        mean, scale = mean_and_scale(numbers, weights)
        return replace(target, mean=mean, scale=scale)

    def as_trained(self, encoded):
        """Return what the loss compares predictions with: (n_clips, n_frames, n_targets), float32."""
        return ((encoded - self.mean) / self.scale).astype(np.float32)

    @staticmethod
    def losses(criterion, predicted, encoded, inputs):
        """Compute the loss of each clip, mean over frames and targets: (batch,). Numbers of a mixture are mixed.

        Where the shorter clip of a mixture has ended, the number is that of the longer.
        """
        encoded = encoded[:, : predicted.shape[1]]
        if "partner" in inputs:
            fraction, other = inputs["fraction"][:, None, None], encoded[inputs["partner"]]
            mixed = fraction * encoded + (1 - fraction) * other
            encoded = mixed.where(~mixed.isnan(), encoded.where(~encoded.isnan(), other))
        is_frame = ~encoded[:, :, 0].isnan()
        losses = predicted.new_zeros(is_frame.shape)
        losses[is_frame] = criterion(predicted[is_frame], encoded[is_frame]).mean(dim=1).to(losses.dtype)
        return losses.sum(dim=1) / is_frame.sum(dim=1)

    def decode(self, outputs):
        """Return the numbers of the frames of clips, as `outputs`, float64."""
        if outputs.dtype == object:
            return as_object_array([clip.astype(np.float64) * self.scale + self.mean for clip in outputs])
        return outputs.astype(np.float64) * self.scale + self.mean


def encode_numbers(y, name="y"):
    """Return one array of the numbers of every frame: (n_clips, n_frames, n_targets), float64, NaN behind each clip."""
    if not is_stepwise(y):
        raise ValueError(f"{name} holds no numbers of every frame. {ADVICE}")
    clips = []
    for clip, numbers in enumerate(y):
        clips.append(check_numbers(numbers, f"{name}[{clip}]", advice=ADVICE, n_axes=(2,), ensure_min_samples=0))
        if clips[-1].shape[1] != clips[0].shape[1]:
            raise ValueError(
                f"{name}[{clip}] has {clips[-1].shape[1]} targets, and the first clip {clips[0].shape[1]}. {ADVICE}"
            )
    encoded = np.full((len(clips), max(map(len, clips)), clips[0].shape[1]), np.nan)
    for rows, numbers in zip(encoded, clips, strict=True):
        rows[: len(numbers)] = numbers
    return encoded


def lengths_of(encoded):
    """Count the frames of each clip: (n_clips,)."""
    return (~np.isnan(encoded[:, :, 0])).sum(axis=1)
