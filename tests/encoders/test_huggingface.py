"""Tiny models of transformers with random weights; no hub is reached."""

import json

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import EncoderTransformer, FrameSummary
from sklaudio.encoders import check_encoder

transformers = pytest.importorskip("transformers")

SR = 16000
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
CONVOLUTIONS = {"conv_dim": (8, 8), "conv_kernel": (10, 4), "conv_stride": (80, 4), "num_feat_extract_layers": 2}


@pytest.fixture(autouse=True)
def no_hub(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def save(folder, model, extractor):
    model.eval().save_pretrained(folder)
    extractor.save_pretrained(folder)
    return str(folder), model


def waveform_model(folder, kind, **config):
    classes = {"wav2vec2": "Wav2Vec2", "hubert": "Hubert", "wavlm": "WavLM"}
    make_config = getattr(transformers, f"{classes[kind]}Config")
    torch.manual_seed(0)
    made = make_config(**SMALL, **CONVOLUTIONS, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, **config)
    extractor = transformers.Wav2Vec2FeatureExtractor(sampling_rate=SR, do_normalize=True)
    return save(folder, getattr(transformers, f"{classes[kind]}Model")(made), extractor)


def whisper(folder):
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        num_mel_bins=20, d_model=16, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_source_positions=100, vocab_size=30,
        max_target_positions=10, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    extractor = transformers.WhisperFeatureExtractor(feature_size=20, chunk_length=2)
    return save(folder, transformers.WhisperModel(config), extractor)


def spectrogram_transformer(folder):
    torch.manual_seed(0)
    config = transformers.ASTConfig(**SMALL, max_length=104, num_mel_bins=32, patch_size=16)
    extractor = transformers.ASTFeatureExtractor(num_mel_bins=32, max_length=104)
    return save(folder, transformers.ASTModel(config), extractor)


def clap(folder):
    torch.manual_seed(0)
    audio = {
        "spec_size": 64, "num_mel_bins": 16, "patch_size": 4, "patch_stride": [4, 4], "patch_embeds_hidden_size": 8,
        "hidden_size": 16, "depths": [1, 1], "num_attention_heads": [1, 2], "window_size": 4, "num_hidden_layers": 2,
        "enable_fusion": False, "projection_dim": 12,
    }  # fmt: skip
    text = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "vocab_size": 9}
    config = transformers.ClapConfig(audio_config=audio, text_config=text, projection_dim=12)
    extractor = transformers.ClapFeatureExtractor(feature_size=16, max_length_s=2, sampling_rate=48000)
    return save(folder, transformers.ClapModel(config), extractor)


@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm"])
def test_frames_of_waveform_models(tmp_path, rng, kind):
    folder, model = waveform_model(tmp_path / kind, kind)
    clips = [rng.normal(size=n).astype(np.float32) for n in (100, 8000, 16000)]
    encoder = EncoderTransformer(folder).fit(clips)
    assert (encoder.sr, encoder.hop_length, encoder.frame_rate_) == (SR, 320, 50)
    frames = encoder.transform(clips)
    assert [len(clip_frames) for clip_frames in frames] == [1, 25, 50]
    scaled = (clips[2] - clips[2].mean()) / np.sqrt(clips[2].var() + 1e-7)
    with torch.inference_mode():
        expected = model(torch.from_numpy(scaled[None])).last_hidden_state[0]
    np.testing.assert_allclose(frames[2], expected, rtol=1e-3, atol=1e-4)
    assert check_encoder(folder)["dims"] == 16


def test_layers_by_number_several_and_averaged(tmp_path, rng):
    folder, model = waveform_model(tmp_path / "model", "wav2vec2")
    clip = rng.normal(size=SR).astype(np.float32)
    scaled = torch.from_numpy((clip - clip.mean()) / np.sqrt(clip.var() + np.float32(1e-7)))
    with torch.inference_mode():
        states = [state[0].numpy() for state in model(scaled[None], output_hidden_states=True).hidden_states]
    for layer, expected in [
        (0, states[0]),
        (-1, states[2]),
        ([0, 2], np.concatenate([states[0], states[2]], axis=1)),
        ("mean", np.mean(states, axis=0)),
    ]:
        frames = EncoderTransformer(folder, layer=layer).fit_transform([clip])
        np.testing.assert_allclose(frames[0], expected, rtol=1e-3, atol=1e-4)
    for layer in (3, "first", [], [0, 9]):
        with pytest.raises(ValueError, match="the model has hidden states 0 to 2"):
            EncoderTransformer(folder, layer=layer).fit([clip])


