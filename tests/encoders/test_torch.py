import numpy as np
import pytest
import torch

from sklaudio import EncoderTransformer
from sklaudio.encoders import check_encoder
from sklaudio.encoders._content import content_of
from sklaudio.encoders._encoder import measure_frames

from .small import Pitch, SpectralShape

SR = 16000


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (lambda n: 1 + (n - 400) // 320, (320, 400)),
        (lambda n: 1 + n // 256, (256, 0)),
        (lambda n: -(-n // 160), (160, 1)),
        (lambda n: 1, (None, 1)),
    ],
    ids=["valid", "centred", "same", "one vector"],
)
def test_frames_are_measured(count, expected):
    assert measure_frames(count, SR) == expected


def test_what_a_module_says_is_taken():
    module = SpectralShape()
    module.sr, module.hop_length, module.licence = SR, 320, "MIT"
    encoder = EncoderTransformer(module).fit([np.zeros(SR)])
    assert (encoder.sr, encoder.licence_, encoder.frame_rate_) == (SR, "MIT", 50)


def test_a_module_is_left_as_it_was(rng):
    class Dropped(SpectralShape):
        def forward(self, samples):
            return torch.nn.functional.dropout(super().forward(samples), 0.5, self.training)

    module, clip = Dropped().train(), rng.normal(size=SR)
    module.frozen = torch.nn.BatchNorm1d(1).eval()
    encoder = EncoderTransformer(module, sr=SR)
    np.testing.assert_array_equal(encoder.fit_transform([clip]), encoder.fit_transform([clip]))
    assert module.training
    assert not module.frozen.training
    assert module.weights.grad is None
    assert module.weights.requires_grad


def test_exported_programs(rng):
    program = torch.export.export(
        SpectralShape().eval(),
        (torch.zeros(2, SR),),
        dynamic_shapes={"samples": {0: torch.export.Dim("batch")}},
    )
    program.hop_length = 320
    clips = [rng.normal(size=SR // 2).astype(np.float32), rng.normal(size=3 * SR).astype(np.float32)]
    frames = EncoderTransformer(program, sr=SR).fit_transform(clips)
    expected = EncoderTransformer(SpectralShape(), sr=SR).fit_transform(clips)
    for found, other in zip(frames, expected, strict=True):
        np.testing.assert_allclose(found, other, rtol=1e-3, atol=1e-4)


def test_content_is_weights_code_and_attributes():
    class Scaled(SpectralShape):
        factor = 1.0

        def forward(self, samples):
            return self.factor * super().forward(samples)

    class Squared(SpectralShape):
        def forward(self, samples):
            return super().forward(samples) ** 2

    def hash_of(module):
        content, unknown = content_of(module)
        assert content, unknown
        return content

    assert hash_of(SpectralShape()) == hash_of(SpectralShape())
    assert hash_of(Scaled()) == hash_of(Scaled())
    larger = Scaled()
    larger.factor = 2.0
    different = [SpectralShape(), SpectralShape(1), Scaled(), larger, Squared(), Pitch()]
    different += [torch.nn.Sequential(SpectralShape()), torch.nn.Sequential(SpectralShape(), torch.nn.ReLU())]
    assert len({hash_of(module) for module in different}) == len(different)


def test_functions_around_are_content():
    def with_function(function):
        class Applied(torch.nn.Module):
            def forward(self, samples):
                return function(samples).unfold(1, 400, 320)

        return content_of(Applied())[0]

    assert with_function(torch.sin) != with_function(torch.cos)
    assert with_function(lambda y: y + 1) != with_function(lambda y: y + 2)
    scale = 3
    assert with_function(lambda y: scale * y) is not None


def test_a_hook_cannot_be_known():
    module = SpectralShape()
    module.register_forward_hook(lambda *_: None)
    assert content_of(module) == (None, "SpectralShape has hooks")


def test_outputs_of_another_kind_are_named():
    class Twice(SpectralShape):
        def forward(self, samples):
            return super().forward(samples), 0

    class Image(SpectralShape):
        def forward(self, samples):
            return super().forward(samples)[:, None]

    with pytest.raises(TypeError, match="Twice makes tuple, not a tensor"):
        EncoderTransformer(Twice(), sr=SR).fit([np.zeros(SR)])
    with pytest.raises(ValueError, match=r"Image makes an array of shape \(1, 1, 49, 8\)"):
        EncoderTransformer(Image(), sr=SR).fit([np.zeros(SR)])


def test_check_encoder_says_what_it_found():
    found = check_encoder(SpectralShape(), sr=SR)
    assert (found["dims"], found["frame_rate"]) == (8, 50)
    assert check_encoder(Pitch(), sr=SR)["frame_rate"] == 0.1


class BatchNorm(SpectralShape):
    def forward(self, samples):
        frames = super().forward(samples)
        return frames - frames.mean(dim=0)


class Random(SpectralShape):
    def forward(self, samples):
        return super().forward(samples) + torch.rand(1)


class Logarithm(SpectralShape):
    def forward(self, samples):
        return super().forward(samples).log()


class WrongHop(SpectralShape):
    hop_length, frame_length = 300, 400


class Deaf(SpectralShape):
    def forward(self, samples):
        return torch.zeros_like(super().forward(samples))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (BatchNorm(), "in a batch than of the window alone"),
        (Random(), "the second time"),
        (Logarithm(), "NaN or infinity"),
        (WrongHop(), "frame_length=400 and hop_length=300 mean"),
        (Deaf(), "the same frames of two different noises"),
    ],
)
def test_check_encoder_says_what_is_wrong(module, message):
    with pytest.raises(AssertionError, match=message):
        check_encoder(module, sr=SR)
