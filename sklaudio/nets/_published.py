"""PublishedNetClassifier: a network of the literature, with its exact layers."""

from dataclasses import dataclass

from sklearn.utils._param_validation import StrOptions

from .._utils.label_matrix import is_label_matrix
from ._classifier import NetClassifier
from ._modules._published import PUBLISHED


@dataclass(eq=False, repr=False)
class PublishedNetClassifier(NetClassifier):
    """A network of the literature that is no setting of the other nets.

    Parameters
    ----------
    architecture : {"words-cnn", "words-crnn", "words-parallel", "genre-cnn", "notes-cnn"}, default="words-cnn"
        Which one; :mod:`sklaudio.published` says where each is from.
    {training}
        How it is trained; see :class:`NetClassifier`.

    See Also
    --------
    sklaudio.published.make : The whole system, features and training included.
    """

    architecture: str = "words-cnn"

    _parameter_constraints = {"architecture": [StrOptions(set(PUBLISHED))]}

    def _make_module(self, n_dims, n_outputs):
        return PUBLISHED[self.architecture](self.n_frames_, n_dims, n_outputs)

    def _new_target(self, y):
        if is_label_matrix(y):
            raise ValueError(
                f"y has several labels for each clip, and architecture={self.architecture!r} ends with a softmax over "
                "classes, as its authors have it. Use another net, such as CNNClassifier."
            )
        return super()._new_target(y)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = False
        return tags
