"""A page that runs a model in a browser: the graph, what runs it, and nothing from elsewhere."""

import base64
import gzip
import json
from numbers import Real
from pathlib import Path

from sklearn.utils._param_validation import Interval, validate_params

from .._inference import frame_hop, label_thresholds, reading_whole_clips, targets_of
from .._introspect import features_of, last_step
from .._utils.atomic_write import atomic_write, writable_path
from .._utils.html_page import policy_hash, templates
from .._utils.terminal import one_line
from .._utils.version import __version__
from ..events._blocks import CONTEXT, CORE
from ._export import graph_of, require_onnx
from ._task import task_of
from ._web_runtime import LICENCE, SOURCE, VERSION, web_runtime

__all__ = ["export_page"]

FOLDER = Path(__file__).parent / "webpage"
SCRIPTS = (  # in this order: each uses, while it is loaded, what is above it
    *("windows.js", "sound.js", "microphone.js", "spectrogram.js", "predictor.js", "pictures.js"),
    *("rows.js", "bars.js", "table.js", "predictions.js", "live.js", "page.js"),
)
MAX_RATE, MIN_RATE = 384_000, 3_000  # hertz of an AudioContext in Chromium
WINDOW = 3.0  # seconds, where the features have no `duration`
HOPS_IN_WINDOW = 4
OTHERWISE = "What cannot be exported predicts in Python alone: `sklaudio listen` takes it with a microphone"


@validate_params(
    {
        "title": [str, None],
        "window": [Interval(Real, 0, None, closed="neither"), None],
        "hop": [Interval(Real, 0, None, closed="neither"), None],
        "reject_below": [Interval(Real, 0, 1, closed="right"), None],
        "notes": [dict, None],
    },
    prefer_skip_nested_validation=False,
)
def export_page(
    model,
    path,
    *,
    title=None,
    window=None,
    hop=None,
    reject_below=None,
    quantize=None,
    notes=None,
    runtime=None,
    data_home=None,
) -> int:
    """Write one HTML page that runs a model in a browser: on files that are dropped on it, and on the microphone.

    The model is in the page as the graph of :func:`export_onnx`, and so is ONNX Runtime Web, which runs it. The page
    needs no server and no network, and is allowed no connection: sound stays in it. It shows the spectrogram, and the
    probabilities of each window as bars and over time, while the sound is played or recorded.

    Parameters
    ----------
    model : Pipeline
        A fitted model that :func:`export_onnx` takes: of one class or several labels of each clip, of numbers, of
        events, or of labels or numbers of every frame.
    path : str or path-like
        The page to write, such as "demo.html". A file of that name is replaced, by a whole one or not at all.
    title : str or None, default=None
        Heading; None is the name of the last step of the model.
    window : float or None, default=None
        Seconds that each prediction is about; None is the `duration` of the features, or 3. It can be changed in the
        page. What predicts every frame takes recordings whole, in blocks, and so much of the microphone's sound at a
        time.
    hop : float or None, default=None
        Seconds from the start of one window to the next; None is a quarter of `window`. It can be changed in the page.
    reject_below : float or None, default=None
        Probability, in (0, 1], below which the page says that it is not sure, and with several labels that a label is
        not there. For probabilities of clips alone.
    quantize : None or "int8", default=None
        As in :func:`export_onnx`: "int8" makes the page smaller by about 1.2 times the bytes that the graph loses.
    notes : dict of str to str or list of str, default=None
        What the page says about the model, in this order, such as ``{"licence of the data": "CC BY 4.0"}``.
    runtime : path-like or None, default=None
        A folder or archive that holds the files of ONNX Runtime Web 1.30.0, such as ``node_modules/onnxruntime-web`` or
        the archive that ``npm pack onnxruntime-web@1.30.0`` writes. None takes those in `data_home`, and downloads them
        (14 MB) where there are none. Their SHA-256 is checked either way.
    data_home : path-like or None, default=None
        Folder of data sets and encoders, where downloaded files are kept; None is ``SKLAUDIO_DATA`` or
        ``~/sklaudio_data``.

    Returns
    -------
    int
        Size of the page, in bytes: about 5 MB and 1.2 times that of the graph.

    Raises
    ------
    ValueError
        If the model has a step that cannot be exported, or a sampling rate that browsers do not have, if a parameter is
        out of its range, or if `runtime` is no folder or archive.
    TypeError
        If it is no classifier, regressor or detector of clips, or `reject_below` is given for one without probabilities
        of clips.
    ImportError
        If onnx and onnxscript are not installed.
    FileNotFoundError, IsADirectoryError
        If there is no such folder, `path` is one, or `runtime` is not there or does not hold the files.
    OSError
        If the files cannot be downloaded.

    See Also
    --------
    export_onnx : The graph alone, and which models can be exported.
    StreamPredictor : The same for the microphone, in Python.

    Notes
    -----
    Browsers decode files and resample them to the sampling rate of the features. Samples of a file of that rate are
    those that :func:`load_audio` reads, for files of a lossless format, and probabilities are those of the Pipeline up
    to 1e-3. Of other rates they are not the same: browsers resample by other filters. Windows are those of
    :func:`predict_timeline`, and up to a minute of sound is predicted whole besides, as `predict_proba` of the model
    does it, with `duration` and `offset`.

    What predicts every frame sees a recording in the blocks of :func:`predict_timeline`; what is more than 256 frames
    away may come out a little otherwise. Sound of the microphone is predicted block by block while it comes, without
    what follows, and as a whole when it is stopped.

    Examples
    --------
    >>> import sklaudio
    >>> words = sklaudio.load_pretrained("words")
    >>> sklaudio.export_page(words, "words.html", title="Words")                      # doctest: +SKIP
    7020580
    """
    require_onnx("export_page")
    path = writable_path(path, "demo.html")
    task = task_of(model)
    settings = _settings(model, task, title, window, hop, reject_below)
    files = None if runtime is None else web_runtime(runtime)
    try:
        graph, _ = graph_of(reading_whole_clips(model), quantize)
    except ValueError as error:
        hint = f" {OTHERWISE}." if "cannot be exported" in str(error) else ""
        raise ValueError(f"{error}{hint}") from error
    files = files or web_runtime(data_home=data_home)  # downloaded for what can be exported
    parts = dict(zip(("runtime", "module", "wasm"), files, strict=True))
    content = _render(settings, parts | {"graph": graph}, _about(settings, graph, quantize, notes)).encode("utf-8")
    with atomic_write(path, "demo.html") as file:
        file.write(content)
    return len(content)