def test_whispers_encoder(tmp_path, rng):
    folder, model = whisper(tmp_path / "whisper")
    clip = (0.1 * rng.normal(size=SR)).astype(np.float32)
    encoder = EncoderTransformer(folder).fit([clip])
    frames = encoder.transform([clip, np.tile(clip, 5)])
    assert encoder.frame_rate_ == 50
    assert [clip_frames.shape for clip_frames in frames] == [(50, 16), (250, 16)]
    spectra = encoder._open()._extractor(clip, sampling_rate=SR, return_tensors="pt")["input_features"]
    with torch.inference_mode():
        expected = model.get_encoder()(spectra).last_hidden_state[0, :50]
    np.testing.assert_allclose(frames[0], expected, rtol=1e-3, atol=1e-3)
    assert check_encoder(folder)["window"] == 2


def test_the_audio_spectrogram_transformer(tmp_path, rng):
    folder, _ = spectrogram_transformer(tmp_path / "ast")
    clip = (0.1 * rng.normal(size=2 * SR)).astype(np.float32)
    assert EncoderTransformer(folder).fit_transform([clip]).shape == (1, 2, 16)
    frames = EncoderTransformer(folder, layer=-1).fit([clip])
    assert frames.frame_rate_ == 10
    assert frames.transform([clip]).shape == (1, 19, 16)
    assert check_encoder(folder, layer=1)["dims"] == 16


def test_the_audio_half_of_clap(tmp_path, rng):
    folder, _ = clap(tmp_path / "clap")
    clip = (0.1 * rng.normal(size=48000)).astype(np.float32)
    encoder = EncoderTransformer(folder).fit([clip])
    once, twice = encoder.transform([clip, np.tile(clip, 2)])
    assert once.shape == (1, 12)
    np.testing.assert_allclose(once, twice, rtol=1e-3, atol=1e-4)
    assert EncoderTransformer(folder, layer=1).fit_transform([clip]).shape[:2] == (1, 1)


def test_a_saved_model_refuses_other_weights(tmp_path, rng):
    folder, model = waveform_model(tmp_path / "model", "wav2vec2")
    clips, y = [rng.normal(size=SR) for _ in range(6)], ["a", "b"] * 3
    pipeline = make_pipeline(EncoderTransformer(folder), FrameSummary(), LogisticRegression()).fit(clips, y)
    sklaudio.save(pipeline, tmp_path / "model.skops")
    loaded = sklaudio.load(tmp_path / "model.skops")
    np.testing.assert_allclose(loaded.predict_proba(clips), pipeline.predict_proba(clips))
    with torch.no_grad():
        model.encoder.layers[0].final_layer_norm.weight.mul_(2)
    model.save_pretrained(folder)
    with pytest.raises(ValueError, match="is not the one that this transformer was fitted with"):
        loaded.predict(clips)


def test_pickles_and_code_are_not_loaded(tmp_path):
    folder, model = waveform_model(tmp_path / "model", "wav2vec2")
    (tmp_path / "model" / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "model" / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"no config\.json with weights as \.safetensors"):
        EncoderTransformer(folder).fit([np.zeros(SR)])
    folder, _ = waveform_model(tmp_path / "code", "wav2vec2")
    config = json.loads((tmp_path / "code" / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "code.Config", "AutoModel": "code.Model"}}
    (tmp_path / "code" / "config.json").write_text(json.dumps(config))
    (tmp_path / "code" / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ValueError, match="cannot be loaded by transformers"):
        EncoderTransformer(folder).fit([np.zeros(SR)])
    assert not (tmp_path / "ran").exists()


def test_what_was_not_downloaded_is_not_downloaded(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"sklaudio\.encoders\.fetch\('hf:someone/a-model-not-here'\)"):
        EncoderTransformer("hf:someone/a-model-not-here").fit([np.zeros(SR)])
