"""ExplanationDisplay: what makes the class lights up, for all kinds of models, and the model stays as it is."""

import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from matplotlib.figure import Figure
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from sklaudio import (
    ChromaTransformer,
    CNNClassifier,
    CNNRegressor,
    EncoderClassifier,
    EncoderTransformer,
    EventDetector,
    ExplanationDisplay,
    FrameScaler,
    FrameSummary,
    GRUClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    SpectrogramTransformer,
)
from sklaudio.datasets import make_words

from .sounds import CLICK, SR, click_in_noise, pitches, tone_in_noise

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")
SIZE = {"n_times": 8, "n_bands": 12}
FRAMES = {"sr": SR, "n_fft": 512, "hop_length": 256}
NET = {"max_epochs": 25, "lr": 0.005, "random_state": 0}


def mels(**parameters):
    return MelSpectrogramTransformer(32, **FRAMES, **parameters)


def cnn(**parameters):
    return CNNClassifier([8, 8], **{"pooling": "mean", **NET, **parameters})


def linear(classifier=None, features=None):
    classifier = LogisticRegression(max_iter=500) if classifier is None else classifier
    return make_pipeline(features or mels(), FrameSummary(), classifier)


def cell_of(display):
    """Second and hertz of the strongest part."""
    time, band = np.unravel_index(display.attributions_.argmax(), display.attributions_.shape)
    return display.times_[time], display.frequencies_[band]


@pytest.fixture(scope="module")
def sounds():
    return pitches()


MODELS = {
    "logistic regression": linear,
    "calibration": lambda: CalibratedClassifierCV(linear(), cv=2),
    "search": lambda: GridSearchCV(linear(), {"logisticregression__C": [0.1, 1.0]}, cv=2),
    "vote": lambda: VotingClassifier([("a", linear()), ("b", linear(features=mels(power=1.0)))], voting="soft"),
    "svm": lambda: linear(LinearSVC(dual=False)),
    "segments": lambda: make_pipeline(
        mels(), SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length=20)
    ),
    "cnn": lambda: make_pipeline(mels(), cnn()),
    "scaled cnn": lambda: make_pipeline(mels(), FrameScaler(per="clip"), cnn(max_epochs=35)),
    "segments of a cnn": lambda: make_pipeline(
        mels(), SegmentVotingClassifier(make_pipeline(FrameScaler(), cnn()), segment_length=20, hop_length=10)
    ),
    "gru on MFCCs": lambda: make_pipeline(
        MFCCTransformer(20, n_mels=32, delta=1, **FRAMES), GRUClassifier(24, 1, pooling="mean", **NET)
    ),
    "cnn on a spectrogram": lambda: make_pipeline(SpectrogramTransformer(**FRAMES | {"n_fft": 256}), cnn()),
}
OF_NETS = ("cnn", "scaled cnn", "segments of a cnn", "gru on MFCCs", "cnn on a spectrogram")


@pytest.fixture(scope="module")
def fitted(sounds):
    """Models by name, each fitted when a test first asks for it."""
    X, y = sounds
    made = {}

    def get(name):
        if name not in made:
            made[name] = MODELS[name]().fit(X, y)
        return made[name]

    return get


@pytest.mark.parametrize("name", MODELS)
def test_occlusion_finds_the_tone_that_makes_the_class(fitted, name):
    display = ExplanationDisplay.from_estimator(fitted(name), tone_in_noise(4000, 99), **SIZE)
    assert display.target_ == "4 kHz"
    time, hertz = cell_of(display)
    assert 0.2 <= time <= 0.6
    assert abs(hertz - 4000) < 700  # within one band
    assert abs(display.frequencies_[display.frequency_attributions_.argmax()] - 4000) < 700


@pytest.mark.parametrize("name", OF_NETS)
def test_gradients_find_the_tone_that_makes_the_class(fitted, name):
    display = ExplanationDisplay.from_estimator(fitted(name), tone_in_noise(4000, 99), method="gradient")
    assert abs(display.frequencies_[display.frequency_attributions_.argmax()] - 4000) < 400
    during = (display.times_ > 0.18) & (display.times_ < 0.62)
    at_tone = np.abs(display.frequencies_ - 4000) < 500
    assert display.attributions_[during][:, at_tone].sum() > 0.4 * display.attributions_.clip(0).sum()


