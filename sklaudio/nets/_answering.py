"""What a trained net answers: probabilities, classes, embeddings, and a table of its layers."""

import numpy as np
import torch
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._frames import check_frames, has_frames
from ._batches import Batches
from ._callbacks import plain
from ._training import PREDICT_BATCH


class AnsweringMixin(TransformerMixin):
    """Predictions of a NetClassifier, whose `net_` is trained.

    A TransformerMixin itself, since scikit-learn lets ``set_output`` reach a `transform` only where that is defined.
    """

    def predict_proba(self, X):
        """Probability of each class for each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_classes), float32
            In the order of ``classes_``. A clip without frames gets ``class_prior_``.
        """
        check_is_fitted(self)
        frames = check_frames(self, X, reset=False, allow_empty=True, stored=True)
        is_there = has_frames(frames)
        if is_there.all():
            return self.net_.predict_proba(self._dataset(frames))
        proba = np.tile(self.class_prior_.astype(np.float32), (len(frames), 1))
        proba[is_there] = self.net_.predict_proba(self._dataset(frames[is_there]))
        return proba

    def predict(self, X):
        """The most probable class of each clip: array of shape (n_clips,); see :meth:`predict_proba`."""
        winner = self.predict_proba(X).argmax(axis=1)
        return self.classes_[winner]

    def transform(self, X):
        """What the net makes of each clip before its output layer.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_embedding), float32
            One row per clip.
        """
        check_is_fitted(self)
        dataset = self._dataset(check_frames(self, X, reset=False, stored=True))
        module = plain(self.net_.module_).eval()
        with torch.no_grad():
            parts = [
                module.embed(inputs["frames"].to(self.net_.device), inputs["lengths"].to(self.net_.device))
                for inputs, _ in Batches(dataset, PREDICT_BATCH)
            ]
        return torch.cat(parts).cpu().numpy()

    def summary(self, n_frames=None):
        """Table of the layers: output shapes for one clip of `n_frames` frames, and parameters.

        Parameters
        ----------
        n_frames : int or None, default=None
            Number of frames of the clip; None takes `n_frames_`.

        Returns
        -------
        torchinfo.ModelStatistics
            Prints as the table.
        """
        import torchinfo

        check_is_fitted(self)
        n_frames = self.n_frames_ if n_frames is None else n_frames
        clip = torch.zeros(1, n_frames, self.n_features_in_), torch.tensor([n_frames])
        return torchinfo.summary(
            plain(self.net_.module_), input_data=clip, device=self.net_.device, verbose=0, mode="eval"
        )

    @property
    def n_parameters_(self):
        """Number of trained parameters."""
        check_is_fitted(self)
        return sum(parameter.numel() for parameter in self.net_.module_.parameters() if parameter.requires_grad)

    @property
    def _n_features_out(self):
        return plain(self.net_.module_).n_embedding