def _settings(model, task, title, window, hop, reject_below):
    """Return what the scripts have to know of the model."""
    if not MIN_RATE <= task.sr <= MAX_RATE:
        raise ValueError(f"model takes {task.sr} Hz, and browsers play and record {MIN_RATE} to {MAX_RATE} Hz.")
    if reject_below is not None and (task.output != "probabilities" or task.is_of_frames):
        raise TypeError(f"reject_below={reject_below} is for probabilities of clips, and model has none. Use None.")
    features = features_of(model)[0]
    window = float(window or features.duration or WINDOW)
    hop = float(hop or window / HOPS_IN_WINDOW)
    for name, seconds in (("window", window), ("hop", hop)):
        if round(seconds * task.sr) < 1:
            raise ValueError(f"{name}={seconds} s is less than a sample at sr={task.sr} Hz. Raise it.")
    texts = {key: json.loads(text) for key, text in task.texts.items()}
    return {
        "title": one_line(title or type(last_step(model)).__name__),
        "task": task.name,
        "output": task.output,
        "names": [one_line(str(name)) for name in texts.get("classes") or targets_of(model)],
        "thresholds": _thresholds(model, task, texts),
        "medianLengths": texts.get("median_lengths"),
        "minDurations": texts.get("min_durations"),
        "sr": int(task.sr),
        "frameHop": frame_hop(model) if task.is_of_frames else None,
        "window": window,
        "hop": hop,
        "duration": None if features.duration is None else float(features.duration),
        "offset": float(features.offset),
        "rejectBelow": None if reject_below is None else float(reject_below),
        "core": CORE,
        "context": CONTEXT,
    }


def _thresholds(model, task, texts):
    """Return probabilities from which on labels are there; None where they are above 0.5, or there are no labels."""
    if task.name == "events":
        return texts["thresholds"]
    found = label_thresholds(model) if task.name == "labels" else None
    return None if found is None else found.tolist()


def _about(settings, graph, quantize, notes):
    """Return what the page says of model and runtime: a list of (what, list of str)."""
    rate = f"{settings['sr']} Hz"
    return [
        *((one_line(str(name)), _as_texts(text)) for name, text in (notes or {}).items()),
        ("sound", [f"{rate}, one channel; of several the mean. The browser resamples sound of other rates."]),
        ("graph", [f"{len(graph):,} bytes, ONNX{f', weights in {quantize}' if quantize else ''}"]),
        ("made by", [f"sklaudio {__version__}, ONNX Runtime Web {VERSION} ({LICENCE})"]),
    ]


def _as_texts(text):
    return [str(each) for each in text] if isinstance(text, (list, tuple)) else [str(text)]


def _render(settings, parts, about):
    """Render the page, as text."""
    from markupsafe import Markup

    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    script = "".join((FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS)
    inside = {name: (FOLDER / f"{name}.js").read_bytes() for name in ("worker", "capture")}
    packed = {name: _packed(content) for name, content in (parts | inside).items()}
    page = templates(FOLDER).get_template("page.html.jinja")
    return page.render(
        settings=settings,
        as_json=Markup(json.dumps(settings).replace("<", "\\u003c")),
        about=about,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        packed=packed,
        version=__version__,
        runtime_version=VERSION,
        runtime_source=SOURCE,
    )


def _policy(style, script):
    """Return what the page may load and run: what is in it, and no connection."""
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "media-src blob:",
            f"style-src '{policy_hash(style)}'",
            # blob: and data: are the worker and the worklet, made of what is in it
            f"script-src '{policy_hash(script)}' blob: data: 'wasm-unsafe-eval'",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _packed(content):
    """Pack bytes as a text of which the page unpacks them."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
