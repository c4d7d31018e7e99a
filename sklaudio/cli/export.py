"""``sklaudio export MODEL -o FILE``."""

import os
import sys

from .._utils.terminal import one_line
from ._command import MODEL, WrongUseError, argument, command, new_file
from ._data import PATH, ROOT, SPANS, clips_of
from ._files import clips_meant
from ._streams import without_notes_of_decoders

MAX_CLIPS = 500  # to calibrate with: all are read into memory


@command(
    MODEL,
    argument("--out", "-o", type=new_file, required=True, metavar="FILE", complete="file", help="file to write"),
    argument("--quantize", choices=["int8"], help="weights in 8 bits: a smaller file, not a faster one"),
    argument(
        "--calibrate",
        nargs="+",
        action="extend",
        metavar="DATA",
        complete="audio",
        help="with --quantize int8: compute in 8 bits too, in ranges that these clips have: folder, table (CSV, TSV, "
        "Parquet), audio file or quoted pattern",
    ),
    PATH,
    *SPANS,
    ROOT,
)
def export(load, *, out, quantize, calibrate, **columns):
    """Write a model as one ONNX graph: waveform in, probabilities or numbers out, without Python.

    Features or encoder, scaler, segments, vote and net are all in it. The input "waveform" is
    float32 (batch, n_samples), the output "probabilities" (batch, n_classes), or
    "numbers" of a regressor, or "scores" of a classifier without probabilities.
    Detectors of events have (batch, n_frames, n_labels).
    The metadata of the file has the sampling rate ("sr"), the "classes", and what
    decides about events.

    With --quantize int8 weights take a quarter of the space, and what is computed stays
    in float32. Microcontrollers and accelerators compute in 8 bits throughout: --calibrate
    rounds what comes to each convolution and linear layer of the net as well. Give it some
    hundred clips such as the model will predict, training clips for instance; of more than
    500, as many are taken, spread over all.

    Needs onnx: pip install 'sklaudio[onnx]'.

    Such as:
      sklaudio export words -o words.onnx
      sklaudio export model.skops -o model.onnx
      sklaudio export words -o words.onnx --quantize int8
      sklaudio export model.skops -o model.onnx --quantize int8 --calibrate recordings/
      sklaudio export model.skops -o model.onnx --quantize int8 --calibrate meta.csv --root audio
    """
    if calibrate is not None and quantize is None:
        raise WrongUseError("--calibrate is about what is computed in 8 bits: add --quantize int8, or leave it out")
    clips = _calibration_clips(calibrate or [], columns)
    from ..export import export_onnx

    with without_notes_of_decoders():
        export_onnx(load(), out, quantize=quantize, calibrate=clips or None)


def _calibration_clips(places, columns):
    """Return clips of folders, tables, files and patterns, `MAX_CLIPS` at most."""
    from ..datasets._read_table import PARQUET, TEXT

    tables = [place for place in places if os.path.splitext(place)[1].lower() in TEXT + PARQUET]
    given = [f"--{name}" for name, value in columns.items() if value is not None]
    if given and not tables:
        raise WrongUseError(f"{', '.join(given)}: of a table, and --calibrate is given none")
    clips = list(clips_meant([place for place in places if place not in tables]).values()) if places != tables else []
    for table in tables:
        clips += clips_of(table, command="export", needs_label=False, **columns).data.tolist()
    if len(clips) <= MAX_CLIPS:
        return clips
    text = f"sklaudio export: --calibrate: {MAX_CLIPS} of {len(clips)} clips, spread over all"
    print(one_line(text), file=sys.stderr, flush=True)
    return [clips[number * len(clips) // MAX_CLIPS] for number in range(MAX_CLIPS)]