@pytest.mark.parametrize("method", ["occlusion", "gradient"])
@pytest.mark.parametrize("kind", [linear, lambda: make_pipeline(mels(), cnn(pooling="max"))], ids=["linear", "cnn"])
def test_a_click_lights_up_when_it_is(kind, method):
    X = [click_in_noise(row, CLICK if row % 2 else None) for row in range(24)]
    model = kind().fit(X, ["nothing", "click"] * 12)
    if method == "gradient" and "cnnclassifier" not in model.named_steps:
        pytest.skip("of nets alone")
    display = ExplanationDisplay.from_estimator(
        model, click_in_noise(77, 0.3), method=method, target="click", n_times=16
    )
    assert abs(display.times_[display.time_attributions_.argmax()] - 0.3) < 0.06
    assert abs(display.times_[display.attributions_.sum(axis=1).argmax()] - 0.3) < 0.06


@pytest.mark.parametrize("name", OF_NETS)
@pytest.mark.parametrize("scale", ["log-odds", "probability"])
def test_gradients_add_up_to_what_the_sound_changes(fitted, name, scale):
    """Completeness, checked by the model itself on a clip and on its quiet beginning."""
    from sklaudio.plots._gradients import _bands_of, _Forward, _quiet
    from sklaudio.plots._net_chain import net_chain

    model, clip = fitted(name), tone_in_noise(4000, 99)
    display = ExplanationDisplay.from_estimator(model, clip, method="gradient", scale=scale, n_steps=64)
    p = model.predict_proba([clip])[0, list(model.classes_).index("4 kHz")]
    assert display.prediction_ == pytest.approx(p, abs=1e-5)
    import torch

    from sklaudio.plots._explained_output import explained_output

    chain, output = net_chain(model), explained_output(model, clip, "4 kHz", scale)
    frames = _bands_of(chain.features, clip)
    forward = _Forward(chain, output, frames)
    ends = torch.from_numpy(np.stack([np.broadcast_to(_quiet(frames, "background"), frames.shape), frames]))
    first, last = forward(ends).detach().numpy()
    assert last == pytest.approx(output.of([clip])[0], rel=1e-3, abs=1e-4)  # torch's way is the model's
    assert display.attributions_.sum() == pytest.approx(last - first, rel=0.05, abs=0.02)


def test_encoders_are_explained_by_their_sound(sounds):
    import torch

    class Bands(torch.nn.Module):
        def forward(self, samples):  # (batch, n_samples) -> (batch, n_frames, n_dims)
            spectrum = torch.fft.rfft(samples.unfold(1, 512, 256)).abs()
            return torch.log(spectrum.unfold(2, 16, 16).mean(dim=3) + 1e-3)

    X, y = sounds
    model = make_pipeline(EncoderTransformer(Bands(), sr=SR), FrameSummary(), LogisticRegression(max_iter=500)).fit(
        X, y
    )
    display = ExplanationDisplay.from_estimator(model, tone_in_noise(4000, 99), **SIZE)
    assert abs(cell_of(display)[1] - 4000) < 700
    with pytest.raises(ValueError, match=r"EncoderTransformer.*occlusion|FrameSummary.*occlusion"):
        ExplanationDisplay.from_estimator(model, X[0], method="gradient")


def test_an_encoder_that_is_the_whole_model():
    words = make_words(20, n_speakers=2, random_state=0)
    model = EncoderClassifier("digits", duration=0.9, max_epochs=1, random_state=0).fit(words.data, words.target)
    display = ExplanationDisplay.from_estimator(model, words.data[0], n_times=2, n_bands=2)
    assert display.target_ == model.predict(words.data[:1])[0]
    assert display.ax_.get_xlim() == (0, 0.9)
    with pytest.raises(ValueError, match=r"has none that it could follow.*occlusion"):
        ExplanationDisplay.from_estimator(model, words.data[0], method="gradient")


def test_any_class_can_be_explained(fitted):
    display = ExplanationDisplay.from_estimator(fitted("cnn"), tone_in_noise(1000, 99), target="4 kHz", **SIZE)
    assert display.target_ == "4 kHz"
    band = np.abs(display.frequencies_ - 1000).argmin()
    assert display.frequency_attributions_[band] < 0  # what speaks for another class speaks against this one
    assert np.abs(display.frequency_attributions_).argmax() == band


def test_several_labels():
    rng = np.random.default_rng(0)
    Y = pd.DataFrame(rng.integers(0, 2, size=(40, 2)), columns=["low", "high"])
    X = [
        tone_in_noise(1000 * low, row) + tone_in_noise(4000 * high, row + 500)
        for row, (low, high) in enumerate(Y.to_numpy())
    ]
    both = tone_in_noise(1000, 91) + tone_in_noise(4000, 92)
    model = make_pipeline(mels(), cnn(max_epochs=30)).fit(X, Y)
    for name, hertz in (("low", 1000), ("high", 4000)):
        for method in ("occlusion", "gradient"):
            display = ExplanationDisplay.from_estimator(model, both, target=name, method=method, **SIZE)
            found = display.frequencies_[display.frequency_attributions_.argmax()]
            assert abs(found / hertz - 1) < 0.2
    with pytest.raises(ValueError, match=r"target='loud' is no label.*low.*high"):
        ExplanationDisplay.from_estimator(model, both, target="loud")


