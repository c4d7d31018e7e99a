"""make_detector: the parts it has, their sizes, and whose parameters are whose."""

import pytest

from sklaudio import CRNNClassifier, make_detector


def test_the_parts_and_their_sizes():
    model = make_detector(sr=16000, threshold="best", batch_size=4, features={"n_mels": 40}, random_state=0)
    frames, detector = model
    assert list(model.named_steps) == ["features", "detector"]
    assert (frames.n_mels, detector.hop) == (40, frames.hop_length / 16000)
    assert (detector.threshold, detector.segment_length) == ("best", round(10 / detector.hop))
    assert isinstance(detector.estimator, CRNNClassifier)
    assert (detector.estimator.batch_size, detector.estimator.max_epochs) == (4, "auto")


def test_pieces_may_be_given_or_left_out():
    assert make_detector("gru", segment_length=100, max_epochs=3)[1].segment_length == 100
    assert make_detector("gru", segment_length=None)[1].segment_length is None
    assert make_detector("gru", max_epochs=3)[1].estimator.max_epochs == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "dense"}, "The 'kind' parameter of make_detector must be"),
        ({"segment_length": 0}, "The 'segment_length' parameter of make_detector must be"),
        ({"width": 3}, "width: no parameter of"),
        ({"features": {"width": 3}}, "features: width: no parameter of"),
    ],
)
def test_what_is_not_known_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_detector(**arguments)
