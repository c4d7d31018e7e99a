"""``sklaudio plot FILE``."""

import argparse
import os
import zipfile

from .._utils.terminal import one_line
from ._command import WrongUseError, argument, command, model, new_file, positive_seconds, seconds
from ._streams import without_notes_of_decoders

KINDS = ("waveform", "spectrum", "spectrogram", "mel", "mfcc", "chroma", "centroid", "contrast")
FORMATS = (".png", ".svg", ".pdf")


def picture(text):
    """Parse an argument: a PNG, SVG or PDF to write."""
    if os.path.splitext(text)[1].lower() not in FORMATS:
        raise argparse.ArgumentTypeError(f"{text!r} must end with {', '.join(FORMATS)}")
    return new_file(text)


@command(
    argument("file", metavar="FILE", complete="model or audio", help="audio file, or a model for its training curves"),
    argument(
        "--kind",
        action="append",
        choices=(*KINDS, "all"),
        help="what to draw of an audio file; may be given several times (mel)",
    ),
    argument("--timeline", type=model, dest="load", metavar="MODEL", complete="model", help="draw its class over time"),
    argument(
        "--explain",
        type=model,
        dest="explained",
        metavar="MODEL",
        complete="model",
        help="draw what in time and frequency speaks for its prediction",
    ),
    argument("--target", metavar="NAME", help="for --explain: class, label or target (the predicted class)"),
    argument("--method", choices=("occlusion", "gradient"), help="for --explain (occlusion)"),
    argument("--window", type=positive_seconds, default=3.0, metavar="S", help="for --timeline (%(default)s)"),
    argument("--hop", type=positive_seconds, default=1.0, metavar="S", help="for --timeline (%(default)s)"),
    argument("--sr", type=int, default=22050, metavar="HZ", help="rate to draw features at (%(default)s)"),
    argument("--offset", type=seconds, default=0.0, metavar="S", help="seconds to skip at the start (%(default)s)"),
    argument("--duration", type=positive_seconds, metavar="S", help="seconds to draw (all)"),
    argument("--out", "-o", type=picture, metavar="FILE", complete="file", help="PNG, SVG or PDF (FILE.png, here)"),
)
def plot(file, *, kind, load, explained, target, method, window, hop, sr, offset, duration, out):
    """Draw an audio file as features or a model see it, a timeline of it, or how a model learned.

    An audio file is drawn with seconds, hertz and decibels on its axes; with
    --timeline MODEL, the classes that the model predicts over the whole of it; with
    --explain MODEL, what in it speaks for the class that the model predicts. A model,
    as a file or by the name of a pretrained one, is drawn as loss, accuracy and
    learning rate over the epochs. Without --out, the picture is called as the file
    and written to the working directory, where no other is replaced.

    Needs matplotlib: pip install 'sklaudio[plots]'.

    Such as:
      sklaudio plot song.flac --kind waveform --kind mel -o song.svg
      sklaudio plot song.flac --timeline genres --window 10 --hop 5
      sklaudio plot bird.wav --explain model.skops --target blackbird
      sklaudio plot model.skops -o curves.pdf
    """
    trained = _model_meant(file)
    if trained and (kind or load or explained):
        raise WrongUseError(f"{file} is a model; --kind, --timeline and --explain are for audio files")
    if sum(map(bool, (kind, load, explained))) > 1:
        raise WrongUseError("give one of --kind, --timeline and --explain")
    if (target or method) and not explained:
        raise WrongUseError("--target and --method are for --explain; give it a model")
    out = out or _free_name(file)

    from ..plots._display import require_matplotlib

    require_matplotlib("sklaudio plot")
    if trained:
        display = _training(trained, file)
    else:
        with without_notes_of_decoders():
            if load:
                display = _timeline(load(), file, window, hop)
            elif explained:
                display = _explanation(explained(), file, target, method)
            else:
                display = _features(file, kind or ["mel"], sr=sr, offset=offset, duration=duration)
    from .._utils.atomic_write import atomic_write

    with atomic_write(out, "picture.png") as page:
        display.figure_.savefig(page, dpi=150, format=os.path.splitext(out)[1][1:].lower())
    print(one_line(f"written to {out}"))


def _model_meant(file):
    """Return what loads the model that is meant; None where it is audio."""
    if os.path.isfile(file):
        return model(file) if zipfile.is_zipfile(file) or file.endswith((".skops", ".onnx")) else None
    from ..pretrained import pretrained_names

    return model(file) if file in pretrained_names() else None


def _free_name(file):
    name = os.path.splitext(os.path.basename(file))[0] + ".png"
    if os.path.lexists(name):
        raise WrongUseError(f"{name} is there already; name the picture with --out")
    return name


def _training(load, file):
    from ..plots import TrainingDisplay

    return TrainingDisplay.from_estimator(load(), name=os.path.splitext(os.path.basename(file))[0])


def _timeline(loaded, file, window, hop):
    from ..plots import TimelineDisplay
    from ..timeline import predict_timeline

    found = predict_timeline(loaded, file, window=window, hop=hop)
    return TimelineDisplay(found, waveform=file).plot()


def _explanation(loaded, file, target, method):
    from ..plots import ExplanationDisplay

    return ExplanationDisplay.from_estimator(loaded, file, target=target, method=method or "occlusion")


def _features(file, kinds, **settings):
    from ..plots import FeatureDisplay

    return FeatureDisplay.from_clip(file, kind="all" if "all" in kinds else kinds, **settings)
