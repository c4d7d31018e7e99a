"""``sklaudio embed FILE…``."""

import sys

from ._command import JOBS, WrongUseError, argument, command, new_file, positive_seconds
from ._model_names import ENCODERS
from ._streams import without_notes_of_decoders

STATISTICS = ("mean", "std", "max")
FILES_AT_ONCE = 64


@command(
    argument(
        "files",
        nargs="+",
        metavar="FILE",
        complete="audio",
        help="audio file, folder (audio files at any depth) or quoted pattern",
    ),
    argument(
        "--encoder",
        default=ENCODERS[0],
        metavar="NAME",
        complete="encoder",
        help="name that sklaudio models lists, .onnx or .skops file, or folder of transformers (%(default)s)",
    ),
    argument("--layer", action="append", metavar="LAYER", help="layer to take; given several times, side by side"),
    argument("--window", type=positive_seconds, metavar="S", help="seconds that the encoder is given at once"),
    argument("--hop", type=positive_seconds, metavar="S", help="seconds from one window to the next"),
    argument("--sr", type=int, metavar="HZ", help="sampling rate of an .onnx file that does not say it"),
    argument("--frames", action="store_true", help="a row for each frame instead of one for each file"),
    [
        argument("--csv", action="store_const", dest="form", const="csv", help="write CSV, which is the default"),
        argument("--parquet", action="store_const", dest="form", const="parquet", help="write a Parquet file"),
        argument("--npz", action="store_const", dest="form", const="npz", help="write arrays of numpy"),
    ],
    argument("-o", "--out", type=new_file, metavar="FILE", complete="file", help="file to write (standard output)"),
    JOBS,
)
def embed(files, *, encoder, layer, window, hop, sr, frames, form, out, jobs):
    """Turn audio files into numbers by a pretrained network, for whatever takes tables.

    A row is a file: mean, standard deviation and maximum over time of each dim of
    the encoder. With --frames it is a frame: its time in the file, and the dims.
    Arrays of --npz are `path`, `embedding` and `names`, and `time` with --frames.

    Files that cannot be read are named on stderr, and the exit code is 1 then; all
    others are written.

    Such as:
      sklaudio embed recordings/ --csv > table.csv
      sklaudio embed one.wav --encoder musicnn-msd --layer tags --frames
      sklaudio embed recordings/ --npz -o table.npz
    """
    from ..audio._patterns import audio_files
    from ..encoders import EncoderTransformer

    form = form or "csv"
    if form != "csv" and out is None and sys.stdout.isatty():
        raise WrongUseError(f"--{form} is nothing to read on a terminal: add -o FILE")
    layers = None if layer is None else [int(name) if name.lstrip("-").isdigit() else name for name in layer]
    layers = layers[0] if layers and len(layers) == 1 else layers
    transformer = EncoderTransformer(encoder, layer=layers, window=window, hop=hop, sr=sr, n_jobs=jobs, on_error="warn")
    paths = audio_files(files)
    with without_notes_of_decoders():
        transformer.fit(paths)
        n_unread = _write(transformer, paths, form, out, frames)
    return int(n_unread > 0)


def _write(transformer, paths, form, out, each_frame):
    """Write all rows; the number of files that could not be read."""
    tables, n_unread = [], 0
    target = out or (sys.stdout if form == "csv" else sys.stdout.buffer)
    for first in range(0, len(paths), FILES_AT_ONCE):
        some = paths[first : first + FILES_AT_ONCE]
        made = transformer.transform(some)
        n_unread += sum(len(clip) == 0 for clip in made)
        tables.append(_rows(transformer, some, made, each_frame))
    import pandas as pd

    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        return n_unread
    if form == "csv":
        table.to_csv(target, index=False, float_format="%.7g")
    elif form == "parquet":
        table.to_parquet(target, index=False)
    else:
        _write_npz(table, target)
    return n_unread


def _rows(transformer, paths, frames, each_frame):
    """A table of the files that could be read: a row for each, or for each of its frames."""
    import numpy as np
    import pandas as pd

    names = transformer.get_feature_names_out()
    read = [(path, clip) for path, clip in zip(paths, frames, strict=True) if len(clip)]
    if each_frame:
        columns, values = list(names), [clip for _, clip in read]
        index = {
            "path": np.repeat([path for path, _ in read], [len(clip) for clip in values]) if read else [],
            "time": [step / transformer.frame_rate_ for clip in values for step in range(len(clip))],
        }
        values = np.concatenate(values) if read else np.empty((0, len(columns)))
    else:
        columns = [f"{name}_{statistic}" for statistic in STATISTICS for name in names]
        functions = [getattr(np, statistic) for statistic in STATISTICS]
        index = {"path": [path for path, _ in read]}
        values = [np.concatenate([function(clip, axis=0) for function in functions]) for _, clip in read]
        values = np.reshape(values, (-1, len(columns)))
    return pd.concat([pd.DataFrame(index), pd.DataFrame(values, columns=columns, dtype="float32")], axis=1)


def _write_npz(table, target):
    import numpy as np

    keys = [name for name in ("path", "time") if name in table]
    values = table.drop(columns=keys)
    arrays = {name: table[name].to_numpy(dtype=str if name == "path" else float) for name in keys}
    arrays |= {"embedding": values.to_numpy(), "names": values.columns.to_numpy(dtype=str)}
    if isinstance(target, str):  # numpy itself would add .npz to the name
        with open(target, "wb") as file:
            np.savez(file, **arrays)
    else:
        np.savez(target, **arrays)
