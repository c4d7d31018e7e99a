"""``sklaudio export MODEL -o FILE``."""

from ._command import MODEL, argument, command, new_file


@command(
    MODEL,
    argument("--out", "-o", type=new_file, required=True, metavar="FILE", complete="file", help="file to write"),
    argument("--quantize", choices=["int8"], help="weights in 8 bits: a smaller file, not a faster one"),
)
def export(load, *, out, quantize):
    """Write a model as one ONNX graph: waveform in, probabilities or numbers out, without Python.

    Features or encoder, scaler, segments, vote and net are all in it. The input "waveform" is
    float32 (batch, n_samples), the output "probabilities" (batch, n_classes), or
    "numbers" of a regressor, or "scores" of a classifier without probabilities.
    Detectors of events have (batch, n_frames, n_labels).
    The metadata of the file has the sampling rate ("sr"), the "classes", and what
    decides about events.

    Needs onnx: pip install 'sklaudio[onnx]'.

    Such as:
      sklaudio export words -o words.onnx
      sklaudio export model.skops -o model.onnx
      sklaudio export words -o words.onnx --quantize int8
    """
    from ..export import export_onnx

    export_onnx(load(), out, quantize=quantize)