@pytest.mark.parametrize("kind", ["ridge", "cnn"])
def test_numbers(kind):
    rng = np.random.default_rng(0)
    level = rng.uniform(0, 1, size=40)
    X = [gain * tone_in_noise(4000, row) + tone_in_noise(0, row + 500) for row, gain in enumerate(level)]
    y = pd.DataFrame({"brightness": 20 * level, "other": rng.normal(size=40)})
    if kind == "ridge":
        model = make_pipeline(mels(), FrameSummary(), Ridge(10)).fit(X, y["brightness"])
    else:
        model = make_pipeline(mels(), CNNRegressor([8, 8], pooling="mean", **NET)).fit(X, y)
        with pytest.raises(ValueError, match=r"2 numbers.*brightness, other"):
            ExplanationDisplay.from_estimator(model, X[0])
    clip = tone_in_noise(4000, 99)
    target = None if kind == "ridge" else "brightness"
    for method in ("occlusion",) if kind == "ridge" else ("occlusion", "gradient"):
        display = ExplanationDisplay.from_estimator(model, clip, target=target, method=method, **SIZE)
        assert abs(display.frequencies_[display.frequency_attributions_.argmax()] - 4000) < 700
        assert display.prediction_ == pytest.approx(np.ravel(model.predict([clip]))[0], rel=1e-4)
    with pytest.raises(ValueError, match="probabilities"):
        ExplanationDisplay.from_estimator(model, clip, target=target, scale="log-odds")


def test_events_by_label():
    X, y = pitches(24)
    annotated = [[(0.2, 0.6, "tone")] if name == "4 kHz" else [] for name in y]
    net = CNNClassifier([8, 8], **NET)
    model = make_pipeline(mels(), EventDetector(net, hop=FRAMES["hop_length"] / SR)).fit(X, annotated)
    display = ExplanationDisplay.from_estimator(model, tone_in_noise(4000, 99), target="tone", **SIZE)
    time, hertz = cell_of(display)
    assert 0.2 <= time <= 0.6
    assert abs(hertz - 4000) < 700
    with pytest.raises(ValueError, match=r"events in time.*occlusion"):
        ExplanationDisplay.from_estimator(model, X[0], method="gradient")


