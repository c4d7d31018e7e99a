"""Every ``device=`` on a GPU: the same as on the processor, but for the rounding of other kernels."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    BLSTMRegressor,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    EncoderClassifier,
    EncoderTransformer,
    EventDetector,
    GRUClassifier,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    ParallelCNNLSTMClassifier,
    SegmentVotingClassifier,
    SpectralContrastTransformer,
    StreamPredictor,
    genre_features,
)

from .tones import PITCHES, tone

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

NETS = [CNNClassifier, CRNNClassifier, DenseClassifier, GRUClassifier, LSTMClassifier, ParallelCNNLSTMClassifier]


class Bands(torch.nn.Module):
    """Levels of blocks of samples: a network with a weight."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(8))

    def forward(self, samples):
        """(batch, n_samples) -> (batch, n_frames, 8)."""
        return samples.unfold(1, 400, 320).square()[..., :8] * self.weight


@pytest.fixture(scope="module")
def clips():
    return [tone(pitch + 5 * k, 0.5) for pitch in PITCHES.values() for k in range(6)], np.repeat(list(PITCHES), 6)


def quick(net, **settings):
    return net(max_epochs=3, random_state=0, device="cuda", batch_size=8, **settings)


@pytest.mark.parametrize(
    "make", [MelSpectrogramTransformer, MFCCTransformer, SpectralContrastTransformer, genre_features]
)
def test_features_equal_those_of_the_processor(make, clips):
    expected = make().fit_transform(clips[0])
    np.testing.assert_allclose(make(device="cuda").fit_transform(clips[0]), expected, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("net", NETS)
def test_a_net_trains_predicts_and_goes_back_to_the_processor(net, clips, tmp_path):
    X, y = MFCCTransformer().fit_transform(clips[0]), clips[1]
    on = quick(net).fit(X, y)
    assert next(on.net_.module_.parameters()).is_cuda
    sklaudio.save(on, tmp_path / "net.skops")
    beside = sklaudio.load(tmp_path / "net.skops").set_params(device="cpu")
    np.testing.assert_allclose(on.predict_proba(X), beside.predict_proba(X), atol=1e-3)


def test_the_same_seed_gives_the_same_net(clips):
    X, y = MFCCTransformer().fit_transform(clips[0]), clips[1]
    first, second = (quick(LSTMClassifier).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_allclose(first, second, atol=1e-4)


@pytest.mark.parametrize("precision", ["bfloat16", "auto"])
def test_products_in_bfloat16(precision, clips):
    X, y = MelSpectrogramTransformer(n_mels=16).fit_transform(clips[0]), clips[1]
    net = quick(CRNNClassifier, precision=precision).fit(X, y)
    assert np.isfinite(net.predict_proba(X)).all()


def test_numbers_labels_and_segments(clips):
    X, y = MFCCTransformer().fit_transform(clips[0]), clips[1]
    numbers = quick(BLSTMRegressor).fit(X, np.linspace(0, 1, len(X)))
    assert np.isfinite(numbers.predict(X)).all()
    labels = quick(GRUClassifier).fit(X, pd.get_dummies(y).astype(int))
    assert labels.predict_proba(X).shape == (len(X), 3)
    voting = SegmentVotingClassifier(quick(LSTMClassifier), segment_length=10).fit(X, y)
    assert voting.predict_proba(X).shape == (len(X), 3)


def test_events_and_streams(clips):
    events = [[(0.1, 0.3, "tone")] for _ in clips[0]]
    model = make_pipeline(MFCCTransformer(), EventDetector(quick(GRUClassifier), hop=512 / 22050))
    assert len(model.fit(clips[0], events).predict(clips[0])) == len(clips[0])
    classes = make_pipeline(MFCCTransformer(device="cuda"), quick(GRUClassifier)).fit(*clips)
    stream = StreamPredictor(classes, window=0.25, hop=0.25)
    found = pd.concat([stream.push(np.concatenate(clips[0][:4]), 22050), stream.flush()])
    np.testing.assert_allclose(found["end"].max(), 2.0, atol=0.01)


def test_encoders_of_torch_embed_and_train(clips):
    on, beside = (EncoderTransformer(Bands(), sr=16000, device=device) for device in ("cuda", "cpu"))
    np.testing.assert_allclose(on.fit_transform(clips[0]), beside.fit_transform(clips[0]), atol=1e-4)
    tuned = EncoderClassifier(Bands(), sr=16000, trainable="all", max_epochs=2, device="cuda", random_state=0).fit(
        *clips
    )
    assert tuned.predict_proba(clips[0]).shape == (len(clips[0]), 3)
