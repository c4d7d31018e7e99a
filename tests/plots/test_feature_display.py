"""FeatureDisplay: what is on the axes is what was measured; when matplotlib is imported, by all Displays."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import (
    ChromaTransformer,
    FeatureDisplay,
    FrameScaler,
    FrameTransformer,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    SpectralCentroidTransformer,
    StudyDisplay,
    TimelineDisplay,
    TrainingDisplay,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
    genre_features,
)

pytestmark = pytest.mark.usefixtures("pyplot_unchanged")
SR = 22050
TIME = "time (s)"
KINDS = ("waveform", "spectrogram", "mel", "mfcc", "chroma", "centroid", "contrast", "spectrum")
LABELS = {
    "waveform": (TIME, "amplitude", None),
    "spectrogram": (TIME, "frequency (Hz)", "power (dB re 1)"),
    "mel": (TIME, "frequency (Hz)", "power (dB re 1)"),
    "mfcc": (TIME, "coefficient", "dB"),
    "chroma": (TIME, "pitch class", "relative energy"),
    "centroid": (TIME, "frequency (Hz)", "power (dB re 1)"),
    "contrast": (TIME, "band (Hz)", "contrast (dB)"),
    "spectrum": ("frequency (Hz)", "mean power (dB re 1)", None),
}


def colour_bars(display):
    return [ax.get_ylabel() for ax in display.figure_.axes if ax.get_label() == "<colorbar>"]


def tick_texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_given", [False, True])
def test_axes_of_each_kind_say_what_is_on_them(kind, is_given, tone_1khz):
    ax = Figure().subplots() if is_given else None
    display = FeatureDisplay.from_clip(tone_1khz, kind=kind, ax=ax)
    x_label, y_label, unit = LABELS[kind]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == (x_label, y_label)
    assert colour_bars(display) == ([unit] if unit else [])
    assert ax is None or display.ax_ is ax
    assert display.figure_ is display.ax_.figure
    if x_label == TIME:
        assert display.ax_.get_xlim() == pytest.approx((0, 1))
    display.figure_.canvas.draw()


def test_a_tone_is_brightest_at_its_frequency(tone_1khz):
    image = FeatureDisplay.from_clip(tone_1khz, kind="spectrogram").ax_.get_images()[0]
    _, _, low, high = image.get_extent()
    rows = np.asarray(image.get_array())
    hertz = low + (rows.mean(axis=1).argmax() + 0.5) * (high - low) / len(rows)
    assert hertz == pytest.approx(1000, abs=SR / 2048)
    line = FeatureDisplay.from_clip(tone_1khz, kind="spectrum").ax_.lines[0]
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(1000, abs=SR / 2048)


def test_the_mel_axis_is_in_hertz(tone_1khz):
    ax = FeatureDisplay.from_clip(tone_1khz, kind="mel").ax_
    mesh = ax.collections[0]
    edges = mesh.get_coordinates()[:, 0, 1]
    loudest = np.asarray(mesh.get_array()).mean(axis=1).argmax()
    assert edges[loudest] <= 1000 <= edges[loudest + 1]
    assert tick_texts(ax.yaxis) == ["250", "500", "1000", "2000", "4000", "8000"]
    assert ax.get_yticks().tolist() == [250, 500, 1000, 2000, 4000, 8000]
    heights = ax.transData.transform([(0, 4000), (0, 8000), (0, 1000), (0, 2000)])[:, 1]
    assert heights[1] - heights[0] == pytest.approx(heights[3] - heights[2], rel=1e-3)  # octaves are even above 1 kHz


def test_mel_cells_are_around_the_centres_that_the_transformer_has(tone_1khz):
    mel = MelSpectrogramTransformer(n_mels=20, fmin=100, fmax=5000, sr=16000).fit([tone_1khz])
    edges = FeatureDisplay.from_estimator(mel, tone_1khz).ax_.collections[0].get_coordinates()[:, 0, 1]
    assert np.all((edges[:-1] < mel.center_frequencies_) & (mel.center_frequencies_ < edges[1:]))


def test_chroma_has_the_names_of_notes():
    a4 = np.sin(2 * np.pi * 440 * np.arange(SR) / SR)
    ax = FeatureDisplay.from_clip(a4, kind="chroma").ax_
    assert tick_texts(ax.yaxis) == ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    row = np.asarray(ax.get_images()[0].get_array()).mean(axis=1).argmax()
    assert tick_texts(ax.yaxis)[row] == "A"
    quarter_tones = FeatureDisplay.from_estimator(ChromaTransformer(n_chroma=24), a4).ax_
    row = np.asarray(quarter_tones.get_images()[0].get_array()).mean(axis=1).argmax()
    names = dict(zip(quarter_tones.get_yticks(), tick_texts(quarter_tones.yaxis), strict=True))
    assert names[row] == "A"


def test_contrast_has_the_edges_of_its_octaves(noise):
    ax = FeatureDisplay.from_clip(noise, kind="contrast").ax_
    assert tick_texts(ax.yaxis) == ["0", "200", "400", "800", "1600", "3200", "6400", "11025"]
    assert ax.get_yticks().tolist() == list(range(8))


def test_the_centroid_is_a_line_at_its_frames(tone_1khz):
    centroid = SpectralCentroidTransformer(hop_length=256, n_fft=1024)
    ax = FeatureDisplay.from_estimator(centroid, tone_1khz).ax_
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_ydata(), centroid.transform([tone_1khz])[0, :, 0], rtol=1e-5)
    np.testing.assert_allclose(line.get_xdata(), np.arange(len(line.get_xdata())) * 256 / SR)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["centroid"]


def test_times_follow_hop_rate_and_offset(tone_1khz, tmp_path):
    path = tmp_path / "click $1_000.wav"
    y = np.zeros(4 * 16000)
    y[3 * 16000] = 1  # a click at 3 s of the file
    soundfile.write(path, y, 16000)
    rms = RMSTransformer(sr=8000, hop_length=80, n_fft=160, offset=1.5, duration=2.0)
    display = FeatureDisplay.from_estimator(make_pipeline(rms, FrameScaler()), path)
    line = display.ax_.lines[0]
    assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(3, abs=0.011)
    assert display.ax_.get_xlim() == pytest.approx((1.5, 3.5))
    assert display.figure_.get_suptitle() == r"click \$1_000.wav"
    for ax in FeatureDisplay.from_clip(path, kind=["waveform", "mel"], sr=8000, offset=1.5, duration=2).axes_:
        assert ax.get_xlim() == pytest.approx((1.5, 3.5))
    wave = FeatureDisplay.from_estimator(WaveformTransformer(offset=1), path).ax_.lines[0]
    assert wave.get_xdata()[wave.get_ydata().argmax()] == pytest.approx(3, abs=1e-3)


def test_a_waveform_keeps_its_clicks_however_long():
    y = np.zeros(10**6, dtype=np.float32)
    y[123_456] = -1
    line = FeatureDisplay.from_clip(y, kind="waveform").ax_.lines[0]
    assert len(line.get_xdata()) < 20_000
    assert line.get_ydata().min() == -1
    assert line.get_xdata()[line.get_ydata().argmin()] == pytest.approx(123_456 / SR, abs=0.01)


def test_a_mel_spectrogram_of_many_frames_is_drawn_in_fewer_columns():
    y = np.zeros(200_000, dtype=np.float32)
    y[150_000:] = np.sin(np.arange(50_000) / 5)
    mel = MelSpectrogramTransformer(n_mels=10, n_fft=128, hop_length=32, sr=8000)
    mesh = FeatureDisplay.from_estimator(mel, y).ax_.collections[0]
    columns, borders = np.asarray(mesh.get_array()), mesh.get_coordinates()[0, :, 0]
    assert columns.shape == (10, 3126)  # of 6251 frames
    assert borders[columns.max(axis=0).argmax()] >= 150_000 / 8000 - 0.01
    assert borders[[0, -1]].tolist() == pytest.approx([-0.002, 25.002])


def test_a_union_has_axes_for_each_member(tone_1khz):
    display = FeatureDisplay.from_estimator(genre_features(), tone_1khz)
    assert [ax.get_title() for ax in display.axes_] == ["MFCC", "Spectral centroid", "Chroma", "Spectral contrast"]
    expected = genre_features().transform([tone_1khz])[0]
    np.testing.assert_allclose(display.axes_[2].get_images()[0].get_array().T, expected[:, 14:26], rtol=1e-5)
    assert [ax.get_xlabel() for ax in display.axes_] == ["", "", "", TIME]
    display.axes_[0].set_xlim(0.25, 0.5)
    assert display.axes_[3].get_xlim() == (0.25, 0.5)
    union = FrameUnion([("mfcc", MFCCTransformer(delta=2)), ("zcr", ZeroCrossingRateTransformer())])
    titles = [ax.get_title() for ax in FeatureDisplay.from_estimator(union, tone_1khz).axes_]
    assert titles == ["MFCC", "MFCC: slope", "MFCC: curvature", "zcr: Zero-crossing rate"]
    nested = FrameUnion([("both", union), ("chroma", "drop")]).set_params(both__mfcc__delta=0)
    titles = [ax.get_title() for ax in FeatureDisplay.from_estimator(nested, tone_1khz).axes_]
    assert titles == ["both__mfcc: MFCC", "both__zcr: Zero-crossing rate"]


class Halves(FrameTransformer):
    """A user-defined feature, without a hop."""

    def _dim_names(self):
        return ["first", "second"]

    def _signal(self, y):
        return y

    def _frames(self, y):
        return y[: len(y) // 2 * 2].reshape(-1, 2)


def test_user_defined_features_are_drawn_by_frame():
    ax = FeatureDisplay.from_estimator(Halves(), np.arange(10.0)).ax_
    assert (ax.get_xlabel(), ax.get_title()) == ("frame", "Halves")
    assert tick_texts(ax.yaxis) == ["first", "second"]
    assert ax.get_images()[0].get_array().shape == (2, 5)


@pytest.mark.parametrize("y", [np.zeros(3000), np.ones(1), np.full(2048, 0.5)])
def test_silence_and_single_samples_are_drawn(y):
    display = FeatureDisplay.from_clip(y, kind="all")
    assert len(display.axes_) == len(KINDS)
    display.figure_.canvas.draw()
    assert display._repr_png_().startswith(b"\x89PNG")


def test_one_given_axes_is_divided_and_a_list_is_used(tone_1khz):
    left, right = Figure(layout="constrained").subplots(1, 2)
    display = FeatureDisplay.from_clip(tone_1khz, kind=["waveform", "mel"], ax=left)
    assert len(display.axes_) == 2
    assert display.figure_ is left.figure
    assert display.axes_[1].get_position().x1 < right.get_position().x0
    assert display._repr_png_() is None
    pair = Figure().subplots(2)
    assert FeatureDisplay.from_clip(tone_1khz, kind=["waveform", "mel"], ax=pair).axes_.tolist() == pair.tolist()


def test_what_is_no_clip_or_feature_is_named(tone_1khz):
    with pytest.raises(ValueError, match=r"kind='melody' is not known. Use one or more of waveform, spectrogram"):
        FeatureDisplay.from_clip(tone_1khz, kind="melody")
    with pytest.raises(ValueError, match="names nothing to draw"):
        FeatureDisplay.from_clip(tone_1khz, kind=[])
    with pytest.raises(TypeError, match=r"clip is an array of shape \(2, 22050\)"):
        FeatureDisplay.from_clip(np.stack([tone_1khz] * 2))
    with pytest.raises(FileNotFoundError, match=r"nowhere.wav"):
        FeatureDisplay.from_clip("nowhere.wav")
    with pytest.raises(TypeError, match="makes no frames of clips"):
        FeatureDisplay.from_estimator(LogisticRegression(), tone_1khz)
    with pytest.raises(ValueError, match="ax holds 3 Axes and there are 2"):
        FeatureDisplay.from_clip(tone_1khz, kind=["mel", "mfcc"], ax=Figure().subplots(3))
    with pytest.raises(TypeError, match="is no matplotlib Axes"):
        FeatureDisplay.from_clip(tone_1khz, ax="here")
    with pytest.raises(ValueError, match="lies freely in its figure"):
        FeatureDisplay.from_clip(tone_1khz, kind="all", ax=Figure().add_axes((0, 0, 1, 1)))


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
def test_matplotlib_is_imported_when_something_is_drawn():
    code = "import sys, sklaudio.plots; d = sklaudio.TimelineDisplay(None); print('matplotlib' in sys.modules)"
    assert run(code) == "False"
    code = (
        "import sys, pandas as pd; from sklaudio import TimelineDisplay;"
        "t = pd.DataFrame({'start': [0], 'end': [1], 'label': ['a'], 'probability': [1]}); TimelineDisplay(t).plot();"
        "print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    )
    assert run(code) == "False False"


@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("FeatureDisplay", lambda: FeatureDisplay.from_clip([0.0])),
        ("TrainingDisplay", lambda: TrainingDisplay.from_estimator(None)),
        ("TrainingDisplay", lambda: TrainingDisplay({}).plot()),
        ("StudyDisplay", lambda: StudyDisplay.from_estimator(None)),
        ("TimelineDisplay", lambda: TimelineDisplay(None).plot()),
    ],
)
def test_without_matplotlib_the_extra_is_named(name, draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=rf"{name} draws with matplotlib.*pip install 'sklaudio\[plots\]'"):
        draw()