@pytest.mark.parametrize("method", ["occlusion", "gradient"])
def test_the_map_is_of_what_was_learned(fitted, sounds, method):
    """Adebayo et al. 2018: with other labels, or other weights, it is another map."""
    X, y = sounds
    clip, settings = tone_in_noise(4000, 99), {"method": method, "target": "4 kHz", **SIZE}
    trained = ExplanationDisplay.from_estimator(fitted("cnn"), clip, **settings)
    shuffled = clone(fitted("cnn")).fit(X, y[np.arange(len(y)) // 3 % 3])  # as many of each class in each class
    drawn = clone(fitted("cnn")).set_params(cnnclassifier__max_epochs=1, cnnclassifier__lr=1e-9).fit(X, y)
    for other in (shuffled, drawn):
        map_of_other = ExplanationDisplay.from_estimator(other, clip, **settings)
        likeness = np.corrcoef(trained.attributions_.ravel(), map_of_other.attributions_.ravel())[0, 1]
        assert likeness < 0.7
        assert np.abs(map_of_other.attributions_).max() < 0.5 * np.abs(trained.attributions_).max()


@pytest.mark.parametrize(("name", "method"), [("cnn", "gradient"), ("cnn", "occlusion"), ("vote", "occlusion")])
def test_the_model_stays_as_it_is_and_maps_are_repeated(fitted, name, method):
    model, clip = fitted(name), tone_in_noise(4000, 99)
    before, kept = pickle.dumps(model), clip.copy()
    maps = [ExplanationDisplay.from_estimator(model, clip, method=method, **SIZE).attributions_ for _ in range(2)]
    np.testing.assert_array_equal(*maps)
    np.testing.assert_array_equal(clip, kept)
    assert pickle.dumps(model) == before


def test_nothing_is_written_into_the_cache(sounds, tmp_path):
    X, y = sounds
    model = linear(features=mels(memory=str(tmp_path))).fit(X, y)
    before = sorted(tmp_path.rglob("*"))
    ExplanationDisplay.from_estimator(model, tone_in_noise(4000, 99), **SIZE)
    assert sorted(tmp_path.rglob("*")) == before
    assert model[0].memory == str(tmp_path)


def test_times_count_from_the_start_of_the_file(sounds, tmp_path):
    X, y = sounds
    model = linear(features=mels(offset=0.1, duration=0.5)).fit(X, y)
    soundfile.write(tmp_path / "tone.wav", tone_in_noise(4000, 99), SR)
    display = ExplanationDisplay.from_estimator(model, tmp_path / "tone.wav", **SIZE)
    assert display.ax_.get_xlim() == pytest.approx((0.1, 0.6))
    assert 0.2 <= cell_of(display)[0] <= 0.6
    assert "tone.wav: 4 kHz (p = " in display.axes_[1].get_title()


def test_axes_have_units_and_a_colour_bar(fitted):
    display = ExplanationDisplay.from_estimator(fitted("cnn"), tone_in_noise(4000, 99), scale="probability", **SIZE)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("time (s)", "frequency (Hz)")
    (bar,) = [axes for axes in display.figure_.axes if axes.get_label() == "<colorbar>"]
    assert bar.get_ylabel() == "change of probability of 4 kHz"
    assert display.attributions_.shape == (8, 12) == (len(display.times_), len(display.frequencies_))
    assert display.im_.get_array().size == 8 * 12
    low, high = display.im_.get_clim()
    assert low == -high
    assert display._repr_png_().startswith(b"\x89PNG")


def test_it_is_drawn_where_the_caller_wants_it(fitted):
    ax = Figure().subplots()
    display = ExplanationDisplay.from_estimator(fitted("cnn"), tone_in_noise(4000, 99), ax=ax, name="here", **SIZE)
    assert display.ax_ is ax
    assert ax.get_title() == "here"


def test_what_svms_and_forests_have_instead_of_log_odds(fitted, sounds):
    X, y = sounds
    display = ExplanationDisplay.from_estimator(fitted("svm"), X[0], **SIZE)
    assert display.unit == "change of decision function of 4 kHz"
    with pytest.raises(ValueError, match=r"no predict_proba.*CalibratedClassifierCV"):
        ExplanationDisplay.from_estimator(fitted("svm"), X[0], scale="probability")
    forest = linear(RandomForestClassifier(30, random_state=0)).fit(X, y)
    assert np.abs(ExplanationDisplay.from_estimator(forest, X[0], **SIZE).attributions_).max() < 2 * np.log(999)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (linear, "FrameSummary is none of these"),
        (lambda: CalibratedClassifierCV(make_pipeline(mels(), cnn(max_epochs=1)), cv=2), "CalibratedClassifierCV"),
        (lambda: make_pipeline(ChromaTransformer(sr=SR), cnn(max_epochs=1)), "ChromaTransformer"),
        (lambda: linear(RandomForestClassifier(5)), "FrameSummary"),
        (lambda: linear(OneVsRestClassifier(LogisticRegression())), "FrameSummary"),
    ],
    ids=["linear", "calibrated", "chroma", "forest", "one-vs-rest"],
)
def test_gradients_are_refused_where_there_are_none(make, reason, sounds):
    model = make().fit(*sounds)
    with pytest.raises(ValueError, match=f"method='gradient'.*{reason}.*method='occlusion'"):
        ExplanationDisplay.from_estimator(model, sounds[0][0], method="gradient")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "lime"}, "method='lime'.*'occlusion' or 'gradient'"),
        ({"fill": "noise"}, "fill='noise'.*'background' or 'silence'"),
        ({"scale": "bits"}, "scale='bits'.*'log-odds'"),
        ({"n_times": 0}, "n_times=0 must be a whole number"),
        ({"n_bands": 2.5}, r"n_bands=2\.5 must be a whole number"),
        ({"target": "8 kHz"}, "target='8 kHz' is no class.*1 kHz.*4 kHz"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_errors_say_what_to_do(fitted, parameters, message):
    with pytest.raises(ValueError, match=message):
        ExplanationDisplay.from_estimator(fitted("cnn"), tone_in_noise(4000, 99), **parameters)


def test_other_models_are_refused(fitted, sounds):
    with pytest.raises(NotFittedError):
        ExplanationDisplay.from_estimator(linear(), sounds[0][0])
    with pytest.raises(TypeError, match="takes no clips"):
        ExplanationDisplay.from_estimator(fitted("cnn")[-1], sounds[0][0])
    with pytest.raises(FileNotFoundError, match="not there"):
        ExplanationDisplay.from_estimator(fitted("cnn"), "not there.wav")
