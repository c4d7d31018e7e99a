import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import EncoderTransformer, FrameScaler, FrameSummary, MFCCTransformer, encoders

SR = 22050


@pytest.fixture
def clips(rng):
    return [rng.normal(size=SR) * np.linspace(0, k + 1, SR) for k in range(6)]


def test_a_file_of_a_model_is_its_embedding(clips, tmp_path):
    net = sklaudio.GRUClassifier(8, num_layers=1, max_epochs=2, random_state=0)
    model = make_pipeline(MFCCTransformer(duration=0.5), FrameScaler(), net).fit(clips, ["a", "b"] * 3)
    sklaudio.save(model, tmp_path / "model.skops")
    encoder = EncoderTransformer(str(tmp_path / "model.skops")).fit(clips)
    frames = encoder.transform(clips)
    assert frames.shape == (6, 2, len(encoder.get_feature_names_out()))
    np.testing.assert_allclose(frames[:, 0], net.transform(model[:2].transform(clips)), rtol=1e-4, atol=1e-5)
    assert encoder.frame_rate_ == 2


def test_segments_are_windows(clips, tmp_path):
    net = sklaudio.GRUClassifier(8, num_layers=1, max_epochs=2, random_state=0)
    voting = sklaudio.SegmentVotingClassifier(net, segment_length=20)
    model = make_pipeline(MFCCTransformer(), voting).fit(clips, ["a", "b"] * 3)
    sklaudio.save(model, tmp_path / "model.skops")
    encoder = EncoderTransformer(tmp_path / "model.skops").fit(clips)
    assert encoder.frame_rate_ == pytest.approx(22050 / (20 * 512))


@pytest.mark.parametrize(("auto_length", "seconds"), [(20, 20 * 512 / SR), (40, 3.0)])
def test_segments_that_fit_the_clips_are_windows(auto_length, seconds, clips, tmp_path):
    net = sklaudio.GRUClassifier(8, num_layers=1, max_epochs=1, random_state=0)
    voting = sklaudio.SegmentVotingClassifier(net, segment_length="auto", auto_length=auto_length)
    sklaudio.save(make_pipeline(MFCCTransformer(), voting).fit(clips, ["a", "b"] * 3), tmp_path / "model.skops")
    assert EncoderTransformer(tmp_path / "model.skops").fit(clips).frame_rate_ == pytest.approx(1 / seconds)


@pytest.mark.parametrize("name", ["words", "genres"])
def test_the_nets_of_the_package(name, rng):
    found = encoders.check_encoder(name)
    assert found["frame_rate"] == pytest.approx(encoders.card(name)["frame_rate"], rel=0.01)
    assert "none on record" in encoders.card("genres")["licence"]
    frames = EncoderTransformer(name).fit_transform([rng.normal(size=8 * SR)])
    assert frames.shape[2] == found["dims"]


def test_other_models_have_no_embedding(clips, tmp_path):
    model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit(clips, ["a", "b"] * 3)
    sklaudio.save(model, tmp_path / "model.skops")
    with pytest.raises(ValueError, match="is no fitted Pipeline of features and a net"):
        EncoderTransformer(str(tmp_path / "model.skops")).fit(clips)
