"""``sklaudio page MODEL -o FILE``."""

from .._utils.terminal import one_line
from ._command import argument, command, new_file, positive_seconds
from .report import MODEL
from .timeline import probability


@command(
    MODEL,
    argument("--out", "-o", type=new_file, required=True, metavar="FILE", complete="file", help="the page to write"),
    argument("--title", metavar="TEXT", help="heading (name of the model)"),
    argument(
        "--window", type=positive_seconds, metavar="S", help="seconds of a window (the duration of the features, or 3)"
    ),
    argument("--hop", type=positive_seconds, metavar="S", help="seconds between windows (a quarter of a window)"),
    argument("--reject-below", type=probability, metavar="P", help="probability below which it is not sure (0)"),
    argument("--quantize", choices=["int8"], help="weights of the net in 8 bits: a smaller page, not a faster one"),
    argument(
        "--runtime",
        metavar="PATH",
        complete="file",
        help="folder or archive that holds ONNX Runtime Web, such as what npm pack writes (it is downloaded once)",
    ),
)
def page(model, *, out, title, **options):
    """Write one HTML page that runs a model in a browser, on files and on the microphone, offline.

    The model and ONNX Runtime Web, which runs it, are in the page. It needs no
    server and no network, and is allowed no connection: sound stays in it. Drop a
    file, or use the microphone; the spectrogram and the probabilities of each window
    move with the sound. The page has about 5 MB, and 1.2 times the size of the graph
    that sklaudio export writes.

    ONNX Runtime Web is downloaded the first time (14 MB), and its hash is checked.
    Without a network: npm pack onnxruntime-web@1.30.0 elsewhere, and --runtime.

    Needs onnx: pip install 'sklaudio[onnx]'. Where a browser lets no page from a file
    use the microphone: python -m http.server, and http://localhost:8000/FILE.

    Such as:
      sklaudio page words -o demo.html
      sklaudio page genres -o genres.html --window 10 --hop 2
      sklaudio page model.skops -o demo.html --runtime onnxruntime-web-1.30.0.tgz
    """
    from ..export import export_page
    from ..reporting._model import card_rows
    from ..reporting._write import load_named

    named = load_named(model)
    notes = dict(named.source) | (dict(card_rows(named.card)) if named.card else {})
    size = export_page(named.model, out, title=title or named.name, notes=notes, **options)
    print(one_line(f"{out}: {size / 1e6:.1f} MB, nothing from elsewhere"))
