"""EncoderClassifier: a pretrained network with a new output layer, of which some blocks train on."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

import sklaudio
from sklaudio import EncoderClassifier, EncoderTransformer, predict_files, predict_timeline
from sklaudio.train import fit_with_validation

from ..encoders.small import Counter, Loudness, Pitch

SR = 8000


class Bands(torch.nn.Module):
    """Three blocks: filters, a batch norm, and products of one frame."""

    sr = SR

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.filters = torch.nn.Conv1d(1, 4, 64, stride=32)
            self.norm = torch.nn.BatchNorm1d(4)
            self.last = torch.nn.Conv1d(4, 6, 1)

    def forward(self, samples):
        x = self.norm(self.filters(samples[:, None]).abs().log1p())
        return self.last(x).transpose(1, 2)  # (batch, n_dims, n_frames) -> (batch, n_frames, n_dims)


@pytest.fixture
def clips(rng):
    """Tones of 250 to 600 ms: which of two pitches."""
    rates = np.repeat([0.05, 0.5], 12)
    X = [np.sin(rate * np.arange(rng.integers(2000, 4800)) + rng.uniform(0, 6)).astype(np.float32) for rate in rates]
    return X, np.repeat(["low", "high"], 12)


def classifier(encoder=None, **settings):
    settings = {"lr": 0.01, "lr_encoder": 1e-3, "max_epochs": 8, "random_state": 0} | settings
    return EncoderClassifier(Bands() if encoder is None else encoder, **settings)


def changed(net, before):
    """Names of the weights and running statistics of the encoder that are not those of before."""
    now = net.net_.module_.encoder.state_dict()
    return {name.split(".")[0] for name, value in before.state_dict().items() if not torch.equal(value, now[name])}


@pytest.mark.parametrize(
    ("trainable", "expected"),
    [("last:1", {"last"}), ("last:2", {"norm", "last"}), ("all", {"filters", "norm", "last"})],
)
def test_blocks_that_train_change_and_others_keep_weights_and_statistics(clips, trainable, expected):
    before = Bands()
    net = classifier(before, trainable=trainable).fit(*clips)
    assert changed(net, before) == expected
    assert net.score(*clips) == 1
    assert changed_module(before) == set()  # the user's module is left as it was


def changed_module(module):
    return {name for name, value in Bands().state_dict().items() if not torch.equal(value, module.state_dict()[name])}


def test_head_alone_is_a_net_on_the_frames_of_the_encoder(clips):
    X, y = clips
    net = classifier(trainable="head").fit(X, y)
    assert not hasattr(net.net_.module_, "encoder")
    assert net.n_parameters_ == 3 * 6 * 2 + 2
    frames = EncoderTransformer(Bands()).fit_transform(X)
    rows = np.stack([np.concatenate([clip.mean(0), clip.std(0), clip.max(0)]) for clip in scaled(frames, net)])
    np.testing.assert_allclose(net.transform(X), rows, atol=1e-3)


def scaled(frames, net):
    return [(clip - net.mean_) / net.scale_ for clip in frames]


@pytest.mark.parametrize("encoder", [Bands(), "pitch", "long"])
def test_frames_of_what_trains_are_those_of_the_transformer(clips, rng, encoder):
    """Before it trains: of modules that make frames, of one vector of each window, of windows that overlap."""
    X, _ = clips
    if encoder == "pitch":
        encoder = Pitch()
        encoder.sr, encoder.window = SR, 1000
        X = [clip[: len(clip) // 16 * 16] for clip in X]
    if encoder == "long":
        encoder = Bands()
        encoder.window = 1000
    net = classifier(encoder, trainable="all", max_epochs=1)
    blocks = net._check_clips(X, reset=True)
    with torch.random.fork_rng():
        module = net._make_module(net._n_dims, 2).eval()
    expected = EncoderTransformer(encoder).fit_transform(X)
    for clip, frames in zip(blocks, expected, strict=True):
        with torch.no_grad():
            found, length = module.encode(torch.from_numpy(clip)[None], torch.tensor([len(clip)]))
        np.testing.assert_allclose(found[0, : int(length)], frames, atol=1e-5)


@pytest.mark.parametrize("trainable", ["head", "last:1", "all"])
def test_a_clip_alone_has_the_prediction_that_it_has_among_others(clips, trainable):
    X, y = clips
    net = classifier(trainable=trainable, max_epochs=2).fit(X, y)
    alone = np.concatenate([net.predict_proba([clip]) for clip in X])
    np.testing.assert_allclose(net.predict_proba(X), alone, atol=1e-5)


@pytest.mark.parametrize("schedule", ["constant", "one-cycle", "cosine"])
def test_the_encoder_has_a_rate_of_its_own_under_any_schedule(clips, schedule):
    tiny = classifier(Bands(), trainable="all", lr_encoder=1e-12, lr_schedule=schedule).fit(*clips)
    weights = tiny.net_.module_.encoder.state_dict()
    np.testing.assert_allclose(weights["last.weight"], Bands().state_dict()["last.weight"], atol=1e-8)
    assert tiny.history_["lr"].max() > 1e-6  # that of the output layer is written down
    tiny.partial_fit(*clips)
    np.testing.assert_allclose(
        tiny.net_.module_.encoder.state_dict()["last.weight"], Bands().state_dict()["last.weight"], atol=1e-8
    )


def test_warm_start_early_stopping_and_augmentation_work_as_for_any_net(clips):
    X, y = clips
    calls = []

    def louder(blocks, lengths):
        calls.append(tuple(blocks.shape[1:]))
        return 1.1 * blocks

    net = classifier(trainable="last:1", early_stopping=True, validation_fraction=0.25, augment=louder, warm_start=True)
    net.fit(X, y)
    assert net.history_["valid_loss"].notna().all()
    assert {shape[1] for shape in calls} == {32}  # blocks of the step of the frames
    first = net.net_.module_.encoder.state_dict()["last.weight"].clone()
    net.fit(X, np.where(y == "low", "deep", "shrill"))
    assert net.classes_.tolist() == ["deep", "shrill"]
    assert not torch.equal(first, net.net_.module_.encoder.state_dict()["last.weight"])


def test_a_search_over_what_trains(clips):
    search = GridSearchCV(classifier(max_epochs=3), {"trainable": ["head", "last:1"]}, cv=StratifiedKFold(2))
    assert search.fit(*clips).cv_results_["mean_test_score"].min() > 0.7


def test_files_and_timelines_are_predicted(clips, tmp_path):
    import soundfile

    X, y = clips
    net = classifier(trainable="last:1").fit(X, y)
    paths = [tmp_path / f"{k}.wav" for k in range(4)]
    for path, clip in zip(paths, X[::6], strict=True):
        soundfile.write(path, clip, SR, subtype="FLOAT")
    assert [found.label for found in predict_files(net, paths)] == list(net.predict(X[::6]))
    assert net.sr == SR
    long = tmp_path / "long.wav"
    soundfile.write(long, np.concatenate([np.sin(0.05 * np.arange(SR)), np.sin(0.5 * np.arange(SR))]), SR)
    rows = predict_timeline(net, long, window=0.5, hop=0.5)
    assert rows["label"].tolist() == ["low", "low", "high", "high"]


def test_what_cannot_train_says_so(clips):
    with pytest.raises(ValueError, match=r"Loudness cannot be trained, only run\. Use trainable='head'"):
        classifier(Loudness(), trainable="all").fit(*clips)
    assert classifier(Loudness()).fit(*clips).predict(clips[0]).shape == (24,)


@pytest.mark.parametrize("trainable", ["last:4", "last:0", "body", "last"])
def test_trainable_must_name_blocks_that_are_there(clips, trainable):
    with pytest.raises(ValueError, match=f"trainable='{trainable}' must be 'head', 'all' or 'last:1' to 'last:3'"):
        classifier(trainable=trainable).fit(*clips)


def test_another_encoder_in_its_place_is_an_error(clips):
    X, y = clips
    net = classifier(trainable="head").fit(X, y)
    net.encoder = Pitch()
    net.encoder.sr = SR
    with pytest.raises(ValueError, match="is not the one that this net was fitted with"):
        net.predict(X)


def test_clips_in_a_table_are_waveforms(rng):
    """As scikit-learn has it: a row of numbers is a clip, and the number of columns is checked."""
    X, y = rng.normal(size=(20, 100)), np.arange(20) % 2
    X[y == 1] *= 5
    net = classifier(Loudness(), max_epochs=30, standardize=True).fit(X / 20, y)
    assert net.n_features_in_ == 100
    assert net.score(X / 20, y) > 0.9
    with pytest.raises(ValueError, match="99 features"):
        net.predict(X[:, :99])


def test_saved_and_loaded_nets_of_a_model_of_transformers(tmp_path, rng, monkeypatch):
    transformers = pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from ..encoders.test_huggingface import waveform_model

    folder, _ = waveform_model(tmp_path / "model", "wav2vec2")
    X = [rng.normal(size=n).astype(np.float32) * level for n in (9000, 16000) for level in (0.1, 0.2) * 3]
    y = np.array(["a", "b"] * 6)
    net = classifier(folder, trainable="last:1", max_epochs=2).fit(X, y)
    names = [name for name, weights in net.net_.module_.encoder.named_parameters() if weights.requires_grad]
    assert names
    assert all("encoder.layers.1." in name for name in names)
    before = transformers.AutoModel.from_pretrained(folder).state_dict()
    now = net.net_.module_.encoder.model.state_dict()
    moved = {name for name in before if not torch.equal(before[name], now[name])}
    assert moved
    assert all("encoder.layers.1." in name for name in moved)
    path = tmp_path / "net.skops"
    sklaudio.save(net, path)
    loaded = sklaudio.load(path)
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    assert loaded.licence_ == net.licence_


def test_all_of_a_model_of_transformers_trains(tmp_path, rng, monkeypatch):
    """One that would mask its spectra in training, which short clips do not survive, and leave layers out."""
    pytest.importorskip("transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from ..encoders.test_huggingface import waveform_model

    folder, model = waveform_model(tmp_path / "model", "wav2vec2", mask_time_prob=0.5, layerdrop=0.0)
    X = [rng.normal(size=4000).astype(np.float32) for _ in range(8)]
    net = classifier(folder, trainable="all", max_epochs=2).fit(X, ["a", "b"] * 4)
    now = net.net_.module_.encoder.model.state_dict()
    still = [name for name, value in model.state_dict().items() if torch.equal(value, now[name])]
    assert still in ([], ["masked_spec_embed"])  # which is for masks alone


def test_windows_of_a_user_defined_encoder_are_counted_once(clips):
    """The head alone: the network runs once over each clip, however many epochs there are."""
    encoder = Counter()
    classifier(encoder, max_epochs=5).fit([clip[:1500] for clip in clips[0]], clips[1])
    assert sum(n for n, _ in encoder.batches) == 2 * 24


def test_it_is_as_good_as_logistic_regression_on_the_same_frames(clips):
    X, y = clips
    frames = EncoderTransformer(Loudness()).fit_transform(X)
    rows = np.stack([clip.mean(axis=0) for clip in frames])
    linear = LogisticRegression().fit(rows, y).score(rows, y)
    assert classifier(Loudness(), max_epochs=30).fit(X, y).score(X, y) >= linear


@pytest.mark.parametrize("trainable", ["head", "last:1"])
def test_clips_to_validate_on(clips, trainable):
    X, y = clips
    train, valid = np.arange(24) % 4 > 0, np.arange(24) % 4 == 0
    parts = [[clip for clip, kept in zip(X, which, strict=True) if kept] for which in (train, valid)]
    net = classifier(trainable=trainable, max_epochs=2)
    fit_with_validation(net, parts[0], y[train], parts[1], y[valid])
    last = net.predict_proba(parts[1])[np.arange(6), np.searchsorted(net.classes_, y[valid])]
    assert net.history_["valid_loss"].iloc[-1] == pytest.approx(-np.log(last).mean(), rel=1e-4)
