"""Text for a terminal, for programs, and for messages that stay short whatever was passed."""

import csv
import io

import numpy as np
import pytest
import soundfile

from sklaudio import MFCCTransformer, check_clips, load_audio, load_pretrained, predict_files, predict_timeline
from sklaudio._utils.terminal import MAX_NAME, abbreviated, csv_row, shortened
from sklaudio.datasets import load_annotations, load_folder, load_table
from sklaudio.reporting import report

from ..tones import tone_model


def content():
    """The bytes of a wav file of 13,000 bytes, which are a clip; behind a zero they are no sound."""
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.random.default_rng(0).normal(size=6500), 8000, format="WAV")
    return file.getvalue()


def raise_errors(predictions):
    for prediction in predictions:
        raise ValueError(prediction.error)


CALLS = {
    "fit": lambda X: MFCCTransformer().fit(X),
    "transform of a list": lambda X: MFCCTransformer().transform([X]),
    "load_audio": load_audio,
    "check_clips": check_clips,
    "load_folder": lambda X: load_folder(X),
    "load_table": load_table,
    "load_annotations": load_annotations,
    "load_pretrained": load_pretrained,
    "predict_timeline": lambda X: predict_timeline(tone_model(), X),
    "predict_files": lambda X: raise_errors(predict_files(tone_model(), X)),
    "report": lambda X: report(tone_model(), X, ["low"]),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "X",
    [b"\0" + content(), content().replace(b"\0", b"a"), "x" * 13000, "/".join(["y" * 200] * 60)],
    ids=["bytes", "bytes without zeros", "str", "path"],
)
def test_messages_do_not_print_all_that_was_passed(call, X):
    with pytest.raises((ValueError, OSError, TypeError)) as caught:
        call(X)
    assert 10 < len(str(caught.value)) < 400


def test_what_is_short_is_shown_whole():
    assert shortened("a.wav") == "'a.wav'"
    assert shortened(b"a.wav") == "b'a.wav'"
    assert abbreviated("x" * MAX_NAME) == "x" * MAX_NAME
    assert len(abbreviated("x" * 10_000)) == MAX_NAME
    assert shortened("begin" + "x" * 10_000 + "end").startswith("'begin")
    assert shortened("begin" + "x" * 10_000 + "end").endswith("end'")


@pytest.mark.parametrize("cells", [["a", "", "1"], ["b\n", 'c"'], ["\r", "d,"], ["e\r\n", " "]])
def test_a_row_is_read_as_it_was_written(cells):
    assert list(csv.reader(io.StringIO(csv_row(cells), newline=""))) == [cells]
    assert csv_row(cells).endswith("\n")
