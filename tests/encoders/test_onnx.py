import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import EncoderTransformer, FrameSummary
from sklaudio.encoders import check_encoder

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

SR = 8000


class Convolution(torch.nn.Module):
    """16 filters of 200 samples, 80 apart."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.filters = torch.nn.Conv1d(1, 16, 200, stride=80)

    def forward(self, samples):
        return self.filters(samples.unsqueeze(1)).relu().transpose(1, 2)


def export(path, n_samples=None, seed=0, **metadata):
    shapes = None if n_samples else {"samples": {0: torch.export.Dim("batch"), 1: torch.export.Dim("n", min=200)}}
    with torch.random.fork_rng():
        module = Convolution(seed).eval()
    example = torch.zeros(1 if n_samples else 2, n_samples or SR)
    torch.onnx.export(module, (example,), path, dynamo=True, dynamic_shapes=shapes, verbose=False)
    if metadata:
        model = onnx.load(path)
        onnx.helper.set_model_props(model, {name: str(value) for name, value in metadata.items()})
        onnx.save(model, path)
    return str(path), module


def test_frames_of_a_file_are_those_of_its_module(tmp_path, rng):
    path, module = export(tmp_path / "net.onnx")
    clips = [rng.normal(size=n).astype(np.float32) for n in (100, 4000, 90_000)]
    frames = EncoderTransformer(path, sr=SR).fit_transform(clips)
    for clip, found in zip(clips, frames, strict=True):
        padded = torch.from_numpy(np.pad(clip, (0, max(0, 200 - len(clip)))))
        np.testing.assert_allclose(found, module(padded[None])[0].detach(), rtol=1e-3, atol=1e-4)
    assert check_encoder(path, sr=SR)["frame_rate"] == 100


def test_a_file_that_takes_one_window_alone(tmp_path, rng):
    path, module = export(tmp_path / "net.onnx", n_samples=4000, hop_length=80)
    clip = rng.normal(size=10_000).astype(np.float32)
    (frames,) = EncoderTransformer(path, sr=SR).fit_transform([clip])
    expected = module(torch.from_numpy(clip[None]))[0].detach()
    assert len(expected) - 1 <= len(frames) <= len(expected)
    np.testing.assert_allclose(frames, expected[: len(frames)], rtol=1e-3, atol=1e-4)
    assert check_encoder(path, sr=SR)["window"] == 0.5


def test_metadata_is_read(tmp_path):
    path, _ = export(tmp_path / "net.onnx", sr=SR, licence="CC0", hop_length=80, frame_length=200)
    encoder = EncoderTransformer(path).fit([np.zeros(SR)])
    assert (encoder.sr, encoder.licence_, encoder.hop_length) == (SR, "CC0", 80)


def test_a_saved_model_knows_its_file(tmp_path, rng):
    path, _ = export(tmp_path / "net.onnx")
    clips, y = [rng.normal(size=SR) * scale for scale in (1, 2) for _ in range(5)], [1] * 5 + [2] * 5
    model = make_pipeline(EncoderTransformer(path, sr=SR), FrameSummary(), LogisticRegression()).fit(clips, y)
    sklaudio.save(model, tmp_path / "model.skops")
    loaded = sklaudio.load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict_proba(clips), model.predict_proba(clips))
    export(path, seed=1)
    with pytest.raises(ValueError, match="is not the one that this transformer was fitted with"):
        loaded.predict(clips)


def test_errors_name_the_file(tmp_path):
    path, _ = export(tmp_path / "net.onnx")
    with pytest.raises(ValueError, match=r"net\.onnx does not say its sampling rate"):
        EncoderTransformer(path).fit([np.zeros(SR)])
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ValueError, match=r"text\.onnx is no ONNX network"):
        EncoderTransformer(str(tmp_path / "text.onnx"), sr=SR).fit([np.zeros(SR)])
    with pytest.raises(FileNotFoundError, match="absent"):
        EncoderTransformer(str(tmp_path / "absent.onnx"), sr=SR).fit([np.zeros(SR)])
