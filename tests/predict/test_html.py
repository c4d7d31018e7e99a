"""Predictions in notebooks: what was predicted, and the clip to play where it is a file."""

import base64
import io
import pickle
import re

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import Clip, FrameSummary, RMSTransformer

from ..labels import label_model
from ..loudness import loud_model, noise_with
from ..tones import tone, tone_model


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("a.wav", tone(880, 1.0), 22050)
    return "a.wav"


def html_of(model, *files):
    return [prediction._repr_html_() for prediction in sklaudio.predict_files(model, list(files))]


def seconds_in(html):
    """Return the length of the sound in a page."""
    content = re.search(r"data:audio/\w+;base64,([^\"]+)", html)[1]
    return soundfile.info(io.BytesIO(base64.b64decode(content))).duration


def test_a_class_has_a_player_and_its_probabilities(file):
    model = tone_model()
    (whole, span) = html_of(model, file, Clip(file, 0.25, 0.75))
    [probabilities] = model.predict_proba([file])
    assert whole.count("<audio") == span.count("<audio") == 1
    assert "<figcaption>a.wav[0.25:0.75]</figcaption>" in span
    assert f"<p>{model.predict([file])[0]}</p>" in whole
    for label, probability in zip(model.classes_, probabilities, strict=True):
        assert f"<td>{label}</td><td>{probability:.3f}</td>" in whole


def test_the_span_itself_is_played(file, tmp_path):
    soundfile.write("a.wav[0.1:0.2]", tone(880, 3.0), 22050, format="WAV")  # a file of that name is another one
    spans = [Clip(file, 0.1, 0.2), "a.wav[0.1:0.2]", Clip(file, 1e-05, 0.3)]  # 1e-05, as it is printed
    model = tone_model()
    lengths = [seconds_in(html) for html in html_of(model, *spans)]
    assert lengths == pytest.approx([0.1, 3.0, 0.3], abs=0.08)  # frames of an mp3
    predictions = pickle.loads(pickle.dumps(list(sklaudio.predict_files(model, spans))))
    assert [seconds_in(prediction._repr_html_()) for prediction in predictions] == lengths
    evaluation = sklaudio.evaluate_files(model, spans[:1], ["low"])
    for shown in (evaluation, evaluation.from_predictions(["low"], ["high"], paths=spans[:1])):
        assert "<figcaption>a.wav[0.1:0.2]</figcaption>" in shown._repr_html_()
        assert seconds_in(shown._repr_html_()) == lengths[0]


def test_what_cannot_be_read_has_its_reason_and_no_player(tmp_path, file):
    (tmp_path / "bad <b>.wav").write_bytes(b"no sound")
    [html] = html_of(tone_model(), "bad <b>.wav")
    assert "<audio" not in html
    assert "bad &lt;b&gt;.wav" in html
    assert "<b>" not in html


def test_a_waveform_has_no_player():
    [html] = html_of(tone_model(), tone(880))
    assert "<audio" not in html
    assert "files[0]" in html


def test_labels_numbers_and_events(file):
    assert "<audio" in html_of(label_model(), file)[0]
    assert "<p>no label</p>" in html_of(label_model([1.0, 1.0, 1.0]), file)[0]
    regressor = make_pipeline(RMSTransformer(), FrameSummary(), Ridge()).fit([tone(440), 0.1 * tone(440)], [1.0, 0.0])
    assert f"prediction {regressor.predict([file])[0]:.4g}" in html_of(regressor, file)[0]
    soundfile.write("loud.wav", noise_with([(0.5, 1.0)], 2.0), 22050)
    [html] = html_of(loud_model(), "loud.wav")
    assert "<th>start</th>" in html
    assert "<td>loud</td>" in html


def test_at_most_five_probabilities_are_shown(file):
    y = np.arange(8).repeat(2)
    X = [tone(200 * (1 + label)) for label in y]
    model = make_pipeline(sklaudio.ZeroCrossingRateTransformer(), FrameSummary(), LogisticRegression()).fit(X, y)
    assert html_of(model, file)[0].count("<meter") == 5
