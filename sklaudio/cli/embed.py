"""``sklaudio embed FILE…``."""

from ._command import JOBS, argument, command, positive_seconds
from ._files import LIST, clips_meant, files_argument
from ._model_names import ENCODERS
from ._output import OUT, binary_output, check_binary
from ._streams import NAMES, without_notes_of_decoders

STATISTICS = ("mean", "std", "max")
FILES_AT_ONCE = 64


@command(
    files_argument(also=", or - for a recording from standard input", optional=True),
    *LIST,
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
    OUT,
    JOBS,
)
def embed(files, *, files_from, null, encoder, layer, window, hop, sr, frames, form, out, jobs):
    """Turn audio files into numbers by a pretrained network, for whatever takes tables.

    A row is a file: mean, standard deviation and maximum over time of each dim of
    the encoder. With --frames it is a frame: its time in the file, and the dims.
    Arrays of --npz are `path`, `embedding` and `names`, and `time` with --frames.

    Files that cannot be read are named on stderr, and the exit code is 1 then; all
    others are written. --parquet takes pip install 'sklaudio[parquet]'.

    Such as:
      sklaudio embed recordings/ --csv > table.csv
      sklaudio embed one.wav --encoder musicnn-msd --layer tags --frames
      sklaudio embed recordings/ --npz -o table.npz
    """
    form = form or "csv"
    if form != "csv":
        check_binary(form, out)
    clips = clips_meant(files, files_from, null)
    from ..encoders import EncoderTransformer

    layers = None if layer is None else [int(name) if name.lstrip("-").isdigit() else name for name in layer]
    layers = layers[0] if layers and len(layers) == 1 else layers
    transformer = EncoderTransformer(encoder, layer=layers, window=window, hop=hop, sr=sr, n_jobs=jobs, on_error="warn")
    with without_notes_of_decoders():
        transformer.fit(list(clips.values()))
        n_unread = _write(transformer, clips, form, out, frames)
    return int(n_unread > 0)


def _write(transformer, clips, form, out, each_frame):
    """Write all rows; the number of files that could not be read."""
    names, tables, n_unread = list(clips), [], 0
    for first in range(0, len(names), FILES_AT_ONCE):
        some = names[first : first + FILES_AT_ONCE]
        made = transformer.transform([clips[name] for name in some])
        n_unread += sum(len(clip) == 0 for clip in made)
        tables.append(_rows(transformer, some, made, each_frame))
    import pandas as pd

    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        return n_unread
    with binary_output(out) as file:
        if form == "csv":
            table.to_csv(file, index=False, float_format="%.7g", errors=NAMES)
        elif form == "parquet":
            table.to_parquet(file, index=False)
        else:
            _write_npz(table, file)
    return n_unread


def _rows(transformer, paths, frames, each_frame):
    """Make a table of the files that could be read: a row for each, or for each of its frames."""
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
    np.savez(target, **arrays)
